"""Who is in a cohort, whether its sum may be asked for, and whether it could have come of people at all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.custodian.opening.rules import (
    Binding,
    HeldSeed,
    TooManyHostsError,
    Verdict,
    agree_cohort,
    may_open,
    open_cohort,
)
from shared.contracts.vector import MAX_HOSTS, PEOPLE, WrongLengthError
from shared.keys import group
from shared.keys.commitments import Blindings
from tests.unit.statistics.cohorts import LAYOUT, PLAN, REST, opened_of, total_of, vector_of

ROSTER = ("alder", "birch", "cedar", "damson", "elder", "fir")
CHECKS = (5, 2**32 - 1)
ANSWERS = (2**32 - 5, 1)
"""Two check shares of one report that add up to 0 in each place."""


def agree(board, custodian):
    return agree_cohort(board=board, custodian=custodian, roster=ROSTER, check_count=2)


def held(host, checks=ANSWERS):
    return HeldSeed(host=host, checks=checks)


def open_sum(total, hosts=6, stream=None):
    stream = np.zeros(LAYOUT.length, dtype=np.uint32) if stream is None else stream
    return open_cohort(
        layout=LAYOUT, sum_a=total - stream, sum_of_expansions=stream, hosts=hosts, minimums=PLAN.minimums
    )


class TestCohort:
    def test_what_both_hold_and_what_adds_up(self):
        """In is what both servers hold with checks that are 0; sorted, so that both name it alike."""
        board = {"r2": CHECKS, "r1": CHECKS, "r3": CHECKS}
        custodian = {"r1": held("alder"), "r2": held("birch"), "r4": held("cedar")}
        assert agree(board, custodian) == ("r1", "r2")

    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [((5, 0), ANSWERS), (CHECKS, (1, 1)), (CHECKS[:1], ANSWERS), (CHECKS, (*ANSWERS, 0)), ((), ())],
        ids=["board-differs", "custodian-differs", "one-short", "one-more", "none"],
    )
    def test_a_report_whose_checks_do_not_add_to_zero_is_out(self, ours, theirs):
        """One place that is not 0, or another number of places, leaves the report out."""
        assert agree({"r1": ours}, {"r1": held("alder", theirs)}) == ()

    def test_a_host_off_the_roster_is_out(self):
        """Whoever is not on the task's roster contributes nothing."""
        assert agree({"r1": CHECKS}, {"r1": held("stranger")}) == ()

    def test_a_host_with_two_reports_is_out_whole(self):
        """Either choice would let someone draw twice; another host is not touched."""
        board = dict.fromkeys(("r1", "r2", "r3"), CHECKS)
        custodian = {"r1": held("alder"), "r2": held("alder"), "r3": held("birch")}
        assert agree(board, custodian) == ("r3",)

    def test_two_reports_count_as_two_even_if_one_fails_its_checks(self):
        """A host cannot make its second report the only one by spoiling the first."""
        custodian = {"r1": held("alder", (0, 0)), "r2": held("alder")}
        assert agree(dict.fromkeys(("r1", "r2"), CHECKS), custodian) == ()

    @given(st.dictionaries(st.text("abc", min_size=1, max_size=2), st.sampled_from(ROSTER)), st.sets(st.text("abc")))
    def test_never_more_than_one_report_a_host(self, custodian, board):
        """Whatever both hold, each host is in at most once, and each report is held by both."""
        cohort = agree(dict.fromkeys(board, CHECKS), {i: held(host) for i, host in custodian.items()})
        hosts = [custodian[i] for i in cohort]
        assert len(hosts) == len(set(hosts))
        assert set(cohort) <= board & set(custodian)


class TestMayOpen:
    @pytest.mark.parametrize(("hosts", "may"), [(0, False), (4, False), (5, True), (MAX_HOSTS, True)])
    def test_five_hosts(self, hosts, may):
        """Fewer than five are never opened."""
        assert may_open(hosts, PLAN.minimums) is may

    def test_too_many_hosts_are_refused(self):
        """More hosts than the squares of their counts can carry are an error, not a wrong sum."""
        with pytest.raises(TooManyHostsError, match=f"{MAX_HOSTS} hosts, not {MAX_HOSTS + 1}"):
            may_open(MAX_HOSTS + 1, PLAN.minimums)


counts = st.lists(st.integers(0, 60), min_size=5, max_size=9)


