"""Who is found by a name, a telephone number or an own reference, of those on whom the caller may act.

Promise: whoever the caller may not see shows no sign of existing, neither in the answers nor in whether there are more;
an answer says how it matched and nothing that is kept. Shown by tests/integration/case/test_finding.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from services.case.finding.documents import MARKS, SEARCH, SEARCHES
from services.case.finding.errors import NothingToFindError, SearchedTooOftenError
from services.case.finding.keys import MarkKeys
from services.case.finding.rules import KINDS, REFERENCE, Said, folded_name, folded_number
from services.case.survivors.documents import SURVIVORS
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.views import SurvivorViews
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

SEARCHED = "case:survivor:search"
"""What audit calls a search, on a page and by the API."""
MOST_FOUND = 10
MOST_A_MINUTE = 30
"""Searches of one person; nobody reads faster, and whoever tries a list of names is slow."""

_SENTENCES = {
    "name": "Write a name of at least two letters, or leave it out.",
    "telephone": "Write one telephone number, such as 07700 900123 or +44 7700 900123, or leave it out.",
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search gives.

    Attributes:
        items: Each with ``survivor_id`` and ``matched``, those who match in most ways first.
        more: Whether there are more than are given.
        complete: Whether everybody who is kept here was looked through.
    """

    items: tuple[Mapping[str, Any], ...]
    more: bool
    complete: bool


class Finder:
    """Searches one host's survivors."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._context = context
        self._keys = MarkKeys(context)
        self._views = SurvivorViews(context)
        self._database = context.client[context.database_name]

    def search(self, who: Principal, *, name: str | None, telephone: str | None, reference: str | None) -> Found:
        """Find people, exactly.

        Raises:
            NothingToFindError: Nobody could be found by that.
            SearchedTooOftenError: This person searched often enough this minute.
        """
        said = _asked(name, telephone, reference)
        self._context.committer.execute(Command(run=partial(_count, who.actor_id)))
        # Before the marks are read: what is marked after this look is found all the same.
        complete = self.is_complete()
        marks = self._keys.newest().marks(said)
        matched: dict[str, set[str]] = {}
        full = False
        for mark in self._database[MARKS].find({"_id": {"$in": list(marks)}}):
            full = full or bool(mark.get("full"))
            for survivor_id in mark["survivor_ids"]:
                matched.setdefault(survivor_id, set()).add(mark["kind"])
        theirs = self._of_whom_they_may_know(matched, who)
        ordered = sorted(theirs, key=lambda one: (-len(matched[one]), one))
        items = tuple(
            {"survivor_id": one, "matched": [kind for kind in KINDS if kind in matched[one]]}
            for one in ordered[:MOST_FOUND]
        )
        # That a mark leads to more people than it keeps is told to those alone who may see all of them.
        more = len(ordered) > MOST_FOUND or (full and who.role != ADVOCATE)
        return Found(items=items, more=more, complete=complete)

    def is_complete(self) -> bool:
        """Whether everybody can be found; not while an index is made anew after an erasure, or after an import."""
        survivors = self._database[SURVIVORS]
        behind = ({"marked_under": None}, {"marked_under": {"$lt": self._keys.generation}})
        return all(survivors.find_one(where, {"_id": 1}) is None for where in behind)

    def _of_whom_they_may_know(self, survivor_ids: Iterable[str], who: Principal) -> list[str]:
        ids = list(survivor_ids)
        kept = self._context.survivor_keys.find_many(ids)
        stored = self._database[SURVIVORS].find({"_id": {"$in": ids}}, {"advocate_ids": 1})
        there = [document for document in stored if document["_id"] in kept]
        return [one["_id"] for one in there if who.role != ADVOCATE or self._is_theirs(one, who.actor_id)]

    def _is_theirs(self, document: Mapping[str, Any], actor_id: str) -> bool:
        # What is stated is read already; whoever else may act is asked of the one place that knows.
        return actor_id in (document.get("advocate_ids") or ()) or self._views.may_act(document["_id"], actor_id)


def _asked(name: str | None, telephone: str | None, reference: str | None) -> Said:
    """Read what is looked for; what cannot be read is never passed over."""
    if not any((name, telephone, reference)):
        raise NothingToFindError("#", "Give a name, a telephone number or an own reference.")
    if name and folded_name(name) is None:
        raise NothingToFindError("#/name", _SENTENCES["name"])
    if telephone and folded_number(telephone) is None:
        raise NothingToFindError("#/telephone", _SENTENCES["telephone"])
    said = Said(name=name, contact=telephone, reference=reference)
    if reference and REFERENCE not in {kind for kind, _ in said.folded()}:
        raise NothingToFindError("#/reference", "Write the reference, or leave it out.")
    return said


def _count(actor_id: str, work: UnitOfWork) -> Answer:
    known = work.find(SEARCHES, actor_id) or {"_id": actor_id}
    minute = work.now.replace(second=0, microsecond=0)
    count = known["count"] + 1 if _is_of(known, minute) else 1
    if count > MOST_A_MINUTE:
        raise SearchedTooOftenError(MOST_A_MINUTE)
    work.save(SEARCHES, SEARCH.changed(known, minute=minute, count=count))
    return Answer(status=200)


def _is_of(known: Mapping[str, Any], minute: datetime) -> bool:
    return known.get("minute") == minute
