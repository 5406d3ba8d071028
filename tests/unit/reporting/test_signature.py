"""What a data lead signed is what is sealed, except for what survivors decided since."""

from dataclasses import asdict
from datetime import timedelta

import pytest

from services.reporting.periods.documents import SIGN_OFF, signed_from
from services.reporting.periods.signature import (
    LAPSED,
    SIGNED,
    UNSIGNED,
    SignedPreview,
    signature_state,
    signed_episodes,
)
from tests.unit.reporting.episodes import SEAL, episode, task, version

TASK = task("2026-Q3")
SIGNED_AT = SEAL - timedelta(days=5)
COUNTED = episode(version(recorded=-20), number=1, person="a")
UNASKED = episode(version(recorded=-20, reason="UNKNOWN"), number=2, person="b")


def signature(*contributions, through=-5.0, before=frozenset()):
    return SignedPreview(
        id=TASK.id,
        actor_id="lead",
        signed_at=SIGNED_AT,
        task_signature="0" * 128,
        digest="0" * 64,
        complete_through=SEAL + timedelta(days=through),
        episodes=signed_episodes(contributions, TASK, counted_before=before),
        people=len(contributions),
        counts={},
        left_out={},
    )


def after(contribution, **stated):
    """The contribution with a statement more, the newest."""
    return contribution.with_version(version(seq=9, **stated), [SEAL])


def test_without_a_signature_nothing_is_signed():
    """However the figures stand."""
    assert signature_state(None, [COUNTED], TASK) == UNSIGNED


class TestWhatSurvivorsDecide:
    @pytest.mark.parametrize(
        "reason", ["WITHDRAWN", "REFUSED", "INVALIDATED", "REVOKED_BY_CONTROLLER", "CAPACITY_NOT_ESTABLISHED"]
    )
    def test_a_no_takes_a_person_out_under_the_same_signature(self, reason):
        """It applies up to the seal; nobody has to sign again for it."""
        gone = after(COUNTED, recorded=-20, decided=-2, reason=reason)
        assert signature_state(signature(COUNTED), [gone], TASK) == SIGNED

    def test_a_no_said_before_the_signature_and_delivered_after_applies_too(self):
        """A no never waits for a signature."""
        gone = after(COUNTED, recorded=-20, decided=-6, reason="WITHDRAWN")
        assert signature_state(signature(COUNTED), [gone], TASK) == SIGNED

    def test_a_no_applies_whatever_else_was_corrected_with_it(self):
        """Facts that changed after the signature lapse it; under a no there are no facts any more."""
        gone = after(COUNTED, recorded=-2, reason="WITHDRAWN")
        assert signature_state(signature(COUNTED), [gone], TASK) == SIGNED

    def test_a_yes_recorded_after_the_signature_brings_a_person_in(self):
        """Of facts that were there when it was signed."""
        agreed = after(UNASKED, recorded=-20, decided=-2)
        assert signature_state(signature(COUNTED, UNASKED), [COUNTED, agreed], TASK) == SIGNED

    def test_a_renewal_changes_nothing(self):
        """The same facts under another statement."""
        assert signature_state(signature(COUNTED), [after(COUNTED, recorded=-20, decided=-2)], TASK) == SIGNED


class TestWhatLapses:
    @pytest.mark.parametrize(
        "stated",
        [
            {"recorded": -2, "gender": "MALE"},
            {"recorded": -2, "month": "2026-10"},
            {"recorded": -6, "month": "2026-10"},
            {"recorded": -6, "gender": "MALE"},
            {"recorded": -2, "reason": "RECORDED_IN_ERROR"},
            {"recorded": -6, "reason": "RECORDED_IN_ERROR"},
            {"recorded": -20, "decided": -2, "reason": "UNKNOWN"},
            {"recorded": -2, "reason": "EXCLUDED_BY_CASEWORKER"},
            {"recorded": -6, "transfer_in": True},
        ],
    )
    def test_a_counted_episode_that_is_corrected(self, stated):
        """Into another code, another period, out of counting, by an undo: also when recorded before and delivered after."""
        assert signature_state(signature(COUNTED), [after(COUNTED, **stated)], TASK) == LAPSED

    def test_an_episode_that_was_not_counted_and_moved_out_of_the_period(self):
        """It stood among those left out, which a data lead signs too, and now stands in another period."""
        moved = after(UNASKED, recorded=-2, month="2026-10", reason="UNKNOWN")
        assert signature_state(signature(COUNTED, UNASKED), [COUNTED, moved], TASK) == LAPSED

    @pytest.mark.parametrize("recorded", [-2, -6])
    def test_an_episode_that_was_not_there(self, recorded):
        """New after the signature, or recorded before it and delivered after: signed 14, sealed 15."""
        late = episode(version(recorded=recorded), number=3, person="c")
        assert signature_state(signature(COUNTED), [COUNTED, late], TASK) == LAPSED

    def test_a_yes_that_was_late_on_its_way(self):
        """It was recorded before the signature and should have been among the figures."""
        agreed = after(UNASKED, recorded=-20, decided=-6)
        assert signature_state(signature(COUNTED, UNASKED), [COUNTED, agreed], TASK) == LAPSED

    def test_a_merge_of_two_people(self):
        """One person less is counted, and the people themselves decided nothing."""
        other = episode(version(recorded=-20), number=2, person="b")
        merged = other.with_version(version(seq=9, recorded=-20), [SEAL], person_id="a")
        assert signature_state(signature(COUNTED, other), [COUNTED, merged], TASK) == LAPSED

    def test_an_import_of_people_who_are_not_counted(self):
        """What is left out was signed, too."""
        new = episode(version(recorded=-2, reason="UNKNOWN"), number=3, person="c")
        assert signature_state(signature(COUNTED), [COUNTED, new], TASK) == LAPSED

    def test_a_person_whom_another_seal_counted_meanwhile(self):
        """Nobody decided that either."""
        assert signature_state(signature(COUNTED), [COUNTED], TASK, counted_before={"a"}) == LAPSED


def test_a_signature_of_before_this_rule_is_judged_by_times():
    """A running period survives an upgrade, and still lapses by what is newer."""
    stored = SIGN_OFF.document(signature(COUNTED))
    old = signed_from({name: stored[name] for name in stored if name not in {"episodes", "complete_through"}})
    assert signature_state(old, [COUNTED], TASK) == SIGNED
    assert signature_state(old, [after(COUNTED, recorded=-2, gender="MALE")], TASK) == LAPSED
    assert signature_state(old, [after(COUNTED, recorded=-2, month="2026-10")], TASK) == LAPSED


def test_no_code_stands_in_what_was_signed():
    """So a withdrawal leaves nothing of a person's facts behind in a signature."""
    episodes = SIGN_OFF.document(signature(COUNTED))["episodes"]
    assert episodes == [asdict(episode) for episode in signature(COUNTED).episodes]
    assert all(set(e) == {"id", "person_id", "facts_recorded_at", "counted"} for e in episodes)
