"""What is kept of a file until it is judged: the mapped cells of each row, and nothing else.

Promise: a column that no profile maps is in no database, not even sealed
(``tests/integration/case/test_imports_leave_nothing.py``); each line of the file below the header is a row, a repeated
header or total line that the report counts, or blank. A total line holds no age, no date and no reference: "Sum Chea"
is a person.
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import msgspec

from services.case.imports.rules.dates import DateReader, UnreadDateError
from services.case.imports.rules.decoding import UnreadableFileError
from services.case.imports.rules.profile import Binding
from services.case.imports.rules.reading import Sheet, plain
from services.case.imports.rules.records import CELL_TOO_LONG, Record
from services.case.imports.rules.translating import WITHDRAWN, CellReader
from shared.codelists.words import fold

__all__ = ["LONGEST_MAPPED", "MAX_TABLE_ROWS", "WITHDRAWN", "FileFacts", "Line", "MappedFile", "Table", "table_of"]

LONGEST_MAPPED = 1_000
"""Characters of a cell that is read for what it says; a reference, a day or a word is never so long."""

MAX_STAGED_BYTES = 15 * 1024 * 1024
"""A document of the database holds 16 MB."""

MAX_TABLE_ROWS = 20_000
"""Rows of a file that is kept in one piece."""

_FEWEST_NAMES = 4
"""No person's row holds so many names of columns."""
_TOTAL = re.compile(
    r"(?:sub ?|grand ?)?(?:totals?|sum|count|average|mean)(?: records?| rows?| clients?| count)?\s*[:=]?\s*[\d.,]*",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:copyright|confidential information|generated (?:by|on|at)|report (?:run|generated))\b", re.IGNORECASE
)
_PLAIN_NUMBER = re.compile(r"[\d.,%\s\u00a3-]*")


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One row: its mapped cells in the order of ``Table.fields``.

    Attributes:
        fault: Why its cells may stand in the wrong columns, if they may.
        near: Of a row with a fault: the cells in which a field may stand, by the field's place in the table.
    """

    row: int
    cells: tuple[str, ...]
    fault: str | None = None
    near: tuple[tuple[str, ...], ...] = ()


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A file's mapped cells.

    Attributes:
        fields: Names of fields; ``consent_withdrawn`` may stand more than once.
        ignored: Rows that are no records: totals, closing lines, repeated headers.
        dropped: Columns that were not kept, by known name or letter.
        unread: Letters of dropped columns whose name may speak of a consent.
    """

    profile: str
    fields: tuple[str, ...]
    lines: tuple[Line, ...]
    encoding: str
    header_row: int
    ignored: tuple[int, ...] = ()
    dropped: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def stage(self) -> bytes:
        """Give the bytes that wait for the import job.

        Raises:
            UnreadableFileError: They are more than a document holds.
        """
        packed = zlib.compress(msgspec.msgpack.encode(self), 1)
        if len(packed) > MAX_STAGED_BYTES:
            raise UnreadableFileError("its cells are too large", "Export a shorter period, or split it.")
        return packed

    @classmethod
    def unstage(cls, packed: bytes) -> "Table":
        """Read what ``stage`` gave."""
        return msgspec.msgpack.decode(zlib.decompress(packed), type=cls)


def table_of(sheet: Sheet, binding: Binding, profile: str = "") -> Table:
    """Keep the mapped cells of a file in memory; a larger file is read by ``MappedFile`` alone.

    Raises:
        UnreadableFileError: The file has more rows or lines than may stand in memory, or goes on under another header.
    """
    mapped = MappedFile(sheet, binding)
    lines: list[Line] = []
    for line in mapped.lines():
        if len(lines) == MAX_TABLE_ROWS:
            raise UnreadableFileError(f"it has more than {MAX_TABLE_ROWS:,} rows", _SPLIT)
        lines.append(line)
    return Table(
        profile=profile,
        fields=mapped.fields,
        lines=tuple(lines),
        encoding=sheet.encoding,
        header_row=sheet.header_row,
        ignored=mapped.ignored,
        dropped=binding.dropped,
        unread=binding.unread,
    )


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """What is known of a file before its rows are read; nothing of it says what a row says.

    Attributes:
        fingerprint: Of the header.
        columns: The file's own names of the columns of each field.
        unread: Letters of dropped columns whose name may speak of a consent.
    """

    encoding: str
    delimiter: str
    kind: str
    sheet: str | None
    other_sheets: tuple[str, ...]
    hidden_sheets: tuple[str, ...]
    merged: tuple[str, ...]
    header_row: int
    fingerprint: str
    profile: str
    columns: Mapping[str, tuple[str, ...]]
    dropped: tuple[str, ...]
    unread: tuple[str, ...]


