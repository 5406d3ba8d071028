"""What case shows of rights cases; every row says whether it is overdue today."""

from collections.abc import Mapping
from typing import Any

from services.case.rights.documents import (
    RIGHTS_CASE,
    RIGHTS_CASES,
    RIGHTS_STEP,
    RIGHTS_STEPS,
    opening,
    overdue,
    rights_case_from,
)
from services.case.rights.rules import OPEN
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.codelists.periods import london_day
from shared.keys.survivor_keys import KeyDestroyedError
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

MOST_OVERDUE, MOST_COUNTED, MOST_STEPS = 50, 1_000, 200
_WORDS = ("words", "answer")
_TAKEN = ("id", "kind", "received_on", "state", "due_on", "overdue", "acknowledged_at", "outcome", "version")


class RightsViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext, survivors: SurvivorViews) -> None:
        """Take case's context, and what shows whose a case is."""
        self._context = context
        self._cases = context.client[context.database_name][RIGHTS_CASES]
        self._steps = context.client[context.database_name][RIGHTS_STEPS]
        self._survivors = survivors

    def cases(self, wanted: PageRequest, *, state: str | None, only_overdue: bool) -> Page:
        """Give a page of cases, the longest untouched first."""
        where: dict[str, Any] = overdue(self._today) if only_overdue else {}
        return find_page(
            self._cases, wanted, where={**where, **({"state": state} if state is not None else {})}, row=self._row
        )

    def overdue(self) -> list[dict[str, Any]]:
        """Give those that are overdue, the longest first, up to ``MOST_OVERDUE``."""
        found = self._cases.find(overdue(self._today)).sort([("due_on", 1), ("_id", 1)]).limit(MOST_OVERDUE)
        return [self._row(document) for document in found]

    def counts(self) -> tuple[int, int]:
        """Count those that are open, and those that are overdue, each up to ``MOST_COUNTED``."""
        return (
            self._cases.count_documents({"state": OPEN}, limit=MOST_COUNTED),
            self._cases.count_documents(overdue(self._today), limit=MOST_COUNTED),
        )

    def taken_by(self, actor_id: str, wanted: PageRequest) -> Page:
        """Give a page of those that somebody took down: how each goes, and nothing of what was said."""

        def row(document: dict[str, Any]) -> dict[str, Any]:
            shown = self._row(document)
            return {name: shown[name] for name in _TAKEN}

        return find_page(self._cases, wanted, where={"taken_by": actor_id}, row=row)

    def survivor_of(self, case_id: str) -> str:
        """Give whose a case is; ``DocumentMissingError`` if there is none."""
        found = self._cases.find_one({"_id": case_id}, {"survivor_id": 1})
        if found is None:
            raise DocumentMissingError(RIGHTS_CASES)
        survivor_id: str = found["survivor_id"]
        return survivor_id

    def case(self, case_id: str) -> dict[str, Any]:
        """Give a whole case; of somebody erased, its codes and days alone.

        Raises:
            DocumentMissingError: There is none.
        """
        document = self._cases.find_one({"_id": case_id})
        if document is None:
            raise DocumentMissingError(RIGHTS_CASES)
        survivor_id = document["survivor_id"]
        opened = opening(survivor_id, sealer_of(self._context, survivor_id))
        values = RIGHTS_CASE.values(document, opened=opened)
        steps = self._steps.find({"rights_case_id": case_id}).sort([("at", 1), ("_id", 1)]).limit(MOST_STEPS)
        return {
            **self._row(document),
            **{name: values[name] for name in _WORDS},
            "person": person_of(self._survivors, survivor_id),
            "steps": [_step(RIGHTS_STEP.row(RIGHTS_STEP.values(step, opened=opened))) for step in steps],
        }

    def _row(self, document: Mapping[str, Any]) -> dict[str, Any]:
        # A list opens nobody's words.
        closed = rights_case_from(document, Sealer(tenant=str(self._context.tenant_id), keys={}))
        shown = {one.name: getattr(closed, one.name) for one in RIGHTS_CASE.fields if one.shown and not one.sealed}
        return {"id": closed.id, **shown, "overdue": closed.is_overdue(self._today), "version": closed.version}

    @property
    def _today(self) -> Any:
        return london_day(self._context.clock.now())


def sealer_of(context: ServiceContext, survivor_id: str) -> Sealer:
    """Give what seals and opens words about somebody; without their key where they were erased."""
    return Sealer(tenant=str(context.tenant_id), keys=context.survivor_keys.find_many([survivor_id]))


def person_of(survivors: SurvivorViews, survivor_id: str) -> dict[str, Any] | None:
    """Give who somebody is and how to reach them safely; None of somebody who was erased."""
    try:
        row = survivors.survivor(survivor_id)
    except (DocumentMissingError, KeyDestroyedError):
        return None
    return {name: row[name] for name in ("reference", "name", "safe_contact")}


def _step(row: dict[str, Any]) -> dict[str, Any]:
    """Give a step as the API shows it; nobody changes one, so it has no version there."""
    del row["version"]
    return row
