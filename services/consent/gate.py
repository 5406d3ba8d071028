"""The gate: states what may be counted of each episode, from the consent and the latest facts.

Promise: facts leave only while the permission is effective; everything else states a reason and no fact.
Each statement is the whole state, so a withdrawal never waits behind an earlier release.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.consent.domain import EFFECTIVE, Consent
from services.consent.store import STATISTICS, ConsentStore, GateStore
from shared.codelists.periods import Period
from shared.contracts.consent import FactsReleased, FactsWithheld
from shared.outbox.unit_of_work import UnitOfWork

EXCLUDED, IN_ERROR = "EXCLUDED_BY_CASEWORKER", "RECORDED_IN_ERROR"
EXCLUDED_BY_IMPORT = "EXCLUDED_BY_IMPORT"


def state_episode(work: UnitOfWork, document: Mapping[str, Any], consent: Consent | None = None) -> None:
    """State one episode anew."""
    gate = GateStore(work)
    survivor_id = document["survivor_id"]
    consent = consent or ConsentStore(work).of(survivor_id, STATISTICS)
    facts = document["facts"]
    common: dict[str, Any] = {
        "contribution_id": document["contribution_id"],
        "person_id": gate.person_id(survivor_id),
        "facts_recorded_at": facts["facts_recorded_at"],
        "decided_recorded_at": _decided(consent, facts["facts_recorded_at"]),
    }
    sequence = gate.stated(document)
    reason = _reason(consent, facts)
    if reason is None and consent.current is not None:
        released = FactsReleased(
            **common,
            referral_month=facts["referral_month"],
            gender=facts["gender"],
            exploitation_types=tuple(facts["exploitation_types"]),
            region_of_nationality=facts["region_of_nationality"],
            transfer_in=facts["transfer_in"],
            excluded=False,
            effective_from=consent.current.said_at,
            until=consent.until(),
        )
        work.record(released, sequence=sequence)
        return
    withheld = FactsWithheld(
        **common,
        referral_quarter=str(Period.of_month(facts["referral_month"])),
        reason=reason or consent.status,
        effective_at=consent.current.said_at if consent.current is not None else facts["facts_recorded_at"],
    )
    work.record(withheld, sequence=sequence)


def state_survivor(work: UnitOfWork, consent: Consent) -> None:
    """State all episodes of a survivor anew, after a decision on statistics."""
    if consent.purpose != STATISTICS:
        return
    for document in GateStore(work).of_survivor(consent.survivor_id):
        state_episode(work, document, consent)


def _reason(consent: Consent, facts: Mapping[str, Any]) -> str | None:
    if facts["recorded_in_error"]:
        return IN_ERROR
    if facts["excluded"]:
        return EXCLUDED_BY_IMPORT if facts.get("excluded_by") == "IMPORT" else EXCLUDED
    return None if consent.status in EFFECTIVE else consent.status


def _decided(consent: Consent, otherwise: datetime) -> datetime:
    return consent.current.recorded_at if consent.current is not None else otherwise
