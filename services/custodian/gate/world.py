"""What an outsider can write down: one unknown for each true cell, with everything that is known of it.

Each true figure lies less than the base from its rounded one, nobody publishes fewer people than the
minimum, and the cells of a table add up to the release's total. Releases are linked where they count the
same people (equality) and where the quarters of one are among those of another. The second link plays an
attacker who takes it that nobody consented late or withdrew in between; where that contradicts what was
shown, the attacker sees that it is false and drops it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import inf
from typing import NamedTuple

from services.custodian.gate.release import TOTAL, GateRelease, PublicTable
from shared.codelists.periods import Period


class Unknown(NamedTuple):
    """The address of one true figure: the release's place in the list, table, level and category."""

    release: int
    table: str
    level: int
    category: str


class Row(NamedTuple):
    """A weighted sum of unknowns that lies between two bounds."""

    terms: tuple[tuple[Unknown, int], ...]
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Link:
    """Rows that hold together or not at all.

    Attributes:
        certain: False where late consents or withdrawals may make it untrue.
    """

    tables: frozenset[str]
    periods: frozenset[str]
    rows: tuple[Row, ...]
    certain: bool


@dataclass(frozen=True, kw_only=True)
class World:
    """All unknowns with their bounds, and the rows that hold for certain."""

    bounds: dict[Unknown, tuple[int, int]]
    rows: tuple[Row, ...]


def describe(releases: Sequence[GateRelease], public: Sequence[PublicTable] = ()) -> World:
    """Write down what each release says by itself; those that show nothing say nothing."""
    bounds: dict[Unknown, tuple[int, int]] = {}
    rows = []
    for number, release in enumerate(releases):
        if release.people is None:
            continue
        reach = release.plan.minimums.base - 1
        total = total_of(number)
        bounds[total] = (max(release.plan.minimums.people, release.people - reach), release.people + reach)
        for table in release.shown:
            cells = [Unknown(number, table.table, table.level, cell.category) for cell in table.cells]
            for unknown, cell in zip(cells, table.cells, strict=True):
                bounds[unknown] = (max(0, cell.value - reach), cell.value + reach)
            rows.append(Row((*((cell, 1) for cell in cells), (total, -1)), 0, 0))
        for known in public:
            _bound_by(known, release, number, bounds)
    return World(bounds=bounds, rows=tuple(rows))


def links(releases: Sequence[GateRelease]) -> Iterator[Link]:
    """Give what joins the releases, the certain links first."""
    numbers = [number for number, release in enumerate(releases) if release.people is not None]
    for one, other in combinations(numbers, 2):
        if releases[one].quarters == releases[other].quarters:
            yield from _link(releases, (one,), other, certain=True, whole=True)
    for year in numbers:
        covered: frozenset[str] = frozenset()
        inner = []
        for number in numbers:
            quarters = releases[number].quarters
            if quarters < releases[year].quarters and not quarters & covered:
                covered |= quarters
                inner.append(number)
        if inner:
            whole = covered == releases[year].quarters
            yield from _link(releases, tuple(inner), year, certain=False, whole=whole)


def total_of(release: int) -> Unknown:
    """Give the unknown of a release's total."""
    return Unknown(release, TOTAL, 0, TOTAL)


def _bound_by(table: PublicTable, release: GateRelease, number: int, bounds: dict[Unknown, tuple[int, int]]) -> None:
    if not table.covers or not release.quarters <= frozenset(Period.parse(table.period).quarters()):
        return
    _cap(bounds, total_of(number), sum(table.counts.values()))
    for shown in release.shown:
        if shown.table == table.table:
            for category, parts in release.parts_of(shown.table, shown.level).items():
                most = sum(table.counts.get(part, 0) for part in parts)
                _cap(bounds, Unknown(number, shown.table, shown.level, category), most)


def _cap(bounds: dict[Unknown, tuple[int, int]], unknown: Unknown, most: int) -> None:
    low, high = bounds[unknown]
    bounds[unknown] = (low, min(high, most))


def _link(
    releases: Sequence[GateRelease], inner: tuple[int, ...], outer: int, *, certain: bool, whole: bool
) -> Iterator[Link]:
    """Say that the inner releases' people are the outer's, or are among them if not ``whole``, table by table."""
    common = set.intersection(*({t.table for t in releases[n].shown} for n in (*inner, outer)))
    periods = frozenset(releases[number].period for number in (*inner, outer))
    high = 0.0 if whole else inf
    rows = [Row((*((total_of(n), -1) for n in inner), (total_of(outer), 1)), 0, high)]
    for table in sorted(common):
        cells = {number: _cells(releases[number], number, table) for number in (*inner, outer)}
        for parts in sorted({parts for of_one in cells.values() for parts in of_one}, key=sorted):
            sums = {number: _made_of(of_one, parts) for number, of_one in cells.items()}
            if all(sums.values()):
                terms = [(u, 1) for u in sums[outer]] + [(u, -1) for number in inner for u in sums[number]]
                rows.append(Row(tuple(terms), 0, high))
    yield Link(tables=frozenset({TOTAL, *common}), periods=periods, rows=tuple(rows), certain=certain)


def _cells(release: GateRelease, number: int, table: str) -> dict[frozenset[str], Unknown]:
    shown = next(one for one in release.shown if one.table == table)
    parts = release.parts_of(table, shown.level)
    return {parts[c.category]: Unknown(number, table, shown.level, c.category) for c in shown.cells}


def _made_of(cells: dict[frozenset[str], Unknown], parts: frozenset[str]) -> list[Unknown]:
    """Give the cells that together make up these level-1 categories, or none."""
    inside = {of_cell: unknown for of_cell, unknown in cells.items() if of_cell <= parts}
    return list(inside.values()) if frozenset().union(*inside) == parts else []
