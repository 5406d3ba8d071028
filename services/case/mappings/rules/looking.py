"""Looks at a file for which somebody makes a mapping: its columns, a guess for each, and words that may be explained.

Promise: the same engine as ``alongside import map``, and the same first 500 rows. Whoever may not see what stands in
rows gets no word of them. An earlier mapping goes before every guess, and what is new or gone is told.
Shown by ``tests/unit/case/test_seen_file.py``.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, BinaryIO

import msgspec

from services.case.imports.rules.columns import is_withdrawal
from services.case.imports.rules.profile import shipped
from services.case.imports.rules.reading import Sheet, Stated, UnreadableFileError, plain, read_sheet
from services.case.mappings.rules.proposal import MOST_ROWS, Guess, Proposal, propose
from services.case.mappings.rules.said_words import WORDED, words_to_show
from services.case.mappings.rules.seen import Kept, Said, SeenColumn, SeenFile, SeenFileError
from shared.codelists.words import fold

WITHDRAWN = "consent_withdrawn"
_OF_CONSENT = "Read as the day on which the answer was taken back, whatever a mapping says."
_EARLIER = "As in your mapping."


def sheet_to_map(content: BinaryIO, stated: Stated) -> Sheet:
    """Read a file by the names that known systems have, or else by the look of its first lines.

    Raises:
        UnreadableFileError: It cannot be read.
    """
    known = [name for one in shipped().values() for name in (*one.columns, *one.drop)]
    try:
        return read_sheet(content, known, stated)
    except UnreadableFileError as error:
        if error.code != UnreadableFileError.code:
            raise
        return read_sheet(content, None, stated)


def look_at(sheet: Sheet, stated: Stated, *, shows_words: bool, earlier: Mapping[str, Any] | None = None) -> SeenFile:
    """Tell what a file has, and what each column may be.

    Args:
        sheet: The file.
        stated: What was said of it.
        shows_words: Whether the looker may see what stands in rows.
        earlier: The content of a mapping from which they start.

    Raises:
        SeenFileError: Two of its columns have one name.
        UnreadableFileError: It cannot be read.
    """
    _refuse_twins(sheet.header)
    proposal = propose(sheet)
    rows = [record.cells for record in islice(sheet.records(), MOST_ROWS) if record.fault is None]
    places = {name: at for at, name in enumerate(sheet.header)}
    columns = []
    for guess in proposal.guesses:
        cells = [row[places[guess.column]] for row in rows] if shows_words else []
        columns.append(_column(guess, cells))
    seen = SeenFile(
        kind=proposal.kind,
        fingerprint=proposal.fingerprint,
        columns=tuple(columns),
        questions=_without_cells(proposal),
        stated=Said(**vars(stated)),
        not_known=proposal.not_known,
    )
    return seen if earlier is None else _as_before(seen, earlier)


def look_for_words(sheet: Sheet, seen: SeenFile, chosen: Sequence[str]) -> SeenFile:
    """Look at a file once more, for the words of the columns that somebody has said to hold some.

    Raises:
        SeenFileError: It is another file: its columns are not the same.
        UnreadableFileError: It cannot be read.
    """
    places = {plain(name): at for at, name in enumerate(sheet.header)}
    if any(plain(column.name) not in places for column in seen.columns):
        raise SeenFileError("This file has other columns than the one that you began with. Choose that one.")
    rows = [record.cells for record in islice(sheet.records(), MOST_ROWS) if record.fault is None]
    columns = []
    for column, field in zip(seen.columns, chosen, strict=True):
        if field not in WORDED:
            columns.append(column)
            continue
        at = places[plain(column.name)]
        words, hidden = words_to_show([row[at] for row in rows if row[at]], is_named=True)
        columns.append(_with_words(column, words, hidden))
    return msgspec.structs.replace(seen, columns=tuple(columns))


def look_at_mapping(content: Mapping[str, Any], *, follows: str | None = None) -> SeenFile:
    """Tell what a mapping says, so that somebody can change it without a file."""
    columns = tuple(_from_mapping(name, about) for name, about in content["columns"].items())
    return SeenFile(
        kind=content.get("kind", "any"),
        fingerprint=content.get("fingerprint"),
        columns=columns,
        stated=Said(**vars(stated_in(content))),
        not_known=tuple(content.get("not_known", ())),
        kept=_kept(content),
        follows=follows,
    )


def _column(guess: Guess, cells: list[str]) -> SeenColumn:
    if is_withdrawal(guess.column):
        return SeenColumn(name=guess.column, guess=WITHDRAWN, sure=True, why=_OF_CONSENT)
    words, hidden = words_to_show([cell for cell in cells if cell], is_named=guess.field in WORDED)
    shown = {word for word, _ in words}
    return SeenColumn(
        name=guess.column,
        guess=guess.field or "",
        sure=guess.is_sure,
        why=guess.why,
        order=guess.about.get("order"),
        separator=guess.about.get("separator"),
        words=words,
        hidden=hidden,
        means={word: code for word, code in guess.about.get("words", {}).items() if word in shown},
    )


def _as_before(seen: SeenFile, earlier: Mapping[str, Any]) -> SeenFile:
    """Let an earlier mapping say what it said of the columns that are still there."""
    before = {plain(name): _from_mapping(name, about) for name, about in earlier["columns"].items()}
    dropped = {plain(name) for name in earlier.get("drop", ())}
    columns = tuple(_column_as_before(column, before, dropped) for column in seen.columns)
    here = {plain(column.name) for column in seen.columns}
    return msgspec.structs.replace(
        seen,
        columns=columns,
        questions=(),
        not_known=tuple(dict.fromkeys((*earlier.get("not_known", ()), *seen.not_known))),
        kept=_kept(earlier),
        gone=tuple(name for name in earlier["columns"] if plain(name) not in here),
    )


def _column_as_before(column: SeenColumn, before: Mapping[str, SeenColumn], dropped: Collection[str]) -> SeenColumn:
    known = before.get(plain(column.name))
    if known is not None:
        return _with_words(msgspec.structs.replace(known, name=column.name), column.words, column.hidden)
    if plain(column.name) in dropped:
        return msgspec.structs.replace(column, guess="", sure=False, why="Left out, as in your mapping.")
    return column


def _with_words(column: SeenColumn, words: tuple[tuple[str, int], ...], hidden: int) -> SeenColumn:
    """Add words to those that it has; the places of these stay, since a form names words by them."""
    said = {fold(word) for word, _ in column.words}
    more = tuple(one for one in words if fold(one[0]) not in said)
    return msgspec.structs.replace(column, words=(*column.words, *more), hidden=hidden)


def _from_mapping(name: str, about: Any) -> SeenColumn:
    said = about if isinstance(about, Mapping) else {"field": about}
    means = dict(said.get("words", {}))
    return SeenColumn(
        name=name,
        guess=said["field"],
        sure=True,
        why=_EARLIER,
        order=said.get("order"),
        separator=said.get("separator"),
        words=tuple((word, 0) for word in means),
        means=means,
    )


def stated_in(content: Mapping[str, Any]) -> Stated:
    """Give what a mapping says of the file itself."""
    said = content.get("file", {})
    return Stated(
        encoding=said.get("encoding"),
        delimiter=said.get("delimiter"),
        sheet=said.get("sheet"),
        header_row=int(said["header_row"]) if "header_row" in said else None,
    )


def _kept(content: Mapping[str, Any]) -> Kept:
    return Kept(
        id=content["id"],
        title=content.get("title", ""),
        source=content.get("source", ""),
        version=int(content.get("version", 1)),
        constants=content.get("constants", {}),
        defaults=content.get("defaults", {}),
        footer=tuple(content.get("footer", ())),
        drop=tuple(content.get("drop", ())),
    )


def _without_cells(proposal: Proposal) -> tuple[str, ...]:
    """Give the questions that the page asks nowhere else: a doubtful column and a word have places of their own."""
    elsewhere = ("cells hold words", "constants:")
    return tuple(
        one for one in proposal.questions if not one.startswith("Is ") and not any(said in one for said in elsewhere)
    )


def _refuse_twins(header: Iterable[str]) -> None:
    found: set[str] = set()
    for name in header:
        if plain(name) and plain(name) in found:
            raise SeenFileError(
                f"The file has two columns of the name {name}. Nobody can tell which of them is right. Take one out of "
                "the export, or give each its own name."
            )
        found.add(plain(name))
