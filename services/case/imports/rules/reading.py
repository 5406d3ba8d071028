"""A host's export as a header and its records: format, encoding, delimiter and header row are found, nothing is mended.

Limit: a CSV file has at most 500 MB, 1,000,000 rows and 2,000,000 lines, 500 columns and 32,768 characters a cell; the
header stands in the first 15 records. Spreadsheets have limits of their own (``rules/spreadsheets.py``). A file that
cannot be read is refused whole, before any row; a row that cannot be read is given with its fault. Records are read
from the file when they are asked for, as often as they are asked for, so that memory does not grow with the file
(``tests/unit/case/test_import_streams.py``). No reader touches a database.
"""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import BinaryIO

from services.case.imports.rules.decoding import UnreadableFileError, find_encoding, text_blocks
from services.case.imports.rules.records import (
    MAX_COLUMNS,
    QUOTE,
    TOO_FEW_CELLS,
    TOO_MANY_CELLS,
    Record,
    RecordReader,
)
from services.case.imports.rules.spreadsheets import Grid, is_spreadsheet, read_spreadsheet

__all__ = [
    "DELIMITERS",
    "MAX_BYTES",
    "MAX_LINES",
    "MAX_ROWS",
    "Sheet",
    "Stated",
    "UnreadableFileError",
    "plain",
    "read_sheet",
]

MAX_BYTES = 500 * 1024 * 1024
MAX_ROWS = 1_000_000
MAX_LINES = 2_000_000
"""Lines of a file, blank ones too."""