class MappedFile:
    """A file's mapped cells, read row by row as often as they are asked for; memory does not grow with the rows.

    Attributes:
        facts: What is known of the file.
        fields: The fields of each line's cells; ``consent_withdrawn`` may stand more than once.
    """

    def __init__(self, sheet: Sheet, binding: Binding) -> None:
        """Take a sheet, and where its fields stand."""
        self._sheet = sheet
        self._binding = binding
        self._cells = CellReader(sheet, binding)
        self._header = tuple(plain(name) for name in sheet.header)
        self._ignored: list[int] = []
        self.fields = (*self._cells.fields, *((WITHDRAWN,) * len(binding.withdrawn)))
        columns: dict[str, tuple[str, ...]] = {field: (sheet.header[at],) for field, at in binding.positions.items()}
        if binding.withdrawn:
            columns[WITHDRAWN] = tuple(sheet.header[at] for at in binding.withdrawn)
        self.facts = FileFacts(
            encoding=sheet.encoding,
            delimiter=sheet.delimiter,
            kind=sheet.kind,
            sheet=sheet.name,
            other_sheets=sheet.other_sheets,
            hidden_sheets=sheet.hidden_sheets,
            merged=sheet.merged,
            header_row=sheet.header_row,
            fingerprint=sheet.fingerprint,
            profile=binding.profile.id,
            columns=columns,
            dropped=binding.dropped,
            unread=binding.unread,
        )

    @property
    def ignored(self) -> tuple[int, ...]:
        """Rows that are no records, of the last pass; at most 100."""
        return tuple(self._ignored)

    def lines(self) -> Iterator[Line]:
        """Give every row, in order.

        Raises:
            UnreadableFileError: There are more rows or lines than a file may have, or it goes on under another header.
        """
        self._ignored = []
        for record in self._sheet.records():
            if _is_no_record(record, self._binding, self._header):
                if len(self._ignored) < _MOST_LISTED:
                    self._ignored.append(record.row)
            elif _is_another_header(record, self._header):
                raise UnreadableFileError(
                    f"line {record.row} is a second header, with other columns or in another order",
                    "Send the two parts as files of their own.",
                )
            else:
                yield self._line(record)

    def _line(self, record: Record) -> Line:
        fault = record.fault
        if any(len(_cell(record.cells, at)) > LONGEST_MAPPED for at in self._cells.places):
            fault = fault or CELL_TOO_LONG
        if fault is None:
            return Line(record.row, self._cells.read(record.cells))
        shortened = tuple(_shorter(cell) for cell in record.cells)
        return Line(record.row, self._cells.read(shortened), fault, self._cells.near(shortened))


def _shorter(cell: str) -> str:
    return cell.strip('" ')[:LONGEST_MAPPED]


def _is_no_record(record: Record, binding: Binding, header: tuple[str, ...]) -> bool:
    cells = record.cells
    if plain(cells[0]) == header[0] and tuple(plain(cell) for cell in cells) == header:
        return True
    filled = [at for at, cell in enumerate(cells) if cell]
    if not filled:
        return False
    label = cells[filled[0]]
    if len(filled) == 1 and (
        _CLOSING.match(label) or fold(label[:200]).startswith(binding.profile.footer or (_NEVER,))
    ):
        return True
    if not _TOTAL.fullmatch(label) or not all(_PLAIN_NUMBER.fullmatch(cells[at]) for at in filled[1:]):
        return False
    at_label = filled[0]
    positions = binding.positions
    person = [positions[field] for field in ("reference", "age_at_referral", "date_of_birth") if field in positions]
    dates = [positions[field] for field in ("referral_date", "consent_date") if field in positions]
    return not (
        any(at != at_label and _cell(cells, at) for at in person)
        or any(_is_date(_cell(cells, at)) for at in (*dates, *binding.withdrawn))
    )


def _is_another_header(record: Record, header: tuple[str, ...]) -> bool:
    """Whether a row holds mostly names of columns, though not the header's as they stand: what follows is shifted."""
    filled = [name for name in (plain(cell) for cell in record.cells) if name]
    named = len(set(filled) & set(header))
    return named >= _FEWEST_NAMES and 2 * named >= len(filled) and filled != [name for name in header if name]


def _cell(cells: tuple[str, ...], at: int) -> str:
    return cells[at] if at < len(cells) else ""


def _is_date(cell: str) -> bool:
    try:
        DateReader(today=_FAR).read(cell)
    except UnreadDateError as error:
        return error.reason == "ambiguous-date"
    return True


_NEVER = "\x00"
_SPLIT = "Export a shorter period, or split it."
_FAR = date(9999, 12, 31)
_MOST_LISTED = 100
