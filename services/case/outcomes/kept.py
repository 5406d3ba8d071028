"""What is written of a survivor in codes and never written over: plain rules, no database and no clock.

Promise: a correction is a document of its own that names the one before, which stays as it was written; what it leaves
blank stays, and only what is cleared is taken away. Shown by tests/unit/case/test_kept_rules.py. Source: ADR 0059.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar, Self, TypeVar

from services.case.contacts.rules import Writer, next_id, says_something
from services.case.outcomes.errors import AlreadyCorrectedError, DayInFutureError, WrittenByAnotherError
from shared.codelists.periods import london_day

_SUPERVISOR = "SUPERVISOR"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Base of what is kept: who wrote it when, and what it corrects.

    Attributes:
        corrects: The one that this one corrects or takes back; None for a first writing.
        why: Why it was corrected or taken back.
        taken_back: Whether it was written wrongly as a whole.
        actor_id, role: Who wrote it; None of what stood here before that was kept.
        first_recorded_at: When it was written for the first time; a correction keeps it, and so its place in order.
    """

    SAID: ClassVar[tuple[str, ...]] = ()
    """Every field that says something."""
    MAY_BE_CLEARED: ClassVar[tuple[str, ...]] = ()
    """Those of them of which nothing may be known; taking back leaves them out."""

    id: str
    survivor_id: str
    episode_id: str
    corrects: str | None = None
    why: str | None = None
    taken_back: bool = False
    actor_id: str | None = None
    role: str | None = None
    first_recorded_at: datetime
    recorded_at: datetime
    updated_at: datetime
    version: int = 0

    @classmethod
    def written(cls, kept_id: str, survivor_id: str, episode_id: str, said: Mapping[str, Any], by: Writer) -> Self:
        """Give a first writing; what is missing or blank is not known."""
        told = {name: said[name] for name in cls.SAID if says_something(said.get(name))}
        about: dict[str, Any] = {"id": kept_id, "survivor_id": survivor_id, "episode_id": episode_id}
        return cls(**about, **told, first_recorded_at=by.at, **by.stamp())

    @property
    def day(self) -> date:
        """The day that orders it: that which was said, else that of its first writing, in London."""
        said: date | None = getattr(self, "on", None)
        return said or london_day(self.first_recorded_at)

    @property
    def place(self) -> tuple[date, datetime, str]:
        """Its place among others; the oldest first."""
        return self.day, self.first_recorded_at, self.id

    def may_be_corrected_by(self, actor_id: str, role: str) -> bool:
        """Whether somebody may correct it: whoever wrote it, a supervisor, and anybody where nobody knows who did."""
        return role == _SUPERVISOR or self.actor_id in (None, actor_id)

    def corrected(self, said: Mapping[str, Any], cleared: Collection[str], *, why: str, by: Writer) -> Self:
        """Give it as it should have been written.

        Args:
            said: What is right, by field; what is missing or blank stays as it is.
            cleared: Fields whose content is taken away.
            why: Why it is corrected.
            by: Who corrects it, and when.

        Raises:
            WrittenByAnotherError: It is not theirs to correct.
            AlreadyCorrectedError: It was taken back.
        """
        self._check(by)
        told = {name: said[name] for name in self.SAID if says_something(said.get(name))}
        nothing: dict[str, Any] = dict.fromkeys(set(cleared) & set(self.MAY_BE_CLEARED))
        after: dict[str, Any] = {**told, **nothing, **by.stamp()}
        return replace(self, **after, id=next_id(self.id), corrects=self.id, why=why)

    def withdrawn(self, *, why: str, by: Writer) -> Self:
        """Take it back; what it said beside its codes is not repeated.

        Raises:
            WrittenByAnotherError: It is not theirs to take back.
            AlreadyCorrectedError: It was taken back already.
        """
        self._check(by)
        after: dict[str, Any] = {**dict.fromkeys(self.MAY_BE_CLEARED), **by.stamp(), "taken_back": True}
        return replace(self, **after, id=next_id(self.id), corrects=self.id, why=why)

    def _check(self, by: Writer) -> None:
        if not self.may_be_corrected_by(by.actor_id, by.role):
            raise WrittenByAnotherError
        if self.taken_back:
            raise AlreadyCorrectedError


K = TypeVar("K", bound=Kept)


def standing(kept: Sequence[K]) -> list[K]:
    """Leave out what was corrected or taken back; the oldest first."""
    ids = {one.id for one in kept}
    return sorted((one for one in kept if not one.taken_back and next_id(one.id) not in ids), key=lambda one: one.place)


def check_day(on: date | None, today: date) -> None:
    """Refuse a day that has not come.

    Raises:
        DayInFutureError: It lies after today.
    """
    if on is not None and on > today:
        raise DayInFutureError
