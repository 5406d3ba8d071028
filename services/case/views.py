"""What case shows; sealed fields are opened for the caller who may see them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pymongo.collection import Collection

from services.case.entries import entry_row
from services.case.store import DONE, ENTRIES, EPISODES, FAILED, IMPORTS, SURVIVORS, TASKS, Sealer, episode_from
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.paging import Page, PageRequest, find_page


def sources_of(imports: Collection[dict[str, Any]]) -> set[str]:
    """Give the systems whose files were imported; the earliest imports named none, and their profile stands for it."""
    query = {"state": {"$in": [DONE, FAILED]}}
    return {d.get("source") or d["profile"] for d in imports.find(query, {"source": 1, "profile": 1}) if d["profile"]}


class CaseViews:
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
        opened = self._sealer([survivor_id]).open(survivor_id, document["sealed"])
        return {"id": survivor_id, "version": document["version"], **opened}

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
        document = self._database[SURVIVORS].find_one({"_id": survivor_id}, {"advocate_ids": 1})
        if document is None:
            return False
        if "advocate_ids" in document:
            return actor_id in document["advocate_ids"]
        # From before it was stated: the advocates of the episodes.
        of_theirs = {"survivor_id": survivor_id, "advocate_id": actor_id}
        return self._database[EPISODES].find_one(of_theirs, {"_id": 1}) is not None

    def episode(self, episode_id: str) -> dict[str, Any]:
        """Give an episode; ``DocumentMissingError`` if there is none."""
        document = self._database[EPISODES].find_one({"_id": episode_id})
        if document is None:
            raise DocumentMissingError(EPISODES)
        return self._row(document, self._sealer([document["survivor_id"]]))

    def episodes(self, wanted: PageRequest, *, advocate_id: str | None) -> Page:
        """Give a page of episodes; those of an erased person are left out.

        Args:
            advocate_id: Whose; episodes of somebody on whom they may act no more are left out. None for all.
        """
        where: dict[str, Any] = {}
        if advocate_id is not None:
            where = {"advocate_id": advocate_id, "survivor_id": {"$nin": self._no_longer_theirs(advocate_id)}}
        page = find_page(self._database[EPISODES], wanted, where=where, row=dict)
        keys = self._context.survivor_keys.find_many({d["survivor_id"] for d in page.items})
        sealer = Sealer(tenant=str(self._context.tenant_id), keys=keys)
        return replace(page, items=[self._row(d, sealer) for d in page.items if d["survivor_id"] in keys])

    def entries(self, episode_id: str, kind: str, wanted: PageRequest) -> Page:
        """Give a page of an episode's goals, contacts or outcomes."""
        return find_page(self._database[ENTRIES], wanted, where={"episode_id": episode_id, "kind": kind}, row=entry_row)

    def an_import(self, import_id: str) -> dict[str, Any]:
        """Give an import's report: counts, problems by row and column, dropped columns; no cell."""
        document = self._database[IMPORTS].find_one({"_id": import_id})
        if document is None:
            raise DocumentMissingError(IMPORTS)
        names = (
            "state",
            "why",
            "profile",
            "counts",
            "done",
            "problems",
            "problems_omitted",
            "held_rows",
            "dropped_columns",
            "unread_columns",
            "ignored_rows",
            "header_row",
            "encoding",
            "source",
            "source_is_new",
        )
        # Imports of before 2026-11-27 have counted no ended consents.
        ended = document.get("consents_ended", 0)
        return {"id": import_id, "consents_ended": ended, **{name: document.get(name) for name in names}}

    def sources(self) -> set[str]:
        """Give the systems whose files were imported here."""
        return sources_of(self._database[IMPORTS])

    def tasks(self, wanted: PageRequest) -> Page:
        """Give a page of the open safeguarding tasks, oldest first."""
        names = ("kind", "urgent", "nation", "import_id", "row", "opened_at")
        return find_page(
            self._database[TASKS],
            wanted,
            where={"state": "OPEN"},
            row=lambda d: {"id": d["_id"], **{name: d[name] for name in names}},
        )

    def _no_longer_theirs(self, advocate_id: str) -> list[str]:
        own = self._database[EPISODES].distinct("survivor_id", {"advocate_id": advocate_id})
        taken = {"_id": {"$in": own}, "advocate_ids": {"$exists": True, "$ne": advocate_id}}
        return [document["_id"] for document in self._database[SURVIVORS].find(taken, {"_id": 1})]

    def _sealer(self, survivor_ids: list[str]) -> Sealer:
        keys = self._context.survivor_keys.get_many(survivor_ids)
        return Sealer(tenant=str(self._context.tenant_id), keys=keys)

    @staticmethod
    def _row(document: Mapping[str, Any], sealer: Sealer) -> dict[str, Any]:
        episode = episode_from(document, sealer)
        names = (
            "id", "survivor_id", "status", "referral_date", "age_band", "gender", "nationality", "exploitation_types",
            "nation", "advocacy_area", "advocate_id", "transfer_in", "excluded", "recorded_in_error", "closure_reason",
            "closed_at", "version",
        )  # fmt: skip
        shown = {name: getattr(episode, name) for name in names}
        # Whoever reads one answer reads "is not counted", whether a caseworker or an import says so.
        by = {"excluded": episode.excluded_by is not None, "excluded_by": episode.excluded_by}
        return {**shown, **by, "left_out": list(episode.left_out), "updated_at": document["updated_at"]}
