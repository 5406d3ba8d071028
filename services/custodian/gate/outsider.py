"""The outsider: knows every release, every rule and the public tables, and solves for what must be true.

Variables are the true counts of each finest category in each group of quarters that always appear together.
Every published number is a sum of them, within ``base - 1`` of the rounded one; every table of one release adds
up to one total. Each published cell's least and greatest possible value are found by linear programming, and
again over whole numbers where that leaves little room. Limit: populations of overlapping releases are taken to
be the same people, which is more than an attacker can be sure of after late consents and withdrawals; where the
releases themselves show that they are not, each is attacked alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from services.custodian.gate.model import PEOPLE, Limits, Progress, PublicCount, ShownRelease

_SOLVED = 0
_LIMIT_S = 20.0
_ROUNDING_ERROR = 1e-6

Row = npt.NDArray[np.float64]


class GateStuckError(Exception):
    """An attack could not be played to its end, so nothing may be published."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """What an outsider knows of one published cell.

    Attributes:
        period: Of its release.
        table: Its table, or ``PEOPLE``.
        low: Least possible true count.
        high: Greatest.
    """

    period: str
    table: str
    category: str
    low: int
    high: int

    @property
    def width(self) -> int:
        """Greatest less least; 0 is exact."""
        return self.high - self.low


class _World:
    """Everything published, as one system of linear constraints.

    Linked, quarters that two releases share hold the same people; unlinked, each release has its own.
    """

    def __init__(
        self, releases: Sequence[ShownRelease], public: Iterable[PublicCount], limits: Limits, *, linked: bool
    ) -> None:
        self.limits = limits
        groups = _groups(releases) if linked else [release.quarters for release in releases]
        self._groups_of = [
            [n for n, group in enumerate(groups) if (group <= release.quarters if linked else n == number)]
            for number, release in enumerate(releases)
        ]
        categories = _finest(releases)
        places = [(PEOPLE, PEOPLE), *((table, c) for table, codes in categories.items() for c in codes)]
        self._columns = {
            (group, *place): group * len(places) + n for group in range(len(groups)) for n, place in enumerate(places)
        }
        self._rows: list[Row] = []
        self._lower: list[float] = []
        self._upper: list[float] = []
        self.cells: list[tuple[ShownRelease, str, str, Row]] = []
        for group in range(len(groups)):
            for table, codes in categories.items():
                row = self._sum([group], [(table, code) for code in codes]) - self._sum([group], [(PEOPLE, PEOPLE)])
                self._require(row, 0, 0)
        bounds = list(public)
        for number, release in enumerate(releases):
            self._publish(release, self._groups_of[number])
            for count in bounds:
                if release.quarters <= count.quarters and count.category in categories.get(count.table, ()):
                    self._require(self._sum(self._groups_of[number], [(count.table, count.category)]), 0, count.count)
        self.matrix = csr_array(np.array(self._rows))
        self.lower, self.upper = np.array(self._lower), np.array(self._upper)
        self.both = csr_array(np.vstack((self.matrix.toarray(), -self.matrix.toarray())))
        self.limits_of_both = np.concatenate((self.upper, -self.lower))

    @property
    def is_possible(self) -> bool:
        """Whether any truth explains everything."""
        solved = linprog(np.zeros(len(self._columns)), A_ub=self.both, b_ub=self.limits_of_both, bounds=(0, None))
        return bool(solved.status == _SOLVED)

    def _publish(self, release: ShownRelease, groups: Sequence[int]) -> None:
        if release.people is None:
            return
        slack = self.limits.base - 1
        total = self._sum(groups, [(PEOPLE, PEOPLE)])
        self._require(total, max(self.limits.people, release.people - slack), release.people + slack)
        self.cells.append((release, PEOPLE, PEOPLE, total))
        for table in release.tables:
            for cell in table.cells:
                row = self._sum(groups, [(table.id, part) for part in sorted(cell.parts)])
                self._require(row, max(0, cell.value - slack), cell.value + slack)
                self.cells.append((release, table.id, cell.category, row))

    def _sum(self, groups: Iterable[int], places: Iterable[tuple[str, str]]) -> Row:
        row = np.zeros(len(self._columns))
        wanted = list(places)
        for group in groups:
            for table, category in wanted:
                row[self._columns[group, table, category]] = 1.0
        return row

    def _require(self, row: Row, low: float, high: float) -> None:
        self._rows.append(row)
        self._lower.append(low)
        self._upper.append(high)


def intervals(
    releases: Sequence[ShownRelease],
    *,
    public: Iterable[PublicCount] = (),
    limits: Limits,
    progress: Progress = lambda _line: None,
) -> list[Interval]:
    """Give what an outsider knows of every published cell of all releases together.

    Raises:
        GateStuckError: The solver did not finish.
    """
    if not any(release.people is not None for release in releases):
        return []
    bounds = list(public)
    world = _World(releases, bounds, limits, linked=True)
    if not world.is_possible:
        # Late consents and withdrawals made the populations differ, or the public table is of others.
        world = _World(releases, (), limits, linked=False)
        progress("outsider: the releases are not of one population; each is attacked alone")
    found = []
    for number, (release, table, category, row) in enumerate(world.cells):
        if number % 50 == 0:
            progress(f"outsider: cell {number + 1} of {len(world.cells)}")
        low, high = _reach(world, row)
        if high - low <= 2 * limits.width:
            low, high = _reach_whole(world, row)
        found.append(Interval(period=release.period, table=table, category=category, low=low, high=high))
    return found


def _reach(world: _World, row: Row) -> tuple[int, int]:
    """Bound one cell over the reals; whole numbers lie inside."""
    ends = []
    for sign in (1.0, -1.0):
        solved = linprog(
            sign * row,
            A_ub=world.both,
            b_ub=world.limits_of_both,
            bounds=(0, None),
            options={"time_limit": _LIMIT_S},
        )
        if solved.status != _SOLVED:
            raise GateStuckError("an outsider's linear programme was not solved")
        ends.append(sign * solved.fun)
    return int(np.ceil(ends[0] - _ROUNDING_ERROR)), int(np.floor(ends[1] + _ROUNDING_ERROR))


def _reach_whole(world: _World, row: Row) -> tuple[int, int]:
    """Bound one cell over whole numbers."""
    ends = []
    for sign in (1.0, -1.0):
        solved = milp(
            c=sign * row,
            integrality=np.ones(row.size),
            bounds=Bounds(0, np.inf),
            constraints=LinearConstraint(world.matrix, world.lower, world.upper),
            options={"time_limit": _LIMIT_S, "mip_rel_gap": 0.0},
        )
        if solved.status != _SOLVED:
            raise GateStuckError("an outsider's integer programme was not solved")
        ends.append(sign * solved.fun)
    return round(ends[0]), round(ends[1])


def _groups(releases: Sequence[ShownRelease]) -> list[frozenset[str]]:
    """Group quarters that every release takes or leaves together."""
    members: dict[tuple[bool, ...], set[str]] = {}
    for quarter in sorted(frozenset().union(*(r.quarters for r in releases)) if releases else ()):
        members.setdefault(tuple(quarter in r.quarters for r in releases), set()).add(quarter)
    return [frozenset(group) for group in members.values()]


def _finest(releases: Sequence[ShownRelease]) -> dict[str, tuple[str, ...]]:
    """Give the finest categories of every table that was ever shown."""
    found: dict[str, set[str]] = {}
    for release in releases:
        for table in release.tables:
            for cell in table.cells:
                found.setdefault(table.id, set()).update(cell.parts)
    return {table: tuple(sorted(categories)) for table, categories in sorted(found.items())}
