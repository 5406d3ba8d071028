"""Writes of one collection in one bulk: a replaced document's version is compared in the database, not in memory."""

from collections.abc import Mapping
from typing import Any

from pymongo import DeleteOne, InsertOne, ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, OperationFailure

from shared.kernel.errors import NotFoundError, RuleViolationError
from shared.outbox._transactions import WriteConflictError

Document = dict[str, Any]
Write = tuple[str, Document | None, int]
"""Its kind, the document that it leaves, and the version that was read."""

INSERT, REPLACE, DELETE, RENEW = "insert", "replace", "delete", "renew"
_DUPLICATE_KEY, _WRITE_CONFLICT = 11000, 112


class StaleVersionError(RuleViolationError):
    """Somebody changed the thing since it was read; read it again and repeat."""

    code = "stale-version"

    def __init__(self, collection: str) -> None:
        """Name the collection only."""
        super().__init__(f"Someone else has changed this {collection} entry in the meantime. Read it again and repeat.")


class DuplicateIdError(RuleViolationError):
    """There is an entry with this id, or with this unique value, already; nothing was changed."""

    code = "already-there"

    def __init__(self, collection: str) -> None:
        """Name the collection only."""
        super().__init__(
            f"There is an entry with this id in {collection} already, and nothing was changed. Read it, or use a new "
            "id."
        )
        self.collection = collection


class DocumentMissingError(NotFoundError):
    """There is no such document in this tenant."""

    def __init__(self, collection: str) -> None:
        """Name the collection only."""
        super().__init__(f"There is no such {collection} entry.")


def joined(earlier: Write | None, kind: str, read_version: int) -> tuple[str, int]:
    """Give kind and version of a write to a document that the same transaction may have written before.

    Two writes to one document in one transaction are one write of the last state.
    """
    if earlier is None:
        return kind, read_version
    first_kind, _, first_version = earlier
    if first_kind == INSERT and kind == REPLACE:
        return INSERT, 0
    if first_kind == REPLACE and kind == REPLACE:
        return kind, first_version
    if first_kind in (DELETE, RENEW) and kind in (INSERT, REPLACE):
        return RENEW, 0
    return kind, read_version


def send(collection: Collection[Document], pending: Mapping[str, Write], session: ClientSession) -> None:
    """Send the writes of one collection.

    Raises:
        StaleVersionError, DuplicateIdError, WriteConflictError: See ``UnitOfWork.flush``.
    """
    requests = [request for key, write in pending.items() for request in _requests(key, *write)]
    # In order only where one document is removed and made anew.
    ordered = any(kind == RENEW for kind, _, _ in pending.values())
    try:
        result = collection.bulk_write(requests, ordered=ordered, session=session)
    except BulkWriteError as error:
        if any(problem["code"] == _DUPLICATE_KEY for problem in error.details.get("writeErrors", ())):
            raise DuplicateIdError(collection.name) from error
        raise
    except OperationFailure as error:
        if error.code == _WRITE_CONFLICT:
            raise WriteConflictError(collection.name) from error
        raise
    replaced = sum(1 for kind, _, _ in pending.values() if kind == REPLACE)
    if result.matched_count != replaced:
        raise StaleVersionError(collection.name)


def _requests(
    key: str, kind: str, document: Document | None, read_version: int
) -> list[InsertOne[Document] | ReplaceOne[Document] | DeleteOne]:
    if kind == DELETE or document is None:
        return [DeleteOne({"_id": key})]
    if kind == INSERT:
        return [InsertOne(document)]
    if kind == RENEW:
        return [DeleteOne({"_id": key}), InsertOne(document)]
    return [ReplaceOne({"_id": key, "version": read_version}, document)]
