"""What case shows of restrictions; for the sake of a life, what keeps somebody safe and nothing else."""

from datetime import datetime
from typing import Any, Protocol

from services.case.episodes.documents import EPISODES
from services.case.needs.documents import RISK_KIND
from services.case.needs.rules import NO_NEED, histories
from services.case.outcomes.views import KeptViews
from services.case.restrictions.documents import OPENING, OPENINGS, RESTRICTION, RESTRICTIONS
from services.case.restrictions.rules import HOLDS, Opening
from services.case.rights.views import person_of
from services.case.survivors.views import SurvivorViews
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

MOST_COUNTED = 1_000
_MOST_EPISODES = 200


class ForALife(Protocol):
    """Something that lets one person see for a while what keeps another safe: an opening, or an emergency access."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def survivor_id(self) -> str:
        """Who is kept safe."""

    @property
    def until(self) -> datetime:
        """When it closes."""

    def check_open(self, now: datetime) -> None:
        """Raise a ``RuleViolationError`` once it has closed."""


class RestrictionViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext, survivors: SurvivorViews) -> None:
        """Take case's context, and what shows whose a restriction is."""
        self._context = context
        self._database = context.client[context.database_name]
        self._survivors = survivors

    def restrictions(self, wanted: PageRequest, *, state: str | None) -> Page:
        """Give a page of restrictions, the longest untouched first."""
        where = {} if state is None else {"state": state}
        return find_page(self._database[RESTRICTIONS], wanted, where=where, row=_restriction)

    def restriction(self, restriction_id: str) -> dict[str, Any]:
        """Give one with whose it is; of somebody who was erased, its codes alone.

        Raises:
            DocumentMissingError: There is none.
        """
        row = _restriction(self._found(RESTRICTIONS, restriction_id))
        return {**row, "person": person_of(self._survivors, row["survivor_id"])}

    def survivor_of(self, restriction_id: str) -> str:
        """Give whose one is; ``DocumentMissingError`` if there is none."""
        return str(self._found(RESTRICTIONS, restriction_id)["survivor_id"])

    def holding_of(self, rights_case_id: str) -> str | None:
        """Give the restriction that follows from a request, or None."""
        found = self._database[RESTRICTIONS].find_one({"rights_case_id": rights_case_id, "state": HOLDS}, {"_id": 1})
        return None if found is None else str(found["_id"])

    def openings(self, wanted: PageRequest, *, unseen: bool) -> Page:
        """Give a page of what was opened, the longest untouched first."""
        where = {"seen_at": None} if unseen else {}
        return find_page(self._database[OPENINGS], wanted, where=where, row=_opening)

    def opening(self, opening_id: str) -> Opening:
        """Give one; ``DocumentMissingError`` if there is none."""
        return Opening(**OPENING.values(self._found(OPENINGS, opening_id)))

    def count_unseen(self) -> int:
        """Count those that no officer has seen, up to ``MOST_COUNTED``."""
        return self._database[OPENINGS].count_documents({"seen_at": None}, limit=MOST_COUNTED)

    def vital(self, opening: ForALife) -> dict[str, Any]:
        """Give how to reach somebody safely, and each risk as it stands.

        Raises:
            OpeningOverError, EmergencyOverError: Its hour is over.
            DocumentMissingError, KeyDestroyedError: They are not here any more.
        """
        opening.check_open(self._context.clock.now())
        row = self._survivors.survivor(opening.survivor_id)
        of_theirs = {"survivor_id": opening.survivor_id}
        episodes = [one["_id"] for one in self._database[EPISODES].find(of_theirs, {"_id": 1}).limit(_MOST_EPISODES)]
        risks: KeptViews[Any] = KeptViews(self._context, RISK_KIND)
        kept = [one.now for one in histories(risks.of_person(opening.survivor_id, episodes))]
        return {
            "id": opening.id,
            "until": opening.until,
            **{name: row[name] for name in ("reference", "name", "safe_contact")},
            "risks": [{"about": one.about, "level": one.level} for one in kept if one.level != NO_NEED],
        }

    def _found(self, collection: str, key: str) -> dict[str, Any]:
        found = self._database[collection].find_one({"_id": key})
        if found is None:
            raise DocumentMissingError(collection)
        return found


def _restriction(document: dict[str, Any]) -> dict[str, Any]:
    return RESTRICTION.row(RESTRICTION.values(document))


def _opening(document: dict[str, Any]) -> dict[str, Any]:
    return OPENING.row(OPENING.values(document))
