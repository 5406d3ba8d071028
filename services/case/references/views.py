"""Whom a reference is about: exact, by the imports' own index; nothing of a reference is kept or shown."""

from typing import Any

from services.case.references.index import ReferenceIndex
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.views import SurvivorViews
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext


class ReferenceViews:
    """Searches by reference."""

    def __init__(self, context: ServiceContext, index: ReferenceIndex, survivors: SurvivorViews) -> None:
        """Take case's context, the index, and what tells who may act on whom."""
        self._context = context
        self._index = index
        self._survivors = survivors

    def search(self, reference: str, *, source: str | None, who: Principal) -> list[dict[str, Any]]:
        """Give whom a reference is about; who was erased, and on whom an advocate may not act, is not there.

        Args:
            reference: As its system has it.
            source: That system; None for every one.
            who: Asks.
        """
        sources = sorted(self._index.sources()) if source is None else [source]
        keys = {self._index.key(one, reference): one for one in sources}
        found = self._index.known(list(keys))
        kept = self._context.survivor_keys.find_many({row["survivor_id"] for row in found})
        return [
            {"source": keys[row["_id"]], "survivor_id": row["survivor_id"], "episode_id": row["episode_id"]}
            for row in found
            if row["survivor_id"] in kept and self._may_see(row["survivor_id"], who)
        ]

    def _may_see(self, survivor_id: str, who: Principal) -> bool:
        return who.role != ADVOCATE or self._survivors.may_act(survivor_id, who.actor_id)
