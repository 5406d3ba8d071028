"""A breach: its 72 hours, its risk, and who was told; plain rules, no database and no clock.

Promise: the hours are clock hours, weekends count; where somebody is, how to reach them, or that they are a survivor
is a high risk whoever judges, and what nobody judged counts as high; at a high risk it is not closed while somebody
whom it touches was not told, and nobody is told but by a safe way. Shown by tests/unit/case/test_breach_rules.py.
Source: UK GDPR articles 33 and 34; domain reference 4.5.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.case.breaches.errors import (
    BreachClosedError,
    BreachMisjudgedError,
    BreachNotDoneError,
    TooManyTouchedError,
)

OPEN, CLOSED = "OPEN", "CLOSED"
NOT_JUDGED, UNLIKELY, HIGH = "NOT_JUDGED", "UNLIKELY", "HIGH"
NOT_TOLD_YET = "NOT_TOLD_YET"
ALWAYS_HIGH = frozenset({"WHERE_THEY_ARE", "CONTACT", "WHO_IS_A_SURVIVOR"})
REPORT_WITHIN, PRESSING = timedelta(hours=72), timedelta(hours=24)
OLDEST = timedelta(days=366)
MOST_TOUCHED = 200

_UNTOLD = "Somebody whom it touches has not been told. Tell them by the way that is safe, or say that nobody can."
_UNREPORTED = "The ICO has not been told. Report it first, or judge that a risk is unlikely."


@dataclass(frozen=True, kw_only=True)
class Touched:
    """Somebody whom a breach touches.

    Attributes:
        told: A code of the list ``breach_told``.
    """

    survivor_id: str
    told: str = NOT_TOLD_YET
    told_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the ICO and others were told.

    Attributes:
        at: When the ICO was told.
        late: Why after more than 72 hours; None within them.
        also_told: Codes of the list ``breach_also_told``.
    """

    at: datetime
    late: str | None = None
    also_told: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Breach:
    """One breach; nothing in it says in words what happened.

    Attributes:
        aware_at: When the host knew; the 72 hours begin.
        contents: What was in it; codes of the list ``breach_content``.
        risk: As it was judged; see ``stands_at``.
    """

    id: str
    kind: str
    aware_at: datetime
    contents: tuple[str, ...]
    taken_by: str
    taken_role: str
    taken_at: datetime
    ico_due_at: datetime
    state: str = OPEN
    risk: str = NOT_JUDGED
    judged_by: str | None = None
    touched: tuple[Touched, ...] = ()
    report: Report | None = None
    remedies: tuple[str, ...] = ()
    closed_by: str | None = None
    closed_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    @property
    def stands_at(self) -> str:
        """The risk that counts: high where nobody judged, and where it tells what always is."""
        return HIGH if self.risk == NOT_JUDGED or ALWAYS_HIGH & set(self.contents) else self.risk

    @property
    def wants_report(self) -> bool:
        """Whether the ICO has still to be told."""
        return self.state == OPEN and self.report is None and self.stands_at != UNLIKELY

    def judged(self, risk: str, contents: tuple[str, ...], *, by: str) -> "Breach":
        """Keep what was in it and how great the risk is.

        Raises:
            BreachClosedError, BreachMisjudgedError: Nothing changes.
        """
        self._check_open()
        if ALWAYS_HIGH & set(contents) and risk not in (HIGH, NOT_JUDGED):
            sentence = "Where a survivor is, how to reach them, or who is one is a high risk. Judge it as high."
            raise BreachMisjudgedError("#/risk", sentence)
        return replace(self, risk=risk, contents=contents, judged_by=by)

    def touching(self, survivor_ids: Iterable[str]) -> "Breach":
        """Add people whom it touches; who stands there already stays as they are.

        Raises:
            BreachClosedError, TooManyTouchedError: Nothing changes.
        """
        self._check_open()
        known = {one.survivor_id for one in self.touched}
        new = tuple(Touched(survivor_id=one) for one in dict.fromkeys(survivor_ids) if one not in known)
        if len(self.touched) + len(new) > MOST_TOUCHED:
            raise TooManyTouchedError(MOST_TOUCHED)
        return replace(self, touched=self.touched + new)

    def told(self, survivor_id: str, told: str, at: datetime) -> "Breach":
        """Keep whether somebody was told.

        Raises:
            BreachClosedError, BreachMisjudgedError: Nothing changes.
        """
        self._check_open()
        if survivor_id not in {one.survivor_id for one in self.touched}:
            raise BreachMisjudgedError("#/survivor_id", "This person does not stand in the breach. Add them first.")
        when = None if told == NOT_TOLD_YET else at
        changed = [
            replace(one, told=told, told_at=when) if one.survivor_id == survivor_id else one for one in self.touched
        ]
        return replace(self, touched=tuple(changed))

    def reported(self, report: Report, now: datetime) -> "Breach":
        """Keep when the ICO was told, and who else.

        Raises:
            BreachClosedError, BreachMisjudgedError: Nothing changes.
        """
        self._check_open()
        if not self.aware_at <= report.at <= now:
            raise BreachMisjudgedError("#/reported_at", "Give when the ICO was told: after you knew, and by now.")
        if (report.at > self.ico_due_at) != (report.late is not None):
            raise BreachMisjudgedError(
                "#/late", "A report after more than 72 hours says why; one within them does not."
            )
        return replace(self, report=report)

    def closed(self, remedies: tuple[str, ...], *, by: str, at: datetime) -> "Breach":
        """Close it with what was done.

        Raises:
            BreachClosedError, BreachNotDoneError: Nothing changes.
        """
        self._check_open()
        if self.wants_report:
            raise BreachNotDoneError(_UNREPORTED)
        if self.stands_at == HIGH and any(one.told == NOT_TOLD_YET for one in self.touched):
            raise BreachNotDoneError(_UNTOLD)
        return replace(self, state=CLOSED, remedies=remedies, closed_by=by, closed_at=at)

    def _check_open(self) -> None:
        if self.state != OPEN:
            raise BreachClosedError


def check_aware_at(aware_at: datetime, now: datetime) -> datetime:
    """Give back when the host knew.

    Raises:
        BreachMisjudgedError: It has not come yet, or lies years back.
    """
    if not now - OLDEST <= aware_at <= now:
        raise BreachMisjudgedError("#/aware_at", "Give when you knew of it: by now, and within the last year.")
    return aware_at
