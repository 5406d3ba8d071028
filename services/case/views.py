"""What case shows; sealed fields are opened for the caller who may see them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.case.store import EPISODES, IMPORTS, SURVIVORS, TASKS, Sealer, episode_from
from services.context import ServiceContext
from shared.outbox.unit_of_work import DocumentMissingError

_MAX_LIMIT = 200


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

    def advocate_of(self, survivor_id: str) -> set[str]:
        """Give the advocates of a survivor's episodes."""
        return {
            d["advocate_id"] for d in self._database[EPISODES].find({"survivor_id": survivor_id}) if d["advocate_id"]
        }

    def episode(self, episode_id: str) -> dict[str, Any]:
        """Give an episode; ``DocumentMissingError`` if there is none."""
        document = self._database[EPISODES].find_one({"_id": episode_id})
        if document is None:
            raise DocumentMissingError(EPISODES)
        return self._row(document, self._sealer([document["survivor_id"]]))

    def episodes(
        self, *, advocate_id: str | None, updated_since: datetime | None, after: tuple[datetime, str] | None, limit: int
    ) -> list[dict[str, Any]]:
        """Give episodes by (updated_at, id), after a cursor."""
        query: dict[str, Any] = {}
        if advocate_id is not None:
            query["advocate_id"] = advocate_id
        if updated_since is not None:
            query["updated_at"] = {"$gte": updated_since}
        if after is not None:
            at, last = after
            query["$or"] = [{"updated_at": {"$gt": at}}, {"updated_at": at, "_id": {"$gt": last}}]
        order = [("updated_at", 1), ("_id", 1)]
        found = list(self._database[EPISODES].find(query).sort(order).limit(min(limit, _MAX_LIMIT)))
        keys = self._context.survivor_keys.find_many({d["survivor_id"] for d in found})
        sealer = Sealer(tenant=str(self._context.tenant_id), keys=keys)
        return [self._row(d, sealer) for d in found if d["survivor_id"] in keys]

    def an_import(self, import_id: str) -> dict[str, Any]:
        """Give an import's report: counts, problems by row and column, dropped columns; no cell."""
        document = self._database[IMPORTS].find_one({"_id": import_id})
        if document is None:
            raise DocumentMissingError(IMPORTS)
        names = ("state", "why", "profile", "counts", "done", "problems", "held_rows", "dropped_columns")
        return {"id": import_id, **{name: document.get(name) for name in names}}

    def tasks(self) -> list[dict[str, Any]]:
        """Give the open safeguarding tasks, oldest first."""
        names = ("kind", "urgent", "nation", "import_id", "row", "opened_at")
        found = self._database[TASKS].find({"state": "OPEN"}).sort("opened_at", 1)
        return [{"id": d["_id"], **{name: d[name] for name in names}} for d in found]

    def _sealer(self, survivor_ids: list[str]) -> Sealer:
        keys = self._context.survivor_keys.get_many(survivor_ids)
        return Sealer(tenant=str(self._context.tenant_id), keys=keys)

    @staticmethod
    def _row(document: Mapping[str, Any], sealer: Sealer) -> dict[str, Any]:
        episode = episode_from(document, sealer)
        names = (
            "id", "survivor_id", "status", "referral_date", "age_band", "gender", "nationality", "exploitation_types",
            "nation", "advocacy_area", "advocate_id", "transfer_in", "excluded", "version",
        )  # fmt: skip
        return {**{name: getattr(episode, name) for name in names}, "updated_at": document["updated_at"]}
