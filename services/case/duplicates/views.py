"""What case shows of possible duplicates."""

from dataclasses import replace
from typing import Any

from services.case.duplicates.documents import DUPLICATE, DUPLICATES
from services.case.duplicates.rules import OPEN
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page


class DuplicateViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._context = context
        self._duplicates = context.client[context.database_name][DUPLICATES]

    def open(self, wanted: PageRequest) -> Page:
        """Give a page of the open questions, the oldest first; of an erased person none."""
        page = find_page(self._duplicates, wanted, where={"state": OPEN}, row=_row)
        kept = self._context.survivor_keys.find_many({one for row in page.items for one in row["survivor_ids"]})
        return replace(page, items=[row for row in page.items if set(row["survivor_ids"]) <= set(kept)])


def _row(document: dict[str, Any]) -> dict[str, Any]:
    row = DUPLICATE.row(DUPLICATE.values(document))
    return {**row, "survivor_ids": list(row["survivor_ids"]), "matched": list(row["matched"])}
