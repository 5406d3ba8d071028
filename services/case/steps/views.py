"""What case shows of steps; the words are opened for the caller who may see them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.case.steps.documents import STEP, STEPS, step_from
from services.case.steps.rules import MOST_OPEN, OPEN
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.codelists.periods import london_day
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page


@dataclass(frozen=True, kw_only=True)
class Dates:
    """What is open for one person, by its days.

    Attributes:
        overdue: How many are past their day.
        next: The following days, the nearest first.
    """

    overdue: int
    next: tuple[date, ...]


class StepViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext, survivors: SurvivorViews) -> None:
        """Take case's context, and what tells who may act on whom."""
        self._steps = context.client[context.database_name][STEPS]
        self._context = context
        self._survivors = survivors

    @property
    def today(self) -> date:
        """The day of the business clock in London."""
        return london_day(self._context.clock.now())

    def step(self, step_id: str) -> dict[str, Any]:
        """Give what is needed to judge whose a step is; ``DocumentMissingError`` if there is none."""
        document = self._steps.find_one({"_id": step_id}, {"survivor_id": 1})
        if document is None:
            raise DocumentMissingError(STEPS)
        return dict(document)

    def steps(self, wanted: PageRequest, who: Principal, *, state: str | None, overdue: bool) -> Page:
        """Give a page of the steps of everybody on whom somebody may act."""
        clauses = [self._whose(who), self._only(state, overdue=overdue)]
        return self._page(wanted, {"$and": [one for one in clauses if one]} if any(clauses) else {})

    def of_survivor(self, survivor_id: str, wanted: PageRequest, *, state: str | None, overdue: bool) -> Page:
        """Give a page of one survivor's steps."""
        return self._page(wanted, {"survivor_id": survivor_id, **self._only(state, overdue=overdue)})

    def open_of(self, survivor_id: str) -> list[dict[str, Any]]:
        """Give everything that is open for one survivor, the nearest day first and what has none last."""
        found = self._steps.find({"survivor_id": survivor_id, "state": OPEN}).limit(MOST_OPEN)
        return sorted(self._rows(found), key=_by_day)

    def soonest(self, who: Principal, most: int) -> list[dict[str, Any]]:
        """Give what is due first among everybody on whom somebody may act; what has no day is not among it."""
        where = {"$and": [{"state": OPEN, "due_on": {"$gt": ""}}, self._whose(who)]}
        return self._rows(self._survivors.not_erased(self._steps.find(where).sort([("due_on", 1)]), most))

    def dates_of(self, survivor_ids: Collection[str], most: int) -> Mapping[str, Dates]:
        """Give, for each survivor, how many steps are overdue and the next days; no word is opened for it."""
        where = {"survivor_id": {"$in": list(survivor_ids)}, "state": OPEN, "due_on": {"$gt": ""}}
        days: dict[str, list[date]] = defaultdict(list)
        for one in self._steps.find(where, {"survivor_id": 1, "due_on": 1}):
            days[one["survivor_id"]].append(date.fromisoformat(one["due_on"]))
        today = self.today
        return {
            key: Dates(
                overdue=sum(day < today for day in theirs),
                next=tuple(sorted(day for day in theirs if day >= today)[:most]),
            )
            for key, theirs in days.items()
        }

    def _whose(self, who: Principal) -> dict[str, Any]:
        return {"survivor_id": {"$in": self._survivors.theirs(who.actor_id)}} if who.role == ADVOCATE else {}

    def _only(self, state: str | None, *, overdue: bool) -> dict[str, Any]:
        if overdue:
            return {"state": OPEN, "due_on": {"$gt": "", "$lt": self.today.isoformat()}}
        return {} if state is None else {"state": state}

    def _page(self, wanted: PageRequest, where: Mapping[str, Any]) -> Page:
        page = find_page(self._steps, wanted, where=where, row=dict)
        return replace(page, items=self._rows(page.items))

    def _rows(self, documents: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Open them; those of an erased person are left out."""
        documents, today = list(documents), self.today
        keys = self._context.survivor_keys.find_many({one["survivor_id"] for one in documents})
        sealer = Sealer(tenant=str(self._context.tenant_id), keys=keys)
        rows = []
        for document in documents:
            if document["survivor_id"] in keys:
                values = STEP.values(document, opened=sealer.opening(document["survivor_id"]))
                rows.append({**STEP.row(values), "overdue": step_from(document, sealer).is_overdue(today)})
        return rows


def _by_day(row: Mapping[str, Any]) -> tuple[bool, date]:
    return row["due_on"] is None, row["due_on"] or date.max
