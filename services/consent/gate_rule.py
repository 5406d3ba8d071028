"""The gate's rule: may the facts of an episode be counted at a moment, and if not, why. Pure, and in one place.

The gate's statements, the reconciler and everything that shows what would be counted ask ``rule``; the interval
itself is ``shared.contracts.consent.permits``, which the host's count at the seal uses too. Shown by
tests/unit/consent/test_gate_rule.py, with explicit examples beside the property test.
"""

from dataclasses import dataclass
from datetime import datetime

from services.consent.ledger import EXPIRED, Standing
from shared.contracts.consent import permits

EXCLUDED, IN_ERROR = "EXCLUDED_BY_CASEWORKER", "RECORDED_IN_ERROR"
EXCLUDED_BY_IMPORT = "EXCLUDED_BY_IMPORT"


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
    standing: Standing,
    *,
    excluded: bool,
    recorded_in_error: bool,
    facts_recorded_at: datetime,
    at: datetime,
    excluded_by: str | None = None,
) -> Ruling:
    """Say whether an episode's facts may be counted.

    Args:
        standing: What the ledger of the purpose says.
        excluded: A caseworker's safety flag, or what an import says or cannot say.
        recorded_in_error: The episode is no episode.
        facts_recorded_at: Stands for the decision's time where nothing was ever decided.
        at: The moment; a permission whose year has passed by then permits nothing, whoever noticed it.
        excluded_by: ``CASEWORKER`` or ``IMPORT``; None in facts of before 2026-11-27, when only a caseworker was named.
    """
    current, permission, until = standing.current, standing.permission, standing.until()
    decided = current.recorded_at if current is not None else facts_recorded_at
    since = current.said_at if current is not None else facts_recorded_at
    if recorded_in_error or excluded:
        by_import = excluded_by == "IMPORT"
        reason = IN_ERROR if recorded_in_error else EXCLUDED_BY_IMPORT if by_import else EXCLUDED
        return Ruling(reason=reason, effective_at=since, until=None, decided_recorded_at=decided)
    if permission is None or until is None:
        return Ruling(reason=standing.status, effective_at=since, until=None, decided_recorded_at=decided)
    if not permits(permission.said_at, until, at):
        recorded = max(until, permission.recorded_at)
        return Ruling(reason=EXPIRED, effective_at=until, until=None, decided_recorded_at=recorded)
    return Ruling(reason=None, effective_at=permission.said_at, until=until, decided_recorded_at=permission.recorded_at)
