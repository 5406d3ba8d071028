"""The event store: gapless under redelivery, kills and several consumers; today's consent and erasures at read."""

import threading
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from services.case.survivors.erasure import ErasureJob
from services.integrations.store.keeping import append
from services.integrations.store.reading import AheadOfStoreError
from services.integrations.store.rules import ALL_STOPPED, ERASED_PERSON, NO_LONGER_SO
from shared.bus.subscriptions import TOLD_ONCE
from shared.bus.topology import topology_of
from shared.contracts.access import AccessAsked
from shared.contracts.case import EpisodeOpened, SurvivorErased
from shared.contracts.consent import ConsentStatusChanged, EverythingStopped
from shared.contracts.identity import StaffChanged
from shared.contracts.public import PUBLIC, SOURCES
from shared.contracts.registry import EVENTS
from shared.contracts.restriction import ProcessingRestricted, RestrictionLifted
from shared.contracts.withdrawal import WithdrawalAsked, WithdrawalProven
from shared.kernel.ids import new_event_id, new_id
from shared.outbox.commands import Command
from shared.runtime.rooms import service_of
from tests.integration.integrations.conftest import received
from tests.kit.pump import NoBroker, delivery_of, inbox_of
from tests.kit.tenant_place import WORDING

A_MONTH_AGO = datetime.now(UTC) - timedelta(days=30)


def opened(survivor_id=None):
    return EpisodeOpened(
        episode_id=new_id(), survivor_id=survivor_id or new_id(), advocate_id=None, nation_of_support="WALES"
    )


def consent(status, consent_id, survivor_id, since=A_MONTH_AGO):
    return ConsentStatusChanged(
        consent_id=consent_id, survivor_id=survivor_id, purpose="AGGREGATE_STATISTICS", status=status,
        effective_at=since,
    )  # fmt: skip


class TestWhatIsHeard:
    def test_the_public_events_and_no_other(self, place):
        """Nothing that declares no public field comes near the service, but for what stood before and what it answers."""
        topology = topology_of(place.tenant)
        heard = {t for t in EVENTS if "integrations" in topology.consumers_of(t)}
        told = {e.event_type for events in TOLD_ONCE.values() for e in events}
        assert heard == set(PUBLIC) | told | {
            WithdrawalAsked.event_type, AccessAsked.event_type, EverythingStopped.event_type,
            ProcessingRestricted.event_type, RestrictionLifted.event_type,
        }  # fmt: skip
        assert {
            h.event.event_type for h in service_of("integrations").hearings(place.contexts["integrations"])
        } == heard

    def test_what_happens_at_the_host_is_there_in_order_and_thin(self, place, store):
        """A whole episode, by the real services; ids and codes, and no field that is not declared."""
        after = store.head()
        place.register_wording()
        row = place.episode()
        place.give(row["survivor_id"])
        place.post(f"/v1/episodes/{row['id']}/close", {"reason": "DECEASED"}, If_Match=f'"{row["version"]}"')
        place.pump()
        events = [e for e in store.read(after).events if e.survivor_id == row["survivor_id"]]
        assert [e.type.split(".")[2] for e in events if e.source == "case"][-2:] == ["episode_opened", "episode_closed"]
        assert all(set(e.data) == set(PUBLIC[e.type].public_fields) for e in events)
        assert "DECEASED" not in str(events)
        assert {e.data["status"] for e in events if e.source == "consent"} == {"GIVEN"}


