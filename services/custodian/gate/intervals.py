"""The least and the greatest value that each unknown may have: by linear programme, then over whole numbers.

HiGHS solves both. An interval that the linear programme leaves wide is wide over whole numbers too, since
rounding is at most one step at each end; only narrow ones are solved again.
"""

import functools
from collections.abc import Iterable, Mapping
from math import ceil, floor
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from services.custodian.gate.world import Row, Unknown, World

_SLACK = 1e-6
_OPTIMAL, _INFEASIBLE = 0, 2


class SolverLimitError(Exception):
    """The solver did not decide within its time; the release counts as harmful."""


class ContradictionError(Exception):
    """No true table fits what is known."""


class Interval(NamedTuple):
    """The values that an attacker cannot rule out, both ends included."""

    low: int
    high: int

    @property
    def width(self) -> int:
        """How far apart the ends are; 0 is exact knowledge."""
        return self.high - self.low


class _Part(NamedTuple):
    """A connected part of a world, in plain numbers, so that equal parts are solved once."""

    bounds: tuple[tuple[int, int], ...]
    rows: tuple[tuple[tuple[tuple[int, int], ...], float, float], ...]


def is_possible(world: World, rows: Iterable[Row], time_limit_s: float) -> bool:
    """Whether some true figures fit.

    Raises:
        SolverLimitError: Not decided.
    """
    if any(low > high for low, high in world.bounds.values()):
        return False
    try:
        for part, _ in _parts(world, tuple(rows)):
            _solve(part, 0, 1, True, time_limit_s)
    except ContradictionError:
        return False
    return True


def intervals(world: World, rows: Iterable[Row], *, limit: int, time_limit_s: float) -> Mapping[Unknown, Interval]:
    """Give every unknown's interval.

    Args:
        world: Bounds; its own rows count too.
        rows: What links hold beside them.
        limit: Intervals of at most twice this width are solved over whole numbers.
        time_limit_s: For each programme.

    Raises:
        ContradictionError: Nothing fits.
        SolverLimitError: Not decided.
    """
    if any(low > high for low, high in world.bounds.values()):
        raise ContradictionError
    found: dict[Unknown, Interval] = {}
    for part, unknowns in _parts(world, tuple(rows)):
        for place, unknown in enumerate(unknowns):
            interval = _interval(part, place, False, time_limit_s)
            found[unknown] = interval if interval.width > 2 * limit else _interval(part, place, True, time_limit_s)
    return found


def joined_with(world: World, rows: Iterable[Row], wanted: Iterable[Unknown]) -> frozenset[Unknown]:
    """Give the unknowns that any chain of rows joins with the wanted ones."""
    seeds = set(wanted)
    parts = (unknowns for _, unknowns in _parts(world, tuple(rows)))
    return frozenset(unknown for unknowns in parts if seeds & set(unknowns) for unknown in unknowns)


def forget_solved() -> None:
    """Forget every answer kept, so that a measurement starts cold."""
    _solve.cache_clear()


def _parts(world: World, rows: tuple[Row, ...]) -> list[tuple[_Part, list[Unknown]]]:
    unknowns = list(world.bounds)
    place = {unknown: number for number, unknown in enumerate(unknowns)}
    every = (*world.rows, *rows)
    pairs = [(place[row.terms[0][0]], place[unknown]) for row in every for unknown, _ in row.terms]
    size = len(unknowns)
    starts, ends = zip(*pairs, strict=True) if pairs else ((), ())
    _, labels = connected_components(csr_array((np.ones(len(pairs)), (starts, ends)), shape=(size, size)), False)
    members: dict[int, list[Unknown]] = {}
    for unknown, label in zip(unknowns, labels, strict=True):
        members.setdefault(int(label), []).append(unknown)
    of_part: dict[int, list[Row]] = {}
    for row in every:
        of_part.setdefault(int(labels[place[row.terms[0][0]]]), []).append(row)
    found = []
    for label, own in members.items():
        inner = {unknown: number for number, unknown in enumerate(own)}
        plain = tuple((tuple((inner[u], c) for u, c in r.terms), r.low, r.high) for r in of_part.get(label, ()))
        found.append((_Part(tuple(world.bounds[u] for u in own), plain), own))
    return found


def _interval(part: _Part, place: int, whole: bool, time_limit_s: float) -> Interval:  # noqa: FBT001  A cache's key.
    low = _solve(part, place, 1, whole, time_limit_s)
    high = _solve(part, place, -1, whole, time_limit_s)
    return Interval(ceil(low - _SLACK), floor(high + _SLACK))


# Rounded figures only, so keeping answers keeps nothing that the world does not see; history comes again
# with every table that goes coarser.
@functools.lru_cache(maxsize=20_000)
def _solve(part: _Part, place: int, sign: int, whole: bool, time_limit_s: float) -> float:  # noqa: FBT001  The same.
    """Give the least (sign 1) or greatest (sign -1) value of one unknown."""
    size = len(part.bounds)
    low, high = np.array(part.bounds, dtype=np.float64).T
    objective = np.zeros(size)
    objective[place] = sign
    solved = milp(
        c=objective,
        integrality=np.full(size, int(whole)),
        bounds=Bounds(low, high),
        constraints=_matrix(part, size),
        options={"time_limit": time_limit_s, "mip_rel_gap": 0.0},
    )
    if solved.status == _INFEASIBLE:
        raise ContradictionError
    if solved.status != _OPTIMAL:
        raise SolverLimitError
    return float(sign * solved.fun)


def _matrix(part: _Part, size: int) -> tuple[LinearConstraint, ...]:
    if not part.rows:
        return ()
    terms = [(number, place, c) for number, (row, _, _) in enumerate(part.rows) for place, c in row]
    numbers, places, weights = zip(*terms, strict=True)
    matrix = csr_array((weights, (numbers, places)), shape=(len(part.rows), size), dtype=np.float64)
    return (LinearConstraint(matrix, [low for _, low, _ in part.rows], [high for _, _, high in part.rows]),)
