"""Reads the cells of one row: first what protects a person, then the rest."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from services.case.imports.rules.ages import CHILD, NOT_KNOWN, read_age
from services.case.imports.rules.dates import DateReader, Moment, UnreadDateError
from services.case.imports.rules.table import WITHDRAWN, Line
from shared.codelists import exploitation, nationality
from shared.codelists.consent_words import NOES, NOT_STATED, read_consent, says_withdrawn
from shared.codelists.consent_words import WITHDRAWN as ENDED
from shared.codelists.errors import UnknownCodeError
from shared.codelists.words import fold, read

AGE_NOT_KNOWN = NOT_KNOWN
AGE_UNREADABLE, CONSENT_UNREADABLE, ROW_UNREADABLE = "AGE_UNREADABLE", "CONSENT_UNREADABLE", "ROW_UNREADABLE"

LONGEST_REFERENCE = 200
FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WORDING = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,3}", re.IGNORECASE)
_PRIVATE: dict[str, bool | None] = {
    "yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False, "": None,
}  # fmt: skip

_MOST_KNOWN = 5_000

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why a row cannot be taken, without what it says.

    Attributes:
        urgent: It is told before all others: somebody's no or a child is behind it.
    """

    column: str
    code: str
    sentence: str
    urgent: bool = False


@dataclass(frozen=True, kw_only=True)
class EpisodeFacts:
    """What an accepted row says of an episode, in codes; None where its cell says nothing."""

    referral_date: date | None
    age_band: str
    gender: str | None
    nationality: tuple[str, ...] | None
    region: str | None
    exploitation_types: tuple[str, ...] | None
    nation: str | None
    advocacy_area: str | None


@dataclass(frozen=True, kw_only=True)
class ConsentStatement:
    """What a row says of the statistics consent; whether it is effective, consent decides."""

    stated: str
    said_at: datetime | None
    wording_code: str | None
    language: str | None
    method: str | None
    setting_private: bool | None


@dataclass(frozen=True, kw_only=True)
class First:
    """What is read of a row before anything else.

    Attributes:
        age: A code of the list ``age_band``, ``CHILD``, or None where it cannot be read.
        consent: What the consent's own cell says, or None where it cannot be read.
        no: What to state at once, if the row says no anywhere.
    """

    age: str | None
    consent: str | None
    no: ConsentStatement | None
    nation: str | None

    @property
    def child(self) -> bool:
        """Whether the person may be under 18 at referral."""
        return self.age == CHILD


@dataclass(frozen=True, kw_only=True)
class Rest:
    """Everything else of a row, with what is wrong."""

    facts: EpisodeFacts
    consent: ConsentStatement
    problems: tuple[Problem, ...]
    blank: tuple[Problem, ...]


class _RefusedCellError(Exception):
    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence


class RowReader:
    """Reads rows of one table."""

    def __init__(self, *, fields: Sequence[str], dates: DateReader, today: date) -> None:
        """Take the table's fields, a reader that has seen all its dates, and the business day."""
        self._place = {field: at for at, field in enumerate(fields) if field != WITHDRAWN}
        self._withdrawn = tuple(at for at, field in enumerate(fields) if field == WITHDRAWN)
        self._dates = dates
        self._today = today
        # Exports repeat a few hundred words; what was read once is not read again.
        self._known: dict[tuple[str, str], tuple[Any, Problem | None]] = {}
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
        read_cells = {field: self._read(field, self.cell(line, field)) for field in _PARSERS}
        values = {field: value for field, (value, _) in read_cells.items()}
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
        problems = [problem for _, problem in read_cells.values() if problem is not None]
        if first.consent is None:
            problems.append(_NO_ANSWER)
        if first.age is None:
            problems.append(_NO_AGE)
        reference = reference_problem(self.cell(line, "reference"))
        blank = tuple(_BLANK[field] for field in NEEDED if not self.cell(line, field))
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
        key = (field, text)
        if key not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._parse(field, text)
        return self._known[key]

    def _parse(self, field: str, text: str) -> tuple[Any, Problem | None]:
        try:
            if text.startswith(FORMULA):
                raise _RefusedCellError("formula", "The cell begins like a spreadsheet formula. Write plain text.")
            return _PARSERS[field](self._dates, text), None
        except _RefusedCellError as error:
            return None, Problem(column=field, code=error.code, sentence=error.sentence)
        except UnreadDateError as error:
            return None, Problem(column=field, code=error.reason, sentence=error.sentence)
        except UnknownCodeError as error:
            sentence = f"This word is not in the list {error.list_name}. Correct it, or ask for it to be added."
            return None, Problem(column=field, code="unknown-code", sentence=sentence)


def reference_problem(text: str) -> Problem | None:
    """Say why nobody could be known again by a reference, if so."""
    if not text:
        return Problem(
            column="reference", code="missing", sentence="This cell is empty. Give every record its own reference."
        )
    if text.startswith(FORMULA):
        return Problem(
            column="reference", code="formula",
            sentence="The cell begins like a spreadsheet formula. Write plain text.",
        )  # fmt: skip
    if _SHORTENED.fullmatch(text):
        return Problem(
            column="reference", code="reference-shortened",
            sentence="A spreadsheet has shortened this number, and several people may have it now. "
            "Format the column as text, and export again.",
        )  # fmt: skip
    if len(text) > LONGEST_REFERENCE:
        return Problem(
            column="reference", code="too-long", sentence="A reference has at most 200 characters. Check the column."
        )
    return None


def _private(text: str) -> bool | None:
    word = fold(text)
    if word not in _PRIVATE:
        raise UnknownCodeError("consent_private")
    return _PRIVATE[word]


def _wording(text: str) -> str:
    if not _WORDING.fullmatch(text):
        raise _RefusedCellError("wording", "Name the wording by its code, such as stats-2026-1.")
    return text


def _day(moment: Moment | None) -> date | None:
    return None if moment is None else moment.day


def _once(known: dict[K, V], key: K, load: Callable[[], V]) -> V:
    if key not in known:
        if len(known) >= _MOST_KNOWN:
            known.clear()
        known[key] = load()
    return known[key]


NEEDED = ("referral_date", "gender", "nationality", "exploitation", "nation")
"""Fields without which nobody new is made."""

_PARSERS: Mapping[str, Callable[[DateReader, str], Any]] = {
    "referral_date": lambda dates, text: dates.read(text),
    "gender": lambda _, text: read("gender", text),
    "nationality": lambda _, text: nationality.parse(text).iso_codes,
    "exploitation": lambda _, text: tuple(sorted(exploitation.parse(text))),
    "nation": lambda _, text: read("nation", text),
    "advocacy_area": lambda _, text: read("advocacy_area", text),
    "consent_date": lambda dates, text: dates.read(text),
    "consent_wording": lambda _, text: _wording(text),
    "consent_language": lambda _, text: read("language", text),
    "consent_method": lambda _, text: read("consent_method", text),
    "consent_private": lambda _, text: _private(text),
}
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
