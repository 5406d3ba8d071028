"""Which entries are unusual: versioned rules over what one person did; no database and no clock.

Promise: a rule says which entries fit it and nothing of why; what is not known is never taken for a good sign, nor for
a bad one. Each rule is public (docs/how-to/look-into-unusual-access.md), and what passes one who knows them stands in
docs/decisions/0066-unusual-access.md. Shown by tests/unit/audit/test_unusual_rules.py.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.audit.history.rules import CHANGED, LOOKED, REFUSED, is_record_id, kind_of
from services.audit.papers.rules import PEOPLE_ROLES
from shared.codelists.periods import LONDON
from shared.kernel.standing import Standing

VERSION = 1
"""Of the rules; a finding keeps under which it was raised."""
OUTSIDE_CASELOAD, AFTER_THE_END, MANY_PEOPLE = "OUTSIDE_CASELOAD", "AFTER_THE_END", "MANY_PEOPLE"
GUESSING, NEAR_REPEAT = "GUESSING", "NEAR_REPEAT"
RULES = (OUTSIDE_CASELOAD, AFTER_THE_END, MANY_PEOPLE, GUESSING, NEAR_REPEAT)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORK_BEFORE, WORK_AFTER = timedelta(days=30), timedelta(days=2)
"""An act of work this long before a look at an ended record, or this long after it, explains the look."""
EMPTY_SEARCHES_AN_HOUR, EMPTY_SEARCHES_A_DAY = 8, 20
PREVIEWS_A_DAY = 12
_OPENS, _SHUTS, _SATURDAY = 7, 20, 5
_KEEPERS = frozenset({"case", "consent", "audit"})
"""Services whose refusals are about somebody's record."""
_BEGINS = frozenset({"case:survivor:register", "case:referral:open"})
_PREVIEW = "reporting:period:preview"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One entry, as the rules see it.

    Attributes:
        person: Whose record it is about; None where it is about nobody's, or audit does not know whose.
        standing: How the actor stood to that person; None where nobody said it.
        found: How many a search gave; None likewise.
    """

    id: str
    actor_id: str
    role: str
    service: str
    action: str
    outcome: str
    at: datetime
    object_id: str
    person: str | None
    standing: str | None
    found: int | None

    @property
    def kind(self) -> str:
        """A look, a change or a refusal."""
        return kind_of(self.action, self.outcome)

    @property
    def by_a_person(self) -> bool:
        """Whether somebody of the host did it; a machine's key has bounds of its own."""
        return self.role in PEOPLE_ROLES

    @property
    def at_an_odd_hour(self) -> bool:
        """Whether it was at night or on a weekend in London: a mark beside a finding, and never one by itself."""
        local = self.at.astimezone(LONDON)
        return local.weekday() >= _SATURDAY or not _OPENS <= local.hour < _SHUTS


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How many different people one person may look at; more is unusual.

    They follow the size of the host's own caseload between a floor and a ceiling, so that neither a small host's day
    is a finding nor inventing people lifts a bound for long.
    """

    an_hour: int
    a_day: int

    @classmethod
    def of(cls, people: int) -> "Bounds":
        """Give the bounds of a host that supports so many people."""
        return cls(an_hour=min(max(people * 15 // 100, 12), 60), a_day=min(max(people * 30 // 100, 25), 150))


Rule = Callable[[Sequence[Seen], Bounds], frozenset[str]]


def _outside_caseload(entries: Sequence[Seen], bounds: Bounds) -> frozenset[str]:
    """Give each try at a record to which the person was not let in."""
    del bounds
    return frozenset(
        one.id
        for one in entries
        if one.kind == REFUSED and one.by_a_person and one.service in _KEEPERS and is_record_id(one.object_id)
    )


def _many_people(entries: Sequence[Seen], bounds: Bounds) -> frozenset[str]:
    """Give the looks of every hour and every day in which there were more different people than the bound."""
    looks = [one for one in entries if one.kind == LOOKED and one.by_a_person and one.person is not None]
    return _beyond(looks, HOUR, _Different(), bounds.an_hour) | _beyond(looks, DAY, _Different(), bounds.a_day)


def _guessing(entries: Sequence[Seen], bounds: Bounds) -> frozenset[str]:
    """Give the searches that found nobody, where there were more of them than people who were then written down."""
    del bounds
    told = [one for one in entries if one.by_a_person and (_is_miss(one) or _is_begun(one))]
    an_hour = _beyond(told, HOUR, _Unexplained(), EMPTY_SEARCHES_AN_HOUR)
    fits = an_hour | _beyond(told, DAY, _Unexplained(), EMPTY_SEARCHES_A_DAY)
    return fits - {one.id for one in told if _is_begun(one)}


def _near_repeat(entries: Sequence[Seen], bounds: Bounds) -> frozenset[str]:
    """Give previews of one period that were looked at again and again within a day."""
    del bounds
    previews = [one for one in entries if one.action == _PREVIEW and one.outcome != REFUSED and one.by_a_person]
    found: frozenset[str] = frozenset()
    for period in sorted({one.object_id for one in previews}):
        found |= _beyond([one for one in previews if one.object_id == period], DAY, _Times(), PREVIEWS_A_DAY)
    return found


AT_ONCE: Mapping[str, Rule] = {
    OUTSIDE_CASELOAD: _outside_caseload,
    MANY_PEOPLE: _many_people,
    GUESSING: _guessing,
    NEAR_REPEAT: _near_repeat,
}
"""Rules that need nothing of what is done later."""


def fresh(rule: str, entries: Iterable[Seen], new: frozenset[str], bounds: Bounds) -> list[Seen]:
    """Give the entries that fit a rule because of the new ones, the oldest first; what fitted before is not said again.

    Args:
        rule: One of ``AT_ONCE``.
        entries: All that one person did around the new ones: two days before the first and one after the last.
        new: Ids of those that are judged now.
        bounds: This host's.
    """
    ordered = sorted(entries, key=lambda one: (one.at, one.id))
    fits = AT_ONCE[rule](ordered, bounds)
    before = AT_ONCE[rule]([one for one in ordered if one.id not in new], bounds)
    return [one for one in ordered if one.id in fits - before]


def may_be_after_the_end(one: Seen) -> bool:
    """Whether somebody looked at the record of a person whose support had ended."""
    if one.standing not in set(Standing) or one.person is None:
        return False
    return one.kind == LOOKED and one.by_a_person and Standing(one.standing).is_ended


def is_after_the_end(one: Seen, worked_at: Iterable[datetime]) -> bool:
    """Whether nothing explains such a look: nobody did any work on the person within the days around it."""
    begins, ends = one.at - WORK_BEFORE, one.at + WORK_AFTER
    return may_be_after_the_end(one) and not any(begins <= at <= ends for at in worked_at)


def is_work(action: str, role: str) -> bool:
    """Whether an entry that was allowed is an act of work by a person."""
    service = action.partition(":")[0]
    return role in PEOPLE_ROLES and service in {"case", "consent"} and kind_of(action, "ALLOWED") == CHANGED


def is_not_known(one: Seen) -> bool:
    """Whether nobody said how a person stood to whom they looked at."""
    return one.kind == LOOKED and one.by_a_person and one.person is not None and one.standing is None


class _Different:
    """How many different people the entries of a stretch are about."""

    def __init__(self) -> None:
        self._people: Counter[str | None] = Counter()

    def move(self, one: Seen, by: int) -> None:
        self._people[one.person] += by
        if not self._people[one.person]:
            del self._people[one.person]

    @property
    def value(self) -> int:
        return len(self._people)


class _Unexplained:
    """How many searches of a stretch found nobody, beyond those who were then written down."""

    def __init__(self) -> None:
        self.value = 0

    def move(self, one: Seen, by: int) -> None:
        self.value += by if _is_miss(one) else -by


class _Times:
    """How many entries a stretch has."""

    def __init__(self) -> None:
        self.value = 0

    def move(self, _: Seen, by: int) -> None:
        self.value += by


def _beyond(
    entries: Sequence[Seen], within: timedelta, tally: "_Different | _Unexplained | _Times", bound: int
) -> frozenset[str]:
    """Give the entries of every stretch of that length whose tally is above the bound, in one walk."""
    found: set[str] = set()
    first = taken = 0
    for last, one in enumerate(entries):
        tally.move(one, 1)
        while entries[first].at <= one.at - within:
            tally.move(entries[first], -1)
            first += 1
        if tally.value > bound:
            found.update(each.id for each in entries[max(first, taken) : last + 1])
            taken = last + 1
    return frozenset(found)


def _is_miss(one: Seen) -> bool:
    return one.action.endswith(":search") and one.outcome != REFUSED and one.found == 0


def _is_begun(one: Seen) -> bool:
    return one.action in _BEGINS and one.outcome != REFUSED
