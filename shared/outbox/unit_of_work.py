"""One MongoDB transaction of one service of one tenant: state, events and audit intents together.

Writes are kept in memory and sent in one bulk a collection when the transaction commits, so that a
hundred commands cost little more than one. A document carries ``version``; replacing it compares that
version in the database, not only in memory. A document carries ``row_us`` too, the time in the id of the last
outbox row that went with it; it stays whoever writes the document.

Limit: ``find_where`` goes to the database and flushes first; handlers on a hot path use ``preload`` and
``find``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from pymongo.client_session import ClientSession
from pymongo.database import Database

from shared.contracts.registry import LOCAL
from shared.kernel.ids import event_id_us
from shared.kernel.messages import AuditIntent, Event
from shared.kernel.tenancy import TenantId
from shared.outbox._rows import NEW, SENT, OutboxDraft
from shared.outbox._writes import (
    DELETE,
    INSERT,
    REPLACE,
    Document,
    DocumentMissingError,
    DuplicateIdError,
    StaleVersionError,
    Write,
    joined,
    send,
)

T = TypeVar("T")

__all__ = [
    "NEW",
    "SENT",
    "Document",
    "DocumentMissingError",
    "DuplicateIdError",
    "StaleVersionError",
    "UnitOfWork",
]


class UnitOfWork:
    """Reads through a cache, buffers writes, and flushes them inside the session's transaction.

    Attributes:
        tenant_id: Whose data this is; stands in every document written.
        now: Business time of the transaction, the ``recorded`` time of everything in it.
        session: The MongoDB session, for the few collections that the kernel writes itself.
        freed_numbers: Stream numbers of messages that were given up, which this transaction settles.
        touched: Collection and id of each document that was written so far, in order.
    """

    def __init__(
        self,
        *,
        database: Database[Document],
        session: ClientSession,
        tenant_id: TenantId,
        service: str,
        now: datetime,
        traceparent: str | None = None,
    ) -> None:
        """Wrap an open transaction."""
        self.tenant_id = tenant_id
        self.service = service
        self.now = now
        self._database = database
        self.session = session
        self.freed_numbers: list[int] = []
        self.touched: list[tuple[str, str]] = []
        self._cache: dict[tuple[str, str], Document | None] = {}
        self._after_us = 0
        self._sent_early: set[tuple[str, str]] = set()
        self._memos: dict[str, object] = {}
        self._writes: dict[str, dict[str, Write]] = {}
        self._outbox = OutboxDraft(tenant_id=tenant_id, service=service, recorded_at=now, traceparent=traceparent)

    def preload(self, collection: str, ids: Iterable[str]) -> None:
        """Read many documents in one round trip, so that later ``find`` calls cost none."""
        wanted = [i for i in dict.fromkeys(ids) if (collection, i) not in self._cache]
        if not wanted:
            return
        for document_id in wanted:
            self._cache[collection, document_id] = None
        for document in self._database[collection].find({"_id": {"$in": wanted}}, session=self.session):
            self._cache[collection, document["_id"]] = document

    def find(self, collection: str, document_id: str) -> Document | None:
        """Give the document as this transaction sees it, with its own writes, or None."""
        key = (collection, document_id)
        if key not in self._cache:
            self._cache[key] = self._database[collection].find_one({"_id": document_id}, session=self.session)
        return self._cache[key]

    def get(self, collection: str, document_id: str) -> Document:
        """Give the document.

        Raises:
            DocumentMissingError: There is none.
        """
        document = self.find(collection, document_id)
        if document is None:
            raise DocumentMissingError(collection)
        return document

    def find_where(
        self,
        collection: str,
        query: Mapping[str, Any],
        *,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
    ) -> list[Document]:
        """Query the database inside the transaction; own writes to this collection are sent first, so they are seen."""
        pending = self._writes.pop(collection, None)
        if pending:
            self._send({collection: pending})
        cursor = self._database[collection].find(query, session=self.session).limit(limit)
        found = list(cursor.sort(list(sort)) if sort else cursor)
        for document in found:
            self._cache[collection, document["_id"]] = document
        return found

    def insert(self, collection: str, document: Document) -> None:
        """Add a new document; version 1 and the tenant are filled in."""
        document = {**document, "version": 1, "tenant_id": self.tenant_id}
        self._write(collection, document["_id"], INSERT, document, 0)

    def replace(self, collection: str, document: Document) -> None:
        """Write the next version of a document that this transaction read.

        Raises:
            StaleVersionError: At flush, when the stored version is no longer the one that was read.
        """
        read_version = int(document["version"])
        document = {**document, "version": read_version + 1, "tenant_id": self.tenant_id}
        self._write(collection, document["_id"], REPLACE, document, read_version)

    def save(self, collection: str, document: Document) -> None:
        """Insert where ``find`` gives nothing, else replace the version it gives."""
        current = self.find(collection, document["_id"])
        if current is None:
            self.insert(collection, document)
        else:
            self.replace(collection, {**document, "version": current["version"]})

    def delete(self, collection: str, document_id: str) -> None:
        """Remove a document; removing one that is gone changes nothing."""
        self._write(collection, document_id, DELETE, None, 0)

    def record(self, event: Event, *, sequence: int, route: str = LOCAL, to: str | None = None) -> str:
        """Put a fact in this transaction's outbox.

        Args:
            event: The fact.
            sequence: The aggregate's version after this transaction; greater than in every earlier fact.
            route: ``local``, or one of ``shared.contracts.registry.ROUTES`` for the few types listed there.
            to: The one host that may read it, on the route ``host``.

        Returns:
            The event's id.

        Raises:
            ContractBreachError: The event's type, codes or route are not allowed.
        """
        return self._outbox.add_event(event, sequence=sequence, route=route, to=to)

    def caused_by(self, traceparent: str | None) -> None:
        """Name the span of the one command or message whose facts come next; None means the transaction's."""
        self._outbox.cause = traceparent

    def audit(self, intent: AuditIntent) -> None:
        """Put an audit intent in this transaction's outbox."""
        self._outbox.add_action(intent)

    def memo(self, name: str, load: Callable[[], T]) -> T:
        """Load something once a transaction, such as a short list that each message of a batch needs."""
        if name not in self._memos:
            self._memos[name] = load()
        return cast("T", self._memos[name])

    @property
    def event_count(self) -> int:
        """How many facts this transaction states so far."""
        return self._outbox.event_count

    def flush(self) -> None:
        """Send all buffered writes and the outbox rows; the caller commits.

        Raises:
            StaleVersionError: A replaced document had changed.
            DuplicateIdError: A new document's id, or another value that is unique, is there already.
            WriteConflictError: Another transaction changes one of the documents now.
        """
        # Rows of one aggregate keep their order even when two machines' clocks differ: what follows from a document
        # that was read lies after the row that went with it.
        # (``test_rows_of_one_aggregate_ascend_when_clocks_differ``)
        read = max((_row_us(document) for document in self._cache.values()), default=0)
        rows = self._outbox.rows(after_us=max(self._after_us, read))
        row_us = max((event_id_us(row["_id"]) for row in rows), default=0)
        writes, self._writes = self._writes, {}
        self._send(writes, row_us=row_us, final=True)
        if rows:
            self._stamp_what_went_early(row_us)
            self._database["outbox"].insert_many(rows, session=self.session)

    def _stamp_what_went_early(self, row_us: int) -> None:
        early: dict[str, list[str]] = {}
        for collection, key in self._sent_early:
            early.setdefault(collection, []).append(key)
        for collection, keys in early.items():
            self._database[collection].update_many(
                {"_id": {"$in": keys}}, {"$set": {"row_us": row_us}}, session=self.session
            )

    def _write(self, collection: str, key: str, kind: str, document: Document | None, read_version: int) -> None:
        self.touched.append((collection, key))
        pending = self._writes.setdefault(collection, {})
        kind, read_version = joined(pending.get(key), kind, read_version)
        row_us = _row_us(self._cache.get((collection, key)))
        self._after_us = max(self._after_us, row_us)
        if document is not None and row_us and "row_us" not in document:
            # Whoever builds a document anew from what was read loses no order by it.
            document = {**document, "row_us": row_us}
        pending[key] = (kind, document, read_version)
        self._cache[collection, key] = document

    def _send(self, writes: Mapping[str, dict[str, Write]], *, row_us: int = 0, final: bool = False) -> None:
        for collection, pending in writes.items():
            for key, (_, document, _) in pending.items():
                if document is None or final:
                    self._sent_early.discard((collection, key))
                else:
                    self._sent_early.add((collection, key))
                if document is not None and row_us:
                    document["row_us"] = row_us
            send(self._database[collection], pending, self.session)


def _row_us(document: Mapping[str, Any] | None) -> int:
    found = document.get("row_us", 0) if document is not None else 0
    return found if isinstance(found, int) else 0
