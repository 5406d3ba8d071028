"""Refuses passwords that guessers try first.

The kept list is ``data/common-passwords.txt``, whose head names version, source and licence. A password falls if it
is on the list, or becomes what is on it when figures and signs at its ends are taken off, look-alike signs are read
as letters, or a repetition is read once; so does one that only counts, repeats or walks along the keyboard. Several
words with nothing to do with each other are no entry of the list and stay good.
Limit: a list knows no names of a person's own; nobody is asked for capitals or signs (NIST SP 800-63B, 5.1.1.2).
"""

from collections.abc import Container, Iterable
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "common-passwords.txt"
_LOOK_ALIKES = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_WALKS = (
    "abcdefghijklmnopqrstuvwxyz", "012345678901234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",    "qazwsxedcrfvtgbyhnujm", "1q2w3e4r5t6y7u8i9o0p",
)  # fmt: skip
_SHORTEST_WALK = 3


def is_common(password: str, *, also: Iterable[str] = ()) -> bool:
    """Whether a password is one of those that are tried first, or a usual change of one.

    Args:
        password: As typed.
        also: What a guesser would try for this person, such as the parts of the login.
    """
    text = password.casefold()
    own = {word.casefold() for word in (*also, "alongside")}
    return any(_is_known(form, own) for form in (text, text.translate(_LOOK_ALIKES))) or _only_walks(text)


def _is_known(text: str, own: Container[str]) -> bool:
    core = text.strip("0123456789 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~£€")
    forms = {text, core, _once(text), _once(core), core.translate(_LOOK_ALIKES)}
    return any(form in _known() or form in own for form in forms)


def _once(text: str) -> str:
    """Give the shortest beginning that, repeated, makes up the text; the last time it may break off."""
    for length in range(1, len(text) // 2 + 1):
        if (text[:length] * (len(text) // length + 1)).startswith(text):
            return text[:length]
    return text


def _only_walks(text: str) -> bool:
    """Whether the text is made of one repeated sign, or of nothing but counting and walks along rows of keys."""
    if len(_once(text)) < _SHORTEST_WALK:
        return True
    position = 0
    while position < len(text):
        step = max(_walk_at(text, position), _run_at(text, position))
        if step < _SHORTEST_WALK and position + step < len(text):
            return False
        position += step
    return True


def _walk_at(text: str, position: int) -> int:
    """Give the length of the longest walk, forwards or backwards, that begins here."""
    best = 0
    for walk in (w for row in _WALKS for w in (row, row[::-1])):
        length = 0
        while position + length < len(text) and text[position : position + length + 1] in walk:
            length += 1
        best = max(best, length)
    return best


def _run_at(text: str, position: int) -> int:
    length = 1
    while position + length < len(text) and text[position + length] == text[position]:
        length += 1
    return length


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("# "))
