"""Text to records, as RFC 4180 says; what does not fit is given line by line with its fault, never mended.

Promise: no record takes cells of another line. A quotation mark that never closes, that closes in the middle of a
cell, or whose cell has swallowed whole rows, makes every line that it touches a record of its own with the fault
``QUOTE``; after them reading goes on. Each character is read at most twice. Shown by
``tests/unit/case/test_import_records.py``. Limit: a row number is the line of the file on which the row begins.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_COLUMNS = 500
MAX_CELL = 32 * 1024
"""Characters of one cell."""

QUOTE, TOO_MANY_CELLS, TOO_FEW_CELLS, CELL_TOO_LONG = "QUOTE", "TOO_MANY_CELLS", "TOO_FEW_CELLS", "CELL_TOO_LONG"

_UNREAD = "\u2026"
"""What stands for a cell that is too long: no word of any list, and not empty."""

_FARTHEST = 1024 * 1024
"""Characters in which a quoted cell has to close; a file in which one does not is read no further."""

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
    end: int
    fault: str | None
    longest_run: tuple[int, int]


class RecordReader:
    """Gives the records of a text, one after another."""

    def __init__(self, text: str, delimiter: str) -> None:
        """Take the whole text and what parts its cells."""
        self._text = text
        self._delimiter = delimiter
        self._ends = re.compile(f"[{re.escape(delimiter)}\r\n]")

    def records(self, *, width: int | None = None) -> Iterator[Record]:
        """Give every record, blank lines too.

        Args:
            width: Cells of the header; a quoted cell that runs over line ends and holds as many delimiters as the
                rows that it would have swallowed is then a fault.
        """
        at, row = 0, 1
        while at < len(self._text):
            line_end, after = self._line_end(at)
            if '"' not in self._text[at:line_end]:
                yield self._plain(row, at, line_end)
                at, row = after, row + 1
                continue
            found = self._quoted(at)
            swallowed = (
                width is not None
                and found.longest_run[0]
                and (found.longest_run[1] >= found.longest_run[0] * max(1, width - 1))
            )
            if found.fault == QUOTE or swallowed:
                end = self._line_end(found.end)[1]
                while at < end:
                    line_end, after = self._line_end(at)
                    yield self._plain(row, at, line_end)._replace(fault=QUOTE)
                    at, row = after, row + 1
                continue
            after = self._line_end(found.end)[1]
            yield Record(row, tuple(found.cells), found.fault)
            row += max(1, len(_LINE_END.findall(self._text, at, after)))
            at = after

    def _line_end(self, at: int) -> tuple[int, int]:
        match = _LINE_END.search(self._text, at)
        return match.span() if match else (len(self._text), len(self._text))

    def _plain(self, row: int, at: int, end: int) -> Record:
        """A line without quotation marks, or one whose marks mean nothing any more."""
        line = self._text[at:end]
        cells = line.split(self._delimiter, MAX_COLUMNS)
        fault = None
        if len(cells) > MAX_COLUMNS:
            cells, fault = cells[:MAX_COLUMNS], TOO_MANY_CELLS
        if len(line) > MAX_CELL and any(len(cell) > MAX_CELL for cell in cells):
            cells, fault = [cell if len(cell) <= MAX_CELL else _UNREAD for cell in cells], fault or CELL_TOO_LONG
        return Record(row, tuple(cells), fault)

    def _quoted(self, at: int) -> _Read:
        text, fault, run = self._text, None, (0, 0)
        cells: list[str] = []
        while True:
            if text.startswith('"', at):
                cell, at, broken = self._quoted_cell(at)
                if broken:
                    return _Read(cells, at, QUOTE, run)
                lines = len(_LINE_END.findall(cell or ""))
                run = max(run, (lines, (cell or "").count(self._delimiter)))
            else:
                match = self._ends.search(text, at)
                end = match.start() if match else len(text)
                cell, at = text[at:end] if end - at <= MAX_CELL else None, end
            if cell is None:
                cell, fault = _UNREAD, fault or CELL_TOO_LONG
            if len(cells) == MAX_COLUMNS:
                # No header has so many: where this row ends, its marks cannot tell.
                return _Read(cells, at, QUOTE, run)
            cells.append(cell)
            if not text.startswith(self._delimiter, at):
                return _Read(cells, at, fault, run)
            at += 1

    def _quoted_cell(self, at: int) -> tuple[str | None, int, bool]:
        """Give the cell (None if it is too long), where it ends, and whether its marks are broken."""
        text, parts, size, at = self._text, [], 0, at + 1
        farthest = at + _FARTHEST
        while True:
            mark = text.find('"', at, farthest)
            if mark < 0:
                return None, len(text), True
            doubled = text.startswith('"', mark + 1)
            size += mark - at + doubled
            if size <= MAX_CELL:
                parts.append(text[at : mark + doubled])
            at = mark + 1 + doubled
            if not doubled:
                break
        while text.startswith(" ", at):
            at += 1
        closed = at == len(text) or text[at] in "\r\n" or text.startswith(self._delimiter, at)
        return ("".join(parts) if size <= MAX_CELL else None), at, not closed
