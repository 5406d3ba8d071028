"""The simulating attacker: knows programme, objective and plan, not the key, and tries every possible truth.

Rounding with one shared total falls apart: once it is fixed whether the total goes up, each table sends up
exactly as many of its cells as its sum lacks, those with the greatest weights; and the total goes up when that
wins. So a truth's chance to look like the release is simulated table by table, over random keys, and the tables
meet only in the total's choice. This is the gate's own implementation, not the protector's. Limit: the attacker
takes the shown levels as given; what their choice alone says is not played.
"""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.custodian.gate.model import Limits, ShownRelease, ShownTable

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Prior:
    """What the attacker believes before: flat, or drawn from public shares.

    Attributes:
        shares: By table and category of the shown level; None is flat.
    """

    name: str
    shares: Mapping[str, Mapping[str, float]] | None = None

    def weight(self, table: ShownTable, counts: tuple[int, ...]) -> float:
        """Give the prior's weight of one possible truth of a table, up to a factor."""
        if self.shares is None or table.id not in self.shares:
            return 1.0
        shares = self.shares[table.id]
        logarithm = 0.0
        for cell, count in zip(table.cells, counts, strict=True):
            share = shares.get(cell.category, 0.0)
            if share <= 0.0:
                # A public table without the category says little of ours; the smallest share keeps it possible.
                share = 1e-6
            logarithm += count * math.log(share) - math.lgamma(count + 1)
        return math.exp(logarithm + math.lgamma(sum(counts) + 1))


@dataclass(frozen=True, kw_only=True)
class _Played:
    """One table's possible truths with their chances.

    Attributes:
        truths: (possible truths, cells).
        weights: Prior of each, times the share of keys that give the shown cells if the total goes as shown.
        gains: By truth, over the keys that match: what the total's going as shown wins in this table.
    """

    truths: npt.NDArray[np.int64]
    weights: Array
    gains: list[Array]


def posteriors(
    release: ShownRelease,
    *,
    people: int,
    own: Mapping[tuple[str, str], int],
    prior: Prior,
    limits: Limits,
    seed: int,
) -> dict[tuple[str, str], dict[int, float]]:
    """Give the attacker's belief of every shown cell, by table and category.

    Args:
        release: With a total.
        people: The exact total, which the attacker knows.
        own: What the attacker holds in a cell, at least; missing is nothing.
        prior: Before looking.
        seed: Of the simulation; a verdict can be repeated.

    Returns:
        Chance by true count; a cell whose table no truth explains is left out.
    """
    if release.people is None:
        return {}
    rng = np.random.default_rng(seed)
    goes_up = release.people > people
    moves = people % limits.base != 0
    played = {
        table.id: _play(
            table, people=people, goes_up=goes_up, moves=moves, own=own, prior=prior, limits=limits, rng=rng
        )
        for table in release.tables
    }
    found: dict[tuple[str, str], dict[int, float]] = {}
    for table in release.tables:
        mine = played[table.id]
        if not mine.weights.size:
            continue
        chances = mine.weights.copy()
        if moves:
            others = [played[t.id] for t in release.tables if t.id != table.id and played[t.id].weights.size]
            rest = _others(others, people, goes_up=goes_up, limits=limits, rng=rng)
            chances = chances * np.array([_wins(gains, rest) for gains in mine.gains])
        whole = chances.sum()
        if whole <= 0.0:
            continue
        for column, cell in enumerate(table.cells):
            belief: dict[int, float] = {}
            for truth, chance in zip(mine.truths[:, column], chances / whole, strict=True):
                belief[int(truth)] = belief.get(int(truth), 0.0) + float(chance)
            found[table.id, cell.category] = belief
    return found


def _play(
    table: ShownTable,
    *,
    people: int,
    goes_up: bool,
    moves: bool,
    own: Mapping[tuple[str, str], int],
    prior: Prior,
    limits: Limits,
    rng: np.random.Generator,
) -> _Played:
    truths = np.array(list(_truths(table, people, own, limits)), dtype=np.int64).reshape(-1, len(table.cells))
    weights, gains, kept = [], [], []
    shown = np.array([cell.value for cell in table.cells])
    for counts in truths:
        before = prior.weight(table, tuple(int(c) for c in counts))
        share, gain = _matches(counts, shown, goes_up=goes_up, moves=moves, limits=limits, rng=rng)
        if before * share > 0.0:
            kept.append(counts)
            weights.append(before * share)
            gains.append(gain)
    return _Played(
        truths=np.array(kept, dtype=np.int64).reshape(-1, len(table.cells)), weights=np.array(weights), gains=gains
    )


def _truths(
    table: ShownTable, people: int, own: Mapping[tuple[str, str], int], limits: Limits
) -> Iterator[tuple[int, ...]]:
    """Give every whole-number truth that adds up and rounds to what is shown."""
    slack = limits.base - 1
    reach = [
        range(max(0, cell.value - slack, own.get((table.id, cell.category), 0)), cell.value + slack + 1)
        for cell in table.cells
    ]
    for head in itertools.product(*reach[:-1]):
        last = people - sum(head)
        if last in reach[-1]:
            yield (*head, last)


def _matches(
    counts: npt.NDArray[np.int64],
    shown: npt.NDArray[np.int64],
    *,
    goes_up: bool,
    moves: bool,
    limits: Limits,
    rng: np.random.Generator,
) -> tuple[float, Array]:
    """Simulate keys for one truth.

    Returns:
        The share of keys that give the shown cells when the total goes as shown, and for those keys what that way
        wins in this table against the other way: infinite where the other way is impossible.
    """
    base = limits.base
    residues = counts % base
    is_open = residues > 0
    ups = (shown - counts // base * base) // base
    if np.any(ups[~is_open] != 0) or np.any((ups < 0) | (ups > 1)):
        return 0.0, np.zeros(0)
    places = np.flatnonzero(is_open)
    weights = residues[places] / base - rng.random((limits.draws, places.size))
    wanted = ups[places].astype(bool)
    number = int(wanted.sum())
    order = np.sort(weights, axis=1)[:, ::-1]
    least_up = np.where(wanted, weights, np.inf).min(axis=1, initial=np.inf)
    most_down = np.where(~wanted, weights, -np.inf).max(axis=1, initial=-np.inf)
    match = least_up > most_down
    if not moves:
        return float(match.mean()), np.zeros(int(match.sum()))
    # The other way of the total needs one cell fewer (if it went up) or one more.
    if goes_up:
        gain = order[:, number - 1] if number > 0 else np.full(limits.draws, np.inf)
    else:
        gain = -order[:, number] if number < places.size else np.full(limits.draws, np.inf)
    return float(match.mean()), gain[match]


def _others(others: list[_Played], people: int, *, goes_up: bool, limits: Limits, rng: np.random.Generator) -> Array:
    """Draw what the total's going as shown wins in the total itself and in the other tables, ascending."""
    weight = (people % limits.base) / limits.base - rng.random(limits.draws)
    whole = weight if goes_up else -weight
    for played in others:
        chosen = rng.choice(len(played.gains), size=limits.draws, p=played.weights / played.weights.sum())
        drawn = np.array([played.gains[truth][rng.integers(played.gains[truth].size)] for truth in chosen])
        whole = whole + drawn
    return np.sort(whole)


def _wins(gains: Array, rest: Array) -> float:
    """Give the share of pairs in which going as shown wins: gain + rest > 0."""
    if not gains.size:
        return 0.0
    return float((rest.size - np.searchsorted(rest, -gains, side="right")).mean() / rest.size)
