"""When two references may be one person's: shown to a person, never merged (``test_import_identity.py``).

Alike are references that differ only in leading zeros, spaces, hyphens, capitals, accents or the way that Unicode
composes them, and a long number beside the short form that a spreadsheet makes of it (1.23457E+11).
"""

import re
import unicodedata

from shared.codelists.words import fold

_LONG_NUMBER = 12
_MOST_DIGITS = 6


def likely_forms(reference: str) -> frozenset[str]:
    """Give the forms under which a reference is looked for; two references with a common form may be one person's."""
    plain = fold(unicodedata.normalize("NFKC", reference))
    letters = "".join(c for c in plain if c.isalnum())
    bare = re.sub(r"(?<!\d)0+(?=\d)", "", letters)
    forms = {"plain:" + bare}
    digits = letters.lstrip("0")
    if digits.isascii() and digits.isdigit() and len(digits) >= _LONG_NUMBER:
        forms |= {"short:" + f"{int(digits):.{n}e}" for n in range(_MOST_DIGITS)} if len(digits) < 300 else set()  # noqa: PLR2004
    return frozenset(forms)


def short_form(reference: str) -> str | None:
    """Give the form under which a number that a spreadsheet has shortened is looked for, if it is one."""
    try:
        digits = re.fullmatch(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,3})", reference)
        return None if digits is None else "short:" + f"{float(reference.replace(',', '.')):.{len(digits[2] or '')}e}"
    except (ValueError, OverflowError):
        return None
