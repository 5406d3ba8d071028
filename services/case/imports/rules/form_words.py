"""What a mapping profile may say that a word means; a no, a child and an empty cell are nobody's to explain away."""

import re
from datetime import date

from services.case.imports.rules.ages import CHILD, read_age
from services.case.imports.rules.columns import consent_columns, is_withdrawal
from services.case.imports.rules.dates import DateReader
from services.case.imports.rules.parsing import parse
from services.case.imports.rules.reading import plain
from shared.codelists.consent_words import NOES, NOT_STATED, read_consent
from shared.codelists.words import fold

REQUIRED = frozenset(
    {"reference", "referral_date", "age_at_referral", "gender", "nationality", "exploitation", "nation"}
)
FIELDS = REQUIRED | {
    "advocacy_area",
    "consent",
    "consent_date",
    "consent_wording",
    "consent_language",
    "consent_method",
    "consent_private",
    "consent_withdrawn",
    "date_of_birth",
}
CONSTANT_FIELDS = frozenset({"nation", "gender", "advocacy_area"})
"""What a host may be for everybody: a service of one nation, a refuge for women. Never an answer of a person."""

AT_EXPLOITATION = re.compile(r"\bage\b.*\bexploitation\b|\bexploitation\b.*\bage\b", re.IGNORECASE)

_WORDED = FIELDS - {
    "reference", "referral_date", "consent_date", "consent_withdrawn", "consent_wording", "consent_private",
    "date_of_birth",
}  # fmt: skip
_LAST_DAY = date(9999, 12, 31)
_LONGEST = 200


def said_wrongly(field: str, word: str, meaning: str) -> str | None:  # noqa: PLR0911  Each rule has its own sentence.
    """Say why a word may not mean this, if so.

    Args:
        field: Of the column; ``column`` for a column's own name, ``not_known`` for a word of that list.
        meaning: The code; of a column, its field.
    """
    if field == "column":
        if meaning in {"age_at_referral", "date_of_birth"} and AT_EXPLOITATION.search(word):
            return "age at exploitation says nothing about who is an adult now. Map the age at referral."
        if is_withdrawal(word) and meaning != "consent_withdrawn":
            return "this column notes that a consent ended, and is never anything else. Map it as consent_withdrawn."
        if plain(word) in consent_columns() and meaning != "consent":
            return "this column holds the answer about statistics, which may be a no. Map it as consent."
        return None
    if not fold(word) or len(word) > _LONGEST:
        return "a word has 1 to 200 characters; an empty cell says nothing."
    if field == "not_known":
        return "this may mean a child." if _is_child(word) else None
    if field not in _WORDED:
        return f"words of {field} are read as they stand, and cannot be given another meaning."
    if field == "consent":
        return _wrong_consent(word, meaning)
    if field == "age_at_referral":
        return _wrong_age(word, meaning)
    return None if parse(field, meaning, DateReader(today=_LAST_DAY))[1] is None else "this is no code of its list."


def _wrong_consent(word: str, meaning: str) -> str | None:
    if meaning not in {"GIVEN", "YES_UNSPECIFIED", "REFUSED", "WITHDRAWN", "NOT_STATED"}:
        return "a consent is GIVEN, YES_UNSPECIFIED, REFUSED, WITHDRAWN or NOT_STATED."
    said = read_consent(word)
    if said in NOES and meaning not in NOES:
        return "this word says no, and a no is never anything else."
    if said == NOT_STATED and meaning not in {*NOES, NOT_STATED}:
        return "this word says nothing, and nothing is never a yes."
    return None


def _wrong_age(word: str, meaning: str) -> str | None:
    read = read_age(meaning, referral=None, today=_LAST_DAY)
    if read is None:
        return "this is no code of its list."
    if _is_child(word) and read != CHILD:
        return "this word may mean a child, and a child is never anything else."
    return None


def _is_child(word: str) -> bool:
    return read_age(word, referral=None, today=date(2000, 1, 1)) == CHILD
