"""What case shows of visits: lists without a word of where, and one visit's words for those who may see them.

What stands is worked out from the clock at each reading; no job has to have noted anything.
Shown by tests/integration/case/test_visits.py.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from services.case.visits.documents import VISIT, VISITS, escalated_at, standing_at, visit_from
from services.case.visits.rules import ALSO_LEAD, OPEN, SAFEGUARDING_LEAD, SUPERVISOR, Visit
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

MOST_COUNTED = 1_000


class VisitViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._visits = context.client[context.database_name][VISITS]
        self._context = context
        self._now = context.clock.now

    def visit(self, visit_id: str) -> Visit:
        """Give a visit, its words unopened.

        Raises:
            DocumentMissingError: There is none.
        """
        return visit_from(self._document(visit_id))

    def may_read(self, visit: Visit, who: Principal) -> bool:
        """Whether somebody may read where it goes: whoever goes, and a supervisor while an alarm stands."""
        if visit.goes_id == who.actor_id:
            return True
        return who.role == SUPERVISOR and visit.stands_since(self._now()) is not None

    def may_answer(self, visit: Visit, who: Principal) -> bool:
        """Whether somebody may look after its alarm, or learn that none stands."""
        now = self._now()
        return visit.stands_since(now) is None or visit.may_watch(who.role, now)

    def whole(self, visit_id: str) -> dict[str, Any]:
        """Give a visit with its words; of an erased person, and after their time, without.

        Raises:
            DocumentMissingError: There is none.
        """
        document = self._document(visit_id)
        survivor_id = document["survivor_id"]
        keys = self._context.survivor_keys.find_many({survivor_id})
        sealer = Sealer(tenant=str(self._context.tenant_id), keys=keys)
        visit = visit_from(document, opened=sealer.opening(survivor_id) if survivor_id in keys else None)
        return {**self._row(visit, self._now()), "place": visit.place, "what_if": visit.what_if}

    def visits(self, wanted: PageRequest, who: Principal, *, state: str | None) -> Page:
        """Give a page of an advocate's own visits, or for a supervisor of everybody's; without words."""
        now, where = self._now(), {} if state is None else {"state": state}
        if who.role == ADVOCATE:
            where["goes_id"] = who.actor_id
        return find_page(self._visits, wanted, where=where, row=lambda found: self._row(visit_from(found), now))

    def own(self, who: Principal, most: int) -> list[dict[str, Any]]:
        """Give somebody's own open visits, the next word first."""
        now, where = self._now(), {"goes_id": who.actor_id, "state": OPEN}
        return [self._row(visit_from(one), now) for one in self._visits.find(where).sort("due_at", 1).limit(most)]

    def is_out(self, actor_id: str) -> bool:
        """Whether somebody has an open visit."""
        return self._visits.find_one({"goes_id": actor_id, "state": OPEN}, {"_id": 1}) is not None

    def out(self, most: int) -> list[dict[str, Any]]:
        """Give every open visit, the next word first."""
        now = self._now()
        found = self._visits.find({"state": OPEN}).sort("due_at", 1).limit(most)
        return [self._row(visit_from(one), now) for one in found]

    def alarms(self, wanted: PageRequest, who: Principal) -> Page:
        """Give a page of the alarms that have come to somebody's role; whom it was about only to a supervisor."""
        now = self._now()
        return find_page(
            self._visits, wanted, where=self._watched(who.role, now), row=lambda found: self._alarm(found, who, now)
        )

    def count_alarms(self, role: str) -> int:
        """Count the alarms that have come to a role, up to ``MOST_COUNTED``."""
        return self._visits.count_documents(self._watched(role, self._now()), limit=MOST_COUNTED)

    def count_untaken(self) -> int:
        """Count the alarms after which nobody looks, up to ``MOST_COUNTED``."""
        where = {"$and": [standing_at(self._now()), {"taken_by": None}]}
        return self._visits.count_documents(where, limit=MOST_COUNTED)

    def count_escalated(self) -> int:
        """Count the alarms that went to more people, up to ``MOST_COUNTED``."""
        return self._visits.count_documents(escalated_at(self._now()), limit=MOST_COUNTED)

    def _watched(self, role: str, now: datetime) -> dict[str, Any]:
        """Give the filter of what a role hears of; as ``Visit.may_watch``."""
        if role == SUPERVISOR:
            return standing_at(now)
        if role == SAFEGUARDING_LEAD:
            return {"$or": [{"$and": [standing_at(now), {"told": ALSO_LEAD}]}, escalated_at(now)]}
        return escalated_at(now)

    def _alarm(self, document: Mapping[str, Any], who: Principal, now: datetime) -> dict[str, Any]:
        row = self._row(visit_from(document), now)
        return row if who.role == SUPERVISOR else {**row, "survivor_id": None}

    def _row(self, visit: Visit, now: datetime) -> dict[str, Any]:
        values = {name: getattr(visit, name) for name in ("id", "version", *(one.name for one in VISIT.fields))}
        row = VISIT.row(values)
        del row["place"], row["what_if"]
        return {
            **row,
            "alarm": visit.kind(now),
            "alarm_at": visit.stands_since(now),
            "escalated": visit.is_escalated(now),
        }

    def _document(self, visit_id: str) -> dict[str, Any]:
        document = self._visits.find_one({"_id": visit_id})
        if document is None:
            raise DocumentMissingError(VISITS)
        return document
