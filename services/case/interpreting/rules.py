"""What a survivor needs of an interpreter, and who never interprets for them: plain rules, no database and no clock.

Promise: nothing is written over; what a new wish leaves blank stays as it was; a never that stands no more stays to be
seen. Shown by tests/unit/case/test_interpreting_rules.py. Source: ADR 0072.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from services.case.interpreting.errors import (
    BookingEndedError,
    NeverEndedError,
    NotYetError,
    WishChangedError,
    WishMisstatedError,
)

NOT_ASKED = "NOT_ASKED"
AVOID = "AVOID"
UNREAD = ""
"""Stands for a code that could not be read; it is in no list."""
GENDERS = ("FEMALE", "MALE", "NON_BINARY")
"""What somebody may wish; every other code of ``interpreter_gender`` wishes nothing."""
MAY_BE_CLEARED = ("dialect", "modes", "community")
SAID = ("language", "dialect", "gender", "modes", "community_rule", "community")
WHY_STATED = ("SURVIVOR_SAID", "WRITTEN_WRONGLY")
MOST_WISHES, MOST_NEVERS, MOST_BOOKED = 500, 500, 50
LONGEST = 200
BOOKED, FIND_OTHER, HELD, CANCELLED = "BOOKED", "FIND_OTHER", "HELD", "CANCELLED"
STATES = (BOOKED, FIND_OTHER, HELD, CANCELLED)
OPEN = (BOOKED, FIND_OTHER)

_WISHES = UUID("9d3c3d11-73f0-4b7e-8b0a-5f3a2c1f7e01")
_ENDINGS = UUID("9d3c3d11-73f0-4b7e-8b0a-5f3a2c1f7e02")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody needs, as it was said at one moment; the newest stands, each earlier one stays.

    Attributes:
        number: Counts from 1.
        why: Whether they said so, or it was written wrongly before.
        language: A code of ``language``; None where nobody knows it, and then nobody is given.
        dialect: In their words.
        gender: A code of ``interpreter_gender``; that nobody asked, that they declined to answer and that they have no
            preference are three answers.
        modes: Ways in which they want it, codes of ``interpreter_mode``; none where every way will do.
        community_rule: Whether somebody from their community may; a code of ``interpreter_community``.
        community: Which community that is, in their words.
    """

    id: str
    survivor_id: str
    number: int
    why: str
    language: str | None = None
    dialect: str | None = None
    gender: str = NOT_ASKED
    modes: tuple[str, ...] = ()
    community_rule: str = NOT_ASKED
    community: str | None = None
    actor_id: str
    role: str
    recorded_at: datetime
    updated_at: datetime
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Who writes, and when."""

    actor_id: str
    role: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Never:
    """A person who never interprets for somebody, or that a never no longer stands.

    Attributes:
        name: As it was named; None of an ending.
        why: A code of ``interpreter_never``; None of an ending.
        marks: Stand for the words of the name, under the survivor's own key.
        person_mark: Stands for one interpreter of the register, likewise; None where only a name was named.
        ends: The never that stands no more; None of a never.
        why_ended: A code of ``interpreter_never_ended``; of an ending alone.
    """

    id: str
    survivor_id: str
    name: str | None = None
    why: str | None = None
    marks: tuple[str, ...] = ()
    person_mark: str | None = None
    ends: str | None = None
    why_ended: str | None = None
    actor_id: str
    role: str
    recorded_at: datetime
    updated_at: datetime
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Booking:
    """One interpreter, for one moment.

    Attributes:
        purpose: A code of ``interpreting_purpose``.
        at: When; sealed as every exact day of a life.
        agreed_gender: The wish in spite of which they agreed, for this once; None where nothing had to be agreed.
        refusals: Why somebody else has to be found; codes of ``interpreter_refusal``.
        step_id: What is to be done about it; None where nothing is, or there was no room for it.
    """

    id: str
    survivor_id: str
    interpreter_id: str
    purpose: str
    mode: str
    at: datetime
    state: str = BOOKED
    agreed_gender: str | None = None
    refusals: tuple[str, ...] = ()
    step_id: str | None = None
    asked_by: str
    asked_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    def refused(self, refusals: Sequence[str], step_id: str | None, at: datetime) -> "Booking":
        """Let somebody else have to be found; it cannot be kept any more, whatever comes later."""
        return replace(self, state=FIND_OTHER, refusals=tuple(refusals), step_id=step_id, updated_at=at)

    def held(self, by: str, at: datetime) -> "Booking":
        """Say that it took place.

        Raises:
            BookingEndedError: It is over, or somebody else has to be found.
            NotYetError: Its time has not come.
        """
        if self.state != BOOKED:
            raise BookingEndedError
        if at < self.at:
            raise NotYetError
        return replace(self, state=HELD, ended_by=by, ended_at=at, updated_at=at)

    def cancelled(self, by: str, at: datetime) -> "Booking":
        """Say that it does not take place.

        Raises:
            BookingEndedError: It is over.
        """
        if self.state not in OPEN:
            raise BookingEndedError
        return replace(self, state=CANCELLED, ended_by=by, ended_at=at, updated_at=at)


def standing_wish(wishes: Sequence[Wish], at: datetime | None = None) -> Wish | None:
    """Give what stands, or stood at a moment; None where nobody has said anything."""
    known = [one for one in wishes if at is None or one.recorded_at <= at]
    return max(known, key=lambda one: one.number, default=None)


def standing_nevers(nevers: Sequence[Never], at: datetime | None = None) -> list[Never]:
    """Give the nevers that stand, or stood at a moment, the newest first."""
    known = [one for one in nevers if at is None or one.recorded_at <= at]
    ended = {one.ends for one in known if one.ends is not None}
    standing = [one for one in known if one.ends is None and one.id not in ended]
    return sorted(standing, key=lambda one: (one.recorded_at, one.id), reverse=True)


def next_wish(
    before: Wish | None, survivor_id: str, said: Mapping[str, Any], cleared: Collection[str], *, why: str, by: Writer
) -> Wish:
    """Give what stands from now on: what is blank stays as it was, only what is cleared is taken away.

    Raises:
        WishMisstatedError: Nobody from their community may, and nobody said which that is.
    """
    number = 1 if before is None else before.number + 1
    known = {name: getattr(before, name) for name in SAID} if before is not None else {}
    known |= {name: value for name, value in said.items() if value not in (None, "", ())}
    known |= {name: () if name == "modes" else None for name in cleared}
    wish = Wish(
        id=str(uuid5(_WISHES, f"{survivor_id}/{number}")),
        survivor_id=survivor_id,
        number=number,
        why=why,
        **known,
        actor_id=by.actor_id,
        role=by.role,
        recorded_at=by.at,
        updated_at=by.at,
    )
    if wish.community_rule == AVOID and not wish.community:
        raise WishMisstatedError
    return wish


def check_seen(before: Wish | None, replaces: str | None) -> None:
    """Refuse to write over what its writer has not seen.

    Raises:
        WishChangedError: Something else stands by now.
    """
    if (before.id if before is not None else None) != replaces:
        raise WishChangedError


def ending_of(never: Never, nevers: Sequence[Never], *, why: str, by: Writer) -> Never:
    """Give what says that a never stands no more.

    Raises:
        NeverEndedError: It stands no more already.
    """
    if never not in standing_nevers(nevers):
        raise NeverEndedError
    return Never(
        id=str(uuid5(_ENDINGS, never.id)),
        survivor_id=never.survivor_id,
        ends=never.id,
        why_ended=why,
        actor_id=by.actor_id,
        role=by.role,
        recorded_at=by.at,
        updated_at=by.at,
    )