class TestOpen:
    @given(counts, st.binary(min_size=32, max_size=32))
    @settings(max_examples=60)
    def test_an_honest_sum_opens_exactly(self, people, mask):
        """Whatever honest hosts send, masks gone, the sum is theirs; below 20 people it is not given out."""
        total = total_of(vector_of(n) for n in people)
        stream = np.resize(np.frombuffer(mask, dtype=np.uint32), LAYOUT.length)
        opening = open_sum(total, hosts=len(people), stream=stream)
        if sum(people) < 20:
            assert (opening.verdict, opening.opened) == (Verdict.TOO_FEW_PEOPLE, None)
        else:
            assert opening.verdict == Verdict.OPENED
            assert opening.opened == opened_of(vector_of(n) for n in people)

    def test_a_sum_that_opens_no_commitments_is_not_read(self):
        """Possible as it may be: one person more than the hosts sealed, in every slot that would show it."""
        total = total_of(vector_of(n) for n in (4, 9, 12, 7, 20))
        blindings = Blindings.of(bytes(32), b"a report", LAYOUT.length).counts
        row = tuple(map(group.commit, map(int, total), blindings))
        other = total_of(vector_of(n) for n in (5, 9, 12, 7, 20))
        opened = {
            name: open_cohort(
                layout=LAYOUT, sum_a=sum_a, sum_of_expansions=np.zeros_like(total), hosts=5, minimums=PLAN.minimums,
                binding=Binding(blindings=blindings, commitments=row),
            ).verdict
            for name, sum_a in (("theirs", total), ("another", other))
        }  # fmt: skip
        assert opened == {"theirs": Verdict.OPENED, "another": Verdict.UNBOUND_SUM}
        assert open_sum(other, hosts=5).verdict == Verdict.OPENED

    def test_too_few_hosts_are_not_even_added_up(self):
        """Four hosts: no sum is looked at, whatever its length."""
        zeros = np.zeros(1, dtype=np.uint32)
        opening = open_cohort(layout=LAYOUT, sum_a=zeros, sum_of_expansions=zeros, hosts=4, minimums=PLAN.minimums)
        assert opening.verdict == Verdict.TOO_FEW_HOSTS

    def test_a_sum_of_another_plan_is_refused(self):
        """Another length is another plan's."""
        zeros = np.zeros(3, dtype=np.uint32)
        with pytest.raises(WrongLengthError):
            open_cohort(layout=LAYOUT, sum_a=zeros, sum_of_expansions=zeros, hosts=5, minimums=PLAN.minimums)

    @given(st.integers(0, LAYOUT.length - 1), st.integers(1, 2**32 - 1))
    @settings(max_examples=300)
    def test_any_one_changed_cell_of_the_first_block_is_impossible(self, cell, by):
        """A cell of the first block that moved alone fits no people; in the others, an odd move never does."""
        total = total_of(vector_of(n) for n in (12, 9, 30, 4, 8, 0))
        changed = total.copy()
        changed[cell : cell + 1] += np.uint32(by)
        block, place = divmod(cell, LAYOUT.width)
        opening = open_sum(changed)
        if block == 0 and place > 0:
            assert opening.verdict == Verdict.IMPOSSIBLE_SUM
        if block == 2 and by % 2:
            assert opening.verdict == Verdict.IMPOSSIBLE_SUM

    @pytest.mark.parametrize(
        ("sent", "squares"),
        [(7, None), (0, None), (None, 0), (None, 63**2 + 2), (None, 63**2 // 6 - 8)],
        ids=["more-than-the-cohort", "nobody-sent-it", "no-squares", "squares-above-one-host-alone", "below-all-alike"],
    )
    def test_hosts_and_squares_must_fit_the_count(self, sent, squares):
        """63 people of six hosts: no 7 contributing, and squares between all alike and one host with most."""
        total = total_of(vector_of(n) for n in (12, 9, 30, 4, 8, 0))
        place = LAYOUT.slots.index(PEOPLE)
        if sent is not None:
            total[LAYOUT.width + place] = sent
        if squares is not None:
            total[2 * LAYOUT.width + place] = squares
        assert open_sum(total).verdict == Verdict.IMPOSSIBLE_SUM

    def test_twenty_people(self):
        """Nineteen are not given out, twenty are."""
        for people, verdict in ((3, Verdict.TOO_FEW_PEOPLE), (4, Verdict.OPENED)):
            vectors = [vector_of(4, regions={REST: 4}) for _ in range(4)] + [vector_of(people, regions={REST: people})]
            assert open_sum(total_of(vectors), hosts=5).verdict == verdict

    def test_true_figures_are_not_printed(self):
        """A log of the result shows the verdict and no figure."""
        opening = open_sum(total_of(vector_of(n) for n in (31, 29, 37, 40, 36)), hosts=5)
        assert opening.opened.people == 173
        assert "173" not in repr(opening)
