"""What one false host can no longer make of the opened sums, without any proof: slots must fit each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.custodian.opening import rules as opening
from services.custodian.opening.plausibility import fits_together
from services.custodian.opening.rules import Verdict, open_cohort
from shared.contracts.vector import PEOPLE, Slot
from tests.unit.statistics.cohorts import LAYOUT, PLAN, REST, opened_of, total_of, vector_of

HONEST = [vector_of(n, yes=(n // 2, n // 4, min(n, 2), n // 5)) for n in (12, 9, 30, 4, 8, 6, 2)]
YES, NO = (Slot("EXPLOITATION_CRIMINAL", 1, answer) for answer in ("YES", "NO"))
MERGED = Slot("REGION_OF_NATIONALITY", 2, f"UK_{REST}")
COUNTS, HOSTS, SQUARES = 0, 1, 2

falsehoods = pytest.mark.parametrize(
    ("block", "slot", "makes"),
    [
        # Nobody dominates: fewer squares in the people than their two halves have alone.
        (SQUARES, PEOPLE, lambda honest: honest[SQUARES, YES] + honest[SQUARES, NO] - 2),
        (SQUARES, PEOPLE, lambda honest: 2 * honest[SQUARES, PEOPLE] + 1),
        # The host minimum is met: more hosts in a part than in the whole, or in a whole than in all parts.
        (HOSTS, MERGED, lambda honest: honest[HOSTS, Slot(MERGED.table, 1, REST)] - 1),
        (HOSTS, MERGED, lambda honest: honest[HOSTS, Slot(MERGED.table, 1, REST)] + 1),
        (HOSTS, PEOPLE, lambda honest: honest[HOSTS, NO] - 1),
        (SQUARES, MERGED, lambda honest: honest[SQUARES, MERGED] - 2),
    ],
    ids=["people-squares-low", "people-squares-high", "hosts-low", "hosts-high", "people-hosts-low", "part-squares"],
)


def read(total):
    return {
        (block, slot): int(total[block * LAYOUT.width + place])
        for block in (COUNTS, HOSTS, SQUARES)
        for place, slot in enumerate(LAYOUT.slots)
    }


def falsified(block, slot, makes):
    """The honest sum, in which one host's false second or third block gives this slot another figure."""
    total = total_of(HONEST)
    total[block * LAYOUT.width + LAYOUT.slots.index(slot)] = makes(read(total))
    return total


def verdict(total):
    stream = np.zeros(LAYOUT.length, dtype=np.uint32)
    found = open_cohort(layout=LAYOUT, sum_a=total, sum_of_expansions=stream, hosts=len(HONEST), minimums=PLAN.minimums)
    return found.verdict


class TestHonestHosts:
    @given(st.lists(st.tuples(st.integers(0, 200), st.floats(0, 1), st.floats(0, 1)), min_size=5, max_size=9))
    @settings(deadline=None)
    def test_any_true_sum_fits(self, hosts):
        """No cohort of honest hosts is refused, whatever its counts: a refusal would end the period for all."""
        vectors = [
            vector_of(n, female=round(n * a), yes=(round(n * a), round(n * b), n, 0), regions={"ASIA": n - round(n * b), "UK": round(n * b)})
            for n, a, b in hosts
        ]  # fmt: skip
        assert fits_together(opened_of(vectors), LAYOUT)

    def test_hosts_without_anybody(self):
        """Nobody anywhere fits too; that it is too few is another rule's business."""
        assert fits_together(opened_of([vector_of(0)] * 5), LAYOUT)


class TestFalseHosts:
    @falsehoods
    def test_a_figure_that_its_parts_cannot_make(self, block, slot, makes):
        """A figure that is possible alone and not beside its parts makes the sum impossible."""
        assert verdict(falsified(block, slot, makes)) == Verdict.IMPOSSIBLE_SUM

    @falsehoods
    def test_slot_by_slot_nobody_would_see_it(self, block, slot, makes, monkeypatch):
        """Twin: with each slot looked at alone, the same sum is opened."""
        monkeypatch.setattr(opening, "fits_together", lambda *_: True)
        assert verdict(falsified(block, slot, makes)) == Verdict.OPENED

    def test_a_sum_that_some_people_could_have_made_is_opened(self):
        """The limit: 11 people, 2 hosts and 57 squares beside another host's 3 keep every rule of the sum.

        Only the host's own proof shows that no one host can be two (docs/decisions/0019).
        """
        honest = [vector_of(n) for n in (12, 9, 30, 8, 6)] + [vector_of(9, yes=(0, 0, 3, 0))]
        liar = vector_of(20, yes=(0, 0, 11, 0))
        place = LAYOUT.slots.index(Slot("EXPLOITATION_CRIMINAL", 1, "YES"))
        liar[HOSTS * LAYOUT.width + place], liar[SQUARES * LAYOUT.width + place] = 2, 57
        total = total_of([*honest, liar])
        stream = np.zeros(LAYOUT.length, dtype=np.uint32)
        found = open_cohort(layout=LAYOUT, sum_a=total, sum_of_expansions=stream, hosts=7, minimums=PLAN.minimums)
        assert found.verdict == Verdict.OPENED
