"""What is known of somebody's NRM, how it is corrected, and what stands: plain rules, no database and no clock.

Promise: a later decision and a correction are entries of their own; what stood before stays as it was written. Not
asked, not known and declined are three answers, to each question; none of them overrides what is known. Shown by
tests/unit/case/test_nrm_rules.py. Source: domain reference 9.9; ADR 0057.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from services.case.contacts.rules import Writer, says_something
from services.case.nrm.errors import NrmCorrectedError, NrmDayError
from shared.codelists.lists import DECLINED
from shared.codelists.periods import london_day

MAY_BE_CLEARED = ("on", "told_on", "told_by", "authority", "note")
SAID = ("stage", *MAY_BE_CLEARED)
WHY_CORRECTED = ("WRITTEN_WRONGLY", "SOMETHING_WAS_MISSING", "SURVIVOR_ASKED")
WHY_TAKEN_BACK = ("DID_NOT_HAPPEN", "ANOTHER_PERSON", "WRITTEN_TWICE", "SURVIVOR_ASKED")
DECISIONS: Mapping[str, tuple[str, str | None]] = {
    "RG_POSITIVE_AWAITING_CG": ("RG", "POSITIVE"),
    "RG_NEGATIVE": ("RG", "NEGATIVE"),
    "CG_POSITIVE": ("CG", "POSITIVE"),
    "CG_NEGATIVE": ("CG", "NEGATIVE"),
    "DISQUALIFIED": ("DISQUALIFICATION", None),
}
"""Of the stages that a decision of the authority began: which one, and its outcome."""
WAITING = "AWAITING_FIRST_RESPONDER"

_NEXT = UUID("0b7a8a0e-52c8-4f0b-9c53-5d2d4f6b1a57")
_FUTURE = "This day has not come yet. Give the day on which it was, or say that nobody knows it."
_TOO_EARLY = "Nobody can be told of it before it was decided. Look at both days again."


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that is known, or the correction of one.

    Attributes:
        stage: Where the NRM stands, or which answer there was; None of one that is taken back.
        on: The day of the decision, or from which it stands so, such as 2026-10-12; or an answer, such as NOT_KNOWN.
        told_on: The day on which the survivor was told; or an answer.
        told_by: Who told it.
        authority: Which authority decided.
        note: What has to be kept beside it, if anything.
        corrects: The entry that this one corrects or takes back; None for a first writing.
        why: Why it was corrected or taken back.
        taken_back: Whether there was nothing such of this person.
        first_id, first_at: Of the first writing, whatever was corrected since.
    """

    id: str
    survivor_id: str
    stage: str | None
    on: str | None = None
    told_on: str | None = None
    told_by: str | None = None
    authority: str | None = None
    note: str | None = None
    corrects: str | None = None
    why: str | None = None
    taken_back: bool = False
    actor_id: str
    role: str
    first_id: str
    first_at: datetime
    recorded_at: datetime
    updated_at: datetime
    version: int = 0

    @property
    def day(self) -> date | None:
        """The day of it, where anybody said one."""
        return day_in(self.on)

    @property
    def latest_day(self) -> date:
        """The day on which it was at the latest: nobody is told, or writes it down, before it is so."""
        return self.day or min(day_in(self.told_on) or date.max, london_day(self.first_at))

    @property
    def says_where(self) -> bool:
        """Whether it says where the NRM stands, and not only that nobody said."""
        return self.stage is not None and self.stage not in DECLINED

    def surely_follows(self, other: "Entry") -> bool:
        """Whether it was after another one, beyond doubt: of what has no day nobody can say that."""
        if self.day is None:
            return False
        if self.day == other.day:
            return self.first_at > other.first_at
        return self.day > other.latest_day

    def corrected(self, said: Mapping[str, Any], cleared: Collection[str], *, why: str, by: Writer) -> "Entry":
        """Give the entry as it should have been written.

        Args:
            said: What is right, by field; what is missing or blank stays as it is.
            cleared: Fields whose content is taken away.
            why: A code of ``WHY_CORRECTED``.
            by: Who corrects it, and when.

        Raises:
            NrmCorrectedError: It was taken back.
        """
        nothing: dict[str, Any] = dict.fromkeys(cleared)
        return replace(self._open(), **{**told(said), **nothing}, **self._after(by, why))

    def withdrawn(self, *, why: str, by: Writer) -> "Entry":
        """Take it back: there was nothing such of this person. What it said is not repeated.

        Raises:
            NrmCorrectedError: It was taken back already.
        """
        nothing: dict[str, Any] = dict.fromkeys(SAID)
        return replace(self._open(), **nothing, **self._after(by, why), taken_back=True)

    def _open(self) -> "Entry":
        if self.taken_back:
            raise NrmCorrectedError
        return self

    def _after(self, by: Writer, why: str) -> dict[str, Any]:
        return {**by.stamp(), "id": next_id(self.id), "corrects": self.id, "why": why}


def told(said: Mapping[str, Any]) -> dict[str, Any]:
    """Give what of some fields says anything."""
    return {name: said[name] for name in SAID if says_something(said.get(name))}


def day_in(text: str | None) -> date | None:
    """Read a day where one was said; None of an answer, and of nothing."""
    return None if text is None or text in DECLINED else date.fromisoformat(text)


def check_days(entry: Entry, today: date) -> None:
    """Refuse days that cannot be.

    Raises:
        NrmDayError: One has not come, or somebody was told before it was so.
    """
    on, told_on = entry.day, day_in(entry.told_on)
    for field, day in (("on", on), ("told_on", told_on)):
        if day is not None and day > today:
            raise NrmDayError(field, _FUTURE)
    if on is not None and told_on is not None and told_on < on:
        raise NrmDayError("told_on", _TOO_EARLY)


def next_id(entry_id: str) -> str:
    """Give the id of an entry's correction: it follows from the entry, so that there is never a second one."""
    return str(uuid5(_NEXT, entry_id))


def standing(entries: Collection[Entry]) -> list[Entry]:
    """Leave out what was corrected or taken back; the order is that of the days, as far as they are known."""
    ids = {one.id for one in entries}
    stand = [one for one in entries if not one.taken_back and next_id(one.id) not in ids]
    return sorted(stand, key=lambda one: (one.latest_day, one.first_at))


def current(entries: Iterable[Entry]) -> Entry | None:
    """Give where it stands, of entries in their order: the last that says it, else the last answer; None of nothing."""
    listed = list(entries)
    return next((one for one in reversed(listed) if one.says_where), listed[-1] if listed else None)
