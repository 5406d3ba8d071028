"""The statistics vector: a slot for the people and one for each category of each declared level of each table.

Three blocks of uint32, equally wide: x, 1[x>0] and x squared. Added over hosts they give the count, the
hosts that contribute and the bound max <= sqrt(sum of squares); nothing finer ever has a slot. The linear checks
see a first block that contradicts itself; that each cell counts 0 to ``MAX_CELL`` people and that the second and third
block fit the first is proven by the host (``shared.keys.proofs``). Limit: a false vector that some people could have
made is not seen.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from shared.codelists.plan import Plan
from shared.contracts.slots import PEOPLE, BrokenLevelError, Slot, finest, slots_of
from shared.kernel.errors import InvalidInputError, PoisonMessageError

__all__ = [
    "BLOCKS",
    "MAX_CELL",
    "MAX_HOSTS",
    "PEOPLE",
    "BrokenLevelError",
    "CountsRefusedError",
    "Opened",
    "Slot",
    "Vector",
    "VectorLayout",
    "WrongLengthError",
]

MAX_CELL = 4_600
"""People of one host in one slot; the host's builder refuses more."""
MAX_HOSTS = (2**32 - 1) // MAX_CELL**2
"""Hosts (202) whose squares cannot wrap around when they are added."""
BLOCKS = 3

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vector = npt.NDArray[np.uint32]
else:
    # numpy takes 12 MB and is loaded with the first vector: most processes never see one.
    Vector = Any


class CountsRefusedError(InvalidInputError):
    """A host's counts do not fit the plan; nothing is sent."""

    code = "counts-refused"

    def __init__(self, where: str, why: str) -> None:
        """Name the place in the plan; never the count."""
        super().__init__(f"The counts of {where} are refused: {why}.")
        self.where = where


