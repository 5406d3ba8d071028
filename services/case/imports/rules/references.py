"""When two references may be one person's: shown to a person, never merged (``test_import_identity.py``).

Alike are references that differ only in leading zeros, spaces, hyphens, capitals, accents or the way that Unicode
composes them, and a long number beside the short form that a spreadsheet makes of it (1.23457E+11).
"""

import re
import unicodedata

from shared.codelists.words import fold

_NO_LETTER = re.compile(r"[\W_]+", re.ASCII)
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_LONG_NUMBER = 12
_MOST_LONG = 200
_MOST_DIGITS = 6


def plain_form(reference: str) -> str:
    """Give the form that a reference has in common with those that only look different."""
    if reference.isascii():
        # What the other way gives too, which nearly every reference of a long file would take.
        letters = _NO_LETTER.sub("", reference).lower()
    else:
        letters = "".join(c for c in fold(unicodedata.normalize("NFKC", reference)) if c.isalnum())
    return "plain:" + _LEADING_ZEROS.sub("", letters)


def short_forms(reference: str) -> tuple[str, ...]:
    """Give the short forms that a spreadsheet may make of a long number; others may have the same."""
    digits = reference.strip().lstrip("0")
    if not (digits.isascii() and digits.isdigit() and _LONG_NUMBER <= len(digits) <= _MOST_LONG):
        return ()
    return tuple("short:" + f"{int(digits):.{n}e}" for n in range(_MOST_DIGITS))


def short_form(reference: str) -> str | None:
    """Give the form under which a number that a spreadsheet has shortened is looked for, if it is one."""
    try:
        digits = re.fullmatch(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,3})", reference)
        return None if digits is None else "short:" + f"{float(reference.replace(',', '.')):.{len(digits[2] or '')}e}"
    except (ValueError, OverflowError):
        return None
