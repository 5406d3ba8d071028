"""What audit shows; plain rows."""

from typing import Any

from pymongo.database import Database

from services.audit.log.documents import ENTRIES, ENTRY
from shared.web.listing import Page, PageRequest, find_page


class AuditViews:
    """Reads from audit's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._database = database

    def entries(self, wanted: PageRequest, *, object_id: str | None, actor_id: str | None) -> Page:
        """Give a page of entries, in the order in which they came here.

        Args:
            wanted: Which part; ``updated_since`` counts from an entry's coming here.
            object_id: Only what was done to this.
            actor_id: Only what this user or machine did.
        """
        filters = {"object_id": object_id, "actor_id": actor_id}
        where = {name: value for name, value in filters.items() if value is not None}
        return find_page(self._database[ENTRIES], wanted, where=where, row=entry_row)


def entry_row(document: dict[str, Any]) -> dict[str, Any]:
    """Give an entry as the API shows it; a count stands only where many of the same are counted, not listed."""
    row = ENTRY.row(ENTRY.values(document))
    del row["version"]
    for unsaid in ("count", "standing", "found"):
        if row[unsaid] is None:
            del row[unsaid]
    return row
