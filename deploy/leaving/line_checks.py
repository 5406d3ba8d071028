"""One line, or one row of a table, against what its package declares of it.

Shown by tests/unit/deploy/test_leaving_lines.py.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from deploy.leaving.errors import PackageUnreadableError
from deploy.leaving.reading import UNREADABLE
from deploy.leaving.tables import MARK, columns_of

Wrong = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What a package declares of one collection.

    Attributes:
        names: Of each line, in their order.
        texts: Names whose value is a text or nothing.
        instants: Names whose value, where it is a text, is a day, or an instant with its zone.
        refers: Names whose value, where there is one, is an id of a line of that collection.
        table: Whether there is a table of it.
    """

    names: tuple[str, ...]
    texts: frozenset[str]
    instants: frozenset[str]
    refers: Mapping[str, str]
    table: bool

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Read it.

        Raises:
            PackageUnreadableError: It is no declaration.
        """
        try:
            return cls(
                names=tuple(map(str, said["names"])),
                texts=frozenset(said["texts"]),
                instants=frozenset(said["instants"]),
                refers={str(name): str(target) for name, target in said["refers"].items()},
                table=bool(said["table"]),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise PackageUnreadableError("The schema cannot be read.") from error


class LineChecks:
    """Checks the lines of one collection as they come.

    Attributes:
        lines: How many there were.
        unreadable: How many say that their document could not be opened.
        ids_digest: Of all ids in their order, to be compared with the table's.
    """

    def __init__(self, name: str, declared: Declared, ids: Mapping[str, AbstractSet[str]], wrong: Wrong) -> None:
        """Take what is declared, the ids that may be referred to, and who hears of what does not hold."""
        self._name, self._declared, self._ids, self._wrong = name, declared, ids, wrong
        self.lines = self.unreadable = 0
        self.ids_digest = hashlib.sha256()
        self._last = ""

    def take(self, line: bytes) -> None:
        """Check a line."""
        self.lines += 1
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict) or not isinstance(row.get("id"), str):
            self._wrong(f"{self._name}: line {self.lines} cannot be read")
            return
        self._check_order(row["id"])
        is_unreadable = row.pop(UNREADABLE, False) is True
        self.unreadable += is_unreadable
        if tuple(row) != self._declared.names:
            self._wrong(f"{self._name}: {row['id']} has other names than the schema declares")
        elif not is_unreadable:
            self._check_values(row)

    def _check_order(self, id_: str) -> None:
        if id_ <= self._last:
            self._wrong(f"{self._name}: {id_} stands twice, or out of its order")
        self._last = id_
        self.ids_digest.update(f"{id_}\n".encode())

    def _check_values(self, row: Mapping[str, Any]) -> None:
        for name in self._declared.texts:
            if not isinstance(row[name], (str, type(None))):
                self._wrong(f"{self._name}: {name} of {row['id']} is no text")
        for name in self._declared.instants:
            if isinstance(row[name], str) and not _is_when(row[name]):
                self._wrong(f"{self._name}: {name} of {row['id']} is no instant")
        for name, target in self._declared.refers.items():
            if row[name] is not None and row[name] not in self._ids[target]:
                self._wrong(f"{self._name}: {name} of {row['id']} names nothing that is in {target}")


class TableChecks:
    """Checks that a table has its columns, and one row for each line, in the same order."""

    def __init__(self, name: str, ids_digest: Any, wrong: Wrong) -> None:
        """Take the digest of the ids of the lines."""
        self._name, self._expected, self._wrong = name, ids_digest.hexdigest(), wrong
        self._found = hashlib.sha256()
        self._part: list[str] = []
        self._quotes = 0
        self._is_first = True

    def take(self, line: bytes) -> None:
        """Take a line of the file; a cell may go over several, so a row ends where its quotes are even."""
        text = line.decode(errors="replace")
        self._part.append(text)
        self._quotes += text.count('"')
        if self._quotes % 2:
            return
        (row,) = csv.reader(io.StringIO("".join(self._part), newline=""))
        self._part = []
        if self._is_first:
            self._is_first = False
            if row != [f"{MARK}id", *columns_of(self._name)[1:]]:
                self._wrong(f"the table of {self._name} has other columns")
        else:
            self._found.update(f"{row[0]}\n".encode())

    def end(self) -> None:
        """Compare the ids."""
        if self._found.hexdigest() != self._expected:
            self._wrong(f"the table of {self._name} has other rows than its lines")


def _is_when(text: str) -> bool:
    """Whether it is a day, or an instant with its zone."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return False
    return when.tzinfo is not None or text == when.date().isoformat()
