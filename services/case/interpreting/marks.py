"""What counts as the same name, and what stands for it under a survivor's own key: no database.

Promise: a name is matched without being opened; two names are one where all words of the shorter stand in the longer,
whatever their order, case and accents; a name that says nothing matches everybody. An erasure takes the key, and every
mark is a number without meaning. Shown by tests/unit/case/test_interpreting_rules.py.
"""

import hmac
import re
from collections.abc import Iterable

from shared.codelists.words import fold

LEAST = 2
"""Letters of a word that counts; a single one may stand for any name that begins with it."""
_WORD = re.compile(r"[^\W_]+")
_PURPOSE = b"alongside/never-interpreter/v1"


def words_of(text: str | None) -> frozenset[str]:
    """Give the words of a name; single letters only where it has nothing else."""
    found = frozenset(_WORD.findall(fold(text or "")))
    return frozenset(one for one in found if len(one) >= LEAST) or found


def meet(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two names may be one person's; what says nothing may be anybody's."""
    first, second = frozenset(one), frozenset(other)
    return first <= second or second <= first


class Marks:
    """Makes the marks of one survivor."""

    def __init__(self, key: bytes, survivor_id: str) -> None:
        """Derive the key of marks from the survivor's own."""
        self._key = hmac.digest(key, _PURPOSE + survivor_id.encode(), "sha256")

    def of_name(self, name: str | None) -> tuple[str, ...]:
        """Give the marks of a name's words."""
        return tuple(sorted(self._mark(f"word/{word}") for word in words_of(name)))

    def of_person(self, interpreter_id: str) -> str:
        """Give the mark of one interpreter of the register."""
        return self._mark(f"person/{interpreter_id}")

    def _mark(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), "sha256").hex()
