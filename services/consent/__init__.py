"""Consent: keeps what survivors decided, and is the gate between the case file and everything else.

Owns:       consents (a ledger for each survivor, purpose and class of recipients), wordings, notices, the
            bases of purposes, copies of receipts, concerns, stops, permits to give something out, the proofs of
            withdrawals, the gate's latest facts.
Accepts:    RecordDecision, WithdrawConsent, RegisterWording, StateBasis, OfferReceipt, NoteAnswer,
            TakeConcern, CloseConcern, PublishNotice, AddTranslation, ReviewTranslation,
            KeepDraft, DropDraft, StopEverything, LiftStop.
Listens to: case.survivor_assigned.v1, case.survivor_erased.v1, case.episode_opened.v1,
            case.statistics_facts_changed.v1, case.import_consent_stated.v1, case.survivor_told.v1,
            case.withdrawal_answered.v1, reporting.withdrawal_answered.v1, integrations.withdrawal_answered.v1,
            case.access_asked.v1, case.processing_restricted.v1, case.restriction_lifted.v1,
            case.disclosure_requested.v1.
Publishes:  consent.facts_released.v1, consent.facts_withheld.v1, consent.status_changed.v1, consent.status_told.v1,
            consent.withdrawal_asked.v1, consent.counting_withdrawal_asked.v1, consent.withdrawal_proven.v1,
            consent.access_answered.v1, consent.counting_access_asked.v1, consent.everything_stopped.v1,
            consent.disclosure_permitted.v1, consent.disclosure_refused.v1.
Never:      infers one permission from another; releases a fact without an effective one; deletes an entry, except of
            whoever was erased.
"""
