"""Notes which references of a file may stand on several rows, in memory that does not grow with the file."""

from collections.abc import Iterable

_BITS = 2**27
_MASK = _BITS - 1


class Repeats:
    """Two bits for each of 2²⁷ buckets: something fell into it, and something fell into it again.

    Limit: of a million references about one in a hundred is taken for repeated although it is not; that costs a
    little memory, and never an answer. One that is repeated is never missed (``tests/unit/case/test_repeats.py``).
    """

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._once = bytearray(_BITS // 8)
        self._again = bytearray(_BITS // 8)

    def note(self, forms: Iterable[str]) -> None:
        """Note the different forms of one row's reference."""
        for at in {hash(form) & _MASK for form in forms}:
            byte, bit = at >> 3, 1 << (at & 7)
            if self._once[byte] & bit:
                self._again[byte] |= bit
            else:
                self._once[byte] |= bit

    def may_repeat(self, forms: Iterable[str]) -> bool:
        """Whether another row may have one of these forms."""
        return any(self._again[at >> 3] & (1 << (at & 7)) for at in (hash(form) & _MASK for form in forms))
