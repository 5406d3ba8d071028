"""Which state of support follows which, what each needs, and what is told outside, and when."""

from datetime import UTC, date, datetime

import pytest

from services.case.episodes.errors import EpisodeClosedError, RecordedInErrorError
from services.case.episodes.rules import Episode
from services.case.episodes.states import (
    BEFORE,
    CLOSED,
    ENDED,
    REASONS,
    STEPS,
    ReasonWantedError,
    TierWantedError,
    WrongStepError,
    check_step,
)
from services.case.episodes.words import REASON_WORDS
from shared.codelists.lists import get
from shared.contracts.case import EpisodeClosed, EpisodeOpened, StatisticsFactsChanged
from shared.contracts.casework import EpisodeStatusChanged

AT, LATER = datetime(2026, 11, 2, 9, tzinfo=UTC), datetime(2026, 11, 3, 9, tzinfo=UTC)


def episode(**values):
    made = {
        "id": "00000000-0000-4000-8000-000000000001", "survivor_id": "00000000-0000-4000-8000-000000000002",
        "status": "ACTIVE", "referral_date": date(2026, 9, 30), "age_band": "ADULT_18_OVER", "gender": "FEMALE",
        "nationality": ("ALB",), "region": "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN", "exploitation_types": ("LABOUR",),
        "nation": "ENGLAND", "advocacy_area": None, "advocate_id": None, "facts_recorded_at": AT,
    }  # fmt: skip
    return Episode(**{**made, **values})


def told(one):
    return [type(event) for event in one.events]


def needs(after):
    return {"reason": REASONS[after][0] if after in REASONS else None, "tier": "TIER_2" if after == "TRIAGED" else None}


def test_the_states_are_those_of_the_code_list():
    """None more, none fewer; each reason has words."""
    assert set(STEPS) == set(get("case_status").codes)
    assert {code for following in STEPS.values() for code in following} <= set(STEPS)
    assert {reason for reasons in REASONS.values() for reason in reasons} == set(REASON_WORDS)


@pytest.mark.parametrize("now", STEPS)
@pytest.mark.parametrize("after", STEPS)
def test_only_the_listed_steps_are_taken(now, after):
    """Every pair of states."""
    if after in STEPS[now]:
        check_step(now, after, **needs(after))
    else:
        with pytest.raises(WrongStepError):
            check_step(now, after, **needs(after))


@pytest.mark.parametrize(
    ("now", "after", "wrong", "error"),
    [("OFFERED", "DECLINED", {"reason": None}, ReasonWantedError), ("OFFERED", "DECLINED", {"reason": "HEALTH"}, ReasonWantedError),
     ("ACTIVE", "ON_HOLD", {"reason": None}, ReasonWantedError), ("CLOSED", "REOPENED", {"reason": None}, ReasonWantedError),
     ("OFFERED", "ACTIVE", {"reason": "HEALTH"}, ReasonWantedError), ("REFERRED", "TRIAGED", {"tier": None}, TierWantedError),
     ("OFFERED", "ACTIVE", {"tier": "TIER_1"}, TierWantedError)],
)  # fmt: skip
def test_a_step_has_what_it_needs_and_no_more(now, after, wrong, error):
    """A reason of its own list; a tier from triage alone."""
    with pytest.raises(error):
        check_step(now, after, **{**needs(after), **wrong})


class TestWhatIsTold:
    def test_of_a_referral_nothing_is_told_until_support_begins(self):
        """Not by a flag either; then the beginning and the facts are told, once."""
        one = episode(status="REFERRED").opened()
        assert (one.status, one.begun, told(one)) == ("REFERRED", False, [])
        one = one.flagged(excluded=True, recorded_at=AT)
        assert told(one) == []
        for after in ("TRIAGED", "WAITING_LIST", "OFFERED"):
            one = one.moved(after, **needs(after), at=AT)
            assert told(one) == []
        one = one.moved("ACTIVE", at=LATER)
        assert (one.begun, told(one), one.facts_recorded_at) == (True, [EpisodeOpened, StatisticsFactsChanged], LATER)
        assert one.events[1].excluded
        assert one.tier == "TIER_2"

    @pytest.mark.parametrize("state", BEFORE)
    def test_who_is_never_supported_is_told_of_nowhere(self, state):
        """Closed or declined before support began: nobody was told that it had."""
        one = episode(status=state, begun=False)
        assert told(one.closed("INELIGIBLE", at=LATER)) == []
        void = one.closed("RECORD_CREATED_IN_ERROR", at=LATER)
        assert (void.recorded_in_error, told(void)) == (True, [])
        if "DECLINED" in STEPS[state]:
            assert told(one.moved("DECLINED", reason="NO_CAPACITY", at=LATER)) == []

    def test_a_pause_and_a_reopening_are_told_and_change_no_fact(self):
        """Statistics count as before; the state is told without its reason."""
        paused = episode().moved("ON_HOLD", reason="AWAY_OR_DETAINED", at=LATER)
        assert told(paused) == [EpisodeStatusChanged]
        assert paused.statistics_key() == episode().statistics_key()
        assert paused.facts_recorded_at == AT
        closed = episode().closed("DECEASED", at=AT)
        assert told(closed) == [EpisodeClosed]
        again = closed.moved("REOPENED", reason="CLOSED_IN_ERROR", at=LATER)
        assert (told(again), again.closure_reason, again.closed_at) == ([EpisodeStatusChanged], None, None)
        assert again.statistics_key() == episode().statistics_key()

    def test_what_was_recorded_in_error_or_never_began_is_not_taken_up(self):
        """A new episode is opened instead."""
        for one in (
            episode().closed("RECORD_CREATED_IN_ERROR", at=AT),
            episode(status="OFFERED", begun=False).closed("INELIGIBLE", at=AT),
        ):
            with pytest.raises(RecordedInErrorError):
                one.moved("REOPENED", reason="NEW_NEED", at=LATER)

    @pytest.mark.parametrize("state", ENDED)
    def test_what_has_ended_is_not_closed_again(self, state):
        """Declined or closed."""
        with pytest.raises(EpisodeClosedError):
            episode(status=state).closed("DECEASED", at=LATER)

    @pytest.mark.parametrize("state", [state for state in STEPS if state not in ENDED])
    def test_support_can_end_from_every_other_state(self, state):
        """With its reason and its moment."""
        closed = episode(status=state).closed("MOVED_OUT_OF_AREA", at=LATER)
        assert (closed.status, closed.closure_reason, closed.closed_at) == (CLOSED, "MOVED_OUT_OF_AREA", LATER)

    def test_a_file_changes_no_state(self):
        """Neither the state, nor whether it began, nor triage's tier."""
        known = episode(status="ON_HOLD", tier="TIER_1", referral_source="SELF", state_since=LATER)
        corrected = known.corrected(episode(gender="MALE"))
        assert (corrected.status, corrected.tier, corrected.referral_source) == ("ON_HOLD", "TIER_1", "SELF")
        assert corrected.state_since == LATER
        waiting = episode(status="OFFERED", begun=False)
        assert told(waiting.corrected(episode(gender="MALE"))) == []
