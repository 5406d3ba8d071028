"""Looks for a no in a file of which nothing is taken: by the names of its columns alone, since no mapping fits it.

Promise: a row that says no, or whose answer cannot be read, is given whatever else is wrong with the file, up to the
place where nobody can read on; nothing is carried out by this, it is only told. Shown by
``tests/unit/case/test_hearing.py``. Limit: a file that is no table at all says nothing here, nor does a column whose
name neither a mapping nor we know; of letters that are not English, only those of a file whose encoding is known.
What was said of a file may be what is wrong with it: it is then read without that too.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from services.case.imports.rules.columns import MAY_SPEAK_OF_CONSENT, is_withdrawal
from services.case.imports.rules.decoding import UnreadableFileError
from services.case.imports.rules.parsing import reference_problem
from services.case.imports.rules.profile import Profile, shipped
from services.case.imports.rules.reading import Sheet, Stated, plain, read_sheet
from services.case.imports.rules.records import Record
from services.case.imports.rules.spreadsheets import is_spreadsheet
from services.case.imports.rules.table import WITHDRAWN, Line, Table
from shared.codelists.consent_words import NOES, read_consent, says_withdrawn
from shared.codelists.words import fold

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MOST_REFERENCE_COLUMNS = 60
"""Columns in which the reference is looked for where no name says which it is; exports have it near the left."""

_ENGLISH = bytes(byte if byte and chr(byte).isascii() else ord("?") for byte in range(256))

_AS_NO = frozenset({None, *NOES})
"""In the answer's own column, what nobody can read counts as a no."""

Says = Callable[[str], bool]
Reads = Callable[[str], str | None]


class Said(NamedTuple):
    """A row that says no.

    Attributes:
        cells: What may be its reference, by column.
        sure: Whether each of them counts, since its column is known to have references or its cells may have shifted;
            else one column of the file has them, and the others are something else.
    """

    cells: Mapping[int, str]
    sure: bool


class _English(io.RawIOBase):
    """A file whose other letters and NULs are question marks: the noes of most systems can be read all the same."""

    def __init__(self, of: BinaryIO) -> None:
        """Take the file."""
        self._of = of

    def readable(self) -> bool:
        """It is read."""
        return True

    def seekable(self) -> bool:
        """It is read again from its beginning."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place."""
        return self._of.seek(offset, whence)

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read on."""
        view = memoryview(buffer)
        block = self._of.read(len(view)).translate(_ENGLISH)
        view[: len(block)] = block
        return len(block)


def rows_that_say_no(file: BinaryIO, stated: Stated | None, profiles: Iterable[Profile]) -> Iterator[Said]:
    """Give the rows of a refused file that say no.

    Args:
        file: As it came; it can be read again from its beginning.
        stated: What was said of the file.
        profiles: The host's own mappings, whose names of columns and words are known too.
    """
    every = (*profiles, *shipped().values())
    reads = partial(_reads, _words(every))
    for sheet in _sheets(file, stated or Stated(), every):
        if noes := _noes(sheet.header, every, reads):
            yield from _rows(sheet, noes, _named_references(sheet.header, every), reads)
            return


def _rows(sheet: Sheet, noes: Mapping[int, Says], named: tuple[int, ...], reads: Reads) -> Iterator[Said]:
    places = named or range(min(len(sheet.header), MOST_REFERENCE_COLUMNS))
    try:
        for record in sheet.records():
            if not _says_no(record, noes, reads):
                continue
            # Its cells may stand anywhere.
            at = range(min(len(record.cells), MOST_REFERENCE_COLUMNS)) if record.fault is not None else places
            cells = {place: record.cells[place] for place in at}
            said = {place: cell for place, cell in cells.items() if reference_problem(cell) is None}
            yield Said(said, sure=bool(named) or record.fault is not None)
    except UnreadableFileError:
        # From here on nobody can read it; what stood before it was heard.
        return


def lines_that_say_no(table: Table, lines: Iterable[Line]) -> Iterator[Said]:
    """Give those of a mapped file's rows that say no."""
    at = table.fields.index("reference")
    noes: dict[int, Says] = {
        place: says_withdrawn if field == WITHDRAWN else _is_no
        for place, field in enumerate(table.fields)
        if field in {WITHDRAWN, "consent"}
    }
    for line in lines:
        near = (cell for place in noes if line.near for cell in line.near[place])
        if any(says(line.cells[place]) for place, says in noes.items()) or any(read_consent(c) in NOES for c in near):
            cell = line.cells[at]
            yield Said({0: cell} if reference_problem(cell) is None else {}, sure=True)


