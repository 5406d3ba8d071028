"""A snapshot is one instant, whatever happens between its pages; and it shows nothing that today does not allow."""

import pytest

from services.integrations.feed.snapshot import Cursor, NoSnapshotCursorError, SnapshotOverError
from services.integrations.store.rules import grown
from shared.contracts.case import EpisodeClosed, SurvivorErased
from shared.kernel.ids import new_id
from tests.integration.integrations.test_store import consent, opened


def whole(snapshots, meanwhile=lambda: None, limit=2):
    """Every page of a snapshot; something happens after the first."""
    page = snapshots.page(None, limit=limit)
    items, positions = list(page["items"]), {page["position"]}
    meanwhile()
    while page["next"] is not None:
        page = snapshots.page(page["next"], limit=limit)
        items += page["items"]
        positions.add(page["position"])
    (position,) = positions
    return {(i["kind"], i["subject"]): i for i in items}, position


class TestExactness:
    def test_every_page_shows_one_instant_and_the_events_after_it_lead_to_now(self, snapshots, store, keep):
        """State at the first page, plus the events after its position, is the state at the head."""
        episodes = [opened() for _ in range(4)]
        for event in episodes:
            keep(event)

        def meanwhile():
            for event in episodes[:2]:
                keep(EpisodeClosed(episode_id=event.episode_id, survivor_id=event.survivor_id, closure_reason="X"), 2)
            keep(opened())

        before, position = whole(snapshots, meanwhile)
        assert position == store.head() - 3
        assert snapshots.page(None, limit=1)["known_since"].tzinfo is not None
        assert before["episode", episodes[0].episode_id]["type"].endswith("episode_opened.v1")
        after, _ = whole(snapshots)
        for event in store.read(position).events:
            known = before.get(("episode", event.subject))
            state = grown(None, event) if known is None else None
            before["episode", event.subject] = {
                "kind": "episode", "subject": event.subject, "type": event.type, "sequence": event.sequence,
                "position": event.position,
                "data": state.data if state is not None else {**known["data"], **event.data},
            }  # fmt: skip
        assert before == after

    def test_an_erased_person_and_a_withdrawn_yes_are_not_shown_from_an_older_instant(self, snapshots, keep):
        """The pages' instant is the database's; what may be shown is today's."""
        survivor_id, consent_id = new_id(), new_id()
        # Something that comes first, so that all that matters is on later pages.
        keep(consent("REFUSED", "00000000-0000-4000-8000-000000000000", new_id()))
        keep(opened(survivor_id))
        keep(consent("GIVEN", consent_id, new_id()), 1)
        for _ in range(3):
            keep(opened())

        def meanwhile():
            keep(SurvivorErased(survivor_id=survivor_id))
            keep(consent("WITHDRAWN", consent_id, new_id()), 2)

        shown, _ = whole(snapshots, meanwhile, limit=1)
        assert shown["consent", consent_id]["data"]["status"] == "WITHDRAWN"
        assert survivor_id not in str(shown)


class TestCursors:
    @pytest.mark.parametrize("text", ["", "x", "é", "MQ==", "MS4yLg", "LTEuMS54", "OTk5OTk5OTk5OTk5LjEueA=="])
    def test_what_is_no_cursor_is_refused(self, snapshots, text):
        """By a rule, not by the database."""
        with pytest.raises(NoSnapshotCursorError):
            snapshots.page(text, limit=1)

    def test_an_instant_that_has_not_come_is_refused(self, snapshots, keep):
        """A made-up cursor does not hold a thread until it comes."""
        keep(opened())
        keep(opened())
        cursor = Cursor.of(snapshots.page(None, limit=1)["next"])
        ahead = Cursor(at=type(cursor.at)(cursor.at.time + 3_600, 1), last=cursor.last)
        with pytest.raises(NoSnapshotCursorError):
            snapshots.page(ahead.text(), limit=1)

    def test_an_instant_that_is_no_longer_kept_says_begin_again(self, snapshots, keep):
        """410; the pages of another instant would not fit to the ones before."""
        keep(opened())
        keep(opened())
        cursor = Cursor.of(snapshots.page(None, limit=1)["next"])
        long_ago = Cursor(at=type(cursor.at)(cursor.at.time - 30 * 24 * 3_600, 1), last=cursor.last)
        with pytest.raises(SnapshotOverError):
            snapshots.page(long_ago.text(), limit=1)
