"""Whom a refused file says no for: people who are known here, and of whom nothing of the file is heard.

Promise: whichever way a file is refused as a whole, a task tells the data lead for how many people it says no, in the
transaction that refuses it; a reference is looked for among those of its own system, where that is known. Nobody's
record changes. Shown by ``tests/integration/case/test_import_unheard.py``. Limit: it looks for a minute.
"""

import time
import uuid
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any, BinaryIO

import pymongo

from services.case.data_tasks.documents import DataTaskStore
from services.case.data_tasks.rules import REFUSED_SAID_NO
from services.case.imports.documents import IMPORTS, ROWS
from services.case.imports.finding import row_key
from services.case.imports.rules.hearing import Said, lines_that_say_no, rows_that_say_no
from services.case.imports.rules.progress import Import
from services.case.imports.rules.reading import Stated
from services.case.imports.rules.table import Table
from services.case.imports.views import sources_of
from services.case.mappings.views import MappingViews
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

_LOOK_S = 60.0
_ROWS_AT_ONCE = 100
_WITHIN_S = 6.5
"""For one question to the database, as for the reads of a request."""
_TASKS = uuid.UUID("5b2f8f0e-2a57-4a0c-9a4e-0f5a3b7a6d21")


class Unheard:
    """Finds the people for whom a refused file says no."""

    def __init__(self, context: ServiceContext) -> None:
        """Take the case service's context."""
        self._database = context.client[context.database_name]
        self._mappings = MappingViews(context)
        self._hash_key = context.tenant_key.subkey("IMPORT_CONTENT")

    def of_file(self, file: BinaryIO, *, source: str | None, stated: Stated | None) -> frozenset[str]:
        """Give the survivors for whom a file that could not be opened says no."""
        return self._people(rows_that_say_no(file, stated, self._mappings.approved()), source)

    def of_table(self, table: Table, *, source: str | None, after: int = 0) -> frozenset[str]:
        """Give those for whom the rows of a mapped file say no, but for the first ones, which were carried out."""
        return self._people(lines_that_say_no(table, islice(table.lines, after, None)), source)

    def _people(self, said: Iterable[Said], source: str | None) -> frozenset[str]:
        known = sources_of(self._database[IMPORTS])
        systems = [source] if source in known else sorted(known)
        if not systems:
            return frozenset()
        rows, late = iter(said), time.monotonic() + _LOOK_S
        by_column: dict[int, set[str]] = {}
        sure: set[str] = set()
        while time.monotonic() < late and (batch := list(islice(rows, _ROWS_AT_ONCE))):
            found = self._found({cell for row in batch for cell in row.cells.values()}, systems)
            for row in batch:
                for at, cell in row.cells.items():
                    (sure if row.sure else by_column.setdefault(at, set())).update(found.get(cell, ()))
        # Where no name says which column has the reference, it is the one in which most people are found: a number of
        # another column may be somebody's reference by accident. Of two that nobody can tell apart, each counts.
        most = max(map(len, by_column.values()), default=0)
        return frozenset(sure.union(*(found for found in by_column.values() if len(found) == most)))

    def _found(self, references: set[str], systems: Iterable[Any]) -> dict[str, set[str]]:
        keys = {row_key(self._hash_key, system, one): one for system in systems for one in references}
        found: dict[str, set[str]] = {}
        with pymongo.timeout(_WITHIN_S):
            query = {"_id": {"$in": list(keys)}, "survivor_id": {"$ne": None}}
            for row in self._database[ROWS].find(query, {"survivor_id": 1}):
                found.setdefault(keys[row["_id"]], set()).add(row["survivor_id"])
        return found


def tell(work: UnitOfWork, one: Import, people: frozenset[str]) -> Import:
    """Open the task about a refused or failed file's noes, and say so in its report; the same people's is one task."""
    if not people:
        return one
    task_id = str(uuid.uuid5(_TASKS, ",".join(sorted(people))))
    DataTaskStore(work).open(task_id, REFUSED_SAID_NO, import_id=one.id, people=len(people))
    whom = "one person who is" if len(people) == 1 else f"{len(people)} people who are"
    told = f"What it says for {whom} known here is a no, or cannot be read, and was not heard: see To find out."
    return replace(one, why=" ".join(filter(None, (one.why, told))))
