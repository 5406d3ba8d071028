"""XLSX and ODS files: looked at before they are opened, then read by a child process of bounded memory and time.

Promise: no spreadsheet, however it was made, takes this process down or costs it more than its rows, which wait under
a key that only this process's memory has; what would take more is refused with how to mend it. A date cell is a date, a
whole number is written without ``E+11``; a number with more digits than a spreadsheet keeps is no reference. A row that
a merged cell touches has a fault, since nobody sees to which rows its word belongs.
Shown by ``tests/unit/case/test_import_spreadsheets.py``.
Limit: 25 MB, 100,000 rows, 500 columns; above that, save as CSV. Formulas count by the value saved with them.
"""

import json
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

from services.case.imports.rules.decoding import UnreadableFileError
from services.case.imports.rules.records import (
    CELL_TOO_LONG,
    MAX_CELL,
    MAX_COLUMNS,
    MERGED_CELLS,
    TOO_MANY_CELLS,
    UNREAD,
    Record,
)
from shared.keys.spool import SealedSpool

MAX_SPREADSHEET_BYTES = 25 * 1024 * 1024
MAX_SHEET_ROWS = 100_000
CHILD_S = 120.0
"""Longest that reading a spreadsheet may take."""

SAVE_AS_CSV = "Save it as CSV UTF-8, which may have a million rows."

_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LENGTH = struct.Struct(">I")
_CHILD = "services.case.imports.rules.spreadsheet_child"
_NO_SECRETS = {"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
"""What the child knows of its surroundings: whoever breaks it finds no address and no key there."""
_ROOT = Path(__file__).resolve().parents[4]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The rows of one sheet, as text.

    Attributes:
        format: ``xlsx`` or ``ods``.
        merged: Ranges of merged cells, as the program names them.
        touched: For each row that a merged cell touches: columns and the word that stands there, by the range.
    """

    format: str
    name: str
    other_sheets: tuple[str, ...]
    hidden_sheets: tuple[str, ...]
    merged: tuple[str, ...]
    touched: frozenset[int]
    rows: SealedSpool = field(repr=False)

    def records(self, width: int | None, *, below: int = 0) -> Iterator[Record]:
        """Give every row that holds anything, as wide as the header where nothing stands to the right of it.

        Args:
            width: Columns of the header, where it is known.
            below: The header's row; merged cells down to it are titles, and no fault.
        """
        for frame in _frames(self.rows.reader()):
            row, cells = json.loads(frame)
            fault = None
            if width is not None:
                # A sheet has no short rows: what is not there is empty.
                while len(cells) > width and not cells[-1]:
                    cells.pop()
                cells += [""] * (width - len(cells))
            if len(cells) > MAX_COLUMNS:
                cells, fault = cells[:MAX_COLUMNS], TOO_MANY_CELLS
            if any(len(cell) > MAX_CELL for cell in cells):
                cells, fault = [cell if len(cell) <= MAX_CELL else UNREAD for cell in cells], fault or CELL_TOO_LONG
            if row > below and row in self.touched:
                fault = MERGED_CELLS
            yield Record(row, tuple(cells), fault)


def is_spreadsheet(source: BinaryIO) -> bool:
    """Whether a file begins like a spreadsheet.

    Raises:
        UnreadableFileError: It is one of the old kind, or is locked with a password.
    """
    source.seek(0)
    begin = source.read(len(_OLD))
    if begin == _OLD:
        raise UnreadableFileError(
            "it is a spreadsheet of the old kind (.xls), or has a password", "Save it as XLSX without one, or as CSV."
        )
    return begin.startswith(_ZIP)


def read_spreadsheet(source: BinaryIO, known: frozenset[str] | None, sheet: str | None) -> Grid:
    """Read one sheet of a file.

    Args:
        known: Names of columns that profiles know; they tell which sheet it is.
        sheet: The sheet's name, where it was stated.

    Raises:
        UnreadableFileError: It is no spreadsheet, too large, damaged, or nobody knows which sheet is meant.
    """
    if source.seek(0, 2) > MAX_SPREADSHEET_BYTES:
        raise UnreadableFileError("this spreadsheet is larger than 25 MB", SAVE_AS_CSV)
    source.seek(0)
    asked = json.dumps({"known": None if known is None else sorted(known), "sheet": sheet}).encode()
    command = [sys.executable, "-W", "ignore", "-m", _CHILD]
    with subprocess.Popen(  # noqa: S603  Our own module, under our own interpreter.
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=_ROOT, env=_NO_SECRETS
    ) as child:
        late = threading.Timer(CHILD_S, child.kill)
        late.start()
        try:
            return _heard(child, asked, source)
        finally:
            late.cancel()
            child.kill()


def _heard(child: "subprocess.Popen[bytes]", asked: bytes, source: BinaryIO) -> Grid:
    told, heard = child.stdin, child.stdout
    if told is None or heard is None:
        raise UnreadableFileError("nothing here could open it", SAVE_AS_CSV)
    try:
        told.write(_LENGTH.pack(len(asked)) + asked)
        while block := source.read(1024 * 1024):
            told.write(block)
        told.close()
    except BrokenPipeError:
        pass  # It has refused already, or was ended; what it said is read below.
    spool = SealedSpool()
    frames = _frames(heard)
    begin = next(frames, None)
    if begin is None:
        raise UnreadableFileError("opening this spreadsheet takes more memory or time than there is", SAVE_AS_CSV)
    about = json.loads(begin)
    if "why" in about:
        raise UnreadableFileError(about["why"], about["mend"])
    whole = False
    for frame in frames:
        whole = frame == b""
        if whole:
            break
        spool.write(_LENGTH.pack(len(frame)) + frame)
    if not whole:
        raise UnreadableFileError("opening this spreadsheet takes more memory or time than there is", SAVE_AS_CSV)
    spool.seal()
    return Grid(
        format=about["format"],
        name=about["name"],
        other_sheets=tuple(about["others"]),
        hidden_sheets=tuple(about["hidden"]),
        merged=tuple(about["merged"]),
        touched=frozenset(about["touched"]),
        rows=spool,
    )


def _frames(stream: IO[bytes]) -> Iterator[bytes]:
    while True:
        head = stream.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return
        (size,) = _LENGTH.unpack(head)
        frame = stream.read(size)
        if len(frame) < size:
            return
        yield frame
