"""A host's export as a header and its records: encoding, delimiter and header row are found, nothing is mended.

Limit: 10 MB, 20,000 rows, 500 columns, 32,768 characters a cell; the header stands in the first 15 records. A file
that cannot be read is refused whole, before any row; a row that cannot be read is given with its fault. Records are
read when they are asked for, so that memory holds the text once (``tests/unit/case/test_import_bounds.py``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from services.case.imports.rules.decoding import UnreadableFileError, decode
from services.case.imports.rules.records import (
    MAX_COLUMNS,
    QUOTE,
    TOO_FEW_CELLS,
    TOO_MANY_CELLS,
    Record,
    RecordReader,
)

__all__ = ["MAX_BYTES", "MAX_ROWS", "Sheet", "UnreadableFileError", "plain", "read_sheet"]

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
MAX_LINES = 200_000
"""Lines of a file, blank ones too."""

_DELIMITERS = ",;\t|"
_HEADER_SEARCH = 15
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad"
_STRIPPED = "".join(chr(n) for n in range(0x10000) if chr(n).isspace()) + _INVISIBLE


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A header and its records.

    Attributes:
        header: Names of the columns, in order.
        header_row: Line of the file on which the header stands.
        encoding: As which the file was read.
    """

    header: tuple[str, ...]
    header_row: int
    encoding: str
    delimiter: str
    text: str = field(repr=False)

    def records(self) -> Iterator[Record]:
        """Give every record below the header that holds anything; too many or too few cells are its fault.

        Raises:
            UnreadableFileError: There are more rows or lines than a file may have.
        """
        count = 0
        for record in RecordReader(self.text, self.delimiter).records(width=len(self.header)):
            if record.row > MAX_LINES:
                raise UnreadableFileError("it has more than 200,000 lines", _SPLIT)
            if record.row <= self.header_row:
                continue
            cells = tuple(cell.strip(_STRIPPED) for cell in record.cells)
            if not any(cells):
                continue
            count += 1
            if count > MAX_ROWS:
                raise UnreadableFileError("it has more than 20,000 rows", _SPLIT)
            yield Record(record.row, cells, record.fault or self._width_fault(len(cells)))

    @cached_property
    def rows(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """(Row number, cells) of every record that has no fault."""
        return tuple((record.row, record.cells) for record in self.records() if record.fault is None)

    def _width_fault(self, cells: int) -> str | None:
        if cells == len(self.header):
            return None
        return TOO_MANY_CELLS if cells > len(self.header) else TOO_FEW_CELLS


def read_sheet(content: bytes, known_columns: Iterable[str]) -> Sheet:
    """Read a file.

    Args:
        content: The file as uploaded.
        known_columns: Columns of all profiles; the header is the line that has most of them.

    Raises:
        UnreadableFileError: It is too large, empty, no text, or has no header.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFileError("it is larger than 10 MB", _SPLIT)
    text, encoding = decode(content)
    known = {plain(column) for column in known_columns}
    best: tuple[int, Record, str] | None = None
    for delimiter in _DELIMITERS:
        for record in islice(RecordReader(text, delimiter).records(), _HEADER_SEARCH):
            score = sum(plain(cell) in known for cell in record.cells)
            if best is None or score > best[0]:
                best = (score, record, delimiter)
    if best is None or best[0] < 2:  # noqa: PLR2004  One match may be chance.
        raise UnreadableFileError(
            "none of its first lines is a header that a mapping profile knows",
            "Choose or write the mapping profile of this export.",
        )
    _, record, delimiter = best
    if record.fault == TOO_MANY_CELLS:
        raise UnreadableFileError(f"it has more than {MAX_COLUMNS} columns", "Export only the columns that are needed.")
    if record.fault == QUOTE:
        raise UnreadableFileError("its header has a quotation mark that does not close", "Export it again as CSV.")
    header = tuple(cell.strip(_STRIPPED) for cell in record.cells)
    return Sheet(header=header, header_row=record.row, encoding=encoding, delimiter=delimiter, text=text)


def plain(text: str) -> str:
    """Give a column's name without case, doubled spaces and invisible characters."""
    return " ".join(text.strip(_STRIPPED).casefold().split())


_SPLIT = "Export a shorter period, or split it."
