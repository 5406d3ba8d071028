"""What case shows of an episode's entries."""

from collections.abc import Mapping
from typing import Any

from services.case.entries.documents import ENTRIES, ENTRY
from services.case.entries.rules import FIELDS
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page


class EntryViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._entries = context.client[context.database_name][ENTRIES]

    def entries(self, episode_id: str, kind: str, wanted: PageRequest) -> Page:
        """Give a page of an episode's outcomes."""
        return find_page(self._entries, wanted, where={"episode_id": episode_id, "kind": kind}, row=entry_row)


def entry_row(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give an entry as the API shows it: what its kind says, and nothing of the other kinds."""
    values = ENTRY.values(document)
    row = ENTRY.row(values)
    return {name: row[name] for name in ("id", "recorded_at", "version", *FIELDS[values["kind"]])}
