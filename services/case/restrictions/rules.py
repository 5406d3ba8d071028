"""A restriction of processing, and what is opened in spite of it for the sake of a life: plain rules.

Promise: a restriction is lifted once, and not before the person was told, or it was said why that is unsafe; what is
opened for the sake of a life is open for an hour, for one person, and waits until the officer has seen it. Shown by
tests/unit/case/test_restriction_rules.py. Source: UK GDPR Art 18; ADR 0067.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.case.restrictions.errors import (
    LiftIncompleteError,
    NotOfThisCaseError,
    OpeningOverError,
    RestrictionLiftedError,
)
from services.case.rights.decisions import NOT_SAFE_YET
from services.case.rights.rules import OBJECTION, OPEN, RECTIFICATION, RESTRICTION, RightsCase

HOLDS, LIFTED = "HOLDS", "LIFTED"
ASKED_BY = frozenset({RESTRICTION, RECTIFICATION, OBJECTION})
"""Kinds of request from which a restriction may follow (Art 18(1)(a) and (d))."""
OPEN_FOR = timedelta(hours=1)
AN_ALARM = "VISIT_ALARM"
"""Why something passed by itself: somebody is out alone, or an alarm stands."""

_TELL = "Say how they were told, or why it is not safe to tell them."
_ONE = "Say either how they were told, or why it is not safe to tell them; not both."
_DAY = "Give the day on which they were told: today or earlier, and not before it began."


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """One restriction of one person.

    Attributes:
        rights_case_id: The request from which it follows.
        ground: A code of the list ``restriction_ground``.
        told: How the person was told that it begins; a code of ``rights_told``.
        why: Why it was lifted; a code of ``restriction_lifted``.
        lift_told, told_on: How and on which day the person was told that it would be lifted.
        untold: Why they could not be told; a code of ``restriction_untold``.
    """

    id: str
    survivor_id: str
    rights_case_id: str
    ground: str
    state: str = HOLDS
    begun_by: str
    begun_at: datetime
    told: str
    why: str | None = None
    lift_told: str | None = None
    told_on: date | None = None
    untold: str | None = None
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    def lifted(self, end: "Lifting", *, by: str, now: datetime, today: date) -> "Restriction":
        """Lift it.

        Raises:
            RestrictionLiftedError, LiftIncompleteError: Nothing changes.
        """
        if self.state == LIFTED:
            raise RestrictionLiftedError
        end.check(self.begun_at.date(), today)
        return replace(
            self,
            state=LIFTED,
            why=end.why,
            lift_told=end.told,
            told_on=end.told_on,
            untold=end.untold,
            lifted_by=by,
            lifted_at=now,
        )


@dataclass(frozen=True, kw_only=True)
class Lifting:
    """Why a restriction is lifted, and what the person was told before (Art 18(3)); as of ``Restriction``."""

    why: str
    told: str | None = None
    told_on: date | None = None
    untold: str | None = None

    def check(self, begun_on: date, today: date) -> None:
        """Refuse to lift what the person does not know of, unless it is said why.

        Raises:
            LiftIncompleteError: Neither or both, or a day on which nobody can have told them.
        """
        is_told = self.told not in (None, NOT_SAFE_YET)
        if not is_told and self.untold is None:
            raise LiftIncompleteError("#/told", _TELL)
        if is_told and self.untold is not None:
            raise LiftIncompleteError("#/untold", _ONE)
        if is_told and (self.told_on is None or not begun_on <= self.told_on <= today):
            raise LiftIncompleteError("#/told_on", _DAY)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Something that was opened in spite of a restriction, for the sake of a life (Art 18(2)).

    Attributes:
        why: A code of the list ``vital_interest``.
        until: When it closes again.
        seen_by, seen_at: The officer who looked at it; None until one has.
    """

    id: str
    survivor_id: str
    restriction_id: str
    why: str
    actor_id: str
    role: str
    opened_at: datetime
    until: datetime
    seen_by: str | None = None
    seen_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    def check_open(self, now: datetime) -> None:
        """Check that its hour is not over.

        Raises:
            OpeningOverError: It is.
        """
        if now >= self.until:
            raise OpeningOverError

    def seen(self, by: str, now: datetime) -> "Opening":
        """Note that the officer has seen it; the first one counts."""
        return self if self.seen_at is not None else replace(self, seen_by=by, seen_at=now)


def check_may_follow(case: RightsCase) -> None:
    """Judge whether a restriction may follow from a request.

    Raises:
        NotOfThisCaseError: It is of another kind, its clock stands, or it has ended.
    """
    if case.kind not in ASKED_BY or case.state != OPEN or case.stopped_on is not None:
        raise NotOfThisCaseError
