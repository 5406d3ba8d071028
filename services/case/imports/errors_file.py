"""The rows to mend as a file of their own: the cells as they came, under the file's own column names, and what to do.

Promise: it holds the rows to mend and no other; in place of a birth date stands what was read of it; a cell that a
spreadsheet would run as a formula is made plain text; mended, it is read by the mapping that read the whole file, and
imported by itself, as a part: nobody who is not in it is taken for gone. Shown by
``tests/integration/case/test_import_errors_file.py``.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from services.case.imports.plans import About, FaultyRow
from services.case.imports.rules.dates import AMBIGUOUS, QUESTION
from services.case.imports.rules.mended import added_columns
from services.case.imports.rules.parsing import FORMULA
from services.case.imports.rules.table import Line
from shared.codelists.lists import get

_LISTS = {
    "gender": "gender",
    "nation": "nation",
    "advocacy_area": "advocacy_area",
    "exploitation": "exploitation_type",
    "consent_language": "language",
    "consent_method": "consent_method",
}
_WORDS: Mapping[str, str] = {
    "consent": "given; refused; withdrawn; or empty",
    "consent_private": "yes; no; or empty",
    "age_at_referral": "the age in years at referral, such as 34",
    "referral_date": "a day such as 2026-10-25 or 25 October 2026",
    "consent_date": "a day such as 2026-10-25 or 25 October 2026",
    "nationality": "a country's name, or its code such as ALB",
}
_BIRTH = "the birth date, such as 31 December 1990, or 1990-12-31"
_MOST_WORDS = 12


def faulty_row(line: Line, fields: Sequence[str], problems: tuple[tuple[str, str, str, bool], ...]) -> FaultyRow:
    """Give a row to mend with its own cells; a day that could be two stays a question until it is written anew.

    By itself the row does not show what its whole file showed: that other days have the month first.
    """
    cells = list(line.as_it_came())
    for column, code, _, _ in problems:
        for place in (place for place, name in enumerate(fields) if name == column and code == AMBIGUOUS):
            if not cells[place].startswith(QUESTION):
                cells[place] = QUESTION + cells[place]
    return FaultyRow(line.row, tuple(cells), problems)


def lines_of(about: About, rows: Iterable[FaultyRow], mapping: str | None) -> Iterator[bytes]:
    """Give the file line by line, so that memory holds one.

    Args:
        about: What the file calls its columns; a field without one has no column here either.
        rows: The rows to mend.
        mapping: The mapping profile by which the file was read, and by which this one is read again.
    """
    places = [place for place, name in enumerate(about.columns) if name]
    names = about.names
    # Spreadsheets take a file for UTF-8 only with this mark.
    yield "\ufeff".encode() + _line([*(about.columns[place] for place in places), *added_columns(mapping)])
    for one in rows:
        problems = one.problems
        said = [sentence.partition(". ") for _, _, sentence, _ in problems]
        yield _line(
            [
                *(one.cells[place] for place in places),
                str(one.row),
                "; ".join(names.get(column, column) for column, _, _, _ in problems),
                "; ".join(code for _, code, _, _ in problems),
                " ".join(what if what.endswith(".") else f"{what}." for what, _, _ in said),
                " ".join(fix for _, _, fix in said if fix),
                " | ".join(
                    dict.fromkeys(words for column, *_ in problems if (words := accepted(column, births=about.births)))
                ),
                *([] if mapping is None else [""]),
            ]
        )


def accepted(column: str, *, births: bool = False) -> str:
    """Give words that a column takes; of a long list the first, with how many more there are."""
    if births and column == "age_at_referral":
        return _BIRTH
    if column not in _LISTS:
        return _WORDS.get(column, "")
    labels = [entry.label_en for entry in get(_LISTS[column]).entries.values()]
    more = len(labels) - _MOST_WORDS
    return "; ".join(labels[:_MOST_WORDS]) + (f"; and {more} more" if more > 0 else "")


def _line(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([_plain(cell) for cell in cells])
    return text.getvalue().encode()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
