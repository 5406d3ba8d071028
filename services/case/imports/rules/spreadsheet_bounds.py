"""A look at a spreadsheet before anything opens it: what it unpacks to, and how far its cells reach.

A few kilobytes can unpack to gigabytes, and one cell in the last column of the last row makes a reader keep a grid of
17 thousand million. So every part is unpacked once, block by block, and counted, before a reader sees the file.
"""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from services.case.imports.rules.records import MAX_COLUMNS
from services.case.imports.rules.spreadsheets import MAX_SHEET_ROWS, SAVE_AS_CSV

MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 250
_MANY_PARTS = 2_000
_BLOCK = 256 * 1024
_SMALL = 2 * 1024 * 1024
_MAX_WORDS = 64 * 1024 * 1024
"""Of the list of words that a workbook's cells share; a reader keeps it whole."""
_MOST_CELLS = 8_000_000
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

Range = tuple[tuple[int, int], tuple[int, int]]


class RefusedError(Exception):
    """A spreadsheet is not opened.

    Attributes:
        why: In words that follow "The file cannot be read:".
        mend: What to do.
    """

    def __init__(self, why: str, mend: str) -> None:
        """Keep both."""
        super().__init__(why)
        self.why = why
        self.mend = mend


@dataclass(kw_only=True)
class Seen:
    """What a look has found.

    Attributes:
        merged: Of an ODS file: merged ranges by sheet.
    """

    format: str
    merged: dict[str, list[Range]] = field(default_factory=dict)


def look_at(content: bytes) -> Seen:
    """Look at a file.

    Raises:
        RefusedError: It is damaged, no spreadsheet, or larger than may be opened.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _look(archive)
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError, expat.ExpatError) as error:
        raise RefusedError(
            "this spreadsheet is damaged", "Open it and save it again. If that does not help: Save it as CSV."
        ) from error


def _look(archive: zipfile.ZipFile) -> Seen:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    if len(parts) > _MANY_PARTS or len(set(names)) != len(names):
        raise RefusedError(
            "this spreadsheet is damaged", "Open it and save it again. If that does not help: Save it as CSV."
        )
    if "xl/workbook.xml" in names:
        seen = Seen(format="xlsx")
    elif "content.xml" in names and "mimetype" in names:
        seen = Seen(format="ods")
    else:
        raise RefusedError("it is packed, and no XLSX or ODS spreadsheet", "Unpack it, or save it as XLSX, ODS or CSV.")
    total = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if total > MAX_UNPACKED or (total > _SMALL and total > packed * MAX_RATIO):
        raise RefusedError("this spreadsheet unpacks to more than may be opened", SAVE_AS_CSV)
    for part in parts:
        if part.flag_bits & 1:
            raise RefusedError("it has a password", "Save it without one.")
        name = part.filename.lower()
        if not name.endswith((".xml", ".rels")):
            continue
        if name.endswith("sharedstrings.xml") and part.file_size > _MAX_WORDS:
            raise RefusedError("this spreadsheet unpacks to more than may be opened", SAVE_AS_CSV)
        _unpack(archive, part, seen)
    return seen


def _unpack(archive: zipfile.ZipFile, part: zipfile.ZipInfo, seen: Seen) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _no_doctype
    if seen.format == "xlsx" and part.filename.lower().startswith("xl/worksheets/"):
        parser.StartElementHandler = _Cells().start
    elif seen.format == "ods" and part.filename == "content.xml":
        parser.StartElementHandler = _OdsCells(seen).start
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            parser.Parse(block, False)
    parser.Parse(b"", True)


def _no_doctype(*_: Any) -> None:
    raise RefusedError(
        "this spreadsheet is damaged", "Open it and save it again. If that does not help: Save it as CSV."
    )


def _reach(rows: int, columns: int) -> None:
    if columns > MAX_COLUMNS:
        raise RefusedError(f"it has more than {MAX_COLUMNS} columns", "Export only the columns that are needed.")
    if rows > MAX_SHEET_ROWS:
        raise RefusedError(f"this spreadsheet has more than {MAX_SHEET_ROWS:,} rows", SAVE_AS_CSV)
    if rows * columns > _MOST_CELLS:
        raise RefusedError(f"this spreadsheet has more than {_MOST_CELLS:,} cells", SAVE_AS_CSV)


class _Cells:
    """How far the cells of an XLSX sheet reach that hold anything."""

    def __init__(self) -> None:
        self._row, self._column = 0, 0
        self._rows, self._columns = 0, 0

    def start(self, name: str, about: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "row":
            self._row = int(about["r"]) if about.get("r", "").isdecimal() else self._row + 1
            self._column = 0
        elif tag == "c":
            place = _PLACE.fullmatch(about.get("r", ""))
            if place is None:
                self._column += 1
            else:
                self._column = _number(place[1])
                self._row = int(place[2])
        elif tag in {"v", "is", "f"}:
            self._rows, self._columns = max(self._rows, self._row), max(self._columns, self._column)
            _reach(self._rows, self._columns)


def _number(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - ord("A") + 1
    return found


class _OdsCells:
    """How far the cells of an ODS file reach, repeated ones counted, and which are merged."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._table = ""
        self._row = self._next_row = self._column = self._times = 0
        self._columns = 0
        self._tags: dict[str, Callable[[dict[str, str]], None]] = {
            "table:table": self._sheet,
            "table:table-row": self._a_row,
            "table:table-cell": self._a_cell,
            "table:covered-table-cell": self._a_cell,
        }

    def start(self, name: str, about: dict[str, str]) -> None:
        known = self._tags.get(name)
        if known is not None:
            known(about)

    def _sheet(self, about: dict[str, str]) -> None:
        self._table = about.get("table:name", "")
        self._row = self._next_row = self._columns = 0

    def _a_row(self, about: dict[str, str]) -> None:
        self._row = self._next_row
        self._times = _times(about.get("table:number-rows-repeated"))
        self._next_row = self._row + self._times
        self._column = 0

    def _a_cell(self, about: dict[str, str]) -> None:
        first, times = self._column, _times(about.get("table:number-columns-repeated"))
        self._column += times
        down, over = _times(about.get("table:number-rows-spanned")), _times(about.get("table:number-columns-spanned"))
        if "office:value-type" in about or "calcext:value-type" in about:
            self._columns = max(self._columns, first + times)
            _reach(self._row + self._times, self._columns)
        if down > 1 or over > 1:
            _reach(self._row + down, first + over)
            ranges = self._seen.merged.setdefault(self._table, [])
            if len(ranges) >= MAX_SHEET_ROWS:
                raise RefusedError("it has too many merged cells", "Split merged cells, and save it again.")
            ranges.append(((self._row, first), (self._row + down - 1, first + over - 1)))


def _times(said: str | None) -> int:
    return int(said) if said is not None and said.isdecimal() and len(said) < 10 else 1  # noqa: PLR2004
