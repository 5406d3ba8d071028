"""What a backup holds of one tenant, read at one cluster time, as frames.

``data``: header, the broker's definitions (without users or passwords), the register of hosts where there is
one, each service's collections. ``keys``: header, the tenant's key files, the key table. Never the strongroom: an
upload that waits at the moment of a backup is uploaded again after a restore, and no copy of it stands anywhere.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bson import Timestamp
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.keeping.age_files import Frame
from deploy.keeping.errors import KeysMovedError, SnapshotTooOldError
from deploy.keeping.places import HOSTS_FILE, Kept
from shared.kernel.clock import read_offset
from shared.kernel.tenancy import RESERVED, TenantId, database_name, services_of
from shared.keys import key_file
from shared.keys.key_table import ErasureStep

FORMAT = 1
DATA, KEYS = "data", "keys"
STRONGROOM = "strongroom"
"""The database that no backup holds; backups of before 2026-11-27 do, and a restore leaves it out."""

_SNAPSHOT_TOO_OLD = 239
_RAW: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)

Client = MongoClient[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The one instant that a backup shows.

    Attributes:
        cluster_time: MongoDB's; every read is made at it.
    """

    cluster_time: Timestamp

    @classmethod
    def now(cls, client: Client) -> "Moment":
        """Take the newest instant that the database knows."""
        return cls(cluster_time=client.admin.command("ping")["operationTime"])


def databases_of(tenant: TenantId) -> tuple[str, ...]:
    """Give the short names of a tenant's databases whose content is data that a backup keeps."""
    return services_of(tenant)


class TenantContents:
    """Reads one tenant of a place at one moment."""

    def __init__(self, kept: Kept, client: Client, tenant: TenantId, moment: Moment) -> None:
        """Bind; nothing is read yet."""
        self._kept = kept
        self._client = client
        self._tenant = tenant
        self._moment = moment
        self.counts: dict[str, int] = {}

    def data(self, definitions: Mapping[str, Any]) -> Iterator[Frame]:
        """Give the frames of the data file."""
        yield {
            **self._header(DATA),
            **self._kept.about(self._tenant),
            "clock_offset_s": read_offset(self._kept.clock_file).seconds,
        }
        yield {"kind": "definitions", "content": dict(definitions)}
        register = self._kept.register(self._tenant)
        if register.exists():
            yield {"kind": "file", "name": HOSTS_FILE, "content": register.read_bytes()}
        sums: dict[str, Any] = {}
        for short in databases_of(self._tenant):
            yield from self._database(short, sums)
        yield {"kind": "end", "collections": sums}

    def keys(self) -> Iterator[Frame]:
        """Give the frames of the keys file.

        Raises:
            KeysMovedError: Key file and key table are not of one time.
        """
        files = self._kept.key_files(self._tenant)
        ring = key_file.read(files["tenant.key"], self._tenant)
        yield {**self._header(KEYS), "generation": ring.current, "target": self._target(ring)}
        for name, path in files.items():
            if path.exists():
                yield {"kind": "file", "name": name, "content": path.read_bytes()}
        sums: dict[str, Any] = {}
        if self._tenant not in RESERVED:
            yield from self._database("keys", sums)
        if key_file.read(files["tenant.key"], self._tenant) != ring:
            raise KeysMovedError(self._tenant)
        yield {"kind": "end", "collections": sums}

    def _header(self, what: str) -> Frame:
        return {
            "kind": "header",
            "format": FORMAT,
            "what": what,
            "tenant": str(self._tenant),
            "cluster_time": self._moment.cluster_time,
        }

    def _target(self, ring: key_file.KeyRing) -> int:
        """Give the generation that erasures lead to.

        The key file is read now and the table as of the moment: between them no erasure may have moved.
        """
        if self._tenant in RESERVED:
            return ring.current
        name = database_name(self._tenant, "keys")
        (state,) = list(self._at_moment(name, "states")) or [None]
        if state is None:
            raise KeysMovedError(self._tenant)
        generations = {row["generation"] for row in self._at_moment(name, "survivor_keys")}
        allowed = {state["generation"]}
        if state["step"] == ErasureStep.NEXT_PREPARED:
            allowed.add(state["target"])
        if ring.current not in allowed or not generations <= set(ring.wrapping):
            raise KeysMovedError(self._tenant)
        return int(state["target"])

    def _database(self, short: str, sums: dict[str, Any]) -> Iterator[Frame]:
        name = database_name(self._tenant, short)
        listed = self._client[name].list_collection_names(filter={"type": "collection"})
        for collection in sorted(c for c in listed if not c.startswith("system.")):
            yield {"kind": "collection", "database": short, "collection": collection}
            digest, count = hashlib.sha256(), 0
            for document in self._at_moment(name, collection):
                digest.update(document.raw)
                count += 1
                yield {"kind": "document", "document": document}
            place = f"{short}/{collection}"
            sums[place] = {"count": count, "sha256": digest.hexdigest()}
            self.counts[place] = count

    def _at_moment(self, database: str, collection: str) -> Iterator[Any]:
        command = {
            "find": collection,
            "sort": {"_id": 1},
            "readConcern": {"level": "snapshot", "atClusterTime": self._moment.cluster_time},
        }
        try:
            found = self._client.get_database(database, codec_options=_RAW)
            with found.cursor_command(command, codec_options=_RAW) as cursor:
                yield from cursor
        except OperationFailure as error:
            if error.code != _SNAPSHOT_TOO_OLD:
                raise
            name = "minSnapshotHistoryWindowInSeconds"
            raise SnapshotTooOldError(self._client.admin.command({"getParameter": 1, name: 1})[name]) from error
