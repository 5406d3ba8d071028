"""What is known of the NRM: what a correction changes, what stands, and that three answers stay three."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.case.contacts.rules import Writer
from services.case.nrm.errors import NrmCorrectedError, NrmDayError
from services.case.nrm.rules import (
    DECISIONS,
    MAY_BE_CLEARED,
    SAID,
    Entry,
    check_days,
    current,
    next_id,
    standing,
)
from shared.codelists.lists import DECLINED, get

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
ANN = Writer(actor_id="ann", role="IMSA", at=AT + timedelta(days=1))
SAYS = {
    "stage": "RG_NEGATIVE", "on": "2026-10-12", "told_on": "2026-10-14", "told_by": "LEGAL_REPRESENTATIVE",
    "authority": "SCA", "note": "The letter is with their solicitor",
}  # fmt: skip


def entry(**values):
    made = {
        "id": "n", "survivor_id": "s", "actor_id": "ann", "role": "IMSA", "first_id": "n", "first_at": AT,
        "recorded_at": AT, "updated_at": AT, **SAYS,
    }  # fmt: skip
    return Entry(**{**made, **values})


def said(one):
    return {name: getattr(one, name) for name in SAID}


class TestCorrecting:
    def test_a_correction_is_an_entry_of_its_own_that_names_the_one_before(self):
        """Who, when and why; the first one stays, and when it was first written is kept."""
        before = entry()
        now = before.corrected({"on": "2026-10-13", "note": " "}, (), why="WRITTEN_WRONGLY", by=ANN)
        assert said(now) == {**SAYS, "on": "2026-10-13"}
        assert (now.id, now.corrects, now.why, now.recorded_at) == (next_id("n"), "n", "WRITTEN_WRONGLY", ANN.at)
        assert (now.first_id, now.first_at) == ("n", AT)
        assert before == entry()

    @given(st.sets(st.sampled_from(MAY_BE_CLEARED)))
    def test_only_what_is_cleared_is_taken_away(self, cleared):
        """And nothing beside it."""
        now = said(entry().corrected({}, cleared, why="SURVIVOR_ASKED", by=ANN))
        assert {name for name in SAID if now[name] is None} == cleared

    def test_taking_back_repeats_nothing_of_what_was_said(self):
        """Another person's decision stands once, where it was written; and nothing follows it."""
        now = entry().withdrawn(why="ANOTHER_PERSON", by=ANN)
        assert set(said(now).values()) == {None}
        with pytest.raises(NrmCorrectedError):
            now.corrected({"stage": "CG_POSITIVE"}, (), why="WRITTEN_WRONGLY", by=ANN)
        with pytest.raises(NrmCorrectedError):
            now.withdrawn(why="WRITTEN_TWICE", by=ANN)


@pytest.mark.parametrize(
    ("days", "field"),
    [({"on": "2026-11-03"}, "on"), ({"told_on": "2026-11-03"}, "told_on"), ({"told_on": "2026-10-11"}, "told_on")],
)
def test_a_day_that_cannot_be_is_refused(days, field):
    """It has not come, or somebody would have been told before it was decided; an answer is no day."""
    with pytest.raises(NrmDayError) as refused:
        check_days(entry(**days), date(2026, 11, 2))
    assert refused.value.field == field
    for answer in DECLINED:
        check_days(entry(on=answer, told_on=answer), date(2026, 11, 2))


class TestWhatStands:
    def test_of_a_chain_the_newest_stands_and_of_one_taken_back_none(self):
        """The other stays."""
        first, other = entry(), entry(id="o", on="2026-10-01")
        second = first.corrected({"on": "2026-10-13"}, (), why="WRITTEN_WRONGLY", by=ANN)
        assert standing([first, second, other]) == [other, second]
        assert standing([first, second, second.withdrawn(why="WRITTEN_TWICE", by=ANN), other]) == [other]

    def test_what_was_decided_last_is_where_it_stands_whatever_was_written_last(self):
        """Two decisions of one day stand in the order in which they were written; one overturned stays."""
        negative = entry()
        older = entry(id="r", stage="REFERRED_AWAITING_RG", on="2026-10-01", told_on=None, first_at=ANN.at)
        overturned = entry(id="p", stage="RG_POSITIVE_AWAITING_CG", first_at=ANN.at)
        assert current(standing([negative, older])) == negative
        assert current(standing([overturned, negative, older])) == overturned
        assert len(standing([overturned, negative, older])) == 3

    @pytest.mark.parametrize("answer", DECLINED)
    def test_an_answer_overrides_nothing_that_is_known(self, answer):
        """Not asked, not known and declined are kept apart; they say where it stands where nothing else does."""
        known, later = entry(), entry(id="l", stage=answer, on=None, told_on=None)
        assert current(standing([known, later])) == known
        assert current(standing([later])).stage == answer
        assert current([]) is None


def test_each_decision_is_a_stage_with_a_type_and_an_outcome_of_the_lists():
    """So that an entry says one thing once: no outcome can stand beside a stage that denies it."""
    stages, types, outcomes = (get(name) for name in ("nrm_stage", "nrm_decision_type", "nrm_decision_outcome"))
    assert set(DECISIONS) <= set(stages.codes)
    assert {kind for kind, _ in DECISIONS.values()} == set(types.codes)
    assert {one for _, one in DECISIONS.values()} - {None} == set(outcomes.codes)
