"""An attacker who writes down all that is known as linear facts, and asks a solver how far each number can go.

Shares no code with the product: facts are plain names and numbers, bounds come from HiGHS through scipy.
"""

from math import inf

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp


class Knowledge:
    """Linear facts about whole numbers of people."""

    def __init__(self):
        self._index, self._low, self._high, self._rows = {}, [], [], []

    def number(self, name, low=0, high=inf):
        """Say that there is a number between two bounds; said twice, both hold."""
        if name not in self._index:
            self._index[name] = len(self._low)
            self._low.append(low)
            self._high.append(high)
        place = self._index[name]
        self._low[place] = max(self._low[place], low)
        self._high[place] = min(self._high[place], high)

    def fact(self, terms, low, high=None):
        """Say that a weighted sum of numbers lies between two bounds, or is one."""
        for name in terms:
            self.number(name)
        self._rows.append((terms, low, low if high is None else high))

    def adds_up(self, total, parts):
        """Say that the parts make the total."""
        self.fact({total: -1, **dict.fromkeys(parts, 1)}, 0)

    def rounded(self, name, value, base=5):
        """Say that a number was rounded to this multiple, up or down and never further."""
        self.number(name, max(0, value - base + 1), value + base - 1)

    def width(self, target, *, whole=False):
        """How many people apart the lowest and highest possible value are; 0 is exact."""
        low, high = self.interval(target, whole=whole)
        return high - low

    def interval(self, target, *, whole=False):
        """Give the lowest and highest possible value of a number or of a weighted sum.

        Args:
            target: A name, or weights by name.
            whole: Whether to use that people are whole numbers in every fact, not in the answer alone.
        """
        terms = {target: 1} if isinstance(target, str | tuple) else target
        goal = np.zeros(len(self._low))
        for name, weight in terms.items():
            goal[self._index[name]] = weight
        low = self._solve(goal, whole)
        high = -self._solve(-goal, whole)
        # Whatever the solver's facts, an answer about people is whole.
        return int(np.ceil(low - 1e-6)), int(np.floor(high + 1e-6))

    def is_possible(self):
        """Whether any numbers fit all facts."""
        return self._run(np.zeros(len(self._low)), whole=True).status == 0

    def _solve(self, goal, whole):
        solved = self._run(goal, whole)
        assert solved.status == 0, solved.message
        return float(solved.fun)

    def _run(self, goal, whole):
        matrix = np.zeros((len(self._rows), len(self._low)))
        for number, (terms, _, _) in enumerate(self._rows):
            for name, weight in terms.items():
                matrix[number, self._index[name]] += weight
        constraints = ()
        if self._rows:
            constraints = (LinearConstraint(matrix, [r[1] for r in self._rows], [r[2] for r in self._rows]),)
        return milp(
            goal,
            integrality=np.full(len(self._low), int(whole)),
            bounds=Bounds(np.array(self._low, dtype=float), np.array(self._high, dtype=float)),
            constraints=constraints,
        )


def know_release(knowledge, release, *, tag="", total=None, thresholds=False):
    """Write down everything that a release says.

    Args:
        knowledge: Where to.
        release: A ``Published``.
        tag: Keeps the numbers of several releases apart.
        total: The exact number of people, if the attacker knows it.
        thresholds: Whether the attacker knows that each shown cell has three hosts, and so three people.
    """
    everyone = (tag, "PEOPLE")
    if release.people is None:
        return
    knowledge.rounded(everyone, release.people)
    if total is not None:
        knowledge.number(everyone, total, total)
    for table, cells in release.tables.items():
        names = [(tag, table, release.levels[table], category) for category in cells]
        for name, value in zip(names, cells.values(), strict=True):
            knowledge.rounded(name, value)
            if thresholds:
                knowledge.number(name, 3)
        knowledge.adds_up(everyone, names)


def know_hidden(knowledge, cells, *, limit, zeros_shown, tag=""):
    """Write down a table whose small cells are hidden and whose other cells are true.

    Args:
        knowledge: Where to.
        cells: True counts by name.
        limit: Counts below it are hidden.
        zeros_shown: Whether a zero is printed, so that a hidden cell is at least 1.
        tag: Keeps the numbers of several releases apart.

    Returns:
        Names of the hidden cells.
    """
    hidden = []
    for cell, count in cells.items():
        name = (tag, *cell)
        if count >= limit or (count == 0 and zeros_shown):
            knowledge.number(name, count, count)
        else:
            hidden.append(name)
            knowledge.number(name, int(zeros_shown), limit - 1)
    return hidden
