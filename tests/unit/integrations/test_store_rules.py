"""The store's rules: a no wins over a yes, whatever came first; states grow forward only."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.integrations.store.rules import (
    ALL_STOPPED,
    ERASED_PERSON,
    NO_LONGER_SO,
    USE_RESTRICTED,
    StoredEvent,
    grown,
    knows,
    why_left_out,
)
from shared.codelists.lists import get
from shared.contracts.case import EpisodeClosed, EpisodeOpened, SurvivorErased
from shared.contracts.consent import ConsentStatusChanged
from shared.contracts.public import thin

NOW = datetime(2026, 9, 1, tzinfo=UTC)
SINCE = "2026-08-01T10:00:00Z"


def event(event_type=EpisodeOpened.event_type, *, sequence=1, position=1, survivor_id="s", **data):
    return StoredEvent(
        id="e", position=position, type=event_type, source="case", subject="x", survivor_id=survivor_id,
        sequence=sequence, data=data, recorded_at=NOW, kept_at=NOW,
    )  # fmt: skip


def consent(status):
    return event(ConsentStatusChanged.event_type, status=status, effective_at=SINCE)


@pytest.mark.parametrize("status", sorted(get("consent_status").entries))
@pytest.mark.parametrize("now", [None, *sorted(get("consent_status").entries)])
def test_only_a_yes_can_go_stale_and_only_a_yes_keeps_it(status, now):
    """Of every state that a consent can have, and of every state it can have today."""
    says = {} if now is None else {"x": {"status": now, "effective_at": SINCE}}
    yes = ("GIVEN", "RENEWED")
    expected = NO_LONGER_SO if status in yes and now not in yes else None
    assert why_left_out(consent(status), erased=(), now_says=says, at=NOW) == expected


@pytest.mark.parametrize(
    ("since", "is_served"),
    [
        ("2025-09-01T00:00:01Z", True), ("2025-09-01T00:00:00Z", False), ("2024-01-01T00:00:00Z", False),
        ("2026-09-01T00:00:01Z", False), ("2026-08-01T10:00:00", False), ("soon", False), (None, False),
        ("9999-12-31T00:00:00Z", False),
    ],
)  # fmt: skip
def test_a_yes_ends_with_its_year_also_while_nobody_has_noticed(since, is_served):
    """Consent's clock may stand still for hours; a yes that does not say since when is none."""
    why = why_left_out(consent("GIVEN"), erased=(), now_says={"x": {"status": "GIVEN", "effective_at": since}}, at=NOW)
    assert why == (None if is_served else NO_LONGER_SO)


@pytest.mark.parametrize(
    ("until", "is_served"),
    [("2026-08-31T00:00:00+00:00", False), ("2026-09-02T00:00:00+00:00", True), (None, True), ("soon", False)],
)
def test_a_yes_for_less_than_a_year_ends_when_they_said(until, is_served):
    """One that does not say when is for its year; one that says what nobody can read is none."""
    says = {"status": "GIVEN", "effective_at": SINCE, "until": until}
    why = why_left_out(consent("GIVEN"), erased=(), now_says={"x": says}, at=NOW)
    assert why == (None if is_served else NO_LONGER_SO)


@pytest.mark.parametrize(
    ("kept", "wanted"),
    [
        (event(), ALL_STOPPED), (consent("GIVEN"), ALL_STOPPED), (consent("WITHDRAWN"), None), (consent("REFUSED"), None),
        (event(SurvivorErased.event_type), None), (event(survivor_id="other"), None), (event(survivor_id=None), None),
        (event("alongside.case.long_gone.v1"), ALL_STOPPED),
    ],
)  # fmt: skip
def test_while_everything_is_stopped_only_each_no_goes_out(kept, wanted):
    """Also over a yes that still stands, and of what no contract knows any more; nobody else is touched by it."""
    says = {"x": {"status": "GIVEN", "effective_at": SINCE}}
    assert why_left_out(kept, erased=(), now_says=says, at=NOW, stopped={"s"}) == wanted


@pytest.mark.parametrize(
    ("kept", "wanted"),
    [(event(), USE_RESTRICTED), (consent("GIVEN"), USE_RESTRICTED), (consent("WITHDRAWN"), None), (event(survivor_id="other"), None)],
)  # fmt: skip
def test_while_the_use_of_a_record_is_restricted_only_each_no_goes_out(kept, wanted):
    """Of them, and of nobody else."""
    says = {"x": {"status": "GIVEN", "effective_at": SINCE}}
    assert why_left_out(kept, erased=(), now_says=says, at=NOW, restricted={"s"}) == wanted


def test_an_erasure_wins_over_everything_but_its_own_news():
    """Also over a yes that still stands."""
    standing = {"x": {"status": "GIVEN", "effective_at": SINCE}}
    assert why_left_out(consent("GIVEN"), erased={"s"}, now_says=standing, at=NOW) == ERASED_PERSON
    assert why_left_out(event(), erased={"s"}, now_says={}, at=NOW) == ERASED_PERSON
    assert why_left_out(event(SurvivorErased.event_type), erased={"s"}, now_says={}, at=NOW) is None
    assert why_left_out(event(survivor_id=None), erased={"s"}, now_says={}, at=NOW) is None


def test_a_state_grows_forward_and_an_older_event_only_fills_what_is_missing():
    """A closed episode stays closed when its opening comes late; blank never overrides known."""
    closed = grown(None, event(EpisodeClosed.event_type, sequence=5, position=1, a=5))
    both = grown(closed, event(sequence=2, position=2, a=2, b=2))
    assert (both.type, both.sequence, both.position, both.data) == (EpisodeClosed.event_type, 5, 2, {"a": 5, "b": 2})
    later = grown(both, event(sequence=6, position=3, b=6))
    assert (later.sequence, later.data) == (6, {"a": 5, "b": 6})
    assert (later.id, later.kind) == ("episode/x", "episode")


class TestToldBefore:
    opened = EpisodeOpened(episode_id="x", survivor_id="s", advocate_id=None, nation_of_support="WALES")
    ended = EpisodeClosed(episode_id="x", survivor_id="s", closure_reason="NOT_TOLD")
    status = ConsentStatusChanged(
        consent_id="x", survivor_id="s", purpose="AGGREGATE_STATISTICS", status="GIVEN", effective_at=NOW
    )

    @staticmethod
    def heard(fact, sequence=1):
        return replace(event(fact.event_type, sequence=sequence), data=thin(fact))

    def test_of_what_nothing_is_known_everything_is_kept(self):
        """A beginning, an end, where a decision stands."""
        for told in (self.opened, self.ended, self.status):
            assert not knows(None, told)

    def test_what_is_known_is_known(self):
        """A no that came by itself is never told over by an older yes; an end is an end."""
        withdrawn = grown(None, consent("WITHDRAWN"))
        assert knows(withdrawn, self.status)
        began = grown(None, self.heard(self.opened))
        assert knows(began, self.opened)
        assert not knows(began, self.ended)
        assert knows(grown(began, self.heard(self.ended, 2)), self.ended)

    def test_an_end_alone_leaves_room_for_its_beginning(self):
        """An episode that ended after the store began, and began before it."""
        only_ended = grown(None, self.heard(self.ended, 2))
        assert not knows(only_ended, self.opened)
