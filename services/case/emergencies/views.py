"""What case shows of emergency access: what keeps somebody safe, within the hour; and what waits for a review."""

from collections.abc import Mapping
from typing import Any

from services.case.emergencies.documents import (
    EMERGENCIES,
    EMERGENCY,
    MOST_NAMED,
    NEVER,
    NEVERS,
    emergency_from,
)
from services.case.emergencies.rules import HOLDS, OPEN, Emergency
from services.case.restrictions.views import RestrictionViews
from services.case.rights.views import person_of, sealer_of
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.views import SurvivorViews
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

Rows = list[dict[str, Any]]
MOST_COUNTED = 1_000
_WORDS = ("words", "said")


class EmergencyViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext, survivors: SurvivorViews) -> None:
        """Take case's context, and what tells who may act on whom."""
        self._context = context
        self._emergencies = context.client[context.database_name][EMERGENCIES]
        self._nevers = context.client[context.database_name][NEVERS]
        self._survivors = survivors
        self._restrictions = RestrictionViews(context, survivors)

    def emergencies(self, wanted: PageRequest, who: Principal, *, state: str | None, overdue: bool) -> Page:
        """Give a page of what was opened, the longest untouched first; an advocate what concerns their people."""
        where: dict[str, Any] = self._overdue if overdue else {} if state is None else {"state": state}
        if who.role == ADVOCATE:
            where = {**where, "survivor_id": {"$in": self._survivors.theirs(who.actor_id)}}
        else:
            where = {**where, "survivor_id": {"$nin": self._of_whom_named(who)}}
        return find_page(self._emergencies, wanted, where=where, row=self._row)

    def emergency(self, emergency_id: str, who: Principal) -> dict[str, Any]:
        """Give a whole one with whose record it was; of somebody who was erased, its codes alone.

        Raises:
            DocumentMissingError: There is none, or whoever asks is named of that person: a no by name wins here too.
        """
        document = self._found(emergency_id)
        survivor_id = document["survivor_id"]
        if survivor_id in self._of_whom_named(who):
            raise DocumentMissingError(EMERGENCIES)
        one = emergency_from(document, sealer_of(self._context, survivor_id))
        row = self._shown(one)
        return {**row, "words": one.words, "said": one.said, "person": person_of(self._survivors, survivor_id)}

    def closed(self, emergency_id: str) -> Emergency:
        """Give one without words; ``DocumentMissingError`` if there is none."""
        return emergency_from(self._found(emergency_id))

    def record(self, emergency: Emergency) -> dict[str, Any]:
        """Give how to reach somebody safely, each risk as it stands, and who their advocates are.

        Raises:
            EmergencyOverError: Its hour is over.
            DocumentMissingError, KeyDestroyedError: They are not here any more.
        """
        vital = self._restrictions.vital(emergency)
        return {**vital, "why": emergency.why, "advocate_ids": self._advocates(emergency.survivor_id)}

    def nevers(self, survivor_id: str, who: Principal) -> Rows:
        """Give who is named of a person; whoever is named themselves does not see that they are.

        Raises:
            DocumentMissingError: There is no such person.
        """
        self._survivors.advocates_of(survivor_id)
        where = {"survivor_id": survivor_id, "state": HOLDS, "staff_id": {"$ne": who.actor_id}}
        found = self._nevers.find(where).sort("named_at", -1).limit(MOST_NAMED)
        return [NEVER.row(NEVER.values(document)) for document in found]

    def whose_never(self, never_id: str) -> str:
        """Give of whom somebody is named; ``DocumentMissingError`` if there is none."""
        found = self._nevers.find_one({"_id": never_id}, {"survivor_id": 1})
        if found is None:
            raise DocumentMissingError(NEVERS)
        return str(found["survivor_id"])

    def counts(self) -> tuple[int, int]:
        """Count those that nobody looked at, and those that wait too long, each up to ``MOST_COUNTED``."""
        return (
            self._emergencies.count_documents({"state": OPEN}, limit=MOST_COUNTED),
            self._emergencies.count_documents(self._overdue, limit=MOST_COUNTED),
        )

    @property
    def _overdue(self) -> dict[str, Any]:
        return {"state": OPEN, "review_by": {"$lt": self._survivors.today.isoformat()}}

    def _of_whom_named(self, who: Principal) -> list[str]:
        return list(self._nevers.distinct("survivor_id", {"staff_id": who.actor_id, "state": HOLDS}))

    def _advocates(self, survivor_id: str) -> list[str]:
        return list(self._survivors.advocates_of(survivor_id)["advocate_ids"])

    def _found(self, emergency_id: str) -> dict[str, Any]:
        found = self._emergencies.find_one({"_id": emergency_id})
        if found is None:
            raise DocumentMissingError(EMERGENCIES)
        return found

    def _row(self, document: Mapping[str, Any]) -> dict[str, Any]:
        # A list opens nobody's words.
        return self._shown(emergency_from(document))

    def _shown(self, one: Emergency) -> dict[str, Any]:
        shown = {field.name: getattr(one, field.name) for field in EMERGENCY.fields if field.shown}
        closed = {name: value for name, value in shown.items() if name not in _WORDS}
        return {"id": one.id, **closed, "overdue": one.is_overdue(self._survivors.today), "version": one.version}
