"""A verdict for each row: accepted, possibly a child, held for a person, or quarantined.

Promise: no problem repeats what a cell says; an unknown word quarantines its row and never becomes
"other"; a cell that a spreadsheet would run as a formula is never kept or carried anywhere.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import msgspec

from services.case.imports.profile import Binding
from services.case.imports.reading import Sheet
from shared.codelists import exploitation, nationality
from shared.codelists.errors import UnknownCodeError
from shared.codelists.lists import get
from shared.codelists.periods import LONDON

GIVEN, YES_UNSPECIFIED, REFUSED, NOT_STATED = "GIVEN", "YES_UNSPECIFIED", "REFUSED", "NOT_STATED"

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T.*)?")
_WORDING = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
_ADULT_AGE = 18
_OLDEST = 120
_FIRST_YEAR = 1900
_GENDER = {
    "female": "FEMALE", "f": "FEMALE", "woman": "FEMALE", "male": "MALE", "m": "MALE", "man": "MALE",
    "other": "OTHER", "non-binary": "NON_BINARY", "not specified": "NOT_SPECIFIED",
    "prefer not to say": "DECLINED_TO_ANSWER",
}  # fmt: skip
_NATION = {
    "england": "ENGLAND", "wales": "WALES", "scotland": "SCOTLAND", "northern ireland": "NORTHERN_IRELAND",
    "ni": "NORTHERN_IRELAND", "cymru": "WALES",
}  # fmt: skip
_AREA = {
    "housing": "HOUSING", "immigration": "IMMIGRATION", "asylum": "ASYLUM", "nrm": "NRM",
    "education and training": "EDUCATION_AND_TRAINING", "education": "EDUCATION_AND_TRAINING",
    "employment": "EMPLOYMENT", "welfare benefits": "WELFARE_BENEFITS", "benefits": "WELFARE_BENEFITS",
    "money and debt": "MONEY_AND_DEBT", "physical health": "PHYSICAL_HEALTH", "mental health": "MENTAL_HEALTH",
    "criminal justice": "CRIMINAL_JUSTICE", "civil justice": "CIVIL_JUSTICE",
    "legal advice": "ACCESS_TO_LEGAL_ADVICE", "compensation": "COMPENSATION", "safety": "SAFETY_AND_SAFEGUARDING",
}  # fmt: skip
_METHOD = {
    "in person": "VERBAL_IN_PERSON", "interpreter": "VIA_INTERPRETER", "via interpreter": "VIA_INTERPRETER",
    "phone": "VERBAL_PHONE", "written": "WRITTEN", "portal": "PORTAL",
}  # fmt: skip
_CONSENT = {
    "given": GIVEN, "yes": YES_UNSPECIFIED, "y": YES_UNSPECIFIED, "refused": REFUSED, "no": REFUSED, "n": REFUSED,
    "": NOT_STATED,
}  # fmt: skip
_PRIVATE: dict[str, bool | None] = {"yes": True, "y": True, "no": False, "n": False, "": None}
_ADULT_WORDS = {"adult (18 or over)": "ADULT_18_OVER", "adult": "ADULT_18_OVER", "18+": "ADULT_18_OVER"}
_CHILD_WORDS = frozenset(
    {"child (17 or under)", "child", "under 18", "minor", "age disputed", "age-disputed", "disputed"}
)
_NO_AGE = frozenset({"", "not specified or unknown", "not specified", "unknown", "not known"})


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why a row cannot be taken, without what it says."""

    column: str
    code: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class EpisodeFacts:
    """What an accepted row says of an episode, in codes."""

    referral_date: date
    age_band: str
    gender: str
    nationality: tuple[str, ...]
    region: str
    exploitation_types: tuple[str, ...]
    nation: str
    advocacy_area: str | None


@dataclass(frozen=True, kw_only=True)
class ConsentStatement:
    """What an accepted row says of the statistics consent; whether it is effective, consent decides."""

    stated: str
    said_at: datetime | None
    wording_code: str | None
    language: str | None
    method: str | None
    setting_private: bool | None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What becomes of one row.

    Attributes:
        kind: ``ACCEPTED``, ``POSSIBLE_CHILD``, ``HELD``, ``QUARANTINED`` or ``DUPLICATE``.
    """

    kind: str
    row: int
    reference: str
    nation: str | None = None
    facts: EpisodeFacts | None = None
    consent: ConsentStatement | None = None
    problems: tuple[Problem, ...] = ()

    def content_hash(self, key: bytes) -> str:
        """HMAC of what the row says, under the tenant's key, so that an unchanged row is known again."""
        content = msgspec.json.encode([self.kind, self.facts, self.consent])
        return hmac.new(key, content, hashlib.sha256).hexdigest()


class _RefusedCellError(Exception):
    def __init__(self, field: str, code: str, sentence: str) -> None:
        super().__init__(field)
        self.problem = Problem(column=field, code=code, sentence=sentence)


def judge(sheet: Sheet, binding: Binding, *, today: date) -> Iterator[Verdict]:
    """Judge every row of a file, in order; two rows with one reference are told apart by what they say.

    Args:
        today: The business day; a date after it is refused.
    """
    seen: dict[str, tuple[str, ...]] = {}
    wanted = binding.positions
    clashing = _clashing(sheet, wanted["reference"])
    for number, cells in sheet.rows:
        reference = cells[wanted["reference"]]
        relevant = tuple(cells[position] for position in wanted.values())
        if reference in clashing:
            problem = Problem(
                column="reference",
                code="reference-twice",
                sentence="Two rows have this reference and differ. Keep the right one.",
            )
            yield Verdict(kind="QUARANTINED", row=number, reference=reference, problems=(problem,))
        elif reference and seen.get(reference) == relevant:
            yield Verdict(kind="DUPLICATE", row=number, reference=reference)
        else:
            seen[reference] = relevant
            yield _judge_row(number, {field: cells[at] for field, at in wanted.items()}, today)


