"""Reads the cells of one row: first what protects a person, then the rest."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from services.case.imports.rules.ages import read_age
from services.case.imports.rules.dates import DateReader, Moment, UnreadDateError
from services.case.imports.rules.parsing import FIELDS, NEEDED, parse, reference_problem
from services.case.imports.rules.said import AGE_NOT_KNOWN, ConsentStatement, EpisodeFacts, First, Problem, Rest
from services.case.imports.rules.table import WITHDRAWN, Line
from shared.codelists import nationality
from shared.codelists.consent_words import NOES, NOT_STATED, read_consent, says_withdrawn
from shared.codelists.consent_words import WITHDRAWN as ENDED

_MOST_KNOWN = 5_000

K = TypeVar("K")
V = TypeVar("V")


class RowReader:
    """Reads rows of one table."""

    def __init__(self, *, fields: Sequence[str], dates: DateReader, today: date) -> None:
        """Take the table's fields, a reader that has seen all its dates, and the business day."""
        self._place = {field: at for at, field in enumerate(fields) if field != WITHDRAWN}
        self._withdrawn = tuple(at for at, field in enumerate(fields) if field == WITHDRAWN)
        self._dates = dates
        self._today = today
        # Exports repeat a few hundred words; what was read once is not read again.
        self._known: dict[str, dict[str, tuple[Any, Problem | None]]] = {field: {} for field in FIELDS}
        self._fields = tuple((field, self._place[field]) for field in FIELDS if field in self._place)
        self._said: dict[str, str | None] = {}
        self._ages: dict[tuple[str, date | None], str | None] = {}
        self._moments: dict[str, Moment | None] = {}

    def cell(self, line: Line, field: str) -> str:
        """Give a field's cell; empty where the file has no such column."""
        at = self._place.get(field)
        return "" if at is None else line.cells[at]

    def near(self, line: Line, field: str) -> tuple[str, ...]:
        """Give the cells of a row with a fault in which a field may stand."""
        at = self._place.get(field)
        return () if at is None else line.near[at]

    def ended(self, line: Line) -> bool:
        """Whether a row with a fault says in a column of withdrawals, where no other cell can stand, that it ended."""
        own = [(line.cells[at], line.near[at]) for at in self._withdrawn]
        return any(near == (cell,) and says_withdrawn(cell) for cell, near in own)

    def reference(self, line: Line) -> str:
        """Give the row's reference, or nothing where it has none by which anybody could be known again."""
        text = self.cell(line, "reference")
        return "" if reference_problem(text) is not None else text

    def referral(self, line: Line) -> date | None:
        """Give the day of referral, if it can be read."""
        moment = self.moment(self.cell(line, "referral_date"))
        return None if moment is None else moment.day

    def moment(self, text: str) -> Moment | None:
        """Give a day, if it can be read."""
        return _once(self._moments, text, lambda: self._moment(text)) if text else None

    def _moment(self, text: str) -> Moment | None:
        try:
            return self._dates.read(text)
        except UnreadDateError:
            return None

    def consent(self, text: str) -> str | None:
        """Give what a consent cell says; None where it cannot be read."""
        return _once(self._said, text, lambda: read_consent(text))

    def age(self, text: str, line: Line) -> str | None:
        """Read an age cell against the row's referral."""
        referral = self.referral(line)
        return _once(self._ages, (text, referral), lambda: read_age(text, referral=referral, today=self._today))

    def nation(self, text: str) -> str | None:
        """Give a nation's code, if it can be read."""
        code: str | None = self._read("nation", text)[0]
        return code

    def first(self, line: Line) -> First:
        """Read what protects a person: age, consent, withdrawal."""
        stated = self.consent(self.cell(line, "consent"))
        ended = [line.cells[at] for at in self._withdrawn if says_withdrawn(line.cells[at])]
        no = None
        if ended:
            said = [moment for cell in ended if (moment := self.moment(cell)) is not None]
            no = self.no(line, ENDED, max(said, key=lambda m: m.since) if said else None)
        elif stated in NOES:
            no = self.no(line, stated or ENDED, self.moment(self.cell(line, "consent_date")))
        return First(
            age=self.age(self.cell(line, "age_at_referral"), line),
            consent=stated,
            no=no,
            nation=self.nation(self.cell(line, "nation")),
        )

    def no(self, line: Line, stated: str, moment: Moment | None) -> ConsentStatement:
        """Give a no with what else can be read of it; nothing of it has to be."""
        return ConsentStatement(
            stated=stated,
            said_at=None if moment is None else moment.since,
            wording_code=None,
            language=self._read("consent_language", self.cell(line, "consent_language"))[0],
            method=self._read("consent_method", self.cell(line, "consent_method"))[0],
            setting_private=self._read("consent_private", self.cell(line, "consent_private"))[0],
        )

    def rest(self, line: Line, first: First) -> Rest:
        """Read everything else; what cannot be read is a problem, an empty cell is one only of a new reference."""
        values, problems, unread, cells = dict(_NOTHING), [], set[str](), line.cells
        for field, at in self._fields:
            if text := cells[at]:
                values[field], problem = self._read(field, text)
                if problem is not None:
                    problems.append(problem)
                    unread.add(field)
        codes, types = values["nationality"], values["exploitation"]
        facts = EpisodeFacts(
            referral_date=_day(values["referral_date"]),
            age_band=first.age or AGE_NOT_KNOWN,
            gender=values["gender"],
            nationality=codes,
            region=None if codes is None else nationality.region_level_1(codes),
            exploitation_types=types,
            nation=values["nation"],
            advocacy_area=values["advocacy_area"],
        )
        said = values["consent_date"]
        consent = ConsentStatement(
            stated=first.consent or NOT_STATED,
            said_at=None if said is None else said.since,
            wording_code=values["consent_wording"],
            language=values["consent_language"],
            method=values["consent_method"],
            setting_private=values["consent_private"],
        )
        if first.consent is None:
            problems.append(_NO_ANSWER)
        if first.age is None:
            problems.append(_NO_AGE)
        reference = reference_problem(self.cell(line, "reference"))
        blank = tuple(_BLANK[field] for field in NEEDED if values[field] is None and field not in unread)
        return Rest(
            facts=facts,
            consent=first.no or consent,
            problems=tuple(problems if reference is None else [reference, *problems]),
            blank=blank,
        )

    def _read(self, field: str, text: str) -> tuple[Any, Problem | None]:
        """Read a cell, or say why it cannot be read; an empty one says nothing."""
        if not text:
            return None, None
        known = self._known[field]
        found = known.get(text)
        if found is None:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            found = known[text] = parse(field, text, self._dates)
        return found


def _day(moment: Moment | None) -> date | None:
    return None if moment is None else moment.day


def _once(known: dict[K, V], key: K, load: Callable[[], V]) -> V:
    if key not in known:
        if len(known) >= _MOST_KNOWN:
            known.clear()
        known[key] = load()
    return known[key]


_NOTHING: dict[str, Any] = dict.fromkeys(FIELDS)
_BLANK = {field: Problem(column=field, code="missing", sentence="This cell is empty. Fill it in.") for field in NEEDED}
_NO_ANSWER = Problem(
    column="consent",
    code="unknown-code",
    sentence="This is neither a yes nor a no, so this person is not counted. Write given, refused or withdrawn.",
)
_NO_AGE = Problem(
    column="age_at_referral",
    code="age",
    sentence="This is not an age or an age band, so this person is not counted. Write the age in years.",
)
