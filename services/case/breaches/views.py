"""What case shows of breaches; names and safe contacts are opened for one breach at a time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.case.breaches.documents import BREACH, BREACHES, breach_from, pressing_at
from services.case.breaches.rules import NOT_TOLD_YET, PRESSING
from services.case.rights.views import person_of
from services.case.survivors.views import SurvivorViews
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

MOST_COUNTED = 1_000


class BreachViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._breaches = context.client[context.database_name][BREACHES]
        self._survivors = SurvivorViews(context)
        self._now = context.clock.now

    def breaches(self, wanted: PageRequest, *, state: str | None) -> Page:
        """Give a page of breaches, the longest untouched first."""
        now, where = self._now(), {"state": state} if state is not None else {}
        return find_page(self._breaches, wanted, where=where, row=lambda document: _row(document, now))

    def count_pressing(self) -> int:
        """Count those that wait for a report with fewer than 24 hours left, up to ``MOST_COUNTED``."""
        found = self._breaches.find(pressing_at(self._now())).limit(MOST_COUNTED)
        return sum(breach_from(document).wants_report for document in found)

    def breach(self, breach_id: str) -> dict[str, Any]:
        """Give a whole breach, with how to reach whom it touches.

        Raises:
            DocumentMissingError: There is none.
        """
        document = self._breaches.find_one({"_id": breach_id})
        if document is None:
            raise DocumentMissingError(BREACHES)
        touched = [self._touched(one) for one in document["touched"]]
        return {**_row(document, self._now()), "touched": touched}

    def _touched(self, one: Mapping[str, Any]) -> dict[str, Any]:
        known = person_of(self._survivors, one["survivor_id"]) or {}
        return {**one, "name": known.get("name"), "safe_contact": known.get("safe_contact")}


def _row(document: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    breach = breach_from(document)
    row = BREACH.row(BREACH.values(document))
    del row["touched"]
    return {
        **row,
        "stands_at": breach.stands_at,
        "pressing": breach.wants_report and breach.ico_due_at < now + PRESSING,
        "people": len(breach.touched),
        "untold": sum(one.told == NOT_TOLD_YET for one in breach.touched),
    }
