"""Keyed controlled rounding: every published cell goes to a neighbouring multiple of the base, rows still add up.

All cells and rows of a release stand in one integer programme, so that no cell has two roundings. Where a
cell goes is drawn from the coin key and not chosen for least deviation, which a solver could undo. Limit: an
attacker knows each true value to within base - 1 either way; the gate measures what more they can know.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from shared.contracts.vector import Slot
from shared.kernel.errors import RuleViolationError

TIME_LIMIT_S = 60.0

_COIN_BITS = 53


class NoRoundingError(RuleViolationError):
    """No rounding keeps all rows additive, or none was proven best in time; nothing may be published."""

    code = "no-rounding"

    def __init__(self, cells: int, rows: int) -> None:
        """Keep the programme's size; never a value."""
        super().__init__(
            f"The {cells} cells and {rows} rows of this release have no controlled rounding within the time "
            "limit. Declare coarser levels or fewer linked tables in the plan."
        )
        self.cells = cells
        self.rows = rows


@dataclass(frozen=True, kw_only=True)
class AdditivityRow:
    """The parts add up to the total, before and after rounding."""

    total: Slot
    parts: tuple[Slot, ...]


@dataclass(frozen=True, kw_only=True)
class Coin:
    """Draws directions: HMAC-SHA256 of period, cell and value under the custodian's coin key of the task."""

    key: bytes = field(repr=False)
    period: str

    def draw(self, slot: Slot, value: int) -> float:
        """Give u, uniform on [0, 1): the same for one key, period, cell and value."""
        # Codes hold no "|", so no two cells share a message.
        message = f"{self.period}|{slot.table}|{slot.level}|{slot.category}|{value}"
        digest = hmac.digest(self.key, message.encode(), hashlib.sha256)
        return float((int.from_bytes(digest[:8]) >> (64 - _COIN_BITS)) / 2**_COIN_BITS)

    def weight(self, slot: Slot, value: int, base: int) -> float:
        """Give the gain of rounding up, residue/base - u: alone, a cell goes up with chance residue/base."""
        return (value % base) / base - self.draw(slot, value)


def round_jointly(
    values: Mapping[Slot, int],
    rows: Sequence[AdditivityRow],
    *,
    coin: Coin,
    base: int,
    time_limit_s: float = TIME_LIMIT_S,
) -> dict[Slot, int]:
    """Round all cells of a release in one programme.

    Each cell goes to the multiple of ``base`` below or above it, an exact multiple stays. Of all roundings
    that keep the rows, the one with the greatest sum of weights over the cells that go up is taken.

    Args:
        values: True counts of exactly the cells to be published.
        rows: Their additions; each slot named in one is in ``values``.
        coin: Of the task.
        base: Above 1.
        time_limit_s: For the solver; real seconds.

    Raises:
        NoRoundingError: Infeasible, or not proven best in time.

    Source: docs/decisions, the statistics path; Cox 1987 for controlled rounding.
    """
    slots = list(values)
    floors = np.array([values[slot] // base for slot in slots], dtype=np.int64)
    open_cells = np.array([values[slot] % base != 0 for slot in slots], dtype=np.float64)
    weights = np.array([coin.weight(slot, values[slot], base) for slot in slots])
    solved = milp(
        c=-weights * open_cells,  # The solver minimises.
        integrality=np.ones(len(slots)),
        bounds=Bounds(np.zeros(len(slots)), open_cells),
        constraints=_constraints(slots, rows, floors),
        # Without a gap the best rounding is the only answer, whatever way the solver takes.
        options={"time_limit": time_limit_s, "mip_rel_gap": 0.0},
    )
    if solved.status != 0:
        raise NoRoundingError(len(slots), len(rows))
    ups = np.rint(solved.x).astype(np.int64)
    return {slot: base * int(cell) for slot, cell in zip(slots, floors + ups, strict=True)}


def _constraints(
    slots: Sequence[Slot], rows: Sequence[AdditivityRow], floors: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> tuple[LinearConstraint, ...]:
    """Ask of each row: parts that go up, less the total's going up, make up for what the floors lack."""
    if not rows:
        return ()
    place = {slot: column for column, slot in enumerate(slots)}
    terms = [
        (number, place[slot], sign)
        for number, row in enumerate(rows)
        for slot, sign in (*((part, 1) for part in row.parts), (row.total, -1))
    ]
    numbers, columns, signs = zip(*terms, strict=True)
    matrix = csr_array((signs, (numbers, columns)), shape=(len(rows), len(slots)), dtype=np.float64)
    lacking = -(matrix @ floors)
    return (LinearConstraint(matrix, lacking, lacking),)
