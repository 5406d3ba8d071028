"""The rows to mend as a file of their own: the cells as they came, under the file's own column names, and what to do.

Promise: it holds the rows to mend and no other; a cell that a spreadsheet would run as a formula is made plain text;
mended, it is imported by itself, as a part of the file: nobody who is not in it is taken for gone. Shown by
``tests/integration/case/test_import_errors_file.py``.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from services.case.imports.plans import FaultyRow
from services.case.imports.rules.parsing import FORMULA
from shared.codelists.lists import get

ROW_COLUMN = "Alongside: row"
_ADDED = (
    ROW_COLUMN,
    "Alongside: column",
    "Alongside: code",
    "Alongside: what is wrong",
    "Alongside: how to mend it",
    "Alongside: accepted words",
)
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
_MOST_WORDS = 12


def lines_of(columns: Sequence[str], rows: Iterable[FaultyRow], names: Mapping[str, str]) -> Iterator[bytes]:
    """Give the file line by line, so that memory holds one.

    Args:
        columns: The file's own names of the columns that are read, in the order of the cells.
        rows: The rows to mend.
        names: The same names by field.
    """
    # Spreadsheets take a file for UTF-8 only with this mark.
    yield "\ufeff".encode() + _line([*columns, *_ADDED])
    for one in rows:
        problems = one.problems
        said = [sentence.partition(". ") for _, _, sentence, _ in problems]
        yield _line(
            [
                *one.cells,
                str(one.row),
                "; ".join(names.get(column, column) for column, _, _, _ in problems),
                "; ".join(code for _, code, _, _ in problems),
                " ".join(what if what.endswith(".") else f"{what}." for what, _, _ in said),
                " ".join(fix for _, _, fix in said if fix),
                " | ".join(dict.fromkeys(words for column, *_ in problems if (words := accepted(column)))),
            ]
        )


def accepted(column: str) -> str:
    """Give words that a column takes; of a long list the first, with how many more there are."""
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