def _clashing(sheet: Sheet, at: int) -> frozenset[str]:
    first: dict[str, tuple[str, ...]] = {}
    clashing = set()
    for _, cells in sheet.rows:
        if cells[at] and first.setdefault(cells[at], cells) != cells:
            clashing.add(cells[at])
    return frozenset(clashing)


def _judge_row(number: int, row: Mapping[str, str], today: date) -> Verdict:
    reference = row["reference"]
    problems: list[Problem] = []

    def read(field: str, parse: Callable[[str], Any]) -> Any:
        try:
            text = row.get(field, "")
            if text.startswith(_FORMULA):
                raise _RefusedCellError(
                    field, "formula", "The cell begins like a spreadsheet formula; write plain text."
                )
            return parse(text)
        except _RefusedCellError as error:
            problems.append(error.problem)
        except UnknownCodeError as error:
            sentence = f"This word is not in the list {error.list_name}. Correct it, or ask for it to be added."
            problems.append(Problem(column=field, code="unknown-code", sentence=sentence))
        return None

    read("reference", lambda text: _needed("reference", text))
    nation = read("nation", lambda text: _coded("nation", _NATION, text))
    # A possible child is looked at first: no other fault of the row may hide one.
    age = _age(row["age_at_referral"])
    if age == "CHILD":
        return Verdict(kind="POSSIBLE_CHILD", row=number, reference=reference, nation=nation)
    referral = read("referral_date", lambda text: _date("referral_date", text, today))
    gender = read("gender", lambda text: _coded("gender", _GENDER, text))
    codes = read("nationality", lambda text: nationality.parse(text).iso_codes)
    types = read("exploitation", exploitation.parse)
    area = read("advocacy_area", lambda text: _coded("advocacy_area", _AREA, text) if text else None)
    consent = _consent(read, today)
    if age is None:
        problems.append(Problem(column="age_at_referral", code="age", sentence="This is no age or age band."))
    if problems:
        return Verdict(kind="QUARANTINED", row=number, reference=reference, nation=nation, problems=tuple(problems))
    facts = EpisodeFacts(
        referral_date=referral,
        age_band=str(age),
        gender=gender,
        nationality=codes,
        region=nationality.region_level_1(codes),
        exploitation_types=tuple(sorted(types)),
        nation=nation,
        advocacy_area=area,
    )
    kind = "HELD" if age == "NOT_SPECIFIED_OR_UNKNOWN" else "ACCEPTED"
    return Verdict(kind=kind, row=number, reference=reference, nation=nation, facts=facts, consent=consent)


def _consent(read: Callable[[str, Callable[[str], Any]], Any], today: date) -> ConsentStatement:
    said_on = read("consent_date", lambda text: _date("consent_date", text, today) if text else None)
    return ConsentStatement(
        stated=read("consent", lambda text: _coded("consent", _CONSENT, text)) or NOT_STATED,
        said_at=None
        if said_on is None
        # A day without a time is taken as its beginning: never later than it was said.
        else datetime.combine(said_on, time(), tzinfo=LONDON).astimezone(UTC),
        wording_code=read("consent_wording", lambda text: _wording(text) if text else None),
        language=read("consent_language", lambda text: get("language").require(text.lower()) if text else None),
        method=read("consent_method", lambda text: _coded("consent_method", _METHOD, text) if text else None),
        setting_private=read("consent_private", _private),
    )


def _age(text: str) -> str | None:
    """Read an age or band: a band's code, ``CHILD``, not specified, or None for something else."""
    word = " ".join(text.casefold().split())
    if word in _CHILD_WORDS:
        return "CHILD"
    if word in _NO_AGE:
        return "NOT_SPECIFIED_OR_UNKNOWN"
    if word in _ADULT_WORDS:
        return _ADULT_WORDS[word]
    if word.isascii() and word.isdigit() and int(word) <= _OLDEST:
        return "CHILD" if int(word) < _ADULT_AGE else "ADULT_18_OVER"
    return None


def _coded(field: str, words: Mapping[str, str], text: str) -> str:
    code = words.get(" ".join(text.casefold().split()))
    if code is None:
        raise UnknownCodeError(field)
    return code


def _private(text: str) -> bool | None:
    word = text.casefold()
    if word not in _PRIVATE:
        raise UnknownCodeError("consent_private")
    return _PRIVATE[word]


def _needed(field: str, text: str) -> str:
    if not text:
        raise _RefusedCellError(field, "missing", "This cell is empty. Give every record its own reference.")
    return text


def _wording(text: str) -> str:
    if not _WORDING.fullmatch(text):
        raise _RefusedCellError("consent_wording", "wording", "A wording is named by its code, such as stats-2026-1.")
    return text


def _date(field: str, text: str, today: date) -> date:
    try:
        if match := _DAY_FIRST.fullmatch(text):
            found = date(int(match[3]), int(match[2]), int(match[1]))
        elif match := _ISO.fullmatch(text):
            found = date(int(match[1]), int(match[2]), int(match[3]))
        else:
            raise _RefusedCellError(field, "date", "Write the day first, with four digits for the year: 31/12/2026.")
    except ValueError as error:
        raise _RefusedCellError(field, "date", "There is no such day.") from error
    if found.year < _FIRST_YEAR:
        raise _RefusedCellError(field, "date", "This year is too long ago. Write the year with four digits.")
    if found > today:
        raise _RefusedCellError(field, "future-date", "This day has not come yet.")
    return found
