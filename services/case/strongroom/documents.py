"""Uploaded files on their way to the import job, and the plans made of them: sealed, and gone when nobody needs them.

Promise: only the columns that are read stand here, from the upload to the end of the import, whatever that end is; a
plan, which has no cell, and the rows to mend stay until the plan expires. What is sealed opens with two halves of a key
together, one in the key table and one in a file outside the database (``upload_keys``). Both go with what they seal:
from then on no key that exists opens what the database's history or a copy still holds of it
(``tests/integration/case/test_imports_leave_nothing.py``).
What a killed process left behind, or an upload that was refused at the last moment, is swept away by the import job.
Limit: a restored backup has no waiting uploads; they are uploaded again.
"""

import os
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from bson import Binary
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pymongo.collection import Collection as MongoCollection

from services.case.strongroom.upload_keys import UploadKeys, Use
from shared.kernel.clock import real_now
from shared.kernel.tenancy import database_name
from shared.keys.key_file import KEY_BYTES
from shared.keys.spare_keys import SpareKeys
from shared.keys.survivor_keys import SurvivorKeys
from shared.runtime.context import ServiceContext

UNCLAIMED = timedelta(minutes=10)
"""Much longer than a request takes, so that no file is swept away before its import stands."""

FILE = "file"
"""Name of the further pieces of a long file."""

_NONCE_BYTES = 12


class Strongroom:
    """What is kept of uploaded files, sealed: the file itself, and parts named after it."""

    def __init__(self, collection: MongoCollection[dict[str, Any]], keys: SurvivorKeys, files: SpareKeys) -> None:
        """Take the collection, the tenant's key table and the folder of keys outside the database."""
        self._collection = collection
        self._keys = keys
        self._outside = UploadKeys(collection, files)

    def put(self, import_id: str, content: bytes, *, part: str = "") -> None:
        """Keep a file under a new key, where a repeat keeps the first; or a part of what is made of it, the newest.

        Raises:
            NoSpareKeyError: No key lies ready outside the database.
        """
        # First the half that may be missing: without it nothing of this upload comes into the database.
        outside = self._outside.take(import_id, _use(part))
        key = _joined(self._keys.get_or_create_many({key_id(import_id)})[key_id(import_id)], outside)
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
        row = self._keys.find_many([key_id(import_id)]).get(key_id(import_id))
        if document is None or row is None:
            return None
        outside = self._outside.find(import_id, _use(part))
        if outside is None and self._outside.is_known(import_id):
            return None
        # What an older version took in is sealed under its row alone.
        key = row if outside is None else _joined(row, outside)
        sealed = bytes(document["sealed"])
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())

    def remove(self, import_id: str) -> None:
        """Delete a file's key, both halves, and then the file with all its parts."""
        self._keys.discard(key_id(import_id))
        self._outside.end(import_id)
        self._collection.delete_many(_all_of(import_id))

    def remove_file(self, import_id: str) -> None:
        """Delete the file alone with its key and its further pieces; what was made of it stays."""
        self._outside.end(import_id, Use.UPLOAD)
        first, last = _place(import_id, f"{FILE}/"), _place(import_id, f"{FILE}0")
        self._collection.delete_many({"$or": [{"_id": import_id}, {"_id": {"$gte": first, "$lt": last}}]})

    def keep_part_only(self, import_id: str, name: str, *, kinds: Collection[str]) -> None:
        """Delete all parts of these kinds but those of one name."""
        for kind in kinds:
            first, last = _place(import_id, f"{kind}/"), _place(import_id, f"{kind}0")
            ours = {"$gte": _place(import_id, f"{kind}/{name}/"), "$lt": _place(import_id, f"{kind}/{name}0")}
            self._collection.delete_many({"_id": {"$gte": first, "$lt": last, "$not": ours}})

    def sweep(self, claimed: Collection[str], waiting: Collection[str]) -> int:
        """Delete what a killed process left behind; give how many files nobody claimed.

        Args:
            claimed: Imports of which something is still wanted; of every other one all is deleted.
            waiting: Those of them that still need their file; of the others the file and its key are deleted.
        """
        before = real_now() - UNCLAIMED
        query = {"_id": {"$nin": list(claimed)}, "of": {"$nin": list(claimed)}, "put_at": {"$lt": before}}
        found = self._collection.find(query, {"use": 1})
        old = {document["_id"].partition("/")[0] for document in found if "use" not in document} - set(claimed)
        for import_id in old:
            self.remove(import_id)
        for import_id in self._outside.not_of(waiting, Use.UPLOAD, before=before):
            self.remove_file(import_id)
        for import_id in self._outside.not_of(claimed, Use.PLAN, before=before):
            self._outside.end(import_id)
        return len(old)

    def make_keys_ready(self) -> None:
        """Let keys lie ready for the next uploads; for the one process that may write them everywhere."""
        self._outside.make_ready()


def _place(import_id: str, part: str) -> str:
    return f"{import_id}/{part}" if part else import_id


def _all_of(import_id: str) -> dict[str, Any]:
    # "0" comes right after "/", which no id holds.
    return {"$or": [{"_id": import_id}, {"_id": {"$gte": f"{import_id}/", "$lt": f"{import_id}0"}}]}


def _use(part: str) -> Use:
    return Use.UPLOAD if not part or part.startswith(f"{FILE}/") else Use.PLAN


def _joined(row: bytes, outside: bytes) -> bytes:
    """Make the key that seals of its two halves; who lacks one knows nothing of it."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=outside, info=b"alongside/upload").derive(row)


def key_id(import_id: str) -> str:
    """Give the name of an upload's key in the key table."""
    return f"upload:{import_id}"


def strongroom_of(context: ServiceContext) -> Strongroom:
    """Build the strongroom of a tenant's imports."""
    collection = context.client[database_name(context.tenant_id, "strongroom")]["imports"]
    return Strongroom(
        collection, context.survivor_keys, SpareKeys(context.settings.tenant_key_file.with_name("uploads"))
    )
