"""What case shows of survivors; sealed fields are opened for the caller who may see them."""

from typing import Any

from services.case.episodes.documents import EPISODES
from services.case.survivors.documents import SURVIVOR, SURVIVORS
from services.case.survivors.sealing import Sealer
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext


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

    def no_longer_theirs(self, advocate_id: str) -> list[str]:
        """Give the survivors of an advocate's episodes on whom they may act no more."""
        own = self._database[EPISODES].distinct("survivor_id", {"advocate_id": advocate_id})
        taken = {"_id": {"$in": own}, "advocate_ids": {"$exists": True, "$ne": advocate_id}}
        return [document["_id"] for document in self._database[SURVIVORS].find(taken, {"_id": 1})]
