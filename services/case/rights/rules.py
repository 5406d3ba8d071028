"""A rights case, what may happen to it, and in which order: plain rules, no database and no clock.

Shown by tests/unit/case/test_rights_rules.py.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.case.rights.clock import Clock
from services.case.rights.decisions import MET, NOT_SAFE_YET, PARTLY_MET, TAKEN_BACK, Decision, check_told
from services.case.rights.errors import (
    AcknowledgedAlreadyError,
    ClockGoesError,
    ClockStandsError,
    ErasureUnderWayError,
    NoMoreTimeError,
    NotErasedYetError,
    NotRestrictedYetError,
    ReceivedOnError,
    RightsCaseClosedError,
)
from shared.codelists.working_days import bank_holidays

OPEN, CLOSED = "OPEN", "CLOSED"
ACCESS, ERASURE, COMPLAINT = "ACCESS", "ERASURE", "COMPLAINT"
RECTIFICATION, RESTRICTION, OBJECTION = "RECTIFICATION", "RESTRICTION", "OBJECTION"
BY_A_DEED = frozenset({ERASURE, RESTRICTION})
"""Kinds of which it is never merely noted that they were met: what was asked for is done, and that ends them."""
CONFIRMED = "CONFIRMED"
"""Of ``erasing``: from here on nothing is kept of this person any more."""
OLDEST = timedelta(days=366)
"""What is said to have arrived earlier is a slip of the pen."""


@dataclass(frozen=True, kw_only=True)
class RightsCase:
    """One request of one person.

    Attributes:
        kind: A code of the list ``rights_request``.
        received_on: The day in London on which it reached the host, by whatever channel.
        taken_by: Who wrote it down.
        nation: The host's own, whose calendar counts.
        calendar_version: Of the bank holidays by which ``due_on`` was counted last.
        due_on: The last day to answer.
        acknowledge_by: The last day to say that a complaint has arrived; None for anything else.
        stopped_for: Why the clock stands; None while it goes.
        extended_for: Why more time was taken; None where it was not.
        words: What they asked, as it was written down; sealed.
        answer: What they were told in the end; sealed.
        erasing: How far an erasure that was asked for here is; None where there is none (``services.case.erasures``).
    """

    id: str
    survivor_id: str
    kind: str
    channel: str
    received_on: date
    taken_by: str
    taken_role: str
    taken_at: datetime
    nation: str
    calendar_version: int
    due_on: date
    acknowledge_by: date | None = None
    state: str = OPEN
    acknowledged_at: datetime | None = None
    stopped_for: str | None = None
    stopped_on: date | None = None
    stopped_days: int = 0
    extended_for: str | None = None
    outcome: str | None = None
    refusals: tuple[str, ...] = ()
    told: str | None = None
    ico_route_told: bool = False
    erasing: str | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None
    updated_at: datetime
    words: str | None = None
    answer: str | None = None
    version: int = 0

    @property
    def clock(self) -> Clock:
        """Its clock."""
        return Clock(
            received_on=self.received_on,
            nation=self.nation,
            extended=self.extended_for is not None,
            stopped_days=self.stopped_days,
            stopped_on=self.stopped_on,
        )

    def is_overdue(self, today: date) -> bool:
        """Whether somebody waits longer than the law allows: for an answer, or to hear that a complaint arrived.

        By the day that was written down, as the database finds it; while the clock stands no answer is late.
        """
        if self.state != OPEN:
            return False
        unheard = self.acknowledge_by is not None and self.acknowledged_at is None and today > self.acknowledge_by
        return unheard or (self.stopped_on is None and today > self.due_on)

    def acknowledged(self, told: str, at: datetime) -> "RightsCase":
        """Note that the person was told that it has arrived.

        Raises:
            RightsCaseClosedError, AcknowledgedAlreadyError, NotToldError: Nothing changes.
        """
        self._check_open()
        check_told(told)
        if self.acknowledged_at is not None:
            raise AcknowledgedAlreadyError
        return replace(self, acknowledged_at=at)

    def stopped(self, why: str, today: date) -> "RightsCase":
        """Stop the clock until something is there that only the person can give; no erasure is confirmed meanwhile.

        Raises:
            RightsCaseClosedError, ClockStandsError: Nothing changes.
            ErasureUnderWayError: A second person has confirmed it, and no doubt stops it any more.
        """
        self._check_goes()
        if self.erasing == CONFIRMED:
            raise ErasureUnderWayError
        return replace(self, stopped_for=why, stopped_on=today)

    def resumed(self, today: date) -> "RightsCase":
        """Let the clock go on.

        Raises:
            RightsCaseClosedError, ClockGoesError: Nothing changes.
        """
        self._check_open()
        if self.stopped_on is None:
            raise ClockGoesError
        days = self.clock.days_stopped_until(today)
        return replace(self, stopped_for=None, stopped_on=None, stopped_days=days).counted()

    def extended(self, why: str, today: date) -> "RightsCase":
        """Take up to two months more; the person is told within the first.

        Raises:
            RightsCaseClosedError, ClockStandsError, NoMoreTimeError: Nothing changes.
        """
        self._check_goes()
        if self.extended_for is not None or today > self.clock.extend_by:
            raise NoMoreTimeError
        return replace(self, extended_for=why).counted()

    def decided(self, decision: Decision, *, by: str, at: datetime, done: bool = False) -> "RightsCase":
        """End it with what the person was told; ``done`` says that what they asked for is done in the same act.

        Raises:
            RightsCaseClosedError, ClockStandsError, ErasureUnderWayError: Nothing changes.
            DecisionIncompleteError, NotToldError, NotErasedYetError, NotRestrictedYetError: Nothing changes.
        """
        self._check_open()
        if self.stopped_on is not None and decision.outcome != TAKEN_BACK:
            raise ClockStandsError
        if self.erasing is not None:
            raise ErasureUnderWayError
        if self.kind in BY_A_DEED and decision.outcome in (MET, PARTLY_MET) and not done:
            raise NotErasedYetError if self.kind == ERASURE else NotRestrictedYetError
        decision.check()
        return replace(
            self,
            state=CLOSED,
            outcome=decision.outcome,
            refusals=decision.refusals,
            told=decision.told,
            ico_route_told=decision.ico_route_told,
            answer=decision.answer,
            # Who was told the end of it has heard that it arrived.
            acknowledged_at=self.acknowledged_at or (None if decision.told == NOT_SAFE_YET else at),
            closed_by=by,
            closed_at=at,
        )

    def counted(self) -> "RightsCase":
        """Write down the last day to answer as the clock has it now, and by which calendar."""
        return replace(self, due_on=self.clock.due_on, calendar_version=bank_holidays().version)

    def _check_open(self) -> None:
        if self.state != OPEN:
            raise RightsCaseClosedError

    def _check_goes(self) -> None:
        self._check_open()
        if self.stopped_on is not None:
            raise ClockStandsError


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that happened in a rights case; it is added and never changed.

    Attributes:
        step: A code of the list ``rights_step``.
        reason: A code that belongs to it, such as why the clock was stopped.
        words: What was noted; sealed.
    """

    id: str
    rights_case_id: str
    survivor_id: str
    step: str
    reason: str | None
    actor_id: str
    role: str
    at: datetime
    updated_at: datetime
    words: str | None = None
    version: int = 0


def check_received_on(received_on: date, today: date) -> date:
    """Give back the day on which a request is said to have arrived.

    Raises:
        ReceivedOnError: It has not come yet, or lies further back than anybody waits to write something down.
    """
    if not today - OLDEST <= received_on <= today:
        raise ReceivedOnError
    return received_on
