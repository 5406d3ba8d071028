"""Writes the package of a host that leaves: whole or not at all, and nothing of a person plain on any disk.

Every file with people in it is encrypted to the host's own key before it touches the disk, so whoever runs this cannot
read what they write. It is written beside its place and moved there at the end. How many people there are stands
inside alone. Shown by tests/integration/leaving/test_leaving_package.py.
"""

import hashlib
import json
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyrage

from deploy.engines.secret_files import write_private
from deploy.keeping.age_files import digest_of, encrypt_parts, sync_folder
from deploy.leaving.chosen import REFERS, Chosen, chosen_of, left_out_of
from deploy.leaving.errors import PackagePlaceTakenError
from deploy.leaving.reading import Counted, HostReading
from deploy.leaving.signing import sign_manifest
from deploy.leaving.tables import CSVW, FOLDER, TABLES, csv_lines, metadata
from shared.kernel.tenancy import TenantId
from shared.outbox.documents import Holds
from shared.transparency.log_key import LogKey

FORMAT = 1
MANIFEST, SIGNATURE, SCHEMA, CONTENTS = "MANIFEST.json", "MANIFEST.sig", "schema.json", "contents.json.age"
RECORDS, AUDIT_LOG = "records", "audit-log"

WriteLog = Callable[[Path], Any]


@dataclass(frozen=True, kw_only=True)
class Leaver:
    """Whose package it is.

    Attributes:
        recipient: The host's own public key.
        log_key: Of its audit log; it signs the manifest.
        write_log: Writes the signed log into a folder that is not there yet, as ``alongside audit export`` does.
    """

    tenant: TenantId
    name: str
    recipient: pyrage.x25519.Recipient
    log_key: LogKey = field(repr=False)
    write_log: WriteLog = field(repr=False)


def write_package(
    leaver: Leaver,
    reading: HostReading,
    to: Path,
    *,
    now: datetime,
    end: Callable[[str], None],
    say: Callable[[str], None] = lambda _line: None,
) -> dict[str, Any]:
    """Write everything a host keeps into a folder.

    Args:
        leaver: Whose.
        reading: Of the host's databases.
        to: A folder that is not there yet.
        now: When it is signed.
        end: Is given the manifest's SHA-256 before the folder stands in its place; what it raises deletes all of it.
        say: Tells how it goes on.

    Returns:
        ``manifest_sha256``, ``files``, ``erased``, ``unreadable`` and the ``moment`` that all of it shows.

    Raises:
        PackagePlaceTakenError: Nothing was written.
        ErasedMeanwhileError, SnapshotTooOldError: Nothing is left of what was written.
    """
    if to.exists():
        raise PackagePlaceTakenError(to)
    draft = to.with_name(f"{to.name}.{secrets.token_hex(4)}.draft")
    draft.mkdir(mode=0o700, parents=True)
    try:
        found = _Writing(leaver, reading, draft, say).run(now)
        reading.check_nobody_was_erased_meanwhile()
        end(found["manifest_sha256"])
        draft.rename(to)
        sync_folder(to.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return found


class _Writing:
    def __init__(self, leaver: Leaver, reading: HostReading, folder: Path, say: Callable[[str], None]) -> None:
        self._leaver, self._reading, self._folder, self._say = leaver, reading, folder, say
        self._inside: dict[str, dict[str, Any]] = {}
        self._chosen = chosen_of(leaver.tenant)

    def run(self, now: datetime) -> dict[str, Any]:
        counts = {one.name: self._records(one) for one in self._chosen}
        contents = {
            "moment": self._moment,
            "erased_people": self._reading.erased,
            "collections": {name: asdict(counted) for name, counted in counts.items()},
            "files": self._inside,
            "left_out": left_out_of(self._leaver.tenant),
        }
        encrypt_parts(self._folder / CONTENTS, [_json(contents)], self._leaver.recipient)
        _write(self._folder / SCHEMA, schema_of(self._chosen))
        _write(self._folder / CSVW, metadata())
        self._say("Writing the signed audit log")
        self._leaver.write_log(self._folder / AUDIT_LOG)
        manifest, files = self._manifest(now)
        return {
            "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
            "moment": self._moment,
            "files": files,
            "erased": self._reading.erased,
            "unreadable": sum(len(counted.unreadable) for counted in counts.values()),
        }

    @property
    def _moment(self) -> str:
        at: datetime = self._reading.moment.as_datetime()
        return at.isoformat()

    def _records(self, one: Chosen) -> Counted:
        """Write a collection's lines, and then its table: both read the same instant."""
        self._say(f"Writing {one.name}")
        counted = Counted()
        rows = self._reading.lines(one, counted)
        self._sealed(f"{RECORDS}/{one.name}.jsonl", (_json(row) for row in rows))
        if one.name in TABLES:
            again = self._reading.lines(one, Counted())
            self._sealed(f"{FOLDER}/{one.name}.csv", csv_lines(one.name, again))
        return counted

    def _sealed(self, name: str, parts: Iterable[bytes]) -> None:
        inside = hashlib.sha256()
        encrypt_parts(self._folder / f"{name}.age", _hashed(parts, inside), self._leaver.recipient)
        self._inside[name] = {"sha256": inside.hexdigest()}

    def _manifest(self, now: datetime) -> tuple[bytes, int]:
        files = {
            str(path.relative_to(self._folder)): {"sha256": digest_of(path), "bytes": path.stat().st_size}
            for path in sorted(self._folder.rglob("*"))
            if path.is_file()
        }
        said = {
            "format": FORMAT,
            "host": str(self._leaver.tenant),
            "name": self._leaver.name,
            "moment": self._moment,
            "recipient": str(self._leaver.recipient),
            "files": files,
        }
        manifest = _json(said, indent=1)
        write_private(self._folder / MANIFEST, manifest.decode())
        note = sign_manifest(self._leaver.log_key, self._leaver.tenant, manifest, len(files), now)
        write_private(self._folder / SIGNATURE, note)
        return manifest, len(files)


def schema_of(chosen: Iterable[Chosen]) -> dict[str, Any]:
    """Describe every collection of a package: the names of each line, what each holds, and what it refers to."""
    return {
        "format": FORMAT,
        "collections": {
            one.name: {
                "names": list(one.names),
                "texts": list(one.sealed),
                "instants": [each.name for each in one.fields if each.holds is Holds.INSTANT and not each.sealed],
                "refers": {name: REFERS[name] for name in one.names if name in REFERS and one.service in _REFERRING},
                "table": one.name in TABLES,
            }
            for one in chosen
        },
    }


_REFERRING = frozenset({"case", "consent"})


def _hashed(parts: Iterable[bytes], inside: Any) -> Iterator[bytes]:
    for part in parts:
        inside.update(part)
        yield part


def _json(content: Mapping[str, Any], *, indent: int | None = None) -> bytes:
    # What is indented is read by people too, and has one spelling whatever the machine's encoding.
    return (json.dumps(content, ensure_ascii=indent is not None, indent=indent) + "\n").encode()


def _write(file: Path, content: Mapping[str, Any]) -> None:
    write_private(file, _json(content, indent=1).decode())