class TestPositions:
    def test_redelivery_takes_no_position(self, place, context, store):
        """The same messages again, alone and in a batch: each position once, none missing."""
        deliveries = self._deliveries(place, 7)
        inbox, subscription = self._inbox(place, context)
        before = store.head()
        for batch in (deliveries[:3], deliveries, deliveries[2:5], deliveries):
            inbox.settle(subscription, batch)
        positions = [e.position for e in store.read(before).events]
        assert positions == list(range(before + 1, before + 8))

    def test_two_consumers_give_each_position_once(self, place, context, store):
        """Side by side, with the same messages and with others: gapless, and each event once."""
        deliveries = self._deliveries(place, 60)
        before, problems = store.head(), []

        def consume(part):
            inbox, subscription = self._inbox(place, context)
            for first in range(0, len(part), 5):
                while True:
                    try:
                        inbox.settle(subscription, part[first : first + 5])
                    except Exception as error:
                        problems.append(error)
                        if len(problems) > 500:
                            raise
                        continue
                    break

        threads = [threading.Thread(target=consume, args=(part,)) for part in (deliveries[:40], deliveries[20:])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        events = store.read(before).events
        assert [e.position for e in events] == list(range(before + 1, before + 61))
        assert len({e.id for e in events}) == 60

    def test_a_transaction_that_ends_early_takes_no_position(self, context, store, keep):
        """Killed before its commit: nothing of it is there, and the next one takes its position."""
        before = store.head()

        def ends(work):
            append(received(opened()), work)
            work.flush()
            raise RuntimeError("killed here")

        with pytest.raises(RuntimeError):
            context.committer.execute(Command(run=ends))
        assert store.head() == before
        assert keep(opened()) == before + 1

    def test_a_whole_state_that_is_told_again_takes_none(self, place, context, store):
        """Identity tells of everybody each few hours; who reads hears of changes only."""
        inbox, _ = self._inbox(place, context)
        subscription = topology_of(place.tenant).subscription("integrations", "identity")
        before, somebody = store.head(), new_id()
        for sequence in (3, 3, 2, 4):
            event = StaffChanged(user_id=somebody, roles=("IMSA",), active=True)
            inbox.settle(subscription, [self._delivery(place, event, sequence, source="identity")])
        assert [e.sequence for e in store.read(before).events] == [3, 4]

    def test_instants_never_go_back(self, keep, store):
        """So an instant names a position, whatever the clocks of two machines say."""
        ahead = datetime.now(UTC) + timedelta(minutes=5)
        first = keep(opened(), recorded_at=ahead)
        keep(opened())
        events = store.read(first - 1).events
        assert events[1].kept_at >= events[0].kept_at >= ahead.replace(microsecond=ahead.microsecond // 1000 * 1000)
        assert store.position_at(ahead - timedelta(seconds=1)) == first - 1
        assert store.position_at(ahead + timedelta(days=1)) == store.head()

    def test_a_position_beyond_the_head_is_refused(self, store):
        """It is another store's, or this one was restored; to wait for it could last for ever."""
        with pytest.raises(AheadOfStoreError):
            store.read(store.head() + 1)

    def _deliveries(self, place, number):
        return [self._delivery(place, opened()) for _ in range(number)]

    @staticmethod
    def _delivery(place, event, sequence=1, source="case"):
        stored = {
            "id": new_event_id(), "type": event.event_type, "source": source, "subject": event.subject,
            "sequence": sequence, "body": _json(event),
        }  # fmt: skip
        return delivery_of(stored, tenant=place.tenant, source=source, recorded_at=datetime.now(UTC))

    @staticmethod
    def _inbox(place, context):
        inbox = inbox_of(
            client=context.client, database=context.database_name, tenant=place.tenant, service="integrations",
            hearings=service_of("integrations").hearings(context), now=context.clock.now, broker=NoBroker(),
        )  # fmt: skip
        return inbox, topology_of(place.tenant).subscription("integrations", "case")


class TestBounds:
    def test_it_is_complete_through_the_oldest_of_its_sources_marks_and_silent_while_one_is_unknown(
        self, context, store
    ):
        """So "nothing happened" and "nothing came" differ."""
        streams, day = context.client[context.database_name]["streams"], datetime(2026, 9, 3, tzinfo=UTC)
        streams.delete_many({})
        for number, source in enumerate(SOURCES):
            assert store.bounds().complete_through is None
            streams.insert_one({"_id": source, "applied_through": day + timedelta(days=number)})
        assert store.bounds().complete_through == day
        streams.delete_many({})

    def test_what_comes_while_one_looks_is_not_below_what_is_said_to_be_complete(
        self, context, keep, store, monkeypatch
    ):
        """Whoever has read up to the head has everything up to ``complete_through``."""
        streams, day = context.client[context.database_name]["streams"], datetime(2026, 9, 3, tzinfo=UTC)
        streams.delete_many({})
        looked = store.head

        def looked_and_then():
            found = looked()
            keep(opened())
            streams.insert_many([{"_id": source, "applied_through": day} for source in SOURCES])
            return found

        monkeypatch.setattr(store, "head", looked_and_then)
        assert store.bounds().complete_through is None
        streams.delete_many({})


class TestReading:
    def test_pages_meet_and_types_are_a_filter_that_says_how_far_it_looked(self, keep, store):
        """Each event once whatever the page; a filter that finds nothing still moves the cursor to the head."""
        before = store.head()
        for _ in range(5):
            keep(opened())
        keep(SurvivorErased(survivor_id=new_id()))
        after, found = before, []
        while (part := store.read(after, limit=2)).events:
            found += [e.position for e in part.events]
            after = part.next
        assert found == list(range(before + 1, before + 7))
        erasures = store.read(before, types=[SurvivorErased.event_type], limit=2)
        assert ([e.position for e in erasures.events], erasures.next, erasures.lag) == ([before + 6], before + 6, 0)
        assert store.read(before, types=["alongside.other.v1"]).next == before + 6

    def test_a_yes_is_served_only_while_it_is_one(self, keep, store):
        """After a withdrawal whoever replays meets the withdrawal, and of the yes the position alone."""
        before, consent_id, survivor_id = store.head(), new_id(), new_id()
        keep(consent("GIVEN", consent_id, survivor_id), 1)
        assert store.read(before).events[0].data["status"] == "GIVEN"
        keep(consent("WITHDRAWN", consent_id, survivor_id), 2)
        yes, no = store.read(before).events
        assert (yes.left_out, yes.data, yes.subject, yes.survivor_id) == (NO_LONGER_SO, {}, "", None)
        assert (no.left_out, no.data["status"]) == (None, "WITHDRAWN")

    def test_a_yes_whose_year_has_passed_is_not_served_whoever_noticed(self, place, keep, store, snapshots):
        """Neither by the feed nor by the snapshot, though consent's clock has not said yet that it ran out."""
        before, consent_id = store.head(), new_id()
        keep(consent("GIVEN", consent_id, new_id()))
        assert store.read(before).events[0].left_out is None
        assert consent_id in str(snapshots.page(None, limit=500)["items"])
        place.at(A_MONTH_AGO + timedelta(days=365))
        assert store.read(before).events[0].left_out == NO_LONGER_SO
        assert consent_id not in str(snapshots.page(None, limit=500)["items"])

    def test_while_everything_is_stopped_only_each_no_is_served(self, place, store, snapshots):
        """By the feed and the snapshot, of what came before and of what comes after, until it is lifted."""
        place.know_words(WORDING)
        survivor = place.survivor()
        place.give(survivor)
        other = place.survivor()
        place.pump()
        after = store.head() - 20 if store.head() > 20 else 0
        stop = place.post("/v1/stops", {"survivor_id": survivor}).json["id"]
        place.episode(survivor_id=survivor)
        place.pump()
        told = [e for e in store.read(after).events if e.survivor_id == survivor]
        # That the no is proven says no more than the no does.
        assert {e.type for e in told} <= {ConsentStatusChanged.event_type, WithdrawalProven.event_type}
        assert {e.data["status"] for e in told if e.type == ConsentStatusChanged.event_type} == {"WITHDRAWN"}
        assert ALL_STOPPED in {e.left_out for e in store.read(after).events}
        kept = [one for one in snapshots.page(None, limit=500)["items"] if survivor in str(one)]
        assert "consent" in {one["kind"] for one in kept} <= {"consent", "withdrawal"}
        assert other in str(snapshots.page(None, limit=500)["items"])
        place.post(f"/v1/stops/{stop}/lift", {"why": "OTHER"})
        place.pump()
        assert ALL_STOPPED not in {e.left_out for e in store.read(after).events}
        assert {"episode", "survivor"} <= {
            one["kind"] for one in snapshots.page(None, limit=500)["items"] if survivor in str(one)
        }

    def test_a_no_that_came_first_is_not_undone_by_an_older_yes(self, keep, store):
        """Messages may overtake one another; the sequence decides, not the arrival."""
        before, consent_id, survivor_id = store.head(), new_id(), new_id()
        keep(consent("WITHDRAWN", consent_id, survivor_id), 2)
        keep(consent("GIVEN", consent_id, survivor_id), 1)
        assert [e.left_out for e in store.read(before).events] == [None, NO_LONGER_SO]

    def test_of_an_erased_person_nothing_is_served_from_that_moment(self, place, keep, store):
        """What was kept before, and what comes late; only that they were erased, so that others erase them too."""
        survivor_id = place.survivor()
        place.pump()
        before = store.head()
        keep(opened(survivor_id))
        keep(consent("REFUSED", new_id(), survivor_id))
        case = place.contexts["case"]
        case.survivor_keys.forget(survivor_id)
        ErasureJob(case, wait=lambda _seconds: None, settle_s=0.0).run()
        place.pump()
        keep(opened(survivor_id))
        served = store.read(before).events
        kinds = [(e.type.split(".")[2], e.left_out) for e in served]
        assert kinds == [
            ("episode_opened", ERASED_PERSON), ("status_changed", ERASED_PERSON), ("survivor_erased", None),
            ("episode_opened", ERASED_PERSON),
        ]  # fmt: skip
        assert [survivor_id in str(e) for e in served] == [False, False, True, False]


def _json(event):
    return msgspec.json.encode(event)
