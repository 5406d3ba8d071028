"""The solver that keeps its facts says what one says that is told them anew for each question."""

import math

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from tests.attacks.lp_attacker import Knowledge, know_hidden, know_release
from tests.kit.truth import key_of, names, truths


def anew(knowledge, name, *, whole):
    """The least and greatest value of a number, by scipy's own door; None where no numbers fit."""
    size, found = len(knowledge._low), []
    matrix = np.zeros((len(knowledge._rows), size))
    for row, (terms, _, _) in zip(matrix, knowledge._rows, strict=True):
        for term, weight in terms.items():
            row[knowledge._index[term]] += weight
    for sign in (1, -1):
        goal = np.zeros(size)
        goal[knowledge._index[name]] = sign
        solved = milp(
            goal,
            integrality=np.full(size, int(whole)),
            bounds=Bounds(np.array(knowledge._low, dtype=float), np.array(knowledge._high, dtype=float)),
            constraints=LinearConstraint(matrix, [r[1] for r in knowledge._rows], [r[2] for r in knowledge._rows]),
        )
        if solved.status != 0:
            return None
        found.append(sign * solved.fun)
    return math.ceil(found[0] - 1e-6), math.floor(found[1] + 1e-6)


@pytest.mark.parametrize("whole", [False, True], ids=["parts", "whole"])
@pytest.mark.parametrize("truth", truths(), ids=names())
def test_both_doors_give_the_same_bounds_of_a_real_release(truth, whole):
    """Cell by cell, of releases as they are published, with and without what the attacker knows beside them."""
    for number, known in ((0, {}), (1, {"total": truth.total}), (2, {"total": truth.total, "thresholds": True})):
        knowledge = Knowledge()
        know_release(knowledge, truth.release(key_of(number)), **known)
        for name in list(knowledge._index):
            assert knowledge.interval(name, whole=whole) == anew(knowledge, name, whole=whole)


def test_both_doors_give_the_same_bounds_where_rows_cross():
    """Hidden cells of a table with margins: some come out exactly, some stay wide."""
    counts = {(a, b): (a * a * 5 + a * b * 3 + b * b * 7) % 9 for a in range(5) for b in range(6)}
    knowledge = Knowledge()
    hidden = know_hidden(knowledge, counts, limit=5, zeros_shown=True)
    for a in range(5):
        knowledge.fact({("", a, b): 1 for b in range(6)}, sum(counts[a, b] for b in range(6)))
    for b in range(6):
        knowledge.fact({("", a, b): 2 for a in range(5)}, 2 * sum(counts[a, b] for a in range(5)))
    widths = set()
    for name in hidden:
        for whole in (False, True):
            assert knowledge.interval(name, whole=whole) == anew(knowledge, name, whole=whole)
        widths.add(knowledge.width(name))
    assert len(widths) > 1


def test_what_is_learnt_after_a_question_counts_in_the_next_one():
    """A solver never answers from facts of before, be it a narrower bound or one more sum."""
    knowledge = Knowledge()
    knowledge.number("a", 0, 9)
    knowledge.number("b", 2, 4)
    assert knowledge.interval("a") == (0, 9)
    knowledge.fact({"a": 1, "b": 1}, 10)
    assert knowledge.interval("a") == (6, 8)
    knowledge.number("b", 3)
    assert knowledge.interval("a") == (6, 7)
    assert knowledge.interval("a", whole=True) == (6, 7)


def test_numbers_that_cannot_be_are_told_apart_from_those_that_can():
    """A contradiction is no interval; and halves are none where people are whole."""
    knowledge = Knowledge()
    knowledge.fact({"a": 2, "b": 2}, 3)
    assert knowledge.interval("a") == (0, 1)
    assert not knowledge.is_possible()
    assert anew(knowledge, "a", whole=True) is None
    with pytest.raises(AssertionError, match="nfeasible"):
        knowledge.interval("a", whole=True)
