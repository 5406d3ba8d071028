"""Uploaded files on their way to the import job: sealed, and gone when nobody waits for them any more.

Promise: a file stands here from its upload to the end of its import, whatever that end is. What a killed
process left behind, or an upload that was refused at the last moment, is swept away by the import job.
"""

import os
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from bson import Binary
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pymongo.collection import Collection as MongoCollection

from services.context import ServiceContext
from shared.kernel.clock import real_now
from shared.kernel.errors import InvalidInputError
from shared.kernel.tenancy import database_name

UNCLAIMED = timedelta(minutes=10)
"""Much longer than a request takes, so that no file is swept away before its import stands."""

_NONCE_BYTES = 12


class EmptyUploadError(InvalidInputError):
    """An upload without a file."""

    code = "empty-upload"

    def __init__(self) -> None:
        """Say how to mend it."""
        super().__init__("There is no file. Send the CSV export itself as the body.")


class Strongroom:
    """Uploaded files, sealed, until their import has ended."""

    def __init__(self, collection: MongoCollection[dict[str, Any]], key: bytes) -> None:
        """Take the collection and the tenant's key for it."""
        self._collection = collection
        self._key = key

    def put(self, import_id: str, content: bytes) -> None:
        """Keep a file; a repeat keeps the first."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + AESGCM(self._key).encrypt(nonce, content, import_id.encode())
        # Real time: how long a process may take has nothing to do with the business clock.
        kept = {"sealed": Binary(sealed), "put_at": real_now()}
        self._collection.update_one({"_id": import_id}, {"$setOnInsert": kept}, upsert=True)

    def get(self, import_id: str) -> bytes | None:
        """Give a file, or None when it is gone."""
        document = self._collection.find_one({"_id": import_id})
        if document is None:
            return None
        sealed = bytes(document["sealed"])
        return AESGCM(self._key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], import_id.encode())

    def remove(self, import_id: str) -> None:
        """Delete a file."""
        self._collection.delete_one({"_id": import_id})

    def sweep(self, waiting: Collection[str]) -> int:
        """Delete old files that no waiting import claims; give how many."""
        query = {"_id": {"$nin": list(waiting)}, "put_at": {"$lt": real_now() - UNCLAIMED}}
        return self._collection.delete_many(query).deleted_count


def strongroom_of(context: ServiceContext) -> Strongroom:
    """Build the strongroom of a tenant's imports."""
    collection = context.client[database_name(context.tenant_id, "strongroom")]["imports"]
    return Strongroom(collection, context.tenant_key.subkey("STRONGROOM"))
