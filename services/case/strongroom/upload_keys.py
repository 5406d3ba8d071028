"""The part of an upload's key that never stands in the database: a file that is destroyed when its use has ended.

An upload opens with two halves together: its row of the key table, and such a file. So the history of the database and
every copy of it stay closed once the file is gone, whoever holds the tenant key
(``tests/integration/case/test_imports_leave_nothing.py``). The file itself and what is made of it, plan and rows to
mend, have a file each: the upload is closed at the end of its import, while its plan can still be read.

On Kubernetes only the job's process may write beside the tenant key. It keeps ``SPARE`` keys ready; an api takes one by
writing down whose it is, and never makes or destroys any there (``tests/integration/case/test_upload_keys.py``).
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from pymongo.collection import Collection as MongoCollection
from pymongo.errors import DuplicateKeyError

from shared.kernel.clock import real_now
from shared.kernel.errors import TemporarilyUnavailableError
from shared.keys.spare_keys import SpareKeys

SPARE = 16
"""Keys that lie ready, one or two for an upload; the job looks again after each import and every half minute."""

SPARE_FOR_S = 24 * 3600.0
"""Longer no key lies unused: after a restore one may have had an owner whom nobody remembers."""

_NOBODY = "nobody"
_CLAIM = "key/"
_AFTER_CLAIMS = "key0"


class Use(StrEnum):
    """What a key is for; each ends at its own time."""

    UPLOAD = "file"
    PLAN = "plan"


class NoSpareKeyError(TemporarilyUnavailableError):
    """No key lies ready, and this process may not make one."""

    code = "no-upload-key"

    def __init__(self) -> None:
        """Say who makes them."""
        super().__init__(
            "There is no key ready for another file: the job process that makes them does not run, or many files came "
            "at once. Nothing was kept. Upload it again in a minute; if that does not help, ask your operator to look."
        )


class UploadKeys:
    """Which key is whose, as it stands beside the uploads, and the keys themselves."""

    def __init__(self, collection: MongoCollection[dict[str, Any]], keys: SpareKeys) -> None:
        """Take the strongroom's collection and the folder of keys."""
        self._collection = collection
        self._keys = keys

    def find(self, import_id: str, use: Use) -> bytes | None:
        """Give the key of one use, or None: it has ended, or never was."""
        claim = self._claim(import_id, use)
        return None if claim is None else self._keys.load(_name(claim))

    def is_known(self, import_id: str) -> bool:
        """Whether an upload has such a key for any use; one that an older version took in has none."""
        return self._claim(import_id, None) is not None

    def take(self, import_id: str, use: Use) -> bytes:
        """Give the key of one use; the first time, one that nobody has.

        Raises:
            NoSpareKeyError: There is none.
        """
        claim = self._claim(import_id, use)
        if claim is not None:
            key = self._keys.load(_name(claim))
            if key is None:
                raise NoSpareKeyError
            return key
        taken = {_name(one) for one in self._claims({})}
        for name in sorted(self._keys.names() - taken):
            if (key := self._claimed(name, import_id, use)) is not None:
                return key
        made = self._keys.make()
        key = None if made is None else self._claimed(made, import_id, use)
        if key is None:
            raise NoSpareKeyError
        return key

    def end(self, import_id: str, use: Use | None = None) -> None:
        """Destroy an upload's keys, of one use or of all; where this process may not, the job does it later."""
        for claim in self._claims({"of": import_id} if use is None else {"of": import_id, "use": use}):
            self._end(claim)

    def not_of(self, wanted: Collection[str], use: Use, *, before: datetime) -> list[str]:
        """Name the uploads, other than these, that took a key for this use before this time."""
        claims = self._claims({"of": {"$nin": list(wanted)}, "use": use, "put_at": {"$lt": before}})
        return [claim["of"] for claim in claims]

    def make_ready(self) -> None:
        """Make as many keys as are missing, and new ones for those that lay unused for a day."""
        for name in self._keys.older(SPARE_FOR_S):
            # Taken first, like by an upload, so that no upload takes it meanwhile; one that is taken stays.
            if self._claimed(name, _NOBODY, Use.UPLOAD) is not None:
                self.end(_NOBODY)
        taken = {_name(one) for one in self._claims({})}
        for _ in range(SPARE - len(self._keys.names() - taken)):
            if self._keys.make() is None:
                return

    def _claimed(self, name: str, import_id: str, use: Use) -> bytes | None:
        claim = {"_id": _CLAIM + name, "of": import_id, "use": use, "put_at": real_now()}
        try:
            self._collection.insert_one(claim)
        except DuplicateKeyError:
            return None
        key = self._keys.load(name)
        if key is None:
            # A shared disk may still name what was destroyed a moment ago.
            self._collection.delete_one({"_id": claim["_id"]})
        return key

    def _end(self, claim: dict[str, Any]) -> None:
        # The file first: a key whose owner is forgotten would be taken for a spare one.
        if self._keys.destroy(_name(claim)):
            self._collection.delete_one({"_id": claim["_id"]})

    def _claim(self, import_id: str, use: Use | None) -> dict[str, Any] | None:
        claims = self._claims({"of": import_id} if use is None else {"of": import_id, "use": use})
        return claims[0] if claims else None

    def _claims(self, of: dict[str, Any]) -> list[dict[str, Any]]:
        query = {"_id": {"$gte": _CLAIM, "$lt": _AFTER_CLAIMS}, **of}
        return list(self._collection.find(query).sort("_id", 1))


def _name(claim: dict[str, Any]) -> str:
    return str(claim["_id"]).removeprefix(_CLAIM)