def _sheets(file: BinaryIO, stated: Stated, profiles: Iterable[Profile]) -> Iterator[Sheet]:
    """Give the ways in which a file can be read: by the names that mappings know before any others."""
    known, found, is_sheet = frozenset(name for one in profiles for name in one.columns), False, _is_spreadsheet(file)
    # Where nothing looks like names of columns, the first line has them: two with one name are few different words.
    others = (Stated(),) if is_sheet else (Stated(), Stated(header_row=1))
    for names, said in product((known, None), dict.fromkeys((stated, *others))):
        if (sheet := _sheet(file, names, said)) is not None:
            found = True
            yield sheet
    if found or is_sheet:
        return
    # Such as two encodings, or one that nobody knows for sure.
    for names, said in product((known, None), dict.fromkeys((replace(stated, encoding=None), *others))):
        if (sheet := _sheet(io.BufferedReader(_English(file)), names, said)) is not None:
            yield sheet


def _sheet(file: BinaryIO, names: Iterable[str] | None, stated: Stated) -> Sheet | None:
    try:
        return read_sheet(file, names, stated)
    except UnreadableFileError:
        return None


def _is_spreadsheet(file: BinaryIO) -> bool:
    try:
        return is_spreadsheet(file)
    except UnreadableFileError:
        return True


def _noes(header: tuple[str, ...], profiles: tuple[Profile, ...], reads: Reads) -> dict[int, Says]:
    """Give what says no in each column in which an answer may stand."""
    fields: dict[str, set[str]] = {}
    for profile in profiles:
        for name, field in profile.columns.items():
            fields.setdefault(plain(name), set()).add(field)
    found: dict[int, Says] = {}
    for at, name in enumerate(header):
        known = fields.get(plain(name), set())
        if is_withdrawal(name) or WITHDRAWN in known:
            found[at] = says_withdrawn
        elif "consent" in known:
            found[at] = lambda cell: reads(cell) in _AS_NO
        elif not known and MAY_SPEAK_OF_CONSENT.search(name):
            # Such as the day of a consent under a name of its own: what cannot be read there is no answer.
            found[at] = lambda cell: reads(cell) in NOES
    return found


def _words(profiles: tuple[Profile, ...]) -> Mapping[str, str]:
    """Give what the words of these mappings mean in an answer; where two say different things, the no."""
    words: dict[str, str] = {}
    for profile in profiles:
        rule = profile.rules.get("consent")
        for word, meaning in ({} if rule is None else rule.words).items():
            if words.get(word) not in NOES:
                words[word] = meaning
    return words


def _reads(words: Mapping[str, str], cell: str) -> str | None:
    said = read_consent(cell)
    # A mapping makes nothing else of a no.
    return said if said in NOES else words.get(fold(cell), said)


def _named_references(header: tuple[str, ...], profiles: tuple[Profile, ...]) -> tuple[int, ...]:
    names = {plain(name) for one in profiles for name, field in one.columns.items() if field == "reference"}
    return tuple(at for at, name in enumerate(header) if plain(name) in names)


def _says_no(record: Record, noes: Mapping[int, Says], reads: Reads) -> bool:
    cells = record.cells
    if any(says(cells[at]) for at, says in noes.items() if at < len(cells)):
        return True
    # Its cells may stand anywhere.
    return record.fault is not None and any(reads(cell) in NOES for cell in cells)


def _is_no(cell: str) -> bool:
    return read_consent(cell) in _AS_NO
