"""What case shows of survivors; sealed fields are opened for the caller who may see them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from itertools import islice
from typing import Any

from services.case.episodes.documents import EPISODES
from services.case.episodes.states import ENDED
from services.case.survivors.covers import read_covers, within_reach
from services.case.survivors.documents import SURVIVOR, SURVIVORS
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from shared.codelists.periods import london_day
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

MOST_COUNTED = 10_000
"""Survivors up to whom those without an advocate are counted; a page then says "at least"."""

_MOST_EPISODES = 200
_MOST_PARTS = 50
"""Parts of a list in which those are looked for who were not erased."""


class SurvivorViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._database = context.client[context.database_name]
        self._context = context

    def survivor(self, survivor_id: str) -> dict[str, Any]:
        """Give a survivor; ``DocumentMissingError`` or ``KeyDestroyedError`` if there is none."""
        document = self._database[SURVIVORS].find_one({"_id": survivor_id})
        if document is None:
            raise DocumentMissingError(SURVIVORS)
        sealer = Sealer.of_known(self._context, [survivor_id])
        return SURVIVOR.row(SURVIVOR.values(document, opened=sealer.opening(survivor_id)))

    def survivors(self, wanted: PageRequest, *, advocate_ids: Sequence[str]) -> Page:
        """Give a page of survivors on whom each of these advocates may act; those of an erased person are left out."""
        where = {"$and": [within_reach(one, self.today) for one in advocate_ids]} if advocate_ids else {}
        page = find_page(self._database[SURVIVORS], wanted, where=where, row=dict)
        keys = self._context.survivor_keys.find_many({d["_id"] for d in page.items})
        sealer = Sealer(tenant=str(self._context.tenant_id), keys=keys)
        rows = []
        for document in page.items:
            if document["_id"] in keys:
                values = SURVIVOR.values(document, opened=sealer.opening(document["_id"]))
                beside = {name: values[name] for name in ("advocate_ids", "updated_at")}
                rows.append({**SURVIVOR.row(values), **beside})
        return replace(page, items=rows)

    def unassigned(self, wanted: PageRequest) -> Page:
        """Give a page of the survivors on whom no advocate may act; those of an erased person are left out."""
        page = find_page(self._database[SURVIVORS], wanted, where={"advocate_ids": []}, row=dict)
        return replace(page, items=self._named(page.items))

    def count_unassigned(self) -> int:
        """Count them, up to the most that a page says."""
        return self._database[SURVIVORS].count_documents({"advocate_ids": []}, limit=MOST_COUNTED)

    def named(self, survivor_ids: Iterable[str]) -> list[dict[str, Any]]:
        """Give the host's own reference and the name of survivors; of nobody, and of an erased one, none."""
        found = self._database[SURVIVORS].find({"_id": {"$in": list(survivor_ids)}})
        return self._named(list(found))

    def not_erased(self, documents: Iterable[dict[str, Any]], most: int) -> list[dict[str, Any]]:
        """Give the first documents whose survivor was not erased: what is left of one who was hides nobody else's."""
        rest, found = iter(documents), list[dict[str, Any]]()
        for _ in range(_MOST_PARTS):
            part = list(islice(rest, most))
            keys = self._context.survivor_keys.find_many({one["survivor_id"] for one in part})
            found += [one for one in part if one["survivor_id"] in keys]
            if len(found) >= most or len(part) < most:
                break
        return found[:most]

    def _named(self, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        keys = self._context.survivor_keys.find_many({d["_id"] for d in documents})
        sealer = Sealer(tenant=str(self._context.tenant_id), keys=keys)
        rows = []
        for document in documents:
            if document["_id"] in keys:
                opened = SURVIVOR.values(document, opened=sealer.opening(document["_id"]))
                rows.append({name: opened[name] for name in ("id", "reference", "name", "version")})
        return rows

    def advocates_of(self, survivor_id: str) -> dict[str, Any]:
        """Give who may act on a survivor; ``DocumentMissingError`` if there is none."""
        document = self._database[SURVIVORS].find_one({"_id": survivor_id}, {"advocate_ids": 1, "version": 1})
        if document is None:
            raise DocumentMissingError(SURVIVORS)
        ids = document.get("advocate_ids")
        if ids is None:
            named = self._database[EPISODES].distinct("advocate_id", {"survivor_id": survivor_id})
            ids = sorted(one for one in named if one is not None)
        return {"id": survivor_id, "advocate_ids": ids, "version": document["version"]}

    def may_act(self, survivor_id: str, actor_id: str) -> bool:
        """Whether an advocate is one of a survivor's, as it stands now; False for nobody."""
        return self._acts(survivor_id, actor_id) is not None

    def standing(self, survivor_id: str, who: Principal) -> Standing | None:
        """Say how somebody of a role that acts on survivors stands to this one; None for an advocate who may not."""
        standing = self._acts(survivor_id, who.actor_id) if who.role == ADVOCATE else Standing.ROLE
        return standing.once_ended() if standing is not None and self._has_ended(survivor_id) else standing

    def _acts(self, survivor_id: str, actor_id: str) -> Standing | None:
        document = self._database[SURVIVORS].find_one({"_id": survivor_id}, {"advocate_ids": 1, "covers": 1})
        if document is None:
            return None
        if "advocate_ids" not in document:
            # From before it was stated: the advocates of the episodes.
            of_theirs = {"survivor_id": survivor_id, "advocate_id": actor_id}
            found = self._database[EPISODES].find_one(of_theirs, {"_id": 1})
            return Standing.ASSIGNED if found is not None else None
        if actor_id in document["advocate_ids"]:
            return Standing.ASSIGNED
        return Standing.COVERING if self._instead_of(document, actor_id) else None

    def _has_ended(self, survivor_id: str) -> bool:
        """Whether support was given once, and goes on nowhere."""
        found = self._database[EPISODES].find({"survivor_id": survivor_id}, {"status": 1}).limit(_MOST_EPISODES)
        states = {one["status"] for one in found}
        return bool(states) and states <= set(ENDED)

    def theirs(self, advocate_id: str) -> list[str]:
        """Give the survivors on whom an advocate may act, by what was stated."""
        where = within_reach(advocate_id, self.today)
        return [d["_id"] for d in self._database[SURVIVORS].find(where, {"_id": 1})]

    def acts_as(self, survivor_id: str, actor_id: str) -> frozenset[str]:
        """Give the advocates whose part somebody has with a survivor today: their own, and of whom they cover."""
        document = self._database[SURVIVORS].find_one({"_id": survivor_id}, {"covers": 1}) or {}
        return self._instead_of(document, actor_id) | {actor_id}

    def covers_of(self, survivor_id: str) -> list[dict[str, Any]]:
        """Give who covers for whom on a survivor today and later, the first day first."""
        document = self._database[SURVIVORS].find_one({"_id": survivor_id}, {"covers": 1}) or {}
        today = self.today
        covers = sorted(read_covers(document.get("covers", ())), key=lambda one: one.first_on)
        return [asdict(one) for one in covers if one.last_on >= today]

    def who_acts(self, survivor_ids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Give, for each survivor, the advocates and the covers by which it is stated that somebody acts on them."""
        found = self._database[SURVIVORS].find(
            {"_id": {"$in": list(survivor_ids)}}, {"advocate_ids": 1, "covers.cover_id": 1}
        )
        return {
            one["_id"]: frozenset((*(one.get("advocate_ids") or ()), *(c["cover_id"] for c in one.get("covers", ()))))
            for one in found
        }

    def covered_for(self, actor_id: str) -> dict[str, frozenset[str]]:
        """Give, for each survivor whom somebody covers today, instead of whom."""
        where = within_reach(actor_id, self.today)["$or"][1]
        found = self._database[SURVIVORS].find(where, {"covers": 1})
        return {document["_id"]: self._instead_of(document, actor_id) for document in found}

    @property
    def today(self) -> date:
        """The day of the business clock in London."""
        return london_day(self._context.clock.now())

    def _instead_of(self, document: Mapping[str, Any], actor_id: str) -> frozenset[str]:
        today = self.today
        covers = read_covers(document.get("covers", ()))
        return frozenset(one.instead_of for one in covers if one.by == actor_id and one.holds(today))

    def no_longer_theirs(self, advocate_id: str) -> list[str]:
        """Give the survivors of an advocate's episodes on whom they may act no more."""
        own = self._database[EPISODES].distinct("survivor_id", {"advocate_id": advocate_id})
        taken = {"_id": {"$in": own}, "advocate_ids": {"$exists": True, "$ne": advocate_id}}
        return [document["_id"] for document in self._database[SURVIVORS].find(taken, {"_id": 1})]
