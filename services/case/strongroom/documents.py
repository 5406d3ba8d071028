"""Uploaded files on their way to the import job, and the plans made of them: sealed, and gone when nobody needs them.

Promise: only the columns that are read stand here, from the upload to the end of the import, whatever that end is; a
plan, which has no cell, and the rows to mend stay until the plan expires. Each upload has a data key of its own in the
key table, deleted with it; after the next erasure no key that exists opens what the database's history or a copy still
holds of it (``tests/integration/case/test_imports_leave_nothing.py``).
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

FILE = "file"
"""Name of the further pieces of a long file."""

_NONCE_BYTES = 12


class Strongroom:
    """What is kept of uploaded files, sealed: the file itself, and parts named after it."""

    def __init__(self, collection: MongoCollection[dict[str, Any]], keys: SurvivorKeys) -> None:
        """Take the collection and the tenant's key table."""
        self._collection = collection
        self._keys = keys

    def put(self, import_id: str, content: bytes, *, part: str = "") -> None:
        """Keep a file under a new key, where a repeat keeps the first; or a part of what is made of it, the newest."""
        key = self._keys.get_or_create_many({key_id(import_id)})[key_id(import_id)]
        place = _place(import_id, part)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + AESGCM(key).encrypt(nonce, content, place.encode())
        # Real time: how long a process may take has nothing to do with the business clock.
        kept = {"sealed": Binary(sealed), "put_at": real_now(), "of": import_id}
        self._collection.update_one({"_id": place}, {"$set" if part else "$setOnInsert": kept}, upsert=True)

    def get(self, import_id: str, *, part: str = "") -> bytes | None:
        """Give a file or a part, or None when it or its key is gone."""
        place = _place(import_id, part)
        document = self._collection.find_one({"_id": place})
        key = self._keys.find_many([key_id(import_id)]).get(key_id(import_id))
        if document is None or key is None:
            return None
        sealed = bytes(document["sealed"])
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())

    def remove(self, import_id: str) -> None:
        """Delete a file's key, and then the file with all its parts."""
        self._keys.discard(key_id(import_id))
        self._collection.delete_many(_all_of(import_id))

    def remove_file(self, import_id: str) -> None:
        """Delete the file alone, with its further pieces; what was made of it stays."""
        first, last = _place(import_id, f"{FILE}/"), _place(import_id, f"{FILE}0")
        self._collection.delete_many({"$or": [{"_id": import_id}, {"_id": {"$gte": first, "$lt": last}}]})

    def keep_part_only(self, import_id: str, name: str, *, kinds: Collection[str]) -> None:
        """Delete all parts of these kinds but those of one name."""
        for kind in kinds:
            first, last = _place(import_id, f"{kind}/"), _place(import_id, f"{kind}0")
            ours = {"$gte": _place(import_id, f"{kind}/{name}/"), "$lt": _place(import_id, f"{kind}/{name}0")}
            self._collection.delete_many({"_id": {"$gte": first, "$lt": last, "$not": ours}})

    def sweep(self, claimed: Collection[str]) -> int:
        """Delete old files, with their parts, that no import claims; give how many."""
        query = {
            "_id": {"$nin": list(claimed)},
            "of": {"$nin": list(claimed)},
            "put_at": {"$lt": real_now() - UNCLAIMED},
        }
        found = self._collection.find(query, {"_id": 1})
        old = {document["_id"].partition("/")[0] for document in found} - set(claimed)
        for import_id in old:
            self.remove(import_id)
        return len(old)


def _place(import_id: str, part: str) -> str:
    return f"{import_id}/{part}" if part else import_id


def _all_of(import_id: str) -> dict[str, Any]:
    # "0" comes right after "/", which no id holds.
    return {"$or": [{"_id": import_id}, {"_id": {"$gte": f"{import_id}/", "$lt": f"{import_id}0"}}]}


def key_id(import_id: str) -> str:
    """Give the name of an upload's key in the key table."""
    return f"upload:{import_id}"


def strongroom_of(context: ServiceContext) -> Strongroom:
    """Build the strongroom of a tenant's imports."""
    collection = context.client[database_name(context.tenant_id, "strongroom")]["imports"]
    return Strongroom(collection, context.survivor_keys)
