"""Reporting: counts what consent released, shows it to its own host, and sends it once, in two sealed halves.

Owns:       contributions (codes under random ids), the tasks it was given, sign-offs, sealed vectors,
            the ledger of who was counted under which consent, what the board said of its reports.
Accepts:    SignOff, SealPeriod.
Listens to: consent.facts_released.v1, consent.facts_withheld.v1, consent.counting_withdrawal_asked.v1,
            consent.counting_access_asked.v1,
            board.task_opened.v1, board.report_judged.v1, board.release_published.v1;
            audit.checkpoint_offered.v1, board.checkpoint_answered.v1 (on their way, and not kept).
Publishes:  reporting.share_submitted.v1 (to the board), reporting.seed_submitted.v1 (to the custodian),
            reporting.withdrawal_answered.v1, reporting.access_answered.v1,
            reporting.checkpoint_submitted.v1 (to board and custodian), reporting.checkpoint_brought.v1.
Never:      hears the case service; holds a survivor's id; sends anything unsigned, unproven or late.
"""
