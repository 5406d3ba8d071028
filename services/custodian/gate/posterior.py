"""What an attacker who knows programme, objective, plan and exact total believes of each cell.

Monte Carlo: draw true tables that fit the rounded figures, draw coins, round as the programme would, keep
the draws that give what was published. Given the total and whether it went up, the tables of a release are
independent: each takes, of its cells that may go up, those of greatest weight. So the rounding is replayed
exactly by sorting, without a solver; the tables are joined again by the total's own choice, which looks at
what going up gains in all of them. Limit: why a table is shown at a coarser level is not replayed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]


class NoDrawsError(Exception):
    """Too few draws gave the published figures; nothing is known of the attacker's belief."""


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One published table as an attacker sees it.

    Attributes:
        rounded: Published figures by cell.
        own: What the attacker's own hosts hold of each cell; zeros for one without a host.
        least: The smallest count of each cell that the attacker knows of beside its figure; never below ``own``, which
            None stands for.
        shares: The public shares of the categories, as a prior for the rest; None for the flat prior, in
            which every division of the rest over the cells is as likely as every other.
    """

    rounded: tuple[int, ...]
    own: tuple[int, ...]
    least: tuple[int, ...] | None = None
    shares: tuple[float, ...] | None = None


class Belief(NamedTuple):
    """The posterior of one table.

    Attributes:
        cells: For each cell, probability by true value.
        effective: Draws that it rests on, after weights.
    """

    cells: tuple[dict[int, float], ...]
    effective: float


@dataclass(frozen=True, kw_only=True)
class Total:
    """The total that all tables share, known exactly.

    Attributes:
        base: Of the rounding.
    """

    people: int
    rounded: int
    base: int

    @property
    def went_up(self) -> bool:
        """Whether it was rounded up."""
        return self.rounded > self.people


class _Kept(NamedTuple):
    true: Whole
    gain: Real


def believe(sights: Mapping[str, Sight], total: Total, *, draws: int, random: np.random.Generator) -> dict[str, Belief]:
    """Give the posterior of each table of one release.

    Args:
        sights: Every table with figures, by name.
        total: Exact and published.
        draws: For each table.
        random: Seeded by the caller, so that a repeat gives the same answer.

    Raises:
        NoDrawsError: In some table no draw gave what was published.
    """
    kept = {name: _keep(sight, total, draws, random) for name, sight in sights.items()}
    return {name: _weigh(name, kept, total, random) for name in kept}


def possible(sight: Sight, people: int, base: int) -> list[tuple[int, int]]:
    """Give the least and the greatest true value of each cell, the exact total known."""
    low, high = _reach(sight, base)
    return [
        (
            max(int(low[i]), people - int(high.sum() - high[i])),
            min(int(high[i]), people - int(low.sum() - low[i])),
        )
        for i in range(len(low))
    ]


def go_up(weights: Real, may: npt.NDArray[np.bool_], *counts: Whole) -> list[tuple[npt.NDArray[np.bool_], Real]]:
    """Take the cells of greatest weight, as many as each of ``counts`` asks for.

    Args:
        weights: Draws by cells.
        may: Cells that are no exact multiple.
        counts: How many must go up, by draw.

    Returns:
        For each of ``counts``: which go up, and the sum of their weights; minus infinity where it cannot be done.
    """
    open_weights = np.where(may, weights, -inf)
    # Tables are short, so comparing each cell with each is cheaper than sorting.
    ranks = (open_weights[:, None, :] > open_weights[:, :, None]).sum(axis=2)
    most = may.sum(axis=1)
    found = []
    for count in counts:
        chosen = ranks < count[:, None]
        gain = np.where((count >= 0) & (count <= most), (weights * chosen).sum(axis=1), -inf)
        found.append((chosen, gain))
    return found


def _keep(sight: Sight, total: Total, draws: int, random: np.random.Generator) -> _Kept:
    base, people = total.base, total.people
    true = _draw_tables(sight, people - total.rounded, base, draws, random)
    residues = true % base
    may = residues > 0
    weights = residues / base - random.random(true.shape)
    lacking = people // base - (true // base).sum(axis=1)
    (up, with_up), (down, with_down) = go_up(weights, may, lacking + 1, lacking)
    published = np.array(sight.rounded) > true
    as_published = ((up if total.went_up else down) == published).all(axis=1)
    if not as_published.any():
        raise NoDrawsError
    # One of the two can always be done here, so this is never infinity less infinity.
    gain = with_up[as_published] - with_down[as_published]
    return _Kept(true[as_published], gain)


def _weigh(name: str, kept: Mapping[str, _Kept], total: Total, random: np.random.Generator) -> Belief:
    own = kept[name]
    size = len(own.gain)
    gain = own.gain.copy()
    for other, draws in kept.items():
        if other != name:
            gain += random.choice(draws.gain, size=size)
    # The total goes up if residue - u, with what all tables gain by it, is above 0.
    residue = total.people % total.base / total.base
    chance_up = np.clip(residue + gain, 0.0, 1.0) if residue else np.zeros(size)
    weight = chance_up if total.went_up else 1.0 - chance_up
    mass_of_all = weight.sum()
    if not mass_of_all:
        raise NoDrawsError
    cells = []
    for values in own.true.T:
        found, places = np.unique(values, return_inverse=True)
        mass = np.bincount(places, weights=weight) / mass_of_all
        cells.append({int(v): float(p) for v, p in zip(found, mass, strict=True)})
    return Belief(tuple(cells), float(mass_of_all**2 / (weight**2).sum()))


def _reach(sight: Sight, base: int) -> tuple[Whole, Whole]:
    rounded = np.array(sight.rounded, dtype=np.int64)
    least = np.array(sight.own if sight.least is None else sight.least)
    return np.maximum(rounded - base + 1, np.maximum(0, least)), rounded + base - 1


def _draw_tables(sight: Sight, shift: int, base: int, draws: int, random: np.random.Generator) -> Whole:
    """Draw tables from the prior, of those whose cells are near the rounded ones and whose sum is the total.

    Cell by cell: given what the cells before it differ from their rounded figures, each value is as likely
    as its own prior times that of all ways in which the cells after it can make up the rest.
    """
    low, high = _reach(sight, base)
    reach = base - 1
    errors = np.arange(-reach, reach + 1)
    priors = [_prior(sight, cell, errors, low, high) for cell in range(len(low))]
    ahead = _ways_ahead(priors, reach, shift)
    states = np.arange(ahead[0].size)
    middle = (states.size - 1) // 2
    true = np.empty((draws, len(low)), dtype=np.int64)
    rest = np.full(draws, shift + middle)
    for cell, prior in enumerate(priors):
        after = states[:, None] - errors[None, :]
        inside = (after >= 0) & (after < states.size)
        chances = prior[None, :] * np.where(inside, ahead[cell + 1][np.clip(after, 0, states.size - 1)], 0.0)
        heaps = np.cumsum(chances, axis=1)
        if not (heaps[rest, -1] > 0).all():
            raise NoDrawsError
        # One row of heaps for each state, put end to end: one search picks each draw's place in its own row.
        rows = heaps / np.where(heaps[:, -1:] > 0, heaps[:, -1:], 1.0)
        ladder = (rows + states[:, None]).ravel()
        places = np.searchsorted(ladder, rest + random.random(draws), side="right")
        picked = np.minimum(places - rest * errors.size, errors.size - 1)
        true[:, cell] = sight.rounded[cell] + errors[picked]
        rest -= errors[picked]
    return true


def _prior(sight: Sight, cell: int, errors: Whole, low: Whole, high: Whole) -> Real:
    values = sight.rounded[cell] + errors
    inside = (values >= low[cell]) & (values <= high[cell])
    if sight.shares is None:
        return np.asarray(inside, dtype=np.float64)
    rest = np.where(inside, values - sight.own[cell], 0)
    # A multinomial's factor; what all values share is divided away so that nothing overflows.
    logs = np.where(inside, rest * np.log(sight.shares[cell]) - gammaln(rest + 1.0), -inf)
    if not inside.any():
        return np.zeros(len(errors))
    return np.asarray(np.exp(logs - logs.max()), dtype=np.float64)


def _ways_ahead(priors: Sequence[Real], reach: int, shift: int) -> list[Real]:
    """Give, for each cell and each remaining difference, the prior of all ways to make it up from there on."""
    middle = reach * len(priors) + abs(shift)
    ways = np.zeros(2 * middle + 1)
    ways[middle] = 1.0
    found = [ways]
    for prior in reversed(priors):
        ways = np.convolve(ways, prior)[reach : reach + 2 * middle + 1]
        # Any factor cancels; without it many cells would underflow.
        ways = ways / ways.max() if ways.max() else ways
        found.append(ways)
    return found[::-1]