class WrongLengthError(PoisonMessageError):
    """A share, expansion or sum does not have the length of this task's plan."""

    code = "wrong-vector-length"

    def __init__(self, expected: int, found: int) -> None:
        """Keep both lengths, in cells."""
        super().__init__(f"A vector of this plan has {expected} cells, not {found}: it belongs to another plan.")
        self.expected = expected
        self.found = found


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The sums over one cohort, true figures: they may not leave the job's memory, nor be logged.

    Attributes:
        people: People counted.
        counts: People by slot, ``PEOPLE`` included.
        hosts: Hosts that contribute to the slot.
        squares: Sum of the hosts' squared counts.
    """

    people: int = field(repr=False)
    counts: Mapping[Slot, int] = field(repr=False)
    hosts: Mapping[Slot, int] = field(repr=False)
    squares: Mapping[Slot, int] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class VectorLayout:
    """What each cell of the vector means; the same for host, board and custodian if the plan's hash is.

    Attributes:
        slots: In order; the people first, then tables, levels and categories in the plan's order.
        level_one: Finest categories by table.
        merged: For each slot its parts among the finest slots of its table (itself on level 1).
    """

    slots: tuple[Slot, ...]
    level_one: Mapping[str, frozenset[str]]
    merged: Mapping[Slot, tuple[Slot, ...]]

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """Lay out a compiled plan.

        Raises:
            BrokenLevelError: A level is no partition of level 1.
        """
        merged = {slot: parts for table in plan.tables for slot, parts in slots_of(table)}
        level_one = {
            table.id: frozenset(category.code for category in finest(table).categories) for table in plan.tables
        }
        return cls(slots=(PEOPLE, *merged), level_one=level_one, merged=merged)

    @property
    def width(self) -> int:
        """Cells of one block."""
        return len(self.slots)

    @property
    def length(self) -> int:
        """Cells of the whole vector."""
        return BLOCKS * self.width

    @property
    def check_count(self) -> int:
        """Linear checks of one vector: one a level and one a merged slot."""
        return len({(slot.table, slot.level) for slot in self.merged}) + sum(s.level > 1 for s in self.merged)

    def build(self, counts: Mapping[str, Mapping[str, int]], people: int) -> Vector:
        """Make one host's vector.

        Args:
            counts: By table id, people by level-1 category; an absent category is 0. Zeros only is a vector too.
            people: People counted, 0 to ``MAX_CELL``; each table counts each of them once.

        Raises:
            CountsRefusedError: An unknown or missing table, an unknown category, a count below 0 or above
                ``MAX_CELL``, or a table that does not add up to the people.
        """
        import numpy as np  # noqa: PLC0415

        _refuse_out_of_range("the people", people)
        if set(counts) != set(self.level_one):
            raise CountsRefusedError("the tables", "they are not exactly the tables of the plan")
        for table, cells in counts.items():
            self._refuse_table(table, cells, people)
        x = [people]
        x += [sum(counts[s.table].get(part.category, 0) for part in self.merged[s]) for s in self.slots[1:]]
        block = np.array(x, dtype=np.uint32)
        return np.concatenate((block, (block > 0).astype(np.uint32), block * block))

    def checks(self, vector: Vector) -> Vector:
        """Apply the linear checks to a vector or to a share of one, mod 2**32.

        A host passes if, and only if, the checks of its two shares add up to 0 in each place: first, by
        level, the sum of its slots less the people, then each slot above level 1 less its parts.

        Raises:
            WrongLengthError: The vector is of another plan.
        """
        import numpy as np  # noqa: PLC0415

        self.refuse_length(vector)
        cells, signs, starts = self._check_terms
        if not starts:
            return np.zeros(0, dtype=np.uint32)
        # uint32 wraps around, which is exactly arithmetic mod 2**32.
        return np.add.reduceat(vector[cells] * signs, starts).astype(np.uint32)

    def read(self, sums: Vector) -> Opened:
        """Name the cells of an opened sum.

        Raises:
            WrongLengthError: The sum is of another plan.
        """
        self.refuse_length(sums)
        counts, hosts, squares = (
            dict(zip(self.slots, (int(cell) for cell in block), strict=True)) for block in sums.reshape(BLOCKS, -1)
        )
        return Opened(people=counts[PEOPLE], counts=counts, hosts=hosts, squares=squares)

    def refuse_length(self, vector: Vector) -> None:
        """Raise ``WrongLengthError`` unless the vector has this plan's shape."""
        if vector.shape != (self.length,):
            raise WrongLengthError(self.length, vector.size)

    def _refuse_table(self, table: str, cells: Mapping[str, int], people: int) -> None:
        if not set(cells) <= self.level_one[table]:
            raise CountsRefusedError(f"table {table}", "a category is not in the plan's level 1")
        for category, count in cells.items():
            _refuse_out_of_range(f"table {table}, category {category}", count)
        if sum(cells.values()) != people:
            raise CountsRefusedError(f"table {table}", "they do not add up to the people counted")

    @functools.cached_property
    def linear_checks(self) -> tuple[tuple[tuple[int, ...], int], ...]:
        """The checks of ``checks`` as cells of the first block: (cells that add up, the cell that they add up to)."""
        place = {slot: cell for cell, slot in enumerate(self.slots)}
        levels: dict[tuple[str, int], list[int]] = {}
        for slot in self.merged:
            levels.setdefault((slot.table, slot.level), []).append(place[slot])
        checks = [(cells, place[PEOPLE]) for cells in levels.values()]
        for slot, parts in self.merged.items():
            if slot.level > 1:
                checks.append(([place[part] for part in parts], place[slot]))
        return tuple((tuple(plus), minus) for plus, minus in checks)

    @functools.cached_property
    def _check_terms(self) -> "tuple[npt.NDArray[np.intp], Vector, list[int]]":
        """Give the cells of all checks in a row, their signs mod 2**32, and where each check starts."""
        import numpy as np  # noqa: PLC0415

        checks = self.linear_checks
        cells = [cell for plus, minus in checks for cell in (*plus, minus)]
        signs = [sign for plus, _ in checks for sign in (*([1] * len(plus)), 2**32 - 1)]
        ends = np.cumsum([len(plus) + 1 for plus, _ in checks])
        starts = [0, *(int(end) for end in ends[:-1])] if checks else []
        return np.array(cells, dtype=np.intp), np.array(signs, dtype=np.uint32), starts


def _refuse_out_of_range(where: str, count: int) -> None:
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MAX_CELL:
        raise CountsRefusedError(where, f"a count is a whole number from 0 to {MAX_CELL}")
