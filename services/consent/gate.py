"""The gate: states what may be counted of each episode, from the consent and the latest facts.

Promise: facts leave only while the permission is effective, at the moment of the statement, whoever noticed that its
year passed; everything else states a reason and no fact. Each statement is the whole state, so a withdrawal never
waits behind an earlier release. The rule itself is ``gate_rule.rule``. Shown by
tests/integration/consent/test_consent_races.py and tests/unit/consent/test_gate_rule.py.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.consent.domain import Consent
from services.consent.gate_rule import Ruling, rule
from services.consent.store import STATISTICS, ConsentStore, GateStore
from shared.codelists.periods import Period
from shared.contracts.consent import FactsReleased, FactsWithheld
from shared.outbox.unit_of_work import UnitOfWork

_CODES = ("referral_month", "gender", "exploitation_types", "region_of_nationality", "transfer_in")


def state_episode(work: UnitOfWork, document: Mapping[str, Any], consent: Consent | None = None) -> None:
    """State one episode anew."""
    gate = GateStore(work)
    survivor_id = document["survivor_id"]
    consent = consent or ConsentStore(work).of(survivor_id, STATISTICS)
    facts = document["facts"]
    ruling = ruling_on(document, consent, work.now)
    sequence = gate.stated(document, statement_of(document, ruling))
    common: dict[str, Any] = {
        "contribution_id": document["contribution_id"],
        "person_id": gate.person_id(survivor_id),
        "facts_recorded_at": facts["facts_recorded_at"],
        "decided_recorded_at": ruling.decided_recorded_at,
    }
    if ruling.reason is None:
        released = FactsReleased(
            **common,
            referral_month=facts["referral_month"],
            gender=facts["gender"],
            exploitation_types=tuple(facts["exploitation_types"]),
            region_of_nationality=facts["region_of_nationality"],
            transfer_in=facts["transfer_in"],
            excluded=False,
            effective_from=ruling.effective_at,
            until=ruling.until,
        )
        work.record(released, sequence=sequence)
        return
    withheld = FactsWithheld(
        **common,
        referral_quarter=str(Period.of_month(facts["referral_month"])),
        reason=ruling.reason,
        effective_at=ruling.effective_at,
    )
    work.record(withheld, sequence=sequence)


def ruling_on(document: Mapping[str, Any], consent: Consent, at: datetime) -> Ruling:
    """Say what may be said of an episode at a moment."""
    facts = document["facts"]
    return rule(
        consent.standing,
        excluded=facts["excluded"],
        excluded_by=facts.get("excluded_by"),
        recorded_in_error=facts["recorded_in_error"],
        facts_recorded_at=facts["facts_recorded_at"],
        at=at,
    )


def statement_of(document: Mapping[str, Any], ruling: Ruling) -> dict[str, Any]:
    """Say what a ruling states of an episode, as it is kept beside the facts for the reconciler to compare."""
    facts = document["facts"]
    return {
        "reason": ruling.reason,
        "effective_at": ruling.effective_at,
        "until": ruling.until,
        "decided_recorded_at": ruling.decided_recorded_at,
        "facts_recorded_at": facts["facts_recorded_at"],
        "codes": {name: facts[name] for name in _CODES} if ruling.reason is None else None,
        "quarter": str(Period.of_month(facts["referral_month"])),
    }
