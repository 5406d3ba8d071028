"""A unit of work that writes nothing: what a row would do is done in memory, and forgotten.

Promise: whatever is settled here, no document and no outbox row is written; what an earlier row of the same file would
have done is seen by the later rows that share its reference, or one like it. Memory holds those alone from one chunk
to the next. Shown by ``tests/integration/case/test_import_plan.py``.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from pymongo.client_session import ClientSession
from pymongo.database import Database

from shared.kernel.tenancy import TenantId
from shared.outbox.unit_of_work import Document, UnitOfWork

Place = tuple[str, str]
"""Collection and id of a document."""


class RehearsalError(AssertionError):
    """Somebody tried to write down what is only rehearsed."""


class Rehearsal(UnitOfWork):
    """Reads what is stored, and keeps what would be written to itself."""

    def __init__(self, *, database: Database[Document], tenant_id: TenantId, service: str, now: datetime) -> None:
        """Read from a service's database, outside any transaction."""
        self._database = database
        self._begin(tenant_id, service, now)

    def _begin(self, tenant_id: TenantId, service: str, now: datetime) -> None:
        session = cast("ClientSession", None)
        super().__init__(database=self._database, session=session, tenant_id=tenant_id, service=service, now=now)

    def flush(self) -> None:
        """Refuse.

        Raises:
            RehearsalError: Always.
        """
        raise RehearsalError

    def find_where(
        self, collection: str, query: Mapping[str, Any], *, sort: Sequence[tuple[str, int]] = (), limit: int = 0
    ) -> list[Document]:
        """Query what is stored; of a document that was changed here, give it as it is here."""
        cursor = self._database[collection].find(query).limit(limit)
        stored = list(cursor.sort(list(sort)) if sort else cursor)
        return [self._cache.setdefault((collection, one["_id"]), one) or one for one in stored]

    def forget_all_but(self, kept: Collection[Place]) -> None:
        """Begin the next chunk: keep these documents, and nothing else of what was read or done."""
        there = {place: self._cache[place] for place in kept if place in self._cache}
        self._begin(self.tenant_id, self.service, self.now)
        self._cache = there
