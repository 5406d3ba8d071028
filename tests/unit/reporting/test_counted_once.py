"""ADR 0020: a person is counted once in all quarters together, and once in all years together."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.periods.rules import tally
from tests.unit.reporting.episodes import SEAL, episode, plan_of, task, version


def people(contributions, one, **more):
    return tally(contributions, plan_of(one), one, **more)


class TestAMovedEpisode:
    @pytest.mark.parametrize(("corrected", "quarters"), [(-2, (0, 1)), (0, (0, 1)), (10, (1, 0))])
    def test_a_month_corrected_by_the_seal_moves_and_afterwards_does_not(self, corrected, quarters):
        """Counted in exactly one quarter: where the episode stood at that quarter's seal."""
        seals = [] if corrected > 0 else [SEAL]
        moved = episode(version("2026-09")).with_version(version("2026-10", recorded=corrected, seq=2), seals)
        then = episode(version("2026-09")) if corrected > 0 else moved
        assert (people([then], task("2026-Q3")).people, people([moved], task("2026-Q4")).people) == quarters

    def test_it_says_why_it_is_left_out(self):
        """For the host's own eyes: it stays where it was sealed."""
        moved = episode(version("2026-09")).with_version(version("2026-10", recorded=10, seq=2), [])
        assert dict(people([moved], task("2026-Q4")).left_out) == {"MOVED_AFTER_ITS_SEAL": 1}

    def test_the_year_still_counts_it_once(self):
        """A quarter's number and a year's tables are two dimensions; within the year it moved nowhere else."""
        moved = episode(version("2026-09")).with_version(version("2026-10", recorded=10, seq=2), [])
        assert people([moved], task("2026")).people == 1

    def test_an_episode_that_was_not_to_be_counted_then_may_move(self):
        """A survivor who had not agreed at the first seal is counted where the episode stands now."""
        late = episode(version("2026-09", reason="UNKNOWN")).with_version(version("2026-10", recorded=10, seq=2), [])
        assert people([late], task("2026-Q4")).people == 1

    def test_a_renewal_between_hides_nothing(self):
        """The state of the seal is long deleted when the correction comes; the place is still known."""
        one = episode(version("2026-09")).with_version(version("2026-09", decided=5, seq=2), [])
        moved = one.with_version(version("2026-10", recorded=10, seq=3), [])
        assert len(moved.versions) == 1
        assert people([moved], task("2026-Q4")).people == 0

    def test_before_the_seal_nothing_is_fixed(self):
        """Stated again and then corrected in time: it is counted where it stands at the seal."""
        one = episode(version("2026-09")).with_version(version("2026-09", decided=-10, seq=2), [SEAL])
        moved = one.with_version(version("2026-10", recorded=-2, seq=3), [SEAL])
        assert (people([moved], task("2026-Q3")).people, people([moved], task("2026-Q4")).people) == (0, 1)

    def test_a_task_that_covers_both_counts_it(self):
        """The third quarter was never opened: the next task covers both, wherever the episode stands."""
        moved = episode(version("2026-09")).with_version(version("2026-10", recorded=10, seq=2), [])
        assert people([moved], task("2026-Q4", "2026-Q3")).people == 1

    @given(st.permutations(range(1, 5)), st.lists(st.sampled_from(["2026-07", "2026-10", "2027-01"]), min_size=4))
    def test_whatever_came_in_whatever_order(self, order, months):
        """However often a month is corrected, and in whatever order it arrives: at most one quarter counts it."""
        stated = [version(months[n - 1], recorded=n * 60 - 80, seq=n) for n in range(1, 5)]
        quarters = [task(f"{y}-Q{q}") for y in (2026, 2027) for q in (1, 2, 3, 4)]
        counted = 0
        for one in quarters:
            known = [n for n in order if stated[n - 1].recorded_at <= one.seal_at]
            left = [later.seal_at for later in quarters if later.seal_at >= one.seal_at]
            contribution = None
            for n in known:
                new = stated[n - 1]
                contribution = episode(new) if contribution is None else contribution.with_version(new, left)
            if contribution is not None:
                counted += people([contribution], one).people
        assert counted <= 1


class TestAPerson:
    def test_who_was_counted_before_is_left_out_with_the_reason(self):
        """A second episode in a later year: the person was counted already."""
        second = episode(version("2027-02", recorded=140), number=2)
        found = people([second], task("2027"), counted_before={"p1"})
        assert (found.people, dict(found.left_out)) == (0, {"COUNTED_IN_AN_EARLIER_PERIOD": 1})

    def test_a_no_is_said_before_that(self):
        """Whoever withdrew is named so, whatever else is true of them."""
        gone = episode(version("2027-02", recorded=140, reason="WITHDRAWN"), number=2)
        assert dict(people([gone], task("2027"), counted_before={"p1"}).left_out) == {"WITHDRAWN": 1}

    def test_a_merge_gives_both_episodes_one_person(self):
        """The newest statement says whose episode it is; a late older one does not undo it."""
        one = episode(version(seq=1), person="a")
        merged = one.with_version(version(seq=3), [SEAL], person_id="b")
        assert merged.person_id == "b"
        assert merged.with_version(version(seq=2), [SEAL], person_id="a").person_id == "b"
        other = replace(episode(version(), number=2), person_id="b")
        assert people([merged, other], task("2026-Q3")).people == 1


def test_a_seal_of_the_quarter_and_of_its_year_are_one_instant():
    """So a state that one of them needs stays until the other was carried out, too."""
    assert task("2026-Q4").seal_at == task("2026").seal_at
    end = (task("2026").seal_at - SEAL) / timedelta(days=1)
    one = episode(version("2026-11", recorded=40)).with_version(
        version("2026-11", recorded=end + 1, reason="WITHDRAWN", seq=2), [task("2026").seal_at]
    )
    assert one.pruned([task("2026").seal_at]) == one
    assert one.pruned([]).versions[0].facts is None
