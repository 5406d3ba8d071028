"""A caseload at one look: whom somebody supports, when they were last in contact, and where support stands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.case.episodes.documents import EPISODES
from services.case.episodes.states import ENDED
from services.case.steps.views import Dates, StepViews
from services.case.survivors.covers import within_reach
from services.case.survivors.documents import SURVIVOR, SURVIVORS
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

PEOPLE = 100
"""People of one page: more than an advocate has, so that one page is sorted by what is next."""
NEXT = 3
"""Days that are shown of each."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person of a caseload.

    Attributes:
        last_contact_on: None where no day is known.
        is_open: Whether support goes on; False also where none has begun.
        begun: Whether support ever began.
        dates: What is past its day, and what comes next.
    """

    id: str
    name: str | None
    reference: str | None
    last_contact_on: date | None
    is_open: bool
    begun: bool
    dates: Dates

    @property
    def urgency(self) -> tuple[bool, date, str]:
        """What sorts a caseload: who has something past its day, then whose next day is nearest, then the name."""
        nearest = self.dates.next[0] if self.dates.next else date.max
        return not self.dates.overdue, nearest, (self.name or self.reference or "").casefold()


class CaseloadViews:
    """Reads from case's own database; four queries a page, whatever it holds."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._database = context.client[context.database_name]
        self._context = context
        self._steps = StepViews(context, SurvivorViews(context))

    def people(self, who: Principal, wanted: PageRequest) -> tuple[list[Person], str | None]:
        """Give a page of the people on whom somebody may act, and the cursor of the next; an erased one is left out."""
        page = find_page(self._database[SURVIVORS], wanted, where=self._whose(who), row=dict)
        return self._people(page), page.next

    def _people(self, page: Page) -> list[Person]:
        keys = self._context.survivor_keys.find_many({d["_id"] for d in page.items})
        sealer = Sealer(tenant=str(self._context.tenant_id), keys=keys)
        states, dates = self._states(list(keys)), self._steps.dates_of(list(keys), NEXT)
        people = []
        for document in page.items:
            if document["_id"] in keys:
                values = SURVIVOR.values(document, opened=sealer.opening(document["_id"]))
                known = states.get(document["_id"], ())
                people.append(
                    Person(
                        id=values["id"],
                        name=values["name"],
                        reference=values["reference"],
                        last_contact_on=values["last_contact_on"],
                        is_open=any(state not in ENDED for state in known),
                        begun=bool(known),
                        dates=dates.get(document["_id"], Dates(overdue=0, next=())),
                    )
                )
        return people

    def _states(self, survivor_ids: Sequence[str]) -> Mapping[str, list[str]]:
        states: dict[str, list[str]] = defaultdict(list)
        wanted = {"survivor_id": {"$in": list(survivor_ids)}}
        for episode in self._database[EPISODES].find(wanted, {"survivor_id": 1, "status": 1}):
            states[episode["survivor_id"]].append(episode["status"])
        return states

    def _whose(self, who: Principal) -> dict[str, Any]:
        """Give the filter of the survivors on whom somebody may act: an advocate on their own, a supervisor on all."""
        return within_reach(who.actor_id, self._steps.today) if who.role == ADVOCATE else {}
