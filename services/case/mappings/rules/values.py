"""How well the cells of a column fit a field, and what a profile has to say of them."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz, process

from services.case.imports.rules.ages import born_on, read_age
from services.case.imports.rules.dates import DAY_FIRST, DateReader, UnreadDateError, in_order, says_order
from services.case.imports.rules.parsing import parse, reference_problem
from shared.codelists.consent_words import read_consent
from shared.codelists.lists import get
from shared.codelists.words import fold

_LAST_DAY = date(9999, 12, 31)
_DATES = DateReader(today=_LAST_DAY)
_DATED = frozenset({"referral_date", "consent_date", "date_of_birth"})
_SEPARATORS = (";", "|", "\n")
_LISTS: Mapping[str, str] = {
    "gender": "gender",
    "exploitation": "exploitation_type",
    "nation": "nation",
    "advocacy_area": "advocacy_area",
}
_NOT_KNOWN = frozenset({"n/k", "nk", "not known", "tbc", "tba", "--none--", "?", "not recorded"})
_MOST_WORDS = 200
_SHORTEST, _NEARLY, _APART = 5, 85, 15
"""Letters of a word that may be misspelt, how like a label it has to be, and how much less like the next, of 100."""

LISTED = frozenset({"consent", "gender", "nationality", "exploitation", "nation", "advocacy_area"})


@dataclass(frozen=True, kw_only=True)
class Fit:
    """How many cells can be read as a field.

    Attributes:
        share: Of one; None where there is nothing to look at.
    """

    seen: int
    understood: int

    @property
    def share(self) -> float | None:
        """Give the part of the cells that is understood."""
        return self.understood / self.seen if self.seen else None

    def in_words(self) -> str:
        """Say it."""
        if not self.seen:
            return "it has no cell to look at."
        return f"{self.understood} of {self.seen} cells can be read so."


def fit_of(field: str, cells: list[str]) -> Fit:
    """Look at a column's cells."""
    if field == "reference":
        good = [cell for cell in cells if reference_problem(cell) is None and len(cell) <= 40]  # noqa: PLR2004
        different = len(set(good))
        # A list of attendances repeats a person; a yes and a no are no references.
        return Fit(seen=len(cells), understood=len(good) if different * 4 >= len(good) else different)
    separator = separator_of(field, cells)
    readers = _READERS.get(field)
    understood = 0
    for cell, times in Counter(cells).items():
        parts = [part.strip() for part in cell.split(separator)] if separator else [cell]
        if all(readers(part) if readers else parse(field, part, _DATES)[1] is None for part in parts if part):
            understood += times
    return Fit(seen=len(cells), understood=understood)


def order_of(field: str, cells: list[str]) -> str | None:
    """Give the order of a column's dates where some cell is sure of it and none of the other."""
    if field not in _DATED:
        return None
    orders = {order for cell in cells if (order := says_order(cell)) is not None}
    return orders.pop() if len(orders) == 1 else None


def separator_of(field: str, cells: list[str]) -> str | None:
    """Give what parts several values in one cell, if the field may have several."""
    if field not in {"exploitation", "nationality"}:
        return None
    return next((mark for mark in _SEPARATORS if any(mark in cell for cell in cells)), None)


def unknown_words(field: str, cells: list[str], separator: str | None) -> Iterator[str]:
    """Give the words of a list's column that the list does not know."""
    if field == "consent":
        yield from (cell for cell in cells if read_consent(cell) is None)
        return
    if field not in LISTED:
        return
    for cell in cells:
        for part in cell.split(separator) if separator else [cell]:
            if part.strip() and parse(field, part.strip(), _DATES)[1] is not None:
                yield part.strip()


def is_not_known(word: str) -> bool:
    """Whether a word is one of the usual ways to say that something is not known."""
    return fold(word) in _NOT_KNOWN


def proposed_words(field: str, cells: list[str], separator: str | None) -> dict[str, str]:
    """Give what misspelt words of a list may mean: nearly a label, and much less like any other code's."""
    name = _LISTS.get(field)
    if name is None:
        return {}
    labels = {code: fold(entry.label_en) for code, entry in get(name).entries.items()}
    found = {}
    for word in sorted(set(unknown_words(field, cells, separator)))[:_MOST_WORDS]:
        bare = fold(word).removesuffix(" exploitation")
        ranked = process.extract(bare, labels, scorer=fuzz.ratio, limit=2)
        if is_not_known(word) or not ranked or len(bare) < _SHORTEST or ranked[0][1] < _NEARLY:
            continue
        if len(ranked) == 1 or ranked[0][1] - ranked[1][1] >= _APART:
            found[word] = str(ranked[0][2])
    return found


def _is_day(cell: str) -> bool:
    try:
        _DATES.read(in_order(cell, DAY_FIRST, contradicted=False))
    except UnreadDateError:
        return False
    return True


def _is_age(cell: str) -> bool:
    return read_age(cell, referral=None, today=_LAST_DAY) is not None and not _is_day(cell)


def _is_birth(cell: str) -> bool:
    short = re.sub(r"^(\d{1,2}[/.-]\d{1,2}[/.-])(\d{2})$", r"\g<1>19\2", cell)
    return (_is_day(cell) or _is_day(short)) and born_on(short, _LAST_DAY) is not None


_READERS: Mapping[str, Callable[[str], bool]] = {
    "referral_date": _is_day,
    "consent_date": _is_day,
    "date_of_birth": _is_birth,
    "age_at_referral": _is_age,
    "consent": lambda cell: read_consent(cell) is not None,
    "consent_withdrawn": lambda cell: _is_day(cell) or read_consent(cell) is not None,
}

__all__ = [
    "LISTED",
    "Fit",
    "fit_of",
    "is_not_known",
    "order_of",
    "proposed_words",
    "separator_of",
    "unknown_words",
]
