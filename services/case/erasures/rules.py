"""An erasure, step by step: plain rules, no database and no clock.

Shown by tests/unit/case/test_erasure_rules.py.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from services.case.erasures.errors import (
    ErasureStateError,
    HeldBackError,
    NoErasureAskedError,
    NotLookedForError,
    SecondPersonError,
)
from services.case.rights.decisions import MET, check_told
from services.case.rights.rules import CLOSED, ERASURE, OPEN, RightsCase

ASKED, TAKEN_BACK, CONFIRMED = "ASKED", "TAKEN_BACK", "CONFIRMED"
KEY_DESTROYED, ERASED, NEVER_KNOWN = "KEY_DESTROYED", "ERASED", "NEVER_KNOWN"
ENDED = frozenset({TAKEN_BACK, NEVER_KNOWN})
"""After these it may be asked for anew."""
UNDER_WAY = (CONFIRMED, KEY_DESTROYED)


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """The erasure of one person, asked for on one rights case, whose id it has.

    Attributes:
        told: How the person was told that it would be done; afterwards nobody knows how to reach them.
        erased_at: From here on, plus the few seconds that a process may keep a key, nothing here opens any more.
        copies_closed_at: From here on no key in existence opens what the database's log, its journal, a queue or
            a backup of the data still holds.
        generation: Of the tenant key from which on that is so.
        backups_closed_at: When somebody made sure that no keys file of a backup from before that is left.
        backups_closed_by: Who.
    """

    id: str
    survivor_id: str
    state: str
    asked_by: str
    asked_at: datetime
    told: str
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    erased_at: datetime | None = None
    copies_closed_at: datetime | None = None
    generation: int | None = None
    backups_closed_at: datetime | None = None
    backups_closed_by: str | None = None
    updated_at: datetime
    version: int = 0

    def taken_back(self) -> "Erasure":
        """End it before it began.

        Raises:
            ErasureStateError: It is confirmed, or ended.
        """
        self._check(ASKED)
        return replace(self, state=TAKEN_BACK)

    def confirmed(self, by: str, at: datetime) -> "Erasure":
        """Let a second person confirm it; nobody can take it back afterwards.

        Raises:
            ErasureStateError: It does not wait for one.
            SecondPersonError: It is the one who asked.
        """
        self._check(ASKED)
        if by == self.asked_by:
            raise SecondPersonError
        return replace(self, state=CONFIRMED, confirmed_by=by, confirmed_at=at)

    def key_destroyed(self, at: datetime) -> "Erasure":
        """Note that the person's key is gone here."""
        self._check(CONFIRMED)
        return replace(self, state=KEY_DESTROYED, erased_at=at)

    def never_known(self) -> "Erasure":
        """Note that there was no key to destroy: that is a failure, and no erasure."""
        self._check(CONFIRMED)
        return replace(self, state=NEVER_KNOWN)

    def erased(self, generation: int, at: datetime) -> "Erasure":
        """Note that copies of the key open no more either."""
        self._check(KEY_DESTROYED)
        return replace(self, state=ERASED, generation=generation, copies_closed_at=at)

    def backups_closed(self, by: str, at: datetime) -> "Erasure":
        """Note that no keys file from before is left.

        Raises:
            ErasureStateError: Copies are not closed yet, or it is noted already.
        """
        self._check(ERASED)
        if self.backups_closed_at is not None:
            raise ErasureStateError
        return replace(self, backups_closed_by=by, backups_closed_at=at)

    def _check(self, state: str) -> None:
        if self.state != state:
            raise ErasureStateError


def check_may_begin(case: RightsCase, *, holds: tuple[str, ...], looked_for_holds: bool, told: str) -> None:
    """Judge whether an erasure may be asked for on a rights case.

    Raises:
        NoErasureAskedError: The person asks for something else, the clock stands, or the case has ended.
        HeldBackError: Something holds it back.
        NotLookedForError: Nobody looked; unknown is no leave.
        NotToldError: They do not know that it will be done; afterwards nobody knows how to tell them.
    """
    if case.kind != ERASURE or case.state != OPEN or case.stopped_on is not None:
        raise NoErasureAskedError
    if holds:
        raise HeldBackError
    if not looked_for_holds:
        raise NotLookedForError
    check_told(told)


def ended_by(case: RightsCase, erasure: Erasure, at: datetime) -> RightsCase:
    """End a rights case by the erasure that was asked for in it; it has no words any more."""
    return replace(
        case,
        state=CLOSED,
        outcome=MET,
        told=erasure.told,
        erasing=None,
        closed_by=erasure.confirmed_by,
        closed_at=at,
        acknowledged_at=case.acknowledged_at or at,
        words=None,
        answer=None,
    )
