"""What case shows of the team: figures by advocate, whom somebody has, and who covers for whom."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from services.case.asking.documents import LOOKS
from services.case.asking.rules import ASKED
from services.case.caseload.documents import LIMIT, LIMITS, MOVE, MOVES, THE_LIMIT
from services.case.caseload.rules import COVER, GIVE, MOST_AT_ONCE, Load, busiest_first, fullness
from services.case.episodes.documents import EPISODES
from services.case.episodes.states import BEFORE, ENDED, STEPS
from services.case.steps.documents import STEPS as STEP_COLLECTION
from services.case.steps.rules import OPEN
from services.case.survivors.documents import STAFF, SURVIVORS
from services.case.survivors.views import SurvivorViews
from shared.codelists.periods import london_day
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

MOST_COUNTED = 20_000
"""Open episodes, and overdue steps, up to which a team is counted; more than any host has."""
MOST_SHOWN = 200
"""Advocates, and covers, of one look."""
_GOING_ON = tuple(state for state in STEPS if state not in {*BEFORE, *ENDED})


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Whom a move is about.

    Attributes:
        survivor_ids: Who was named, or the first of everybody.
        known_ids: Those who are here and were not erased.
        more: Whether that advocate has others besides.
    """

    survivor_ids: tuple[str, ...]
    known_ids: frozenset[str]
    more: bool = False


class TeamViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._database = context.client[context.database_name]
        self._context = context
        self.survivors = SurvivorViews(context)

    @property
    def today(self) -> date:
        """The day of the business clock in London."""
        return london_day(self._context.clock.now())

    def limit(self) -> dict[str, Any]:
        """Give the host's limit; of a host that stated none, none."""
        document = self._database[LIMITS].find_one({"_id": THE_LIMIT})
        if document is None:
            return {"id": THE_LIMIT, "people": None, "version": 0}
        return LIMIT.row(LIMIT.values(document))

    def team(self) -> dict[str, Any]:
        """Give each advocate's figures; an erased person is counted nowhere."""
        limit, (counts, at_least) = self.limit()["people"], self._counted()
        active = {one["_id"] for one in self._database[STAFF].find({"is_advocate": True}).limit(MOST_SHOWN)}
        loads = busiest_first(
            [
                Load(advocate_id=one, is_active=one in active, **{name: counts[name][one] for name in counts})
                for one in sorted(active | self._owners())
            ]
        )
        return {
            "limit": limit,
            "items": [{**asdict(one), "fullness": fullness(one.supported, limit)} for one in loads[:MOST_SHOWN]],
            "covers": self.covers(),
            "at_least": at_least,
        }

    def covers(self) -> list[dict[str, Any]]:
        """Give the covers that hold or are to come, the one that ends first first."""
        where = {"kind": COVER, "last_on": {"$gte": self.today.isoformat()}}
        found = self._database[MOVES].find(where).sort([("last_on", 1)]).limit(MOST_SHOWN)
        rows = [_row(one) for one in found]
        return [row for row in rows if row["ended_at"] is None]

    def move(self, move_id: str) -> dict[str, Any]:
        """Give a move with what came of each person; ``DocumentMissingError`` if there is none."""
        document = self._database[MOVES].find_one({"_id": move_id})
        if document is None:
            raise DocumentMissingError(MOVES)
        return _row(document)

    def moves(self, wanted: PageRequest) -> Page:
        """Give a page of moves."""
        return find_page(self._database[MOVES], wanted, where={}, row=_row)

    def people_of(self, advocate_id: str, wanted: PageRequest) -> Page:
        """Give a page of the people on whom an advocate may act for good, by the host's own reference."""
        page = find_page(self._database[SURVIVORS], wanted, where={"advocate_ids": advocate_id}, row=dict)
        named = self.survivors.named([one["_id"] for one in page.items])
        return Page(
            items=sorted(named, key=lambda one: (one["name"] or one["reference"] or "").casefold()), next=page.next
        )

    def named(self, survivor_ids: tuple[str, ...]) -> Chosen:
        """Say who of some people is here and was not erased."""
        return Chosen(
            survivor_ids=survivor_ids, known_ids=frozenset(row["id"] for row in self.survivors.named(survivor_ids))
        )

    def everybody(self, advocate_id: str, kind: str, cover: Mapping[str, Any] | None = None) -> Chosen:
        """Give the first of everybody of an advocate for whom a move is still to be done.

        Whoever covers does not need those whose support has ended.
        """
        where: dict[str, Any] = {"advocate_ids": advocate_id}
        if cover is not None:
            where = {"$and": [where, {"covers": {"$not": {"$elemMatch": cover}}}]}
            where["$and"].append({"advocate_ids": {"$ne": cover["by"]}})
        documents = self._database[SURVIVORS].find(where, {"_id": 1}).sort([("updated_at", 1), ("_id", 1)])
        rows = ({"survivor_id": one["_id"]} for one in documents)
        wanted = rows if kind == GIVE else (one for one in rows if not self._has_ended(one["survivor_id"]))
        found = self.survivors.not_erased(wanted, MOST_AT_ONCE + 1)
        ids = tuple(one["survivor_id"] for one in found)
        first = ids[:MOST_AT_ONCE]
        return Chosen(survivor_ids=first, known_ids=frozenset(first), more=len(ids) > MOST_AT_ONCE)

    def _has_ended(self, survivor_id: str) -> bool:
        found = self._database[EPISODES].find({"survivor_id": survivor_id}, {"status": 1}).limit(MOST_SHOWN)
        states = [one["status"] for one in found]
        return bool(states) and all(state in ENDED for state in states)

    def _owners(self) -> set[str]:
        """Give every advocate who has anybody, also one who left."""
        return {
            one
            for one in self._database[SURVIVORS].distinct("advocate_ids", {"advocate_ids": {"$gt": ""}})
            if one is not None
        }

    def _counted(self) -> tuple[Mapping[str, Counter[str]], bool]:
        """Count by advocate, and say whether there is more than was counted."""
        open_states = {"status": {"$in": [*_GOING_ON, *BEFORE]}}
        late = {"state": OPEN, "due_on": {"$gt": "", "$lt": self.today.isoformat()}}
        episodes = self._some(EPISODES, open_states)
        steps, asked = self._some(STEP_COLLECTION, late), self._some(LOOKS, {"state": ASKED})
        supported = {one["survivor_id"] for one in episodes if one["status"] in _GOING_ON}
        of_each = {
            "supported": Counter(supported),
            "waiting": Counter({one["survivor_id"] for one in episodes} - supported),
            "overdue": Counter(one["survivor_id"] for one in steps),
            "questions": Counter(one["survivor_id"] for one in asked),
        }
        counts = {name: Counter[str]() for name in of_each}
        for survivor_id, advocates in self._advocates(set().union(*of_each.values())).items():
            for advocate in advocates:
                for name, many in of_each.items():
                    counts[name][advocate] += many[survivor_id]
        return counts, MOST_COUNTED in {len(episodes), len(steps), len(asked)}

    def _some(self, collection: str, where: Mapping[str, Any]) -> list[dict[str, Any]]:
        found = self._database[collection].find(where, {"survivor_id": 1, "status": 1})
        return list(found.limit(MOST_COUNTED))

    def _advocates(self, survivor_ids: set[str]) -> dict[str, list[str]]:
        kept = self._context.survivor_keys.find_many(survivor_ids)
        found = self._database[SURVIVORS].find({"_id": {"$in": sorted(kept)}}, {"advocate_ids": 1})
        return {one["_id"]: one.get("advocate_ids") or [] for one in found}


def _row(document: Mapping[str, Any]) -> dict[str, Any]:
    row = MOVE.row(MOVE.values(document))
    return {**row, "results": [asdict(one) for one in row["results"]]}
