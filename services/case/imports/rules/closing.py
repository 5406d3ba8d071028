"""Rows that are no records: a repeated header, a total, a closing line; and a second header, which refuses a file.

A total line holds no age, no date and no reference: "Sum Chea" is a person.
"""

import re
from datetime import date

from services.case.imports.rules.binding import Binding
from services.case.imports.rules.dates import AMBIGUOUS, SWAPPED, DateReader, UnreadDateError
from services.case.imports.rules.reading import plain
from services.case.imports.rules.records import Record
from shared.codelists.words import fold

FEWEST_NAMES = 4
"""No person's row holds so many names of columns."""
_TOTAL = re.compile(
    r"(?:sub ?|grand ?)?(?:totals?|sum|count|average|mean)(?: records?| rows?| clients?| count)?\s*[:=]?\s*[\d.,]*",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:copyright|confidential information|generated (?:by|on|at)|report (?:run|generated))\b", re.IGNORECASE
)
_PLAIN_NUMBER = re.compile(r"[\d.,%\s\u00a3-]*")


def is_header(record: Record, header: tuple[str, ...]) -> bool:
    """Whether a row is the header once more."""
    return tuple(plain(cell) for cell in record.cells) == header


def is_no_record(record: Record, binding: Binding) -> bool:
    """Whether a row is a total, or the line that closes a report."""
    cells = record.cells
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
        any(at != at_label and cell_at(cells, at) for at in person)
        or any(_is_date(cell_at(cells, at)) for at in (*dates, *binding.withdrawn))
    )


def is_another_header(record: Record, header: tuple[str, ...]) -> bool:
    """Whether a row holds mostly names of columns, though not the header's as they stand: what follows is shifted."""
    filled = [name for name in (plain(cell) for cell in record.cells) if name]
    named = len(set(filled) & set(header))
    return named >= FEWEST_NAMES and 2 * named >= len(filled) and filled != [name for name in header if name]


def cell_at(cells: tuple[str, ...], at: int) -> str:
    """Give a cell; nothing where the row is too short."""
    return cells[at] if at < len(cells) else ""


def _is_date(cell: str) -> bool:
    try:
        DateReader(today=_FAR).read(cell)
    except UnreadDateError as error:
        return error.reason in {AMBIGUOUS, SWAPPED}
    return True


_NEVER = "\x00"
_FAR = date(9999, 12, 31)
