"""What an age cell says of whether a person is an adult at referral, judged on the side of safety.

Promise: whatever may mean under 18 is ``CHILD``: a number below 18 in any spelling, a range or limit that begins
below 18, a word for a child in the languages that exports use, a birth date, "adult? no". Only what says 18 or more
beyond doubt is an adult. Shown by ``tests/unit/case/test_import_ages.py``.
Limit: a cell that says "not a child" is read as a child; a person looks at it.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta

from services.case.imports.rules.dates import FIRST_YEAR, DateReader, UnreadDateError
from shared.codelists.errors import UnknownCodeError
from shared.codelists.words import fold, read

CHILD, NOT_KNOWN, ADULT = "CHILD", "NOT_SPECIFIED_OR_UNKNOWN", "ADULT_18_OVER"

ADULT_AGE = 18
OLDEST = 120
_OLDEST_OF_TWO_DIGITS = 90
_SHORT_YEAR = re.compile(r"(\d{1,2}[/.-]\d{1,2}[/.-])(\d{2})", re.ASCII)
_LONGEST = 120
_SURE_AGE = 25
_DAY_ZERO = date(1899, 12, 30)
_UNITS = {
    name: number
    for number, name in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "  # noqa: SIM905
        "seventeen eighteen nineteen".split()
    )
}
_TENS = {
    name: 10 * number
    for number, name in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)  # noqa: SIM905
}
_CHILD_WORDS = re.compile(
    r"\b(?:child|minors?\b|under ?age|juvenile|teen|adolesc|infan|bab(?:y|ies)\b|toddler|uasc|school ?(?:age|girl|boy)|"
    r"not (?:an )?adult|(?:age )?disput|putative|kids?\b|youths?\b|newborn|unborn|plentyn|plant\b|dan oed|femij|"
    r"(?:i|e) mitur|tre em|vi thanh nien|copi[il]|dziec|nielet|malolet|cunug|carruur|bata\b|menino|menina|ninos?\b|"
    r"ninas?\b|menor(?:es)?\b|enfant|mineure?s?\b|crianca|kind(?:er)?\b|minderjahrig|bambin|minoren|cocuk)"
)
_CHILD_STEMS = (
    "طفل", "قاصر", "儿童", "兒童", "未成年", "बच्च", "नाबालिग", "ਬੱਚ", "ਨਾਬਾਲਗ", "منداڵ", "کودک", "بچه", "ቆልዓ", "ህጻን",
    "ребен", "несоверш", "дитина",
)  # fmt: skip
_ADULT_WORDS = re.compile(r"\b(?:adult|oedolyn|i rritur|nguoi lon|dorosl[ya]|major)\b")
_NOTHING = frozenset(
    {
        "", "not specified or unknown", "not specified", "unknown", "not known", "?", "??", "???", "-", "--", ".",
        "n/a", "na", "nk", "n/k", "tbc", "tba", "unk", "none", "null", "blank", "not recorded", "not asked",
        "not stated",
        "declined to answer", "declined", "refused", "unsure", "not sure", "missing", "age not known", "age unknown",
    }
)  # fmt: skip
_NO = frozenset({"no", "n", "false", "nope", "nage", "na fydd", "jo", "nie", "nu", "khong"})
_GUESSED = re.compile(r"\?|~|\b(?:est|estimated|approx|approximately|about|around|circa|c|maybe|perhaps|claims|says)\b")
_YEARS_AND_MONTHS = re.compile(
    r"(\d{1,3})\s*(?:y|yr|yrs|year|years|yo)\b[ ,.;&]*(?:old )?(?:and )?(\d{1,3})\s*(?:m|mo|mth|mths|month|months)\b"
)
_MONTHS_ONLY = re.compile(r"(\d+)\s*(?:m|mo|mth|mths|month|months|w|wk|wks|weeks?|d|days?)(?: old)?")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_BELOW = re.compile(
    r"(?:<|\u2264|=<|under|below|less than|younger than|up to|not yet|not|nearly|almost|turn(?:s|ing)|\bu/?|before|sub|"
    r"\bdan|duoi|ponizej|\bnen|moins de|menos de|unter|أقل من|تحت)[ -]*(\d{1,3})(?:'?s)?\b|"
    r"\b(\d{1,3})\s*(?:or|and|&|/)?\s*(?:under|below|less|younger|soon|next|in )"
)
_BIRTH_YEAR = re.compile(r"\b((?:19|20)\d{2})\b")
_FRACTIONS = {"\u00bc": ".25", "\u00bd": ".5", "\u00be": ".75"}


def read_age(text: str, *, referral: date | None, today: date) -> str | None:
    """Read an age, a band or a birth date.

    Args:
        text: The cell.
        referral: Day of the referral, where it could be read; a birth date is set against it.
        today: The business day; it stands for a referral that could not be read.

    Returns:
        A code of the list ``age_band``, ``CHILD``, or None where nothing can be read.
    """
    # What is longer is a note, not an age: its beginning is read for a child, and nothing of it for an adult.
    word = _word(text[:_LONGEST])
    if word in _NOTHING:
        return NOT_KNOWN
    code = _code(text)
    if code is not None:
        return code
    if word in _NO or _CHILD_WORDS.search(word) or any(stem in word for stem in _CHILD_STEMS):
        return CHILD
    born = _birth(word, today)
    if born is not None:
        return CHILD if _age_on(born, referral or today) < ADULT_AGE else ADULT
    band = _by_numbers(word, (referral or today).year)
    return band if len(text) <= _LONGEST or band == CHILD else None


def _code(text: str) -> str | None:
    try:
        code = read("age_band", text)
    except UnknownCodeError:
        return None
    if code == "CHILD_17_UNDER":
        return CHILD
    return NOT_KNOWN if code in {"NOT_KNOWN", "NOT_ASKED", "DECLINED_TO_ANSWER"} else code


def _word(text: str) -> str:
    # A half stands for .5 before the letters are made plain, which would make 171/2 of it.
    marked = "".join(_FRACTIONS.get(c, c) for c in text)
    plain = fold(unicodedata.normalize("NFKC", marked)).replace("\u2013", "-").replace("\u2014", "-")
    plain = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    digits = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in plain)
    # What a spreadsheet puts before a text or a formula: ="17", '17.
    return " ".join(_in_digits(digits.strip("='\"+ ")).split())


def _in_digits(word: str) -> str:
    """Write English number words as digits: seventeen, thirty-four."""
    found: list[str] = []
    for part in re.split(r"(\W+)", word):
        if part in _UNITS and found[-1:] == ["tens"]:
            found[-2:] = [str(int(found[-2]) + _UNITS[part])]
        elif part in _UNITS:
            found.append(str(_UNITS[part]))
        elif part in _TENS:
            found += [str(_TENS[part]), "tens"]
        elif found[-1:] != ["tens"] or part.strip(" -"):
            found.append(part)
    return "".join(part for part in found if part != "tens")


def _by_numbers(word: str, year: int) -> str | None:  # noqa: PLR0911  Each form has its place in the order.
    split = _YEARS_AND_MONTHS.search(word)
    if split:
        return _of(float(split[1]))
    if months := _MONTHS_ONLY.fullmatch(word):
        return CHILD if word[months.end(1) :].strip()[:1] in "wd" else _of(float(months[1]) / 12)
    if _BELOW.search(word):
        return CHILD
    numbers = [float(number.replace(",", ".")) for number in _NUMBER.findall(word)]
    ages = [number for number in numbers if number <= OLDEST]
    if any(number < ADULT_AGE for number in ages):
        return CHILD
    if ages and len(ages) == len(numbers):
        return NOT_KNOWN if min(ages) < _SURE_AGE and _GUESSED.search(word) else ADULT
    if years := [int(found) for found in _BIRTH_YEAR.findall(word) if FIRST_YEAR <= int(found) <= year]:
        # Whoever was born so many years ago may not have had this year's birthday.
        return CHILD if year - max(years) - 1 < ADULT_AGE else ADULT
    if not numbers and _ADULT_WORDS.search(word):
        return NOT_KNOWN if re.search(r"\?|\bnot\b|\bno\b|\bmaybe\b|\bunsure\b", word) else ADULT
    return None


def _of(years: float) -> str | None:
    if years > OLDEST:
        return None
    return CHILD if years < ADULT_AGE else ADULT


def _birth(word: str, today: date) -> date | None:
    """Give the latest day that a cell may mean as a birth date, so that nobody is taken for older than they are."""
    cell = re.sub(r"^(?:dob|d\.o\.b\.?|born(?: on)?|date of birth|birth date)[: ]*", "", word)
    found = []
    for month_first in (False, True):
        turned = re.sub(r"^(\d{1,2})([/.-])(\d{1,2})(?=[/.-]\d{4})", r"\3\2\1", cell) if month_first else cell
        try:
            found.append(DateReader(today=today).read(turned).day)
        except UnreadDateError as error:
            if error.reason == "future-date":
                found.append(today)
    if found:
        return max(found)
    if re.fullmatch(r"[2-5]\d{4}(?:\.\d+)?", cell):
        return min(today, _DAY_ZERO + timedelta(days=int(float(cell))))
    return None


def born_on(text: str, today: date) -> date | None:
    """Give the latest day that a cell may mean as a birth date; None where it is none."""
    return _birth(_word(text), today) if len(text) <= _LONGEST else None


def _age_on(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def with_full_year(text: str, day: date) -> Iterator[str]:
    """Give a birth date with a year of four digits: two digits mean the latest year that has come, if it is sure."""
    match = _SHORT_YEAR.fullmatch(text.strip())
    if match is None:
        yield text
        return
    year = 2000 + int(match[2])
    if year > day.year:
        year -= 100
        if day.year - year > _OLDEST_OF_TWO_DIGITS:
            return
    yield f"{match[1]}{year}"
