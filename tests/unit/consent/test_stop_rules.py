"""A stop is lifted once, by a person, and only when everything was stopped."""

from datetime import UTC, datetime, timedelta

import pytest

from services.consent.stops.errors import StopLiftedError, StopNotDoneError
from services.consent.stops.rules import LIFTED, SPEAK_WITHIN, Stop

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
STANDS = Stop(
    id="x", survivor_id="s", asked_by="a", asked_role="IMSA", asked_at=NOW, due_at=NOW + SPEAK_WITHIN, updated_at=NOW
)


def test_what_was_ended_is_kept_and_what_could_not_be_is_listed():
    """However often it goes on; what waited and was ended waits no more."""
    first = STANDS.went_on(ended=("b", "a"), waiting=("c",), dropped=2)
    then = first.went_on(ended=("c", "a"), waiting=())
    assert (then.ended, then.waiting, then.dropped) == (("b", "a", "c"), (), 2)


def test_it_is_lifted_once_and_not_before_everything_was_stopped():
    """With who and why."""
    with pytest.raises(StopNotDoneError):
        STANDS.went_on(ended=(), waiting=("c",)).lifted("OTHER", "b", NOW)
    lifted = STANDS.lifted("OTHER", "b", NOW)
    assert (lifted.state, lifted.why, lifted.lifted_by, lifted.lifted_at) == (LIFTED, "OTHER", "b", NOW)
    with pytest.raises(StopLiftedError):
        lifted.lifted("OTHER", "b", NOW)


def test_somebody_speaks_with_them_within_a_day():
    """Else it is late, until it is lifted."""
    assert not STANDS.is_late(NOW + SPEAK_WITHIN - timedelta(seconds=1))
    assert STANDS.is_late(NOW + SPEAK_WITHIN)
    assert not STANDS.lifted("OTHER", "b", NOW).is_late(NOW + SPEAK_WITHIN)
