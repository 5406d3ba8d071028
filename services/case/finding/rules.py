"""What counts as the same name, number or reference: pure, no database.

Promise: what differs only in case, accents, spaces or the order of words is one name; what differs only in how a
telephone number is written is one number, whichever prefix the United Kingdom has in it. Shown by
tests/unit/case/test_finding_rules.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shared.codelists.words import fold

NAME, TELEPHONE, REFERENCE = "NAME", "TELEPHONE", "REFERENCE"
KINDS = (NAME, TELEPHONE, REFERENCE)
LONGEST = 500
"""Signs of a field that are looked at; no field of a survivor is longer."""
MOST_NUMBERS = 5
"""Telephone numbers of one safe contact that are kept; the text says whose they are, and few have more."""

_SHORTEST_NUMBER, _LONGEST_NUMBER = 9, 15  # With the country's prefix; ITU-T E.164 allows 15.
_WHOLE, _BEGINS = 10, 3
_LEAST_LETTERS = 2
_WORD = re.compile(r"[^\W_]+")
_GROUP = re.compile(r"[+(]{0,2}[0-9][0-9().\-/]*")
_UNITED_KINGDOM = "44"
_MOBILE_WITHOUT_ZERO = re.compile(r"7[0-9]{9}")


@dataclass(frozen=True, kw_only=True)
class Said:
    """What somebody may be found by, as it was typed; None where nothing was."""

    name: str | None = None
    contact: str | None = None
    reference: str | None = None

    def folded(self) -> frozenset[tuple[str, str]]:
        """Give each kind with what stands for it, however it was written."""
        found = {(TELEPHONE, number) for number in numbers_in(self.contact)}
        name, reference = folded_name(self.name), folded_reference(self.reference)
        found |= {(NAME, name)} if name is not None else set()
        found |= {(REFERENCE, reference)} if reference is not None else set()
        return frozenset(found)


def folded_name(text: str | None) -> str | None:
    """Give what stands for a name; None of what has fewer than two letters or digits."""
    words = sorted(_WORD.findall(fold((text or "")[:LONGEST])))
    return " ".join(words) if sum(map(len, words)) >= _LEAST_LETTERS else None


def folded_reference(text: str | None) -> str | None:
    """Give what stands for an own reference; None of an empty one."""
    return "".join(fold((text or "")[:LONGEST]).split()) or None


def folded_number(text: str | None) -> str | None:
    """Give the one telephone number that somebody typed; None where it is none, or more than one."""
    found = numbers_in(text)
    return found[0] if len(found) == 1 else None


def numbers_in(text: str | None) -> list[str]:
    """Give the telephone numbers that stand in a text, at most ``MOST_NUMBERS``, each once."""
    folded = (_number(typed) for typed in _typed_numbers((text or "")[:LONGEST]))
    return list(dict.fromkeys(one for one in folded if one is not None))[:MOST_NUMBERS]


def _typed_numbers(text: str) -> Iterator[str]:
    """Give each run of groups of digits; a new one begins after words, or where a whole one has ended."""
    typed, end = "", 0
    for group in _GROUP.finditer(text):
        new, between = group.group(), text[end : group.start()]
        starts = new.startswith("+") or (new.startswith("0") and len(_digits(new)) >= _BEGINS)
        if typed and (between.strip(" \t()-.") or (starts and len(_digits(typed)) >= _WHOLE)):
            yield typed
            typed = ""
        typed, end = typed + new, group.end()
    if typed:
        yield typed


def _number(typed: str) -> str | None:
    digits = _digits(typed)
    if typed.lstrip(" (").startswith("+"):
        number = digits
    elif digits.startswith("00"):
        number = digits[2:]
    elif digits.startswith("0"):
        number = _UNITED_KINGDOM + digits[1:]
    elif _MOBILE_WITHOUT_ZERO.fullmatch(digits):
        # As a spreadsheet leaves it, which takes a first zero away.
        number = _UNITED_KINGDOM + digits
    else:
        number = digits
    if number.startswith(f"{_UNITED_KINGDOM}0"):
        # As in +44 (0)20.
        number = _UNITED_KINGDOM + number[3:]
    return number if _SHORTEST_NUMBER <= len(number) <= _LONGEST_NUMBER else None


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign in "0123456789")
