"""What case shows of what is kept in codes; what is sealed is opened for the caller who may see it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic

from services.case.contacts.rules import next_id
from services.case.outcomes.keeping import KeptKind
from services.case.outcomes.kept import K
from services.case.outcomes.rules import OF_SERVICES, Change, Rating, changes
from services.case.survivors.sealing import Sealer
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

MOST = 1_000
"""Documents of one kind and one person that are read at once, the newest; far more than years of support have."""
Row = dict[str, Any]


class KeptViews(Generic[K]):
    """Reads one kind from case's own database."""

    def __init__(self, context: ServiceContext, kind: KeptKind[K]) -> None:
        """Take case's context."""
        self._kept = context.client[context.database_name][kind.stored.collection]
        self._context = context
        self._kind = kind

    def of_episode(self, episode: Mapping[str, Any], wanted: PageRequest) -> Page:
        """Give a page of an episode's, with what was corrected and by which."""
        page = find_page(self._kept, wanted, where={"episode_id": episode["id"]}, row=dict)
        wanted_ids = [next_id(one["_id"]) for one in page.items]
        later = {one["_id"] for one in self._kept.find({"_id": {"$in": wanted_ids}}, {"_id": 1})}
        kept = self._read(page.items, str(episode["survivor_id"]))
        return replace(page, items=[self._row(one, later) for one in kept])

    def of_person(self, survivor_id: str, episode_ids: Collection[str]) -> list[K]:
        """Give everything of a person in some episodes, the newest first."""
        where = {"survivor_id": survivor_id, "episode_id": {"$in": list(episode_ids)}}
        found = self._kept.find(where).sort([("recorded_at", -1)]).limit(MOST)
        return self._read(found, survivor_id)

    def rows(self, kept: Sequence[K]) -> list[Row]:
        """Give rows of everything that was read of a person, each with its episode and what corrects it."""
        ids = {one.id for one in kept}
        return [{**self._row(one, ids), "episode_id": one.episode_id} for one in kept]

    def one(self, survivor_id: str, kept_id: str) -> Row | None:
        """Give one of a person, with its episode; None if they have none of this id."""
        document = self._kept.find_one({"_id": kept_id, "survivor_id": survivor_id})
        if document is None:
            return None
        (kept,) = self._read([document], survivor_id)
        later = self._kept.find_one({"_id": next_id(kept_id)}, {"_id": 1})
        return {**self._row(kept, {later["_id"]} if later else set()), "episode_id": kept.episode_id}

    def _row(self, one: K, ids: Collection[str]) -> Row:
        later = next_id(one.id)
        return {**self._kind.stored.row(vars(one)), "corrected_by": later if later in ids else None}

    def _read(self, documents: Iterable[Mapping[str, Any]], survivor_id: str) -> list[K]:
        sealer = Sealer.of_known(self._context, [survivor_id])
        return [self._kind.read(one, sealer) for one in documents]


def change_rows(ratings: Sequence[Rating]) -> list[Row]:
    """Give each outcome with its first and newest answer, and how it changed."""
    return [_change_row(one) for one in changes(ratings)]


def _change_row(one: Change) -> Row:
    return {
        "outcome": one.outcome,
        "of_services": one.outcome in OF_SERVICES,
        "first": one.first and one.first.rating,
        "first_on": one.first and one.first.on,
        "newest": one.newest and one.newest.rating,
        "newest_on": one.newest and one.newest.on,
        "change": one.change,
        "last_answer": one.last and one.last.rating,
    }
