"""Whether the opened sums of different slots can come from the same hosts.

``opening`` looks at each slot alone; these rules join slots: a merged slot and its parts, and the people and each
level's slots, are the same people of the same hosts. Pure. A false vector that breaks one of them is seen only where
the honest hosts' figures do not make up for it: a second line behind the proof that each host sends of its own vector
(docs/decisions/0019). Limit: what some people could have made is possible, true or not.
"""

from collections.abc import Iterator, Sequence
from math import isqrt

from shared.contracts.vector import PEOPLE, Opened, Slot, VectorLayout


def fits_together(opened: Opened, layout: VectorLayout) -> bool:
    """Whether some hosts could have made all slots at once.

    For a whole and its parts, host by host whole = sum of parts, so over all hosts:

    - a host that contributes to a part contributes to the whole, and one that does to the whole, to some part;
    - the whole's squares are at least those of the parts together, since no count is below 0;
    - their root is at most the sum of the parts' roots (Minkowski).
    """
    return all(
        opened.counts[whole] == sum(opened.counts[part] for part in parts) and _is_made_of(opened, whole, parts)
        for whole, parts in _wholes(layout)
    )


def _is_made_of(opened: Opened, whole: Slot, parts: Sequence[Slot]) -> bool:
    contributing = [opened.hosts[part] for part in parts]
    squares = [opened.squares[part] for part in parts]
    return (
        max(contributing) <= opened.hosts[whole] <= sum(contributing)
        and sum(squares) <= opened.squares[whole]
        # Rounded up, so that no true sum is refused for a fraction.
        and opened.squares[whole] <= sum(isqrt(square) + 1 for square in squares) ** 2
    )


def _wholes(layout: VectorLayout) -> Iterator[tuple[Slot, tuple[Slot, ...]]]:
    """Give every slot that is made of others: the people of each level's slots, a merged slot of its parts."""
    levels: dict[tuple[str, int], list[Slot]] = {}
    for slot, parts in layout.merged.items():
        levels.setdefault((slot.table, slot.level), []).append(slot)
        if slot.level > 1:
            yield slot, parts
    for slots in levels.values():
        yield PEOPLE, tuple(slots)
