"""Plans as they are kept: sealed in the strongroom beside their file, a part for each chunk of rows, and a sum.

Promise: a plan has no cell and no reference, is sealed under its upload's own key, and goes with it when it expires.
Shown by ``tests/integration/case/test_import_plan.py``.
"""

import zlib
from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec

from services.case.imports.rules.planned import PlannedRow, Summary
from services.case.strongroom.documents import Strongroom

PLAN, FAULTY, ABOUT = "plan", "errors", "about"
"""Parts: the plan, the rows to mend with their cells, and what the file calls its columns."""

T = TypeVar("T")


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan needs to know of the file beside its cells.

    Attributes:
        names: The file's own name of each column that is read, by field.
        columns: The same in the order of the cells that are kept; empty where the file has no such column.
        births: Whether the column of the age is one of birth dates.
        pieces, rows: In how many pieces the file waits, and how many rows it has; of a short one not told.
    """

    names: dict[str, str] = msgspec.field(default_factory=dict)
    columns: tuple[str, ...] = ()
    pieces: int = 1
    rows: int = 0
    births: bool = False


class FaultyRow(msgspec.Struct, frozen=True, array_like=True):
    """A row to mend: its cells by the place of their field, as they stand in the file but for birth dates."""

    row: int
    cells: tuple[str, ...]
    problems: tuple[tuple[str, str, str, bool], ...]


class PlanStore:
    """What is kept of one of an import's plans; a new plan stands beside the old one until it is whole."""

    def __init__(self, strongroom: Strongroom, import_id: str, place: str) -> None:
        """Take the strongroom, whose plan it is, and under which name it is kept there."""
        self._strongroom = strongroom
        self._import_id = import_id
        self.place = place

    def keep_part(self, number: int, rows: Sequence[PlannedRow]) -> None:
        """Keep the rows of one chunk, in place of what was kept there."""
        self._put(f"{PLAN}/{self.place}/{number:06d}", rows)

    def part(self, number: int) -> tuple[PlannedRow, ...] | None:
        """Give the rows of one chunk, or None when they are gone."""
        packed = self._strongroom.get(self._import_id, part=f"{PLAN}/{self.place}/{number:06d}")
        return None if packed is None else _read(packed, tuple[PlannedRow, ...])

    def keep_sum(self, summary: Summary) -> None:
        """Keep the plan in sum."""
        self._put(f"{PLAN}/{self.place}/sum", summary)

    def sum(self) -> Summary | None:
        """Give the plan in sum, or None when it is gone."""
        packed = self._strongroom.get(self._import_id, part=f"{PLAN}/{self.place}/sum")
        return None if packed is None else _read(packed, Summary)

    def keep_faulty(self, number: int, rows: Sequence[FaultyRow]) -> None:
        """Keep the rows to mend of one chunk; a chunk that has none keeps nothing."""
        if rows:
            self._put(f"{FAULTY}/{self.place}/{number:06d}", rows)

    def faulty(self, parts: int) -> Iterator[FaultyRow]:
        """Give the rows to mend, in the file's order."""
        for number in range(parts):
            packed = self._strongroom.get(self._import_id, part=f"{FAULTY}/{self.place}/{number:06d}")
            if packed is not None:
                yield from _read(packed, tuple[FaultyRow, ...])

    def keep_about(self, about: About) -> None:
        """Keep what the file calls its columns."""
        self._put(ABOUT, about)

    def about(self) -> About:
        """Give it; of a file that came before it was kept, nothing."""
        packed = self._strongroom.get(self._import_id, part=ABOUT)
        return About() if packed is None else _read(packed, About)

    def _put(self, part: str, content: object) -> None:
        self._strongroom.put(self._import_id, zlib.compress(msgspec.msgpack.encode(content), 1), part=part)


def _read(packed: bytes, kind: type[T]) -> T:
    return msgspec.msgpack.decode(zlib.decompress(packed), type=kind)
