"""What is kept of a file until it is judged: the mapped cells of each row, and nothing else.

Promise: a column that no profile maps is in no database, not even sealed
(``tests/integration/case/test_imports_leave_nothing.py``); each line of the file below the header is a row, a repeated
header or total line that the report counts, or blank. A total line holds no age, no date and no reference: "Sum Chea"
is a person.
"""

import re
import zlib
from collections.abc import Iterator
from datetime import date
from itertools import islice

import msgspec

from services.case.imports.rules.dates import DateReader, UnreadDateError
from services.case.imports.rules.decoding import UnreadableFileError
from services.case.imports.rules.profile import Binding
from services.case.imports.rules.reading import Sheet, plain
from services.case.imports.rules.records import CELL_TOO_LONG, Record

LONGEST_MAPPED = 1_000
"""Characters of a cell that is read for what it says; a reference, a day or a word is never so long."""

MAX_STAGED_BYTES = 15 * 1024 * 1024
"""A document of the database holds 16 MB."""

WITHDRAWN = "consent_withdrawn"

_NEAR = 10
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
    """Keep the mapped cells of a file.

    Raises:
        UnreadableFileError: The file has more rows or lines than it may, or goes on under another header.
    """
    places = [*binding.positions.items(), *((WITHDRAWN, at) for at in binding.withdrawn)]
    lines, ignored = [], []
    header = tuple(plain(name) for name in sheet.header)
    for record in sheet.records():
        if _is_no_record(record, binding, header):
            ignored.append(record.row)
        elif _is_another_header(record, header):
            raise UnreadableFileError(
                f"line {record.row} is a second header, with other columns or in another order",
                "Send the two parts as files of their own.",
            )
        else:
            lines.append(_line(record, [at for _, at in places], len(sheet.header)))
    return Table(
        profile=profile,
        fields=tuple(field for field, _ in places),
        lines=tuple(lines),
        encoding=sheet.encoding,
        header_row=sheet.header_row,
        ignored=tuple(ignored[:_MOST_LISTED]),
        dropped=binding.dropped,
        unread=binding.unread,
    )


def _line(record: Record, places: list[int], width: int) -> Line:
    cells, fault = record.cells, record.fault
    near: tuple[tuple[str, ...], ...] = ()
    picked = tuple(cells[at] if at < len(cells) else "" for at in places)
    if any(len(cell) > LONGEST_MAPPED for cell in picked):
        fault = fault or CELL_TOO_LONG
    if fault is not None:
        near = tuple(tuple(_shorter(c) for c in _around(cells, at, len(cells) - width)) for at in places)
        picked = tuple(_shorter(cell) for cell in picked)
    return Line(record.row, picked, fault, near)


def _around(cells: tuple[str, ...], at: int, extra: int) -> Iterator[str]:
    """The cells in which a field may stand when a row has some cells too many, or too few."""
    first, last = min(at, at + extra), max(at, at + extra)
    return islice(cells[max(0, first) : last + 1], _NEAR)


def _shorter(cell: str) -> str:
    return cell.strip('" ')[:LONGEST_MAPPED]


def _is_no_record(record: Record, binding: Binding, header: tuple[str, ...]) -> bool:
    cells = record.cells
    if tuple(plain(cell) for cell in cells) == header:
        return True
    filled = [at for at, cell in enumerate(cells) if cell]
    if not filled:
        return False
    label = cells[filled[0]]
    if len(filled) == 1 and _CLOSING.match(label):
        return True
    if not _TOTAL.fullmatch(label) or not all(_PLAIN_NUMBER.fullmatch(cells[at]) for at in filled[1:]):
        return False
    at_label = filled[0]
    positions = binding.positions
    reference, age = positions["reference"], positions["age_at_referral"]
    dates = [positions[field] for field in ("referral_date", "consent_date") if field in positions]
    return not (
        (reference != at_label and _cell(cells, reference))
        or (age != at_label and _cell(cells, age))
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


_FAR = date(9999, 12, 31)
_MOST_LISTED = 100
