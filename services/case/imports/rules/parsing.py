"""One cell to the code or value that it says, or to the problem that it is; never repeated, never guessed."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from services.case.imports.rules.dates import DateReader, UnreadDateError
from services.case.imports.rules.said import Problem
from shared.codelists import exploitation, nationality
from shared.codelists.errors import UnknownCodeError
from shared.codelists.words import fold, read

LONGEST_REFERENCE = 200
FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WORDING = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,3}", re.IGNORECASE)
_PRIVATE: dict[str, bool | None] = {
    "yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False, "": None,
}  # fmt: skip


NOT_KNOWN_WORDS = frozenset(
    {
        "n/k", "n.k.", "n. k.", "nk", "not known", "unknown", "unk", "n/a", "not recorded", "not stated",
        "not specified", "not collected", "no data", "data missing",
    }
)  # fmt: skip
"""Words, folded, for "nobody has written it down": where a list has a code for that they are it, elsewhere an empty
cell. What somebody declined to say is an answer, and none of them."""

_NOT_KNOWN_AS: Mapping[str, Any] = {
    "gender": "NOT_KNOWN", "nation": "NOT_KNOWN", "nationality": (), "exploitation": ("NOT_SPECIFIED_OR_UNKNOWN",),
}  # fmt: skip


class _RefusedCellError(Exception):
    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence


def parse(field: str, text: str, dates: DateReader) -> tuple[Any, Problem | None]:
    """Read a cell that is not empty, or say why it cannot be read; None where it says that nothing is known."""
    value, problem = _parse(field, text, dates)
    if (problem is not None or field == "consent_wording") and fold(text) in NOT_KNOWN_WORDS:
        return _NOT_KNOWN_AS.get(field), None
    return value, problem


def _parse(field: str, text: str, dates: DateReader) -> tuple[Any, Problem | None]:
    try:
        if text.startswith(FORMULA):
            raise _RefusedCellError("formula", "The cell begins like a spreadsheet formula. Write plain text.")
        return _PARSERS[field](dates, text), None
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
    if text[0].isdecimal() and _SHORTENED.fullmatch(text):
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
FIELDS = tuple(_PARSERS)
"""Fields that are read like this; age, consent and reference are read before."""
