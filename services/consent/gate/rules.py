"""The gate's rule: may the facts of an episode be counted at a moment, and if not, why. Pure, and in one place.

The gate's statements, the reconciler and everything that shows what would be counted ask ``rule``; whether a consent
is effective is ``Consent.is_effective``, over the interval that the host's count at the seal uses too. Shown by
tests/unit/consent/test_gate_rule.py, with explicit examples beside the property test.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import EXPIRED

EXCLUDED, IN_ERROR = "EXCLUDED_BY_CASEWORKER", "RECORDED_IN_ERROR"
EXCLUDED_BY_IMPORT, ERASED, RESTRICTED = "EXCLUDED_BY_IMPORT", "ERASED", "RESTRICTED"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of an episode for statistics: closed codes and a month, never a day.

    Attributes:
        excluded: A caseworker's safety flag, or what an import says or cannot say.
        recorded_in_error: The episode is no episode.
        excluded_by: ``CASEWORKER`` or ``IMPORT``; None in facts of before 2026-11-27, when only a caseworker was named.
    """

    referral_month: str
    gender: str
    exploitation_types: tuple[str, ...]
    region_of_nationality: str
    transfer_in: bool
    excluded: bool
    recorded_in_error: bool
    facts_recorded_at: datetime
    excluded_by: str | None = None

    def codes(self) -> dict[str, Any]:
        """Give what leaves where they may be counted, as it is kept for comparison."""
        return {
            "referral_month": self.referral_month,
            "gender": self.gender,
            "exploitation_types": list(self.exploitation_types),
            "region_of_nationality": self.region_of_nationality,
            "transfer_in": self.transfer_in,
        }


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """What the gate may say of one episode at one moment.

    Attributes:
        reason: Why the facts are withheld, a code of the list ``left_out_reason``; None where they may be counted.
        effective_at: From when the permission, or the state that withholds, holds.
        until: When the permission runs out; None where facts are withheld.
        decided_recorded_at: When the decision was written down; of a year that passed, when it passed.
    """

    reason: str | None
    effective_at: datetime
    until: datetime | None
    decided_recorded_at: datetime


def rule(
    consent: Consent,
    *,
    excluded: bool,
    recorded_in_error: bool,
    facts_recorded_at: datetime,
    at: datetime,
    excluded_by: str | None = None,
) -> Ruling:
    """Say whether an episode's facts may be counted.

    Args:
        consent: The ledger of the purpose.
        excluded: A caseworker's safety flag, or what an import says or cannot say.
        recorded_in_error: The episode is no episode.
        facts_recorded_at: Stands for the decision's time where nothing was ever decided.
        at: The moment; a permission whose year has passed by then permits nothing, whoever noticed it.
        excluded_by: ``CASEWORKER`` or ``IMPORT``; None in facts of before 2026-11-27, when only a caseworker was named.
    """
    current, permission, until = consent.current, consent.standing.permission, consent.until
    decided = current.recorded_at if current is not None else facts_recorded_at
    since = current.said_at if current is not None else facts_recorded_at
    if recorded_in_error or excluded:
        by_import = excluded_by == "IMPORT"
        reason = IN_ERROR if recorded_in_error else EXCLUDED_BY_IMPORT if by_import else EXCLUDED
        return Ruling(reason=reason, effective_at=since, until=None, decided_recorded_at=decided)
    if permission is None or until is None:
        return Ruling(reason=consent.status, effective_at=since, until=None, decided_recorded_at=decided)
    if not consent.is_effective(at):
        recorded = max(until, permission.recorded_at)
        return Ruling(reason=EXPIRED, effective_at=until, until=None, decided_recorded_at=recorded)
    return Ruling(reason=None, effective_at=permission.said_at, until=until, decided_recorded_at=permission.recorded_at)


def unless_restricted(ruling: Ruling, *, since: datetime | None, lifted_at: datetime | None) -> Ruling:
    """Withhold what might be counted while the use of a record is restricted; afterwards it counts as decided anew.

    So whoever was restricted at a seal comes into no figure of it, however early their permission is.
    """
    if ruling.reason is not None:
        return ruling
    if since is not None:
        return Ruling(reason=RESTRICTED, effective_at=since, until=None, decided_recorded_at=since)
    if lifted_at is not None and lifted_at > ruling.decided_recorded_at:
        return replace(ruling, decided_recorded_at=lifted_at)
    return ruling
