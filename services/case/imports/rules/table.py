"""What is kept of a file until it is judged: the mapped cells of each row, and nothing else.

Promise: a column that no profile maps is in no database, not even sealed
(``tests/integration/case/test_imports_leave_nothing.py``); each line of the file below the header is a row, a repeated
header or total line that the report counts, or blank. A total line holds no age, no date and no reference: "Sum Chea"
is a person.
"""

import zlib
from collections.abc import Iterator

import msgspec

from services.case.imports.rules.closing import FEWEST_NAMES, cell_at, is_another_header, is_header, is_no_record
from services.case.imports.rules.decoding import UnreadableFileError
from services.case.imports.rules.file_facts import FileFacts
from services.case.imports.rules.profile import Binding
from services.case.imports.rules.reading import Sheet, plain
from services.case.imports.rules.records import CELL_TOO_LONG, Record
from services.case.imports.rules.translating import AGE, BORN, WITHDRAWN, CellReader

__all__ = [
    "LONGEST_MAPPED",
    "MAX_TABLE_ROWS",
    "WITHDRAWN",
    "FileFacts",
    "Line",
    "MappedFile",
    "Table",
    "table_from",
    "table_of",
]

LONGEST_MAPPED = 1_000
"""Characters of a cell that is read for what it says; a reference, a day or a word is never so long."""

MAX_STAGED_BYTES = 15 * 1024 * 1024
"""A document of the database holds 16 MB."""

MAX_TABLE_ROWS = 20_000
"""Rows of a file that is kept in one piece."""


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One row: its mapped cells in the order of ``Table.fields``.

    Attributes:
        fault: Why its cells may stand in the wrong columns, if they may.
        near: Of a row with a fault: the cells in which a field may stand, by the field's place in the table.
        own: Place and cell where the file's own cell is another, since the mapping profile has read it.
    """

    row: int
    cells: tuple[str, ...]
    fault: str | None = None
    near: tuple[tuple[str, ...], ...] = ()
    own: tuple[tuple[int, str], ...] = ()

    def as_it_came(self) -> tuple[str, ...]:
        """Give its cells as the file has them, but for a birth date, which is kept nowhere."""
        own = dict(self.own)
        return tuple(own.get(place, cell) for place, cell in enumerate(self.cells))


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
    return table_from(MappedFile(sheet, binding), profile)


def table_from(mapped: "MappedFile", profile: str = "") -> Table:
    """Keep the mapped cells of an opened file in memory.

    Raises:
        UnreadableFileError: As ``table_of``.
    """
    lines: list[Line] = []
    for line in mapped.lines():
        if len(lines) == MAX_TABLE_ROWS:
            raise UnreadableFileError(f"it has more than {MAX_TABLE_ROWS:,} rows", _SPLIT)
        lines.append(line)
    return Table(
        profile=profile,
        fields=mapped.fields,
        lines=tuple(lines),
        encoding=mapped.facts.encoding,
        header_row=mapped.facts.header_row,
        ignored=mapped.ignored,
        dropped=mapped.facts.dropped,
        unread=mapped.facts.unread,
    )


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
        self._names: dict[str, bool] = {}
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
    def columns(self) -> tuple[str, ...]:
        """The file's own name of each field's column, as ``fields`` are ordered; empty for a field without one."""
        withdrawn = list(self.facts.columns.get(WITHDRAWN, ()))
        born = self.facts.columns.get(BORN, ())
        named = {**self.facts.columns, **({AGE: born} if born and AGE not in self.facts.columns else {})}
        return tuple(withdrawn.pop(0) if one == WITHDRAWN else named.get(one, ("",))[0] for one in self.fields)

    @property
    def has_births(self) -> bool:
        """Whether what is read as an age stands in a column of birth dates alone."""
        return BORN in self.facts.columns and AGE not in self.facts.columns

    @property
    def ignored(self) -> tuple[int, ...]:
        """Rows that are no records, of the last pass; at most 100."""
        return tuple(self._ignored)

    def has_column(self, name: str) -> bool:
        """Whether the file has a column of this name, mapped or not."""
        return plain(name) in self._header

    def lines(self) -> Iterator[Line]:
        """Give every row, in order; whoever acts on them reads the file to its end first.

        Raises:
            UnreadableFileError: There are more rows or lines than a file may have, or it goes on under another header.
        """
        self._ignored = []
        for record in self._sheet.records():
            named = self._named(record)
            if (named and is_header(record, self._header)) or is_no_record(record, self._binding):
                if len(self._ignored) < _MOST_LISTED:
                    self._ignored.append(record.row)
                continue
            if named >= FEWEST_NAMES and is_another_header(record, self._header):
                raise UnreadableFileError(
                    f"line {record.row} is a second header, with other columns or in another order",
                    "Send the two parts as files of their own.",
                )
            yield self._line(record)

    def _named(self, record: Record) -> int:
        """Count the cells that are a column's name, without looking twice at the few words that most rows repeat."""
        found = 0
        for cell in record.cells:
            is_name = self._names.get(cell)
            found += self._look(cell) if is_name is None else is_name
        return found

    def _look(self, cell: str) -> bool:
        is_name = bool(cell) and plain(cell) in self._header
        if len(cell) <= LONGEST_MAPPED:
            if len(self._names) >= _MOST_NAMES:
                self._names.clear()
            self._names[cell] = is_name
        return is_name

    def _line(self, record: Record) -> Line:
        fault, cells = record.fault, record.cells
        if max(map(len, cells), default=0) > LONGEST_MAPPED and any(
            len(cell_at(cells, at)) > LONGEST_MAPPED for at in self._cells.places
        ):
            fault = fault or CELL_TOO_LONG
        if fault is None:
            read = self._cells.read(cells)
            return Line(record.row, read, own=self._cells.own(cells, read))
        shortened = tuple(_shorter(cell) for cell in cells)
        read = self._cells.read(shortened)
        own = self._cells.own(shortened, read, is_broken=True)
        return Line(record.row, read, fault, self._cells.near(shortened), own)


def _shorter(cell: str) -> str:
    return cell.strip('" ')[:LONGEST_MAPPED]


_SPLIT = "Export a shorter period, or split it."
_MOST_LISTED = 100
_MOST_NAMES = 5_000
"""Cells of which it is kept in memory whether they are a column's name."""
