"""An attacker who runs the rounding backwards: knows programme, objective, plan and the exact total, not the key.

For each possible truth of a table it draws directions as the programme does, and weighs the truth by how often
the very release comes out. Shares no code with the product. Tables hang together through the one rounded total
alone, so the programme falls into one small choice a table, given which way the total goes.

Limit: it uses what is shown, and not which tables are not shown or coarser.
"""

import functools
from collections import Counter
from dataclasses import dataclass
from itertools import product
from math import lgamma, log

import numpy as np

from tests.attacks import rule_knowing

BASE = 5
DRAWS = 1_500


@dataclass(frozen=True)
class Insider:
    """What colluding hosts know: each one's people by cell, and how many more hosts the cohort has.

    They know the rules of publication: how few hosts and how large a share is never shown.
    """

    held: tuple
    others: int

    @functools.cached_property
    def own(self):
        """Their people together, by cell."""
        return sum(self.held, Counter())


def posteriors(release, *, total, shares=None, insider=None, seed=0, draws=DRAWS):
    """Weigh every possible truth of every shown table.

    Args:
        release: A ``Published``.
        total: The exact number of people.
        shares: By (table, level, category), the public share of people; None for a flat prior.
        insider: An ``Insider``, or None.

    Returns:
        By (table, level, category): probabilities by true value.
    """
    rng = np.random.default_rng(seed)
    tables = {t: _Table(t, release, total, shares, insider, rng, draws) for t in release.tables}
    found = {}
    for name, table in tables.items():
        others = sum(
            (other.leaning(rng, table.gains.shape) for n, other in tables.items() if n != name),
            start=_total_leaning(release.people, total, rng, table.gains.shape),
        )
        likely = (table.fits & (table.gains + others > 0)).mean(axis=1)
        weights = table.prior * likely
        if weights.sum() == 0:
            # A truth so unlikely that no draw met it; what fits at all is then all that is known.
            weights = table.prior * table.fits.mean(axis=1)
        weights = weights / weights.sum()
        for place, category in enumerate(table.categories):
            values = {}
            for truth, weight in zip(table.truths, weights, strict=True):
                values[int(truth[place])] = values.get(int(truth[place]), 0.0) + float(weight)
            found[name, release.levels[name], category] = {v: w for v, w in sorted(values.items()) if w > 0}
    return found


class _Table:
    """One table: its possible truths, how often each gives what was shown, and how it pulls at the total."""

    def __init__(self, name, release, total, shares, insider, rng, draws):
        self.categories = list(release.tables[name])
        cells = [(name, release.levels[name], c) for c in self.categories]
        shown = np.array(list(release.tables[name].values()))
        ranges = [range(_lowest(cell, value, insider), value + BASE) for cell, value in zip(cells, shown, strict=True)]
        self.truths = np.array([truth for truth in product(*ranges) if sum(truth) == total])
        self.prior = _prior(self.truths, cells, total, shares, insider)
        up = total // BASE * BASE + BASE == release.people and total % BASE != 0
        here, there = release.people, release.people + (-BASE if up else BASE)
        self.fits = np.zeros((len(self.truths), draws), dtype=bool)
        self.gains = np.zeros((len(self.truths), draws))
        for row, truth in enumerate(self.truths):
            residues = truth % BASE
            pulls = np.where(residues > 0, residues / BASE - rng.random((draws, len(truth))), -np.inf)
            order = np.sort(pulls, axis=1)[:, ::-1]
            floors = truth - residues
            wanted = (shown - floors) // BASE
            gain, fits = _best(order, here, floors, residues)
            self.fits[row] = fits & (_chosen(pulls, int(wanted.sum())) == wanted.astype(bool)).all(axis=1)
            if total % BASE == 0:
                self.gains[row] = 1.0
                continue
            other, possible = _best(order, there, floors, residues)
            self.gains[row] = np.where(possible, gain - np.where(possible, other, 0.0), 1e6)

    def leaning(self, rng, shape):
        """Draw how much this table, whatever its truth, favours the total's way; given that it fits."""
        gains, upto = self._fitting
        # As rng.choice draws, without its look at what never fits, and without adding up anew for each other table.
        return gains[upto.searchsorted(rng.random(shape), side="right")]

    @functools.cached_property
    def _fitting(self):
        """What the draws that fit gain, and up to which part of one each of them reaches."""
        weights = (self.fits * self.prior[:, None]).ravel()
        fitting = np.flatnonzero(weights)
        upto = (weights[fitting] / weights.sum()).cumsum()
        return self.gains.ravel()[fitting], upto / upto[-1]


def _lowest(cell, value, insider):
    low = max(0, value - BASE + 1)
    if insider is None:
        return low
    return max(low, rule_knowing.least([own.get(cell, 0) for own in insider.held], insider.others))


def _prior(truths, cells, total, shares, insider):
    if shares is None:
        return np.full(len(truths), 1 / len(truths))
    own = np.array([insider.own.get(cell, 0) if insider else 0 for cell in cells])
    rest = truths - own
    logs = np.array([log(max(shares.get(cell, 0.0), 1e-4)) for cell in cells])
    weights = np.array([(row * logs).sum() - sum(lgamma(n + 1) for n in row) for row in rest])
    weights = np.exp(weights - weights.max())
    return weights / weights.sum()


def _best(order, people, floors, residues):
    """Give the greatest sum of pulls with exactly as many ups as the total needs, and whether that can be."""
    ups = (people - floors.sum()) // BASE
    if not 0 <= ups <= (residues > 0).sum():
        return np.zeros(len(order)), np.zeros(len(order), dtype=bool)
    return order[:, :ups].sum(axis=1), np.ones(len(order), dtype=bool)


def _chosen(pulls, ups):
    """Mark the cells that go up: those that pull most."""
    chosen = np.zeros(pulls.shape, dtype=bool)
    if ups > 0:
        top = np.argsort(-pulls, axis=1)[:, :ups]
        np.put_along_axis(chosen, top, True, axis=1)
    return chosen


def _total_leaning(people, total, rng, shape):
    residue = total % BASE
    if residue == 0:
        return np.zeros(shape)
    pull = residue / BASE - rng.random(shape)
    return pull if people > total else -pull
