"""Reads the cells of one row: first what protects a person, then the rest."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from services.case.imports.ages import CHILD, NOT_KNOWN, read_age
from services.case.imports.dates import DateReader, Moment, UnreadDateError
from services.case.imports.table import WITHDRAWN, Line
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

T = TypeVar("T")


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
        try:
            return self._dates.read(text)
        except UnreadDateError:
            return None

    def age(self, text: str, line: Line) -> str | None:
        """Read an age cell against the row's referral."""
        return read_age(text, referral=self.referral(line), today=self._today)

    def nation(self, text: str) -> str | None:
        """Give a nation's code, if it can be read."""
        try:
            return read("nation", text)
        except UnknownCodeError:
            return None

    def first(self, line: Line) -> First:
        """Read what protects a person: age, consent, withdrawal."""
        stated = read_consent(self.cell(line, "consent"))
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
            language=_or_none(lambda: read("language", self.cell(line, "consent_language"))),
            method=_or_none(lambda: read("consent_method", self.cell(line, "consent_method"))),
            setting_private=_PRIVATE.get(fold(self.cell(line, "consent_private"))),
        )

    def rest(self, line: Line, first: First) -> Rest:
        """Read everything else; what cannot be read is a problem, an empty cell is one only of a new reference."""
        problems: list[Problem] = []
        blank: list[Problem] = []

        def cell(field: str, parse: Callable[[str], T]) -> T | None:
            text = self.cell(line, field)
            try:
                if text.startswith(FORMULA):
                    raise _RefusedCellError("formula", "The cell begins like a spreadsheet formula; write plain text.")
                return parse(text)
            except (_RefusedCellError, UnreadDateError) as error:
                code = error.code if isinstance(error, _RefusedCellError) else error.reason
                problems.append(Problem(column=field, code=code, sentence=error.sentence))
            except UnknownCodeError as error:
                sentence = f"This word is not in the list {error.list_name}. Correct it, or ask for it to be added."
                problems.append(Problem(column=field, code="unknown-code", sentence=sentence))
            return None

        def needed(field: str, parse: Callable[[str], T]) -> T | None:
            if self.cell(line, field):
                return cell(field, parse)
            blank.append(Problem(column=field, code="missing", sentence="This cell is empty. Fill it in."))
            return None

        def optional(field: str, parse: Callable[[str], T]) -> T | None:
            return cell(field, parse) if self.cell(line, field) else None

        if (problem := reference_problem(self.cell(line, "reference"))) is not None:
            problems.append(problem)
        codes = needed("nationality", lambda text: nationality.parse(text).iso_codes)
        types = needed("exploitation", exploitation.parse)
        referral = needed("referral_date", self._dates.read)
        facts = EpisodeFacts(
            referral_date=None if referral is None else referral.day,
            age_band=first.age or AGE_NOT_KNOWN,
            gender=needed("gender", lambda text: read("gender", text)),
            nationality=codes,
            region=None if codes is None else nationality.region_level_1(codes),
            exploitation_types=None if types is None else tuple(sorted(types)),
            nation=needed("nation", lambda text: read("nation", text)),
            advocacy_area=optional("advocacy_area", lambda text: read("advocacy_area", text)),
        )
        said = optional("consent_date", self._dates.read)
        consent = ConsentStatement(
            stated=first.consent or NOT_STATED,
            said_at=None if said is None else said.since,
            wording_code=optional("consent_wording", _wording),
            language=optional("consent_language", lambda text: read("language", text)),
            method=optional("consent_method", lambda text: read("consent_method", text)),
            setting_private=optional("consent_private", _private),
        )
        if first.consent is None:
            sentence = (
                "This is neither a yes nor a no, so this person is not counted. Write given, refused or withdrawn."
            )
            problems.append(Problem(column="consent", code="unknown-code", sentence=sentence))
        if first.age is None:
            sentence = "This is no age or age band, so this person is not counted. Write the age in years."
            problems.append(Problem(column="age_at_referral", code="age", sentence=sentence))
        return Rest(facts=facts, consent=first.no or consent, problems=tuple(problems), blank=tuple(blank))


def reference_problem(text: str) -> Problem | None:
    """Say why nobody could be known again by a reference, if so."""
    if not text:
        return Problem(
            column="reference", code="missing", sentence="This cell is empty. Give every record its own reference."
        )
    if text.startswith(FORMULA):
        return Problem(
            column="reference", code="formula",
            sentence="The cell begins like a spreadsheet formula; write plain text.",
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
        raise _RefusedCellError("wording", "A wording is named by its code, such as stats-2026-1.")
    return text


def _or_none(load: Callable[[], str]) -> str | None:
    try:
        return load()
    except UnknownCodeError:
        return None