DELIMITERS = ",;\t|^~\x1f"
_HEADER_SEARCH = 15
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad"
_STRIPPED = "".join(chr(n) for n in range(0x10000) if chr(n).isspace()) + _INVISIBLE
_MOST_HEADER_ROW = 1_000


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What a person or a mapping profile says of a file; what is None is found.

    Attributes:
        header_row: Line, or row of the spreadsheet, on which the header stands.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A header and its records.

    Attributes:
        header: Names of the columns, in order.
        header_row: Line of the file on which the header stands.
        encoding: As which the file was read; ``xlsx`` or ``ods`` of a spreadsheet.
        kind: ``csv`` or ``spreadsheet``.
        name: The sheet of a spreadsheet that was read.
        other_sheets: Sheets that were not read, hidden ones too.
        hidden_sheets: Those that the program does not show.
        merged: Ranges of merged cells, as a spreadsheet names them; at most 20.
    """

    header: tuple[str, ...]
    header_row: int
    encoding: str
    delimiter: str
    kind: str = "csv"
    name: str | None = None
    other_sheets: tuple[str, ...] = ()
    hidden_sheets: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    read: Callable[[int], Iterator[Record]] = field(repr=False)

    def records(self) -> Iterator[Record]:
        """Give every record below the header that holds anything; too many or too few cells are its fault.

        Raises:
            UnreadableFileError: There are more rows or lines than a file may have.
        """
        count = 0
        for record in self.read(len(self.header)):
            if record.row > MAX_LINES:
                raise UnreadableFileError(f"it has more than {MAX_LINES:,} lines", _SPLIT)
            if record.row <= self.header_row:
                continue
            cells = tuple(cell.strip(_STRIPPED) for cell in record.cells)
            if not any(cells):
                continue
            count += 1
            if count > MAX_ROWS:
                raise UnreadableFileError(f"it has more than {MAX_ROWS:,} rows", _SPLIT)
            yield Record(record.row, cells, record.fault or self._width_fault(len(cells)))

    @cached_property
    def fingerprint(self) -> str:
        """Tell this header from every other: names in order, without case, doubled spaces and invisible characters."""
        names = "\x1f".join(plain(name) for name in self.header)
        return hashlib.sha256(names.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @cached_property
    def rows(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """(Row number, cells) of every record that has no fault."""
        return tuple((record.row, record.cells) for record in self.records() if record.fault is None)

    def _width_fault(self, cells: int) -> str | None:
        if cells == len(self.header):
            return None
        return TOO_MANY_CELLS if cells > len(self.header) else TOO_FEW_CELLS


def read_sheet(content: bytes | BinaryIO, known_columns: Iterable[str] | None, stated: Stated | None = None) -> Sheet:
    """Read a file.

    Args:
        content: The file as uploaded, or a binary file that can be read again from its beginning.
        known_columns: Columns of the profiles that may fit; the header is the line that has most of them. None where
            no profile is known yet: the header is then the first line with most different words.
        stated: What is known of the file beforehand.

    Raises:
        UnreadableFileError: It is too large, empty, no text, or has no header.
    """
    source: BinaryIO = io.BytesIO(content) if isinstance(content, bytes) else content
    if source.seek(0, io.SEEK_END) > MAX_BYTES:
        raise UnreadableFileError("it is larger than 500 MB", _SPLIT)
    known = None if known_columns is None else frozenset(plain(column) for column in known_columns)
    said = stated or Stated()
    if is_spreadsheet(source):
        return _of_a_spreadsheet(read_spreadsheet(source, known, said.sheet), known, said)
    encoding = find_encoding(source, said.encoding)
    best: tuple[int, Record, str] | None = None
    for delimiter in DELIMITERS if said.delimiter is None else said.delimiter[:1]:
        records = RecordReader(text_blocks(source, encoding), delimiter).records()
        for record in _searched(records, said.header_row):
            score = score_header(record.cells, known)
            if best is None or score > best[0]:
                best = (score, record, delimiter)
    record, delimiter = _header_of(best, known, said)
    return Sheet(
        header=_names(record),
        header_row=record.row,
        encoding=encoding,
        delimiter=delimiter,
        read=lambda width: RecordReader(text_blocks(source, encoding), delimiter).records(width=width),
    )


def _of_a_spreadsheet(grid: Grid, known: frozenset[str] | None, said: Stated) -> Sheet:
    best: tuple[int, Record, str] | None = None
    for record in _searched(grid.records(None), said.header_row):
        score = score_header(record.cells, known)
        if best is None or score > best[0]:
            best = (score, record, "")
    record, _ = _header_of(best, known, said)
    header = list(_names(record))
    # A sheet is as wide as its widest row; columns without a name at its right end hold nothing that is read.
    while header and not header[-1]:
        header.pop()
    return Sheet(
        header=tuple(header),
        header_row=record.row,
        encoding=grid.format,
        delimiter="",
        kind="spreadsheet",
        name=grid.name,
        other_sheets=grid.other_sheets,
        hidden_sheets=grid.hidden_sheets,
        merged=grid.merged,
        read=lambda width: grid.records(width, below=record.row),
    )


def _searched(records: Iterator[Record], header_row: int | None) -> Iterator[Record]:
    if header_row is None:
        return islice(records, _HEADER_SEARCH)
    return (record for record in islice(records, _MOST_HEADER_ROW) if record.row == header_row)


def score_header(cells: tuple[str, ...], known: frozenset[str] | None) -> int:
    """Say how much a row looks like the header: cells that are known, or else different words that are no numbers."""
    if known is not None:
        return sum(plain(cell) in known for cell in cells)
    words = {plain(cell) for cell in cells if any(c.isalpha() for c in cell)}
    return len(words)


def _header_of(best: tuple[int, Record, str] | None, known: frozenset[str] | None, said: Stated) -> tuple[Record, str]:
    if best is None or best[0] < (1 if said.header_row is not None else 2):
        raise UnreadableFileError(
            "none of its first lines is a header that a mapping profile knows"
            if known is not None
            else "none of its first lines looks like the names of columns",
            "Choose or write the mapping profile of this export.",
        )
    _, record, delimiter = best
    if record.fault == TOO_MANY_CELLS or len(record.cells) > MAX_COLUMNS:
        raise UnreadableFileError(f"it has more than {MAX_COLUMNS} columns", "Export only the columns that are needed.")
    if record.fault == QUOTE:
        raise UnreadableFileError("its header has a quotation mark that does not close", "Export it again as CSV.")
    return record, delimiter


def _names(record: Record) -> tuple[str, ...]:
    return tuple(cell.strip(_STRIPPED) for cell in record.cells)


def plain(text: str) -> str:
    """Give a column's name without case, doubled spaces and invisible characters."""
    return " ".join(text.strip(_STRIPPED).casefold().split())


_SPLIT = "Export a shorter period, or split it."
