"""Text to records, as RFC 4180 says; what does not fit is given line by line with its fault, never mended.

Promise: no record takes cells of another line. A quotation mark that never closes, that closes in the middle of a
cell, or whose cell has swallowed whole rows, makes every line that it touches a record of its own with the fault
``QUOTE``; after them reading goes on. Each character is read at most twice, and no more than a few million characters
stand in memory, however long a file or one of its lines is. Shown by ``tests/unit/case/test_import_records.py`` and
``tests/unit/case/test_import_streams.py``. Limit: a row number is the line of the file on which the row begins.
"""

import math
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MAX_COLUMNS = 500
MAX_CELL = 32 * 1024
"""Characters of one cell."""

QUOTE, TOO_MANY_CELLS, TOO_FEW_CELLS, CELL_TOO_LONG, MERGED_CELLS = (
    "QUOTE",
    "TOO_MANY_CELLS",
    "TOO_FEW_CELLS",
    "CELL_TOO_LONG",
    "MERGED_CELLS",
)

UNREAD = "\u2026"
"""What stands for a cell that is too long: no word of any list, and not empty."""

_FARTHEST = 1024 * 1024
"""Characters in which a quoted cell has to close; a file in which one does not is read no further."""

_LONGEST = 2 * _FARTHEST
"""Characters of a record with quotation marks; of a line without them that is longer, the rest is passed over."""

_AHEAD = _LONGEST + _FARTHEST + 16

_LINE_END = re.compile(r"\r\n|\r|\n")


class Record(NamedTuple):
    """One row of a file.

    Attributes:
        row: Line of the file on which it begins; the first is 1.
        cells: As they stand, quotation marks resolved.
        fault: Why its cells may stand in the wrong columns, if they may.
    """

    row: int
    cells: tuple[str, ...]
    fault: str | None = None


class _Read(NamedTuple):
    """A record read at a place: its cells, where it ends, and what is wrong with it."""

    cells: list[str]
    end: float
    fault: str | None
    longest_run: tuple[int, int]


class RecordReader:
    """Gives the records of a text, one after another."""

    def __init__(self, text: str | Iterable[str], delimiter: str) -> None:
        """Take the text, whole or in blocks of which none ends inside a line end, and what parts its cells."""
        self._blocks = iter((text,) if isinstance(text, str) else text)
        self._text = ""
        self._at = 0
        self._passed = 0
        self._ended = False
        self._delimiter = delimiter
        self._ends = re.compile(f"[{re.escape(delimiter)}\r\n]")

    def records(self, *, width: int | None = None) -> Iterator[Record]:
        """Give every record, blank lines too.

        Args:
            width: Cells of the header; a quoted cell that runs over line ends and holds as many delimiters as the
                rows that it would have swallowed is then a fault.
        """
        row, broken_until = 1, 0.0
        while self._fill():
            at = self._at
            line_end, after = self._line_end(at)
            broken = self._passed + at < broken_until
            if not broken and self._text.find('"', at, line_end) >= 0:
                found = self._quoted(at)
                swallowed = (
                    width is not None
                    and found.longest_run[0]
                    and (found.longest_run[1] >= found.longest_run[0] * max(1, width - 1))
                )
                if found.fault == QUOTE or swallowed:
                    broken_until = self._passed + self._after(found.end)
                    continue
                after = int(self._after(found.end))
                yield Record(row, tuple(found.cells), found.fault)
                row += max(1, len(_LINE_END.findall(self._text, at, after)))
                self._at = after
                continue
            record = self._plain(row, at, line_end)
            if line_end == after and not self._ended:
                record = self._pass_over(record)
            else:
                self._at = after
            yield record._replace(fault=QUOTE) if broken else record
            row += 1

    def _fill(self) -> bool:
        """Let what was read go, and take as much as the longest record needs; say whether anything is left."""
        if not self._ended and len(self._text) - self._at <= _AHEAD:
            parts, size = [self._text[self._at :]], len(self._text) - self._at
            self._passed += self._at
            self._at = 0
            while size <= _AHEAD:
                block = next(self._blocks, None)
                if block is None:
                    self._ended = True
                    break
                parts.append(block)
                size += len(block)
            self._text = "".join(parts)
        return self._at < len(self._text)

    def _pass_over(self, begun: Record) -> Record:
        """Go on after a line of which only the beginning was read; its last cell may be cut, and so is not read."""
        self._passed += len(self._text)
        self._text, self._at = "", 0
        for block in self._blocks:
            if match := _LINE_END.search(block):
                self._passed += match.end()
                self._text = block[match.end() :]
                break
            self._passed += len(block)
        else:
            self._ended = True
        return begun._replace(cells=(*begun.cells[:-1], UNREAD), fault=begun.fault or CELL_TOO_LONG)

    def _line_end(self, at: int) -> tuple[int, int]:
        match = _LINE_END.search(self._text, at)
        return match.span() if match else (len(self._text), len(self._text))

    def _after(self, end: float) -> float:
        return end if end == math.inf else self._line_end(int(end))[1]

    def _plain(self, row: int, at: int, end: int) -> Record:
        """A line without quotation marks, or one whose marks mean nothing any more."""
        line = self._text[at:end]
        cells = line.split(self._delimiter, MAX_COLUMNS)
        fault = None
        if len(cells) > MAX_COLUMNS:
            cells, fault = cells[:MAX_COLUMNS], TOO_MANY_CELLS
        if len(line) > MAX_CELL and any(len(cell) > MAX_CELL for cell in cells):
            cells, fault = [cell if len(cell) <= MAX_CELL else UNREAD for cell in cells], fault or CELL_TOO_LONG
        return Record(row, tuple(cells), fault)

    def _quoted(self, at: int) -> _Read:
        text, fault, run, farthest = self._text, None, (0, 0), at + _LONGEST
        cells: list[str] = []
        while True:
            if text.startswith('"', at):
                cell, place, broken = self._quoted_cell(at)
                if broken:
                    return _Read(cells, place, QUOTE, run)
                at = int(place)
                lines = len(_LINE_END.findall(cell or ""))
                run = max(run, (lines, (cell or "").count(self._delimiter)))
            else:
                match = self._ends.search(text, at)
                end = match.start() if match else len(text)
                cell, at = text[at:end] if end - at <= MAX_CELL else None, end
            if cell is None:
                cell, fault = UNREAD, fault or CELL_TOO_LONG
            if len(cells) == MAX_COLUMNS or at > farthest:
                # No header has so many: where this row ends, its marks cannot tell.
                return _Read(cells, at, QUOTE, run)
            cells.append(cell)
            if not text.startswith(self._delimiter, at):
                return _Read(cells, at, fault, run)
            at += 1

    def _quoted_cell(self, at: int) -> tuple[str | None, float, bool]:
        """Give the cell (None if it is too long), where it ends, and whether its marks are broken."""
        text, parts, size, at = self._text, [], 0, at + 1
        farthest = at + _FARTHEST
        while True:
            mark = text.find('"', at, farthest)
            if mark < 0:
                return None, math.inf, True
            doubled = text.startswith('"', mark + 1)
            size += mark - at + doubled
            if size <= MAX_CELL:
                parts.append(text[at : mark + doubled])
            at = mark + 1 + doubled
            if not doubled:
                break
        while text.startswith(" ", at):
            at += 1
        closed = (
            (at == len(text) and self._ended)
            or text[at : at + 1] in {"\r", "\n"}
            or text.startswith(self._delimiter, at)
        )
        return ("".join(parts) if size <= MAX_CELL else None), at, not closed
