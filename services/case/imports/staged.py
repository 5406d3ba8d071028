"""An uploaded file as it waits: its mapped cells in sealed pieces, read again and again, one piece in memory at a time.

Promise: a piece that is missing is an error, never the end of the file. Shown by
``tests/integration/case/test_import_long_files.py``.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec
import pymongo

from services.case.imports.plans import PlanStore
from services.case.imports.rules.decoding import UnreadableFileError
from services.case.imports.rules.table import Line, MappedFile, Table
from services.case.strongroom.documents import FILE, Strongroom

PIECE_ROWS = 4_000
"""Rows of a piece. Reading a file again holds three pieces at once, unpacked; see ``docs/benchmarks.md``."""
READ_WITHIN_S = 480.0
"""Seconds in which a file is read; less than the ten minutes after which the sweeper takes it for forgotten."""
_PIECE_WITHIN_S = 6.5
"""The same for one piece at the database, as for the reads of a request (``shared.web.deadlines``)."""


class PieceMissingError(UnreadableFileError):
    """A piece of a waiting file is gone."""

    def __init__(self) -> None:
        """Say how to mend it."""
        super().__init__("a part of it is no longer stored here", "Upload it again.")


Keep = Callable[[int, bytes], None]
"""Keeps a piece by its number; 0 stands first where the file is read again, and comes last here."""


def stage(mapped: MappedFile, keep: Keep) -> tuple[int, int]:
    """Give a file's mapped cells away in packed pieces of 4,000 rows, one in memory at a time; count pieces and rows.

    Raises:
        UnreadableFileError: The file cannot be read to its end, or not in time.
    """
    facts, pieces, rows = mapped.facts, 0, 0
    lines: list[Line] = []
    late = time.monotonic() + READ_WITHIN_S

    def piece() -> bytes:
        return Table(
            profile=facts.profile,
            fields=mapped.fields,
            lines=tuple(lines),
            encoding=facts.encoding,
            header_row=facts.header_row,
            ignored=mapped.ignored,
            dropped=facts.dropped,
            unread=facts.unread,
        ).stage()

    for line in mapped.lines():
        if len(lines) == PIECE_ROWS:
            if time.monotonic() > late:
                raise UnreadableFileError("reading it takes too long here", "Split it, or send it at a quieter time.")
            pieces += 1
            keep(pieces, piece())
            lines = []
        lines.append(line)
        rows += 1
    # The last piece knows of every line that is no record; it stands first, where what is told of the file is read.
    keep(0, piece())
    return pieces + 1, rows


@dataclass(frozen=True, kw_only=True)
class StagedLines:
    """The rows of a waiting file, in order, as often as they are asked for."""

    strongroom: Strongroom
    import_id: str
    last: tuple[Line, ...]
    pieces: int

    def __iter__(self) -> Iterator[Line]:
        """Read one piece after another.

        Raises:
            PieceMissingError: One is gone.
        """
        for number in range(1, self.pieces):
            packed = self.strongroom.get(self.import_id, part=f"{FILE}/{number:06d}")
            if packed is None:
                raise PieceMissingError
            yield from Table.unstage(packed).lines
        yield from self.last


def keeper(strongroom: Strongroom, import_id: str) -> Keep:
    """Give what keeps a file's pieces in the strongroom, each within the time that a request's reads have."""

    def keep(number: int, packed: bytes) -> None:
        with pymongo.timeout(_PIECE_WITHIN_S):
            strongroom.put(import_id, packed, part=f"{FILE}/{number:06d}" if number else "")

    return keep


def find(strongroom: Strongroom, import_id: str) -> tuple[Table, int] | None:
    """Give a waiting file, whose lines are read piece by piece, and how many there are; None when it is gone."""
    packed = strongroom.get(import_id)
    if packed is None:
        return None
    table, about = Table.unstage(packed), PlanStore(strongroom, import_id, "").about()
    if about.pieces == 1:
        return table, len(table.lines)
    lines = StagedLines(strongroom=strongroom, import_id=import_id, last=table.lines, pieces=about.pieces)
    return msgspec.structs.replace(table, lines=lines), about.rows
