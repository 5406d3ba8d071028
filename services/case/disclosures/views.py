"""What case shows of disclosures; names and things are opened for whoever may act on the person, and in no list."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.case.disclosures.documents import DISCLOSURE, DISCLOSURES, MOST_OF_ONE, disclosure_from
from services.case.disclosures.rules import GIVEN, TO_TELL, Disclosure
from services.case.survivors.sealing import Sealer
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

Rows = list[dict[str, Any]]
MOST_COUNTED = 1_000
_WORDS = ("recipient", "items")


class DisclosureViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._disclosures = context.client[context.database_name][DISCLOSURES]
        self._context = context
        self._now = context.clock.now

    def disclosures(self, wanted: PageRequest, *, state: str | None, tell: str | None) -> Page:
        """Give a page of everybody's, without words."""
        where = {name: value for name, value in (("state", state), ("tell", tell)) if value is not None}
        return find_page(self._disclosures, wanted, where=where, row=self._closed_row)

    def of_person(self, survivor_id: str) -> Rows:
        """Give one person's, the newest first; ``KeyDestroyedError`` of whoever was erased, or is nobody."""
        sealer = Sealer.of_known(self._context, [survivor_id])
        found = self._disclosures.find({"survivor_id": survivor_id}).sort("asked_at", -1).limit(MOST_OF_ONE)
        return [self._whole_row(document, sealer) for document in found]

    def one(self, survivor_id: str, disclosure_id: str) -> dict[str, Any]:
        """Give a whole one.

        Raises:
            KeyDestroyedError: They were erased, or are nobody.
            DocumentMissingError: They have no such.
        """
        sealer = Sealer.of_known(self._context, [survivor_id])
        document = self._disclosures.find_one({"_id": disclosure_id, "survivor_id": survivor_id})
        if document is None:
            raise DocumentMissingError(DISCLOSURES)
        return self._whole_row(document, sealer)

    def count(self) -> tuple[int, int]:
        """Count what was given, and of whom somebody is still to be told that a yes ended, up to ``MOST_COUNTED``."""
        counted = [
            self._disclosures.count_documents(where, limit=MOST_COUNTED)
            for where in ({"state": GIVEN}, {"tell": TO_TELL})
        ]
        return counted[0], counted[1]

    def _closed_row(self, document: Mapping[str, Any]) -> dict[str, Any]:
        row = self._row(disclosure_from(document))
        return {name: value for name, value in row.items() if name not in _WORDS}

    def _whole_row(self, document: Mapping[str, Any], sealer: Sealer) -> dict[str, Any]:
        return self._row(disclosure_from(document, opened=sealer.opening(document["survivor_id"])))

    def _row(self, one: Disclosure) -> dict[str, Any]:
        values = {name: getattr(one, name) for name in ("id", "version", *(f.name for f in DISCLOSURE.fields))}
        row = DISCLOSURE.row(values)
        before = [{name: getattr(each, name) for name in ("asked_at", "state", "reason")} for each in one.before]
        items = [asdict(item) for item in one.items]
        return {**row, "before": before, "items": items, "lasts": one.lasts(self._now())}
