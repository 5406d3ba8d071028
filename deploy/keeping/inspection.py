"""Reads a backup's files through, without changing anything: whole, ours, of one tenant, not older than allowed."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyrage.x25519 import Identity

from deploy.keeping.age_files import Frame, read_encrypted
from deploy.keeping.contents import DATA, FORMAT, KEYS, STRONGROOM, databases_of
from deploy.keeping.errors import DamagedBackupError, ForeignBackupError
from deploy.keeping.places import HOSTS_FILE, KEY_FILES
from shared.kernel.tenancy import TenantId
from shared.runtime.migrations import known_version


@dataclass(kw_only=True)
class Inspection:
    """What one file holds.

    Attributes:
        header: Its first frame.
        files: Small files by name; key files among them are secret.
        definitions: The broker's; empty in a keys file.
        counts: Documents of each collection, by ``database/collection``.
        schemas: The version of each service's database.
    """

    path: Path
    header: Frame = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    definitions: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    schemas: dict[str, int] = field(default_factory=dict)

    @property
    def cluster_time(self) -> tuple[int, int]:
        """The cluster time it shows."""
        return (self.header["cluster_time"].time, self.header["cluster_time"].inc)


def inspect(path: Path, identity: Identity, tenant: TenantId, what: str) -> Inspection:
    """Read a file through.

    Args:
        path: The file.
        identity: Who may read.
        tenant: Whose it must be.
        what: ``data`` or ``keys``.

    Raises:
        WrongIdentityError, DamagedBackupError, ForeignBackupError: It cannot be used.
    """
    reader = _Reader(path, tenant, what)
    read_encrypted(path, identity, reader.take)
    return reader.found


def hand_over(
    path: Path, identity: Identity, take: Callable[[str, str, Any], None], *, skip: frozenset[str] = frozenset()
) -> None:
    """Read an inspected file again and hand over (database, collection, raw document), one by one.

    Args:
        path: The file.
        identity: Who may read.
        take: Gets each document.
        skip: Names of collections that stay out, beside whatever an old backup holds of the strongroom.
    """
    place = ("", "")

    def frame(found: Frame) -> None:
        nonlocal place
        if found["kind"] == "collection":
            place = (found["database"], found["collection"])
        elif found["kind"] == "document" and place[1] not in skip and place[0] != STRONGROOM:
            take(*place, found["document"])

    read_encrypted(path, identity, frame)


class _Reader:
    def __init__(self, path: Path, tenant: TenantId, what: str) -> None:
        self.found = Inspection(path=path)
        self._tenant = tenant
        self._what = what
        self._allowed_files = (HOSTS_FILE,) if what == DATA else KEY_FILES
        self._allowed = (*databases_of(tenant), STRONGROOM) if what == DATA else ("keys",)
        self._place = ""
        self._digest = hashlib.sha256()
        self._sums: dict[str, Any] = {}

    def take(self, frame: Frame) -> None:
        kind = frame["kind"]
        if kind == "header":
            self._header(frame)
        elif not self.found.header:
            raise DamagedBackupError(self.found.path, "does not begin with its header")
        elif kind == "document":
            self._document(frame["document"])
        elif kind == "collection":
            self._begin_collection(frame)
        elif kind == "file":
            self._file(frame)
        elif kind == "definitions":
            self.found.definitions = frame["content"]
        elif kind == "end":
            self._end_collection()
            if self._sums != frame["collections"]:
                raise DamagedBackupError(self.found.path, "holds other documents than it says at its end")

    def _header(self, frame: Frame) -> None:
        if frame["format"] != FORMAT:
            raise DamagedBackupError(self.found.path, f"has format {frame['format']}, this version reads {FORMAT}")
        if (frame["what"], frame["tenant"]) != (self._what, str(self._tenant)):
            raise ForeignBackupError(self.found.path, f"the {self._what} file of {self._tenant}")
        self.found.header = frame

    def _file(self, frame: Frame) -> None:
        if frame["name"] not in self._allowed_files:
            raise ForeignBackupError(self.found.path, f"a {self._what} file of {self._tenant}")
        self.found.files[frame["name"]] = frame["content"]

    def _begin_collection(self, frame: Frame) -> None:
        self._end_collection()
        if frame["database"] not in self._allowed:
            raise ForeignBackupError(self.found.path, f"a {self._what} file of {self._tenant}")
        self._place = f"{frame['database']}/{frame['collection']}"
        self.found.counts[self._place] = 0

    def _document(self, document: Any) -> None:
        self._digest.update(document.raw)
        self.found.counts[self._place] += 1
        service, _, collection = self._place.partition("/")
        if collection == "marker":
            version = int(document.get("schema", 0))
            if version > known_version(service):
                raise DamagedBackupError(
                    self.found.path,
                    f"was made by a newer program (data of {service} at version {version}); upgrade",
                )
            self.found.schemas[service] = version

    def _end_collection(self) -> None:
        if self._place:
            count = self.found.counts[self._place]
            self._sums[self._place] = {"count": count, "sha256": self._digest.hexdigest()}
        self._place = ""
        self._digest = hashlib.sha256()


__all__ = ["DATA", "KEYS", "Inspection", "hand_over", "inspect"]
