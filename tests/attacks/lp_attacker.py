"""An attacker who writes down all that is known as linear facts, and asks a solver how far each number can go.

Shares no code with the product: facts are plain names and numbers, bounds come from HiGHS as scipy brings it. The
solver keeps the facts from one question to the next, since a thousand questions are asked of the same ones: scipy's
own door, ``milp``, writes them down anew each time, which takes longer than the answer. That both say the same is
shown by test_the_attackers_solver.py.
"""

from math import inf

import numpy as np
from scipy.optimize._highspy import _core as highs


class Knowledge:
    """Linear facts about whole numbers of people."""

    def __init__(self):
        self._index, self._low, self._high, self._rows = {}, [], [], []
        self._solvers = {}

    def number(self, name, low=0, high=inf):
        """Say that there is a number between two bounds; said twice, both hold."""
        if name not in self._index:
            self._index[name] = len(self._low)
            self._low.append(low)
            self._high.append(high)
        self._solvers.clear()
        place = self._index[name]
        self._low[place] = max(self._low[place], low)
        self._high[place] = min(self._high[place], high)

    def fact(self, terms, low, high=None):
        """Say that a weighted sum of numbers lies between two bounds, or is one."""
        for name in terms:
            self.number(name)
        self._solvers.clear()
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
        low = self._solve(goal, highs.ObjSense.kMinimize, whole=whole)
        high = self._solve(goal, highs.ObjSense.kMaximize, whole=whole)
        # Whatever the solver's facts, an answer about people is whole.
        return int(np.ceil(low - 1e-6)), int(np.floor(high + 1e-6))

    def is_possible(self):
        """Whether any numbers fit all facts."""
        solver = self._solver(whole=True)
        return self._run(solver, np.zeros(len(self._low))) == highs.HighsModelStatus.kOptimal

    def _solve(self, goal, sense, *, whole):
        solver = self._solver(whole=whole)
        solver.changeObjectiveSense(sense)
        status = self._run(solver, goal)
        assert status == highs.HighsModelStatus.kOptimal, solver.modelStatusToString(status)
        return solver.getInfo().objective_function_value

    def _run(self, solver, goal):
        solver.changeColsCost(len(goal), np.arange(len(goal), dtype=np.int32), goal)
        solver.run()
        return solver.getModelStatus()

    def _solver(self, *, whole):
        """Give a solver that knows all facts of now."""
        if whole not in self._solvers:
            solver = highs._Highs()
            solver.setOptionValue("output_flag", False)
            assert solver.passModel(self._facts(whole)) == highs.HighsStatus.kOk
            self._solvers[whole] = solver
        return self._solvers[whole]

    def _facts(self, whole):
        numbers, rows = len(self._low), [self._row(terms) for terms, _, _ in self._rows]
        facts = highs.HighsLp()
        facts.num_col_, facts.num_row_ = numbers, len(rows)
        facts.col_cost_ = np.zeros(numbers)
        facts.col_lower_, facts.col_upper_ = np.array(self._low, dtype=float), np.array(self._high, dtype=float)
        facts.row_lower_ = np.array([low for _, low, _ in self._rows], dtype=float)
        facts.row_upper_ = np.array([high for _, _, high in self._rows], dtype=float)
        facts.a_matrix_.format_ = highs.MatrixFormat.kRowwise
        facts.a_matrix_.num_col_, facts.a_matrix_.num_row_ = numbers, len(rows)
        facts.a_matrix_.start_ = np.cumsum([0, *map(len, rows)], dtype=np.int32)
        facts.a_matrix_.index_ = np.array([place for row in rows for place in row], dtype=np.int32)
        facts.a_matrix_.value_ = np.array([weight for row in rows for weight in row.values()], dtype=float)
        if whole:
            facts.integrality_ = [highs.HighsVarType.kInteger] * numbers
        return facts

    def _row(self, terms):
        return {self._index[name]: weight for name, weight in terms.items()}


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
