"""What case shows of imports."""

from typing import Any

from pymongo.collection import Collection

from services.case.imports.documents import IMPORT, IMPORTS
from services.case.imports.rules.progress import DONE, FAILED
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext


class ImportViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._imports = context.client[context.database_name][IMPORTS]

    def an_import(self, import_id: str) -> dict[str, Any]:
        """Give an import's report: counts, problems by row and column, dropped columns; no cell."""
        document = self._imports.find_one({"_id": import_id})
        if document is None:
            raise DocumentMissingError(IMPORTS)
        row = IMPORT.row(IMPORT.values(document))
        # Whoever waits for a report has no use for the version, which changes with each chunk.
        del row["version"]
        return row

    def sources(self) -> set[str]:
        """Give the systems whose files were imported here."""
        return sources_of(self._imports)


def sources_of(imports: Collection[dict[str, Any]]) -> set[str]:
    """Give the systems whose files were imported; the earliest imports named none, and their profile stands for it."""
    query = {"state": {"$in": [DONE, FAILED]}}
    return {d.get("source") or d["profile"] for d in imports.find(query, {"source": 1, "profile": 1}) if d["profile"]}
