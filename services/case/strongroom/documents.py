"""Uploaded files on their way to the import job: sealed, and gone when nobody waits for them any more.

Promise: only the columns that are read stand here, from the upload to the end of the import, whatever that end is. Each
upload has a data key of its own in the key table, deleted with it; after the next erasure no key that exists opens
what the database's history or a copy still holds of it (``tests/integration/case/test_imports_leave_nothing.py``).
What a killed process left behind, or an upload that was refused at the last moment, is swept away by the import job.
Limit: a restored backup has no waiting uploads; they are uploaded again.
"""

import os
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from bson import Binary
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pymongo.collection import Collection as MongoCollection

from shared.kernel.clock import real_now
from shared.kernel.tenancy import database_name
from shared.keys.survivor_keys import SurvivorKeys
from shared.runtime.context import ServiceContext

UNCLAIMED = timedelta(minutes=10)
"""Much longer than a request takes, so that no file is swept away before its import stands."""

_NONCE_BYTES = 12


class Strongroom:
    """What is kept of uploaded files, sealed, until their import has ended."""

    def __init__(self, collection: MongoCollection[dict[str, Any]], keys: SurvivorKeys) -> None:
        """Take the collection and the tenant's key table."""
        self._collection = collection
        self._keys = keys

    def put(self, import_id: str, content: bytes) -> None:
        """Keep a file under a new key; a repeat keeps the first."""
        key = self._keys.get_or_create_many({key_id(import_id)})[key_id(import_id)]
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + AESGCM(key).encrypt(nonce, content, import_id.encode())
        # Real time: how long a process may take has nothing to do with the business clock.
        kept = {"sealed": Binary(sealed), "put_at": real_now()}
        self._collection.update_one({"_id": import_id}, {"$setOnInsert": kept}, upsert=True)

    def get(self, import_id: str) -> bytes | None:
        """Give a file, or None when it or its key is gone."""
        document = self._collection.find_one({"_id": import_id})
        key = self._keys.find_many([key_id(import_id)]).get(key_id(import_id))
        if document is None or key is None:
            return None
        sealed = bytes(document["sealed"])
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], import_id.encode())

    def remove(self, import_id: str) -> None:
        """Delete a file's key, and then the file."""
        self._keys.discard(key_id(import_id))
        self._collection.delete_one({"_id": import_id})

    def sweep(self, waiting: Collection[str]) -> int:
        """Delete old files that no waiting import claims; give how many."""
        query = {"_id": {"$nin": list(waiting)}, "put_at": {"$lt": real_now() - UNCLAIMED}}
        old = [document["_id"] for document in self._collection.find(query, {"_id": 1})]
        for import_id in old:
            self.remove(import_id)
        return len(old)


def key_id(import_id: str) -> str:
    """Give the name of an upload's key in the key table."""
    return f"upload:{import_id}"


def strongroom_of(context: ServiceContext) -> Strongroom:
    """Build the strongroom of a tenant's imports."""
    collection = context.client[database_name(context.tenant_id, "strongroom")]["imports"]
    return Strongroom(collection, context.survivor_keys)
