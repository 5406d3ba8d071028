"""The gate: states what may be counted of each episode, from the consent and the latest facts.

Promise: facts leave only while the permission is effective, at the moment of the statement, whoever noticed that its
year passed; everything else states a reason and no fact. Each statement is the whole state, so a withdrawal never
waits behind an earlier release. The rule itself is ``rules.rule``. Shown by
tests/integration/consent/test_consent_races.py and tests/unit/consent/test_gate_rule.py.
"""

from datetime import datetime
from typing import Any

from services.consent.gate.documents import Episode, GateStore
from services.consent.gate.rules import ERASED, Ruling, rule, unless_restricted
from services.consent.ledger.documents import ConsentStore
from services.consent.ledger.people import PersonStore
from services.consent.ledger.rules import STATISTICS, Consent
from services.consent.ledger.standing import WITHDRAWN
from shared.codelists.periods import Period
from shared.contracts.consent import FactsReleased, FactsWithheld
from shared.outbox.unit_of_work import UnitOfWork


def state_episode(work: UnitOfWork, episode: Episode, consent: Consent | None = None) -> None:
    """State one episode anew."""
    consent = consent or ConsentStore(work).of(episode.survivor_id, STATISTICS)
    ruling = ruling_in(work, episode, consent)
    if ruling.reason is None and PersonStore(work).is_stopped(episode.survivor_id):
        # Also where a ledger could not be ended (ADR 0065).
        ruling = _no_longer(WITHDRAWN, work.now)
    _state(work, episode, ruling)


def state_stopped(work: UnitOfWork, episode: Episode) -> None:
    """Withhold an episode of somebody who said that everything is to stop, and whose ledger cannot be read."""
    _state(work, episode, _no_longer(WITHDRAWN, work.now))


def state_erased(work: UnitOfWork, episode: Episode) -> None:
    """Withhold an episode of somebody who was erased; before the random ids go, and for the last time."""
    _state(work, episode, _no_longer(ERASED, work.now))


def _no_longer(reason: str, now: datetime) -> Ruling:
    return Ruling(reason=reason, effective_at=now, until=None, decided_recorded_at=now)


def _state(work: UnitOfWork, episode: Episode, ruling: Ruling) -> None:
    facts = episode.facts
    sequence = GateStore(work).note_stated(episode, statement_of(episode, ruling))
    common: dict[str, Any] = {
        "contribution_id": episode.contribution_id,
        "person_id": PersonStore(work).person_id(episode.survivor_id),
        "facts_recorded_at": facts.facts_recorded_at,
        "decided_recorded_at": ruling.decided_recorded_at,
    }
    if ruling.reason is None:
        released = FactsReleased(
            **common,
            referral_month=facts.referral_month,
            gender=facts.gender,
            exploitation_types=facts.exploitation_types,
            region_of_nationality=facts.region_of_nationality,
            transfer_in=facts.transfer_in,
            excluded=False,
            effective_from=ruling.effective_at,
            until=ruling.until,
        )
        work.record(released, sequence=sequence)
        return
    withheld = FactsWithheld(
        **common,
        referral_quarter=str(Period.of_month(facts.referral_month)),
        reason=ruling.reason,
        effective_at=ruling.effective_at,
    )
    work.record(withheld, sequence=sequence)


def ruling_on(episode: Episode, consent: Consent, at: datetime) -> Ruling:
    """Say what may be said of an episode at a moment."""
    facts = episode.facts
    return rule(
        consent,
        excluded=facts.excluded,
        excluded_by=facts.excluded_by,
        recorded_in_error=facts.recorded_in_error,
        facts_recorded_at=facts.facts_recorded_at,
        at=at,
    )


def ruling_in(work: UnitOfWork, episode: Episode, consent: Consent) -> Ruling:
    """Say what may be said of an episode now, also while the use of the person's record is restricted (ADR 0067)."""
    since, lifted_at = PersonStore(work).restriction_of(episode.survivor_id)
    return unless_restricted(ruling_on(episode, consent, work.now), since=since, lifted_at=lifted_at)


def statement_of(episode: Episode, ruling: Ruling) -> dict[str, Any]:
    """Say what a ruling states of an episode, as it is kept beside the facts for the reconciler to compare."""
    facts = episode.facts
    return {
        "reason": ruling.reason,
        "effective_at": ruling.effective_at,
        "until": ruling.until,
        "decided_recorded_at": ruling.decided_recorded_at,
        "facts_recorded_at": facts.facts_recorded_at,
        "codes": facts.codes() if ruling.reason is None else None,
        "quarter": str(Period.of_month(facts.referral_month)),
    }
