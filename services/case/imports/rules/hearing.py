"""Looks for a no in a file of which nothing is taken: by the names of its columns alone, since no mapping fits it.

Promise: a row that says no, or whose answer cannot be read, is given whatever else is wrong with the file, up to the
place where nobody can read on; nothing is carried out by this, it is only told. Shown by
``tests/unit/case/test_hearing.py``. Limit: a file that is no table at all says nothing here, nor does a column whose
name neither a mapping nor we know; of letters that are not English, only those of a file whose encoding is known.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
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


class Said(NamedTuple):
    """A row that says no.

    Attributes:
        cells: What may be its reference, by column.
        shifted: Whether its cells may stand in the wrong columns.
    """

    cells: Mapping[int, str]
    shifted: bool


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
    sheet = _sheet(file, stated)
    if sheet is None:
        return
    noes, references = _noes(sheet.header, every), _references(sheet.header, every)
    if not noes:
        return
    try:
        for record in sheet.records():
            if _says_no(record, noes):
                yield _said(record, references)
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
            yield Said({0: cell} if reference_problem(cell) is None else {}, shifted=False)


def _sheet(file: BinaryIO, stated: Stated | None) -> Sheet | None:
    try:
        return read_sheet(file, None, stated)
    except UnreadableFileError:
        pass
    try:
        # Such as two encodings, or one that nobody knows for sure.
        said = stated or Stated()
        plain_file = Stated(delimiter=said.delimiter, header_row=said.header_row)
        return None if is_spreadsheet(file) else read_sheet(io.BufferedReader(_English(file)), None, plain_file)
    except UnreadableFileError:
        return None


def _noes(header: tuple[str, ...], profiles: tuple[Profile, ...]) -> dict[int, Says]:
    """Give what says no in each column in which an answer may stand."""
    fields: dict[str, set[str]] = {}
    for profile in profiles:
        for name, field in profile.columns.items():
            fields.setdefault(plain(name), set()).add(field)
    reads = partial(_reads, _words(profiles))
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


def _references(header: tuple[str, ...], profiles: tuple[Profile, ...]) -> frozenset[int]:
    names = {plain(name) for one in profiles for name, field in one.columns.items() if field == "reference"}
    named = [at for at, name in enumerate(header) if plain(name) in names]
    return frozenset(named or range(min(len(header), MOST_REFERENCE_COLUMNS)))


def _says_no(record: Record, noes: Mapping[int, Says]) -> bool:
    cells = record.cells
    if record.fault is None:
        return any(says(cells[at]) for at, says in noes.items())
    # Its cells may stand anywhere.
    return any(read_consent(cell) in NOES for cell in cells)


def _said(record: Record, references: frozenset[int]) -> Said:
    shifted = record.fault is not None
    places = range(min(len(record.cells), MOST_REFERENCE_COLUMNS)) if shifted else sorted(references)
    cells = {at: record.cells[at] for at in places}
    return Said({at: cell for at, cell in cells.items() if reference_problem(cell) is None}, shifted)


def _is_no(cell: str) -> bool:
    return read_consent(cell) in _AS_NO
