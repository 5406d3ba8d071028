"""Notes which references of a file may stand on several rows, in memory that does not grow with the file."""

from collections.abc import Iterable

_BITS = 2**27
_MASK = _BITS - 1
_SECOND = 32
"""From this bit of its hash on, a form's second bucket is read."""


class Repeats:
    """Two bits for each of 2²⁷ buckets, two buckets for each form: something fell into both, and did so again.

    Limit: of a million references about one in two hundred is taken for repeated although it is not; that costs a
    little memory, and never an answer. One that is repeated is never missed (``tests/unit/case/test_repeats.py``).
    """

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._once = bytearray(_BITS // 8)
        self._again = bytearray(_BITS // 8)

    def note(self, forms: Iterable[str]) -> None:
        """Note the different forms of one row's reference."""
        for known in {hash(form) for form in forms}:
            places = (known & _MASK, known >> _SECOND & _MASK)
            into = self._again if all(_is_set(self._once, at) for at in places) else self._once
            for at in places:
                into[at >> 3] |= 1 << (at & 7)

    def may_repeat(self, forms: Iterable[str]) -> bool:
        """Whether another row may have one of these forms."""
        return any(
            _is_set(self._again, known & _MASK) and _is_set(self._again, known >> _SECOND & _MASK)
            for known in map(hash, forms)
        )


def _is_set(bits: bytearray, at: int) -> int:
    return bits[at >> 3] & (1 << (at & 7))
