"""Notes which references of a file may stand on several rows, in memory that does not grow with the file."""

from collections.abc import Iterable, Sized

_MOST_BITS = 2**27
_BITS_A_ROW = 2**10
"""Where the rows are known to be few; a single record has no need of the memory of a million."""
_SECOND = 32
"""From this bit of its hash on, a form's second bucket is read."""


class Repeats:
    """Two bits for each of 2²⁷ buckets at most, two buckets for each form: something fell into both, and did so again.

    Limit: of a million references about one in two hundred is taken for repeated although it is not; that costs a
    little memory, and never an answer. One that is repeated is never missed (``tests/unit/case/test_repeats.py``).
    """

    def __init__(self, rows: Iterable[object]) -> None:
        """Begin with nothing seen; rows that can be counted take no more memory than they need."""
        bits = 1 << (_BITS_A_ROW * len(rows)).bit_length() if isinstance(rows, Sized) else _MOST_BITS
        bits = min(max(bits, _BITS_A_ROW), _MOST_BITS)
        self._mask = bits - 1
        self._once = bytearray(bits // 8)
        self._again = bytearray(bits // 8)

    def note(self, forms: Iterable[str]) -> None:
        """Note the different forms of one row's reference."""
        for known in {hash(form) for form in forms}:
            places = (known & self._mask, known >> _SECOND & self._mask)
            into = self._again if all(_is_set(self._once, at) for at in places) else self._once
            for at in places:
                into[at >> 3] |= 1 << (at & 7)

    def may_repeat(self, forms: Iterable[str]) -> bool:
        """Whether another row may have one of these forms."""
        return any(
            _is_set(self._again, known & self._mask) and _is_set(self._again, known >> _SECOND & self._mask)
            for known in map(hash, forms)
        )


def _is_set(bits: bytearray, at: int) -> int:
    return bits[at >> 3] & (1 << (at & 7))
