"""The cells of a row in our own words: what a mapping profile says of its columns is carried out here, cell by cell.

Promise: no profile turns a no into anything else: a cell that refuses, withdraws or may mean a child is left as it
stands, whatever the profile says of its word; a birth date becomes an age at referral here and is kept nowhere, on the
side of the child where it could be two days. Shown by ``tests/unit/case/test_mapping_words.py``.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import islice

from services.case.imports.rules.ages import ADULT, CHILD, NOT_KNOWN, born_on, read_age, with_full_year
from services.case.imports.rules.dates import MONTH_FIRST, QUESTION, DateReader, UnreadDateError, in_order, says_order
from services.case.imports.rules.profile import Binding, ColumnRule
from services.case.imports.rules.reading import Sheet
from shared.codelists.consent_words import NOES, read_consent
from shared.codelists.words import fold

WITHDRAWN = "consent_withdrawn"
AGE, BORN, CONSENT, REFERRAL = "age_at_referral", "date_of_birth", "consent", "referral_date"

AGE_NOT_READ = "birth date not read"
"""What stands for a birth date that cannot be set against a referral: no age, so that a person looks."""

NOT_KNOWN_AS: Mapping[str, str] = {
    "gender": "NOT_KNOWN",
    "nation": "NOT_KNOWN",
    "nationality": "unknown",
    "exploitation": "NOT_SPECIFIED_OR_UNKNOWN",
}
"""What a word for "not known" is in a list that can say so; elsewhere it is an empty cell."""

_BAND = {CHILD: "CHILD_17_UNDER", ADULT: "ADULT_18_OVER", NOT_KNOWN: ""}
_JOINED = {"exploitation": "; ", "nationality": "/"}
_NO_RULE = ColumnRule()
_NEAR = 10
_BEYOND = 2**31
_MOST_KNOWN = 5_000
_LONG_AGO = timedelta(days=3653)
_TODAY = date.today
"""Only a bound of what no row says for itself: whoever is a child today was one at every referral."""

_DATED = frozenset({REFERRAL, "consent_date"})
_FAR = date(9999, 12, 31)


class CellReader:
    """Gives a row's cells by field, as its profile reads them.

    Attributes:
        fields: The fields whose cells it gives, but for withdrawals.
        places: Columns from which they come, withdrawals too.
    """

    def __init__(self, sheet: Sheet, binding: Binding) -> None:
        """Take a sheet, whose dated columns are looked at as a whole when the first row is read."""
        self._sheet = sheet
        self._binding = binding
        self._profile = binding.profile
        positions = dict(binding.positions)
        self._born = positions.pop(BORN, None)
        self._positions = positions
        # A file without references has one empty cell a row for them: each row is told, and its child is heard.
        always = ("reference", *self._profile.constants)
        extra = [field for field in always if field not in positions]
        if self._born is not None and AGE not in positions:
            extra.append(AGE)
        self.fields = (*positions, *extra)
        self.places = (*positions.values(), *binding.withdrawn, *(() if self._born is None else (self._born,)))
        self._known: dict[tuple[str, str], str] = {}
        self._births: dict[str, bool] = {}
        # A field of which the profile says nothing is read as it stands.
        self._as_it_stands = frozenset(
            field
            for field in self.fields
            if field == "reference" or (field not in self._profile.rules and not self._profile.not_known)
        )
        # Most cells are taken as they are, without a call; those of a field that is read stand beyond every row here.
        taken = {field: positions.get(field, _BEYOND) for field in self._as_it_stands - {AGE}}
        self._where = tuple((field, taken.get(field, _BEYOND)) for field in self.fields)
        self._may_differ = tuple(place for place, one in enumerate(self.fields) if one not in self._as_it_stands)
        self._contradicted: frozenset[str] | None = None

    def read(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        """Read a row."""
        wide = len(cells)
        found = [cells[at] if at < wide and cells[at] else self._field(field, cells) for field, at in self._where]
        return (*found, *(_cell(cells, at) for at in self._binding.withdrawn))

    def own(
        self, cells: tuple[str, ...], read: tuple[str, ...], *, is_broken: bool = False
    ) -> tuple[tuple[int, str], ...]:
        """Give place and cell where the file's own cell is another than what was read, for whoever mends the row.

        A birth date is given nowhere, and neither is one that stands in a wrong column of a broken row. A day that is
        a question stays one until somebody writes it anew.
        """
        found = []
        for place in range(len(self.fields)) if is_broken else self._may_differ:
            field = self.fields[place]
            at = self._positions.get(field)
            if at is None:
                continue
            cell = _cell(cells, at)
            if field == AGE and (self._is_birth(cell) or _cell(cells, self._born)):
                continue
            if is_broken and self._is_birth(cell) and (field not in _DATED or self._born is not None):
                cell = ""
            if cell != read[place] and not read[place].startswith(QUESTION):
                found.append((place, cell))
        return tuple(found)

    def near(self, cells: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """Give, of a row with a fault, the cells in which each field may stand."""
        extra = len(cells) - len(self._sheet.header)
        found = [self._near(field, cells, extra) for field in self.fields]
        return (*found, *(tuple(_around(cells, at, extra)) for at in self._binding.withdrawn))

    def _near(self, field: str, cells: tuple[str, ...], extra: int) -> tuple[str, ...]:
        if field in _DATED:
            # Nobody looks for a day in a broken row, and it might be a birth date.
            return ()
        at = self._positions.get(field)
        around = [] if at is None else [cell for cell in _around(cells, at, extra) if not self._is_birth(cell)]
        found = [self._word(field, cell) if cell else "" for cell in around]
        if field == AGE and self._born is not None:
            read = (self._band(cell, None) for cell in _around(cells, self._born, extra) if cell)
            # A neighbouring day may be the referral's: only a child is heard.
            found += [band for band in read if band == _BAND[CHILD]]
        return tuple(found)

    def _field(self, field: str, cells: tuple[str, ...]) -> str:
        if field == AGE:
            return self._age(cells)
        at = self._positions.get(field)
        text = "" if at is None else _cell(cells, at)
        if not text:
            return self._profile.constants.get(field) or self._profile.defaults.get(field, "")
        return self._word(field, text)

    def _word(self, field: str, text: str) -> str:
        if field in self._as_it_stands:
            return text
        key = (field, text)
        if key not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._translated(field, text)
        return self._known[key]

    def _translated(self, field: str, text: str) -> str:
        if (field == CONSENT and read_consent(text) in NOES) or (field == AGE and _may_be_a_child(text)):
            return text
        word, rule = fold(text), self._profile.rules.get(field, _NO_RULE)
        if word in rule.words:
            return rule.words[word]
        if word in self._profile.not_known and field != "reference":
            return NOT_KNOWN_AS.get(field, "")
        if rule.order is not None:
            return in_order(text, rule.order, contradicted=field in self._contradictions())
        if rule.separator is not None and rule.separator in text:
            parts = [part.strip() for part in text.split(rule.separator)]
            return _JOINED.get(field, rule.separator).join(rule.words.get(fold(part), part) for part in parts if part)
        return text

    def _age(self, cells: tuple[str, ...]) -> str:
        at = self._positions.get(AGE)
        stated = "" if at is None else _cell(cells, at)
        # A birth date under the age's own name is one too.
        is_birth = self._is_birth(stated)
        said = self._word(AGE, stated) if stated and not is_birth else ""
        births = [cell for cell in (stated if is_birth else "", _cell(cells, self._born)) if cell]
        if not births:
            return said
        bands = [self._band(cell, cells) for cell in births if fold(cell) not in self._profile.not_known]
        child = _BAND[CHILD]
        if child in bands or not bands or (said and _may_be_a_child(said)):
            return child if child in bands else said
        if AGE_NOT_READ in bands:
            return AGE_NOT_READ
        return said if said and read_age(said, referral=None, today=_TODAY()) != NOT_KNOWN else bands[0]

    def _band(self, text: str, cells: tuple[str, ...] | None) -> str:
        """Set a birth date against the row's referral; without one, an adult was one ten years ago already."""
        if text in _BAND.values():
            return text  # What stood here was read before, and given out to be mended.
        rule = self._profile.rules.get(BORN, _NO_RULE)
        referral, today = None if cells is None else self._referral(cells), _TODAY()
        ordered = in_order(text, rule.order, contradicted=False) if rule.order else text
        if rule.order and BORN in self._contradictions():
            ordered = text
        latest = max(today, referral or today)
        for full in with_full_year(ordered, latest):
            if born_on(full, _FAR) is None:
                break
            if read_age(full, referral=referral or today, today=latest) == CHILD:
                return _BAND[CHILD]
            if read_age(full, referral=referral or today - _LONG_AGO, today=latest) == ADULT:
                return _BAND[ADULT]
        return AGE_NOT_READ

    def _is_birth(self, text: str) -> bool:
        if text not in self._births:
            if len(self._births) >= _MOST_KNOWN:
                self._births.clear()
            self._births[text] = any(c.isdigit() for c in text) and born_on(text, _FAR) is not None
        return self._births[text]

    def _referral(self, cells: tuple[str, ...]) -> date | None:
        text = self._field(REFERRAL, cells) if REFERRAL in self.fields else ""
        days = []
        for month_first in (False, True):
            turned = in_order(text, MONTH_FIRST, contradicted=False) if month_first else text
            try:
                days.append(DateReader(today=_FAR).read(turned).day)
            except UnreadDateError:
                return None
        # Which of two days it is, the judge asks; the earlier one errs towards the child.
        return min(days)

    def _contradictions(self) -> frozenset[str]:
        """Say which dated columns hold a day that is surely in the other order; one pass over the file."""
        if self._contradicted is None:
            orders = {field: rule.order for field, rule in self._profile.rules.items() if rule.order}
            places = {field: at for field, at in self._binding.positions.items() if field in orders}
            found: set[str] = set()
            for record in self._sheet.records() if places else ():
                for field, at in places.items():
                    sure = says_order(_cell(record.cells, at)) if record.fault is None else None
                    if sure is not None and sure != orders[field]:
                        found.add(field)
            self._contradicted = frozenset(found)
        return self._contradicted


def _may_be_a_child(text: str) -> bool:
    return read_age(text, referral=None, today=_TODAY()) == CHILD


def _cell(cells: tuple[str, ...], at: int | None) -> str:
    return cells[at] if at is not None and at < len(cells) else ""


def _around(cells: tuple[str, ...], at: int, extra: int) -> Iterator[str]:
    """The cells in which a field may stand when a row has some cells too many, or too few."""
    first, last = min(at, at + extra), max(at, at + extra)
    return islice(cells[max(0, first) : last + 1], _NEAR)


__all__ = ["AGE", "BORN", "WITHDRAWN", "CellReader"]
