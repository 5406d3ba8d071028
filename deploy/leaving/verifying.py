"""Reads a package back as an importer would, offline, with the host's identity and the keys of its log.

Promise: a package that verifies is the one that its host's log key signed, has every file and no other, and every line
in it has exactly the names that its schema declares, in values of their kind; as many lines are there as documents were
kept, less those of the erased; whatever a line refers to is there; each table has the rows of its lines. Nothing is
written anywhere. Shown by tests/integration/leaving/test_leaving_package.py.
Limit: a record that is wrong in a way its own service would accept is not seen.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from pyrage.x25519 import Identity

from deploy.keeping.age_files import digest_of
from deploy.leaving.errors import PackageUnreadableError
from deploy.leaving.line_checks import Declared, LineChecks, TableChecks
from deploy.leaving.lines import read_lines
from deploy.leaving.package import CONTENTS, FORMAT, MANIFEST, RECORDS, SCHEMA, SIGNATURE
from deploy.leaving.signing import check_signed, read_keys
from deploy.leaving.tables import FOLDER
from shared.transparency.notes import VerifierKey

MOST_PROBLEMS = 100
"""That are named; where everything was replaced each line would be one."""
_MOST_PLAIN_BYTES = 64 * 1024 * 1024


@dataclass(kw_only=True)
class Verified:
    """What was found.

    Attributes:
        problems: What does not hold; empty when all is well. They name files, collections and ids, no content.
        lines: Of each collection.
        unreadable: Documents that the host itself could not open, by collection.
    """

    host: str
    moment: str
    signed_at: datetime
    erased: int = 0
    lines: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def wrong(self, sentence: str) -> None:
        """Note something that does not hold."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(sentence)


def verify_package(folder: Path, identity: Identity, keys: str) -> Verified:
    """Read everything.

    Args:
        folder: The package.
        identity: The half of the key that the host keeps.
        keys: The two lines of keys of the host's audit log; not taken from the package.

    Raises:
        PackageUnreadableError: It cannot be read as a package at all, or it is not signed with these keys.
    """
    manifest, found = _signed_manifest(folder, read_keys(keys))
    _check_files(folder, manifest["files"], found)
    if not found.problems:
        _Inside(folder, identity, found).run()
    return found


def _signed_manifest(folder: Path, keys: tuple[VerifierKey, ...]) -> tuple[dict[str, Any], Verified]:
    content = _plain_bytes(folder / MANIFEST)
    said = _object(content, MANIFEST)
    if said.get("format") != FORMAT:
        raise PackageUnreadableError(f"{MANIFEST} has another format than {FORMAT}: a newer program wrote it.")
    files, host = said.get("files"), said.get("host")
    if not isinstance(files, dict) or not isinstance(host, str):
        raise PackageUnreadableError(f"{MANIFEST} is no manifest.")
    note = _plain_bytes(folder / SIGNATURE).decode(errors="replace")
    signed_at = check_signed(note, content, len(files), keys, host)
    return said, Verified(host=host, moment=str(said.get("moment")), signed_at=signed_at)


def _check_files(folder: Path, files: Mapping[str, Any], found: Verified) -> None:
    """Compare what lies there with what is signed; a name that leads out of the folder is never opened."""
    here = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    for name in sorted(here - set(files) - {MANIFEST, SIGNATURE}):
        found.wrong(f"{name} lies there and is not in the manifest")
    for name, said in sorted(files.items()):
        place = PurePosixPath(name)
        if place.is_absolute() or ".." in place.parts or name not in here or (folder / name).is_symlink():
            found.wrong(f"{name} is missing")
        elif digest_of(folder / name) != said["sha256"]:
            found.wrong(f"{name} was altered")
    found.problems += [f"{name} is missing" for name in (SCHEMA, CONTENTS) if name not in files]


class _Inside:
    def __init__(self, folder: Path, identity: Identity, found: Verified) -> None:
        self._folder, self._identity, self._found = folder, identity, found
        schema = _object(_plain_bytes(folder / SCHEMA), SCHEMA)
        self._declared = {name: Declared.of(said) for name, said in schema["collections"].items()}
        self._contents = self._read_contents()
        self._ids: dict[str, set[str]] = {
            target: set() for one in self._declared.values() for target in one.refers.values()
        }

    def run(self) -> None:
        """Read what others refer to first, then everything: the ids alone are kept."""
        self._found.erased = int(self._contents["erased_people"])
        for target in self._ids:
            self._ids[target] = self._ids_of(target)
        for name, one in self._declared.items():
            self._collection(name, one)
        for name in self._contents["collections"].keys() ^ self._declared.keys():
            self._found.wrong(f"{name} is counted or declared, and not both")

    def _ids_of(self, target: str) -> set[str]:
        ids = set[str]()

        def take(line: bytes) -> None:
            ids.add(_id_of(line))

        self._read(f"{RECORDS}/{target}.jsonl", take)
        return ids

    def _collection(self, name: str, one: Declared) -> None:
        checks = LineChecks(name, one, self._ids, self._found.wrong)
        self._read(f"{RECORDS}/{name}.jsonl", checks.take)
        counted = self._contents["collections"].get(name) or {"kept": -1, "erased": 0, "lines": -1, "unreadable": []}
        if checks.lines != counted["lines"] or counted["kept"] != counted["lines"] + counted["erased"]:
            self._found.wrong(f"{name} has {checks.lines} lines, and {counted['lines']} were written")
        if checks.unreadable:
            self._found.unreadable[name] = checks.unreadable
        if checks.unreadable != len(counted["unreadable"]):
            self._found.wrong(f"{name} has other unreadable lines than were written")
        self._found.lines[name] = checks.lines
        if one.table:
            table = TableChecks(name, checks.ids_digest, self._found.wrong)
            self._read(f"{FOLDER}/{name}.csv", table.take)
            table.end()

    def _read(self, name: str, take: Callable[[bytes], None]) -> None:
        digest = read_lines(self._folder / f"{name}.age", self._identity, take)
        said = self._contents["files"].get(name)
        if said is None or said["sha256"] != digest:
            self._found.wrong(f"{name} is not what was written")

    def _read_contents(self) -> dict[str, Any]:
        lines: list[bytes] = []
        read_lines(self._folder / CONTENTS, self._identity, lines.append)
        return _object(b"".join(lines), CONTENTS)


def _id_of(line: bytes) -> str:
    return str(_object(line, RECORDS).get("id"))


def _plain_bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > _MOST_PLAIN_BYTES:
            raise PackageUnreadableError(f"{file.name} is larger than any of a package.")
        return file.read_bytes()
    except OSError as error:
        raise PackageUnreadableError(f"{file.name} is missing, so this is no finished package.") from error


def _object(content: bytes, name: str) -> dict[str, Any]:
    try:
        read = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise PackageUnreadableError(f"{name} cannot be read.") from error
    if not isinstance(read, dict):
        raise PackageUnreadableError(f"{name} cannot be read.")
    return read
