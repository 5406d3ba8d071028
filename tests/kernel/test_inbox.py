"""The inbox: a conflict is tried again and parks nothing; one bad message costs its neighbours little; poison parks."""

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import msgspec
import pytest
from pymongo.errors import NetworkTimeout, OperationFailure, PyMongoError

from shared.bus.codec import encode
from shared.bus.deliveries import Batch, Delivery
from shared.bus.topology import RetryLadder, Topology
from shared.contracts.case import EpisodeOpened
from shared.contracts.marks import MARKS, StreamEnd
from shared.kernel.ids import new_event_id
from shared.kernel.streams import Progress
from shared.outbox import _effects as effects_module
from shared.outbox import _intake as intake_module
from shared.outbox._transactions import WriteConflictError, is_conflict
from shared.outbox.commands import Answer, Command
from shared.outbox.hearings import Hearing, UnknownOrderError
from shared.outbox.machinery import BrokerUsers, Fates, Inbox
from tests.kit.kernel_rig import EFFECTS, note_effect
from tests.kit.raw_messages import raw_envelope

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

COMMON = "common"


class Noted:
    """Fates that are only written down."""

    def __init__(self, tenant):
        self.users = BrokerUsers(tenant_id=tenant, own=f"{tenant}.consent", operator=f"{tenant}.operator")
        self.retried, self.parked, self.sent_apart = [], [], []

    def retry(self, _subscription, delivery, *, reason):
        self.retried.append((delivery.tag, reason))
        return True

    def send_apart(self, _subscription, deliveries):
        self.sent_apart.extend(delivery.key for delivery in deliveries)

    def park(self, delivery, *, reason):
        self.parked.append((delivery.tag, reason))


class Place:
    """An inbox of consent over a store's database, without a broker."""

    def __init__(self, store):
        self.store, self.tenant, self.clock = store, store.tenant, store.clock
        self.subscription = Topology(tenant_id=self.tenant, services=("case", "consent")).subscription(
            "consent", "case"
        )
        self.fates = Noted(self.tenant)
        self.tag = 0

    def inbox(self, handle=note_effect, *, order="any_order"):
        return Inbox(
            client=self.store.client, database=self.store.name, tenant_id=self.tenant, service="consent",
            hearings=[Hearing(event=EpisodeOpened, handle=handle, order=order)], fates=self.fates, now=self.clock.now,
        )  # fmt: skip

    def delivery(self, envelope=None, *, user=None, **changes):
        envelope = envelope or raw_envelope(self, **changes)
        self.tag += 1
        properties = {**envelope.properties, **({"user_id": user} if user else {})}
        return Delivery(
            tag=self.tag, body=envelope.body, headers=envelope.headers, properties=properties,
            routing_key=envelope.routing_key, redelivered=False,
        )  # fmt: skip

    def settle(self, *deliveries, inbox=None):
        (inbox or self.inbox()).settle(self.subscription, deliveries)

    def effects(self):
        return self.store.database[EFFECTS].count_documents({"_id": {"$ne": COMMON}})

    def stream(self):
        return self.store.database["streams"].find_one({"_id": "case"})

    def discards(self):
        return [
            action
            for row in self.store.database["outbox"].find()
            for event in row["events"]
            for action in json.loads(bytes(event["body"])).get("actions", ())
            if action["action"] == "consent:message:discard"
        ]


@pytest.fixture
def place(store):
    return Place(store)


def change_common(work):
    document = work.find(EFFECTS, COMMON) or {"_id": COMMON, "changes": 0}
    work.save(EFFECTS, {**document, "changes": document["changes"] + 1})


class TestOnce:
    def test_what_was_handled_has_no_second_effect(self, place):
        """Offered again alone, twice in one batch, or beside something new."""
        one, other = place.delivery(), place.delivery()
        place.settle(one)
        place.settle(one)
        place.settle(other, one, other)
        assert (place.effects(), place.fates.retried, place.fates.parked) == (2, [], [])

    def test_an_older_state_never_overwrites_a_newer_one(self, place):
        """Where each event is the whole state, a late one is dropped, in one batch and in another."""
        seen = []
        inbox = place.inbox(lambda received, _work: seen.append(received.sequence), order="latest")
        second = raw_envelope(place)

        def state(sequence):
            headers = {**second.headers, "ce-id": new_event_id(), "ce-sequence": str(sequence)}
            return place.delivery(replace(second, headers=headers))

        place.settle(state(2), inbox=inbox)
        place.settle(state(1), inbox=inbox)
        place.settle(state(5), state(4), state(6), inbox=inbox)
        assert seen == [2, 5, 6]


class TestConflicts:
    def test_batches_and_commands_that_write_one_document_all_pass(self, place):
        """Threads of both kinds race for one document: every change counts, nothing is parked or takes a rung."""

        def handle(received, work):
            note_effect(received, work)
            change_common(work)

        def command(work):
            change_common(work)
            return Answer(status=200)

        place.store.committer().execute(Command(run=command))
        batches = [[place.delivery() for _ in range(5)] for _ in range(12)]
        inbox, committer = place.inbox(handle), place.store.committer()

        def consume(mine):
            left = list(mine)
            while left:  # As the consumer does: what could not be settled is offered again.
                try:
                    inbox.settle(place.subscription, left[0])
                except (WriteConflictError, PyMongoError) as error:
                    if not is_conflict(error):
                        raise
                else:
                    left.pop(0)

        threads = [threading.Thread(target=consume, args=(batches[n::2],)) for n in range(2)]
        threads.append(threading.Thread(target=lambda: [committer.execute(Command(run=command)) for _ in range(12)]))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert (place.fates.retried, place.fates.parked) == ([], [])
        assert place.effects() == 60
        assert place.store.database[EFFECTS].find_one({"_id": COMMON})["changes"] == 60 + 12 + 1

    @pytest.mark.parametrize("count", [1, 8])
    def test_a_conflict_that_passes_costs_another_try_and_nothing_else(self, place, count):
        """Not even the consumer hears of it: the batch is tried again as it is, not by halves."""
        tries = []

        def handle(received, work):
            tries.append(received.event_id)
            if len(tries) <= 3:
                raise WriteConflictError(COMMON)
            note_effect(received, work)

        place.settle(*(place.delivery() for _ in range(count)), inbox=place.inbox(handle))
        assert (place.effects(), len(tries), place.fates.retried) == (count, 3 + count, [])

    @pytest.mark.parametrize("count", [1, 8])
    def test_a_conflict_that_lasts_holds_the_messages_and_takes_no_rung(self, place, count):
        """The batch, and a message alone, is offered again; it has its effect once the other has ended."""

        def handle(received, work):
            note_effect(received, work)
            change_common(work)

        place.store.database[EFFECTS].insert_one({"_id": COMMON, "changes": 0, "version": 1})
        deliveries = [place.delivery() for _ in range(count)]
        with place.store.client.start_session() as session, session.start_transaction():
            place.store.database[EFFECTS].update_one({"_id": COMMON}, {"$set": {"held": True}}, session=session)
            with pytest.raises(Exception) as held:  # noqa: PT011  What it is is asked below.
                place.settle(*deliveries, inbox=place.inbox(handle))
            session.abort_transaction()
        assert is_conflict(held.value)
        place.settle(*deliveries, inbox=place.inbox(handle))
        assert (place.fates.retried, place.fates.parked, place.effects()) == ([], [], count)


class TestOneBadMessage:
    def test_it_is_found_by_halves(self, place, monkeypatch):
        """Among 64 messages one always fails: 63 effects, one rung, and far fewer than 64 transactions."""
        count = {"n": 0}
        real = effects_module.transaction

        def counted(client):
            count["n"] += 1
            return real(client)

        monkeypatch.setattr(effects_module, "transaction", counted)
        deliveries = [place.delivery() for _ in range(64)]
        bad = json.loads(deliveries[40].body)["episode_id"]

        def handle(received, work):
            if received.event.episode_id == bad:
                raise ValueError("a fault of ours")
            note_effect(received, work)

        place.settle(*deliveries, inbox=place.inbox(handle))
        assert place.effects() == 63
        assert place.fates.retried == [(deliveries[40].tag, "ValueError")]
        assert count["n"] <= 2 * 6 + 2

    def test_what_is_done_is_ticked_off_when_the_rest_fails(self, place):
        """A second half that meets a silent database is offered again without the first."""
        deliveries = Batch([place.delivery() for _ in range(4)])
        last = json.loads(deliveries[3].body)["episode_id"]
        calls = []

        def handle(received, work):
            calls.append(received.event.episode_id)
            if received.event.episode_id == last:
                raise ValueError("the batch is halved") if len(calls) <= 4 else NetworkTimeout("silent")
            note_effect(received, work)

        with pytest.raises(NetworkTimeout):
            place.inbox(handle).settle(place.subscription, deliveries)
        assert [deliveries.is_settled(delivery) for delivery in deliveries] == [True, True, False, False]

    def test_poison_is_parked_once_however_often_its_batch_is_offered(self, place):
        """While the database is away, nothing of the batch is parked; then the poison is, once."""
        deliveries = Batch([place.delivery(body=b"\xff"), place.delivery()])
        away = {"on": True}

        def handle(received, work):
            if away["on"]:
                raise NetworkTimeout("silent")
            note_effect(received, work)

        inbox = place.inbox(handle)
        for _ in range(2):
            with pytest.raises(NetworkTimeout):
                inbox.settle(place.subscription, deliveries)
        away["on"] = False
        inbox.settle(place.subscription, deliveries)
        assert place.fates.parked == [(deliveries[0].tag, "malformed-message")]

    def test_a_message_that_is_always_too_slow_takes_a_rung_in_the_end(self, place):
        """The database answers others; after the third try the message must not hold up its queue any longer."""

        def handle(_received, _work):
            raise NetworkTimeout("timed out")

        delivery, inbox = place.delivery(), place.inbox(handle)
        for _ in range(2):
            with pytest.raises(NetworkTimeout):
                place.settle(delivery, inbox=inbox)
        place.settle(delivery, inbox=inbox)
        assert place.fates.retried == [(delivery.tag, "NetworkTimeout")]

    def test_a_database_that_is_away_uses_up_nothing(self, place, monkeypatch):
        """However often it is tried."""

        def handle(_received, _work):
            raise NetworkTimeout("away")

        def no_answer(_inbox):
            raise NetworkTimeout("away")

        monkeypatch.setattr(Inbox, "_ping", no_answer)
        inbox, delivery = place.inbox(handle), place.delivery()
        for _ in range(6):
            with pytest.raises(NetworkTimeout):
                place.settle(delivery, inbox=inbox)
        with pytest.raises(NetworkTimeout):
            place.settle(inbox=inbox)
        assert (place.fates.retried, place.fates.parked) == ([], [])

    def test_a_lasting_error_of_the_database_goes_up_the_ladder(self, place):
        """What the database refuses for good is no database that is away."""

        def handle(_received, _work):
            raise OperationFailure("refused", code=121)

        place.settle(place.delivery(), inbox=place.inbox(handle))
        assert [reason for _, reason in place.fates.retried] == ["OperationFailure"]


class TestPoison:
    @pytest.mark.parametrize(
        ("headers", "reason"),
        [
            ({"ce-sequence": "9" * 5_000}, "malformed-message"),
            ({"ce-sequence": str(2**32)}, "malformed-message"),
            ({"x-stream-consent": 2**40}, "malformed-message"),
            ({"ce-time": "2026-10-01T00:00:00"}, "malformed-message"),
            ({"ce-type": ["a", "list"]}, "malformed-message"),
        ],
    )
    def test_an_absurd_header_parks_at_once(self, place, headers, reason):
        """A number that no aggregate reaches, a time without a zone: no rung is used up, its neighbour passes."""
        bad, good = place.delivery(headers=headers), place.delivery()
        place.settle(bad, good)
        assert (place.fates.parked, place.fates.retried) == ([(bad.tag, reason)], [])
        assert place.effects() == 1

    @pytest.mark.parametrize("body", [b"[" * 200_000, b'{"episode_id": ' + b"9" * 10_000 + b"}"])
    def test_a_body_that_breaks_a_parser_parks_at_once(self, place, body):
        """Nested too deep, or a number too long."""
        place.settle(place.delivery(body=body))
        assert [reason for _, reason in place.fates.parked] == ["malformed-message"]

    def test_an_unlisted_code_is_parked(self, place):
        """A nation that this version's list does not have."""
        envelope = raw_envelope(place)
        body = json.dumps({**json.loads(envelope.body), "nation_of_support": "ATLANTIS"}).encode()
        place.settle(place.delivery(_with(envelope, body)))
        assert [reason for _, reason in place.fates.parked] == ["unlisted-code"]

    def test_what_no_check_foresaw_parks_too(self, place, monkeypatch):
        """An error of the decoder's own is one message's fate, not the end of its queue."""

        def fail(**_arguments):
            raise KeyError("unforeseen")

        monkeypatch.setattr(intake_module, "decode", fail)
        place.settle(place.delivery())
        assert [reason for _, reason in place.fates.parked] == ["malformed-message"]


def _with(envelope, body):
    return type(envelope)(
        routing_key=envelope.routing_key, headers=envelope.headers, properties=envelope.properties, body=body
    )


class TestDiscards:
    def test_only_the_operator_discards_a_readable_message(self, place):
        """A source that marks its own message as given up is heard as if it had not."""
        place.settle(place.delivery(headers={"x-discard": True, "x-stream-consent": 1}))
        assert (place.effects(), place.discards()) == (1, [])

    @pytest.mark.parametrize("user", ["operator", "consent"])
    def test_the_operators_word_stands_also_after_a_rung(self, place, user):
        """A discard that failed for a moment comes back under the service's own user, and is still one."""
        headers = {"x-discard": True, "x-attempt": 1, "x-origin-user": f"{place.tenant}.case", "x-stream-consent": 1}
        place.settle(place.delivery(headers=headers, user=f"{place.tenant}.{user}"))
        assert (place.effects(), len(place.discards()), place.stream()["contiguous"]) == (0, 1, 1)


class TestFates:
    @pytest.mark.parametrize(("user", "kept"), [("case", False), ("operator", True), ("consent", True)])
    def test_a_sources_word_is_not_carried_on_as_the_operators(self, place, user, kept):
        """What goes up the ladder comes back under the service's own user, which is believed."""
        sent = []
        publisher = SimpleNamespace(publish=sent.extend)
        users = place.fates.users
        fates = Fates(publisher=publisher, service="consent", ladder=RetryLadder(), users=users)
        headers = {"x-discard": True, "x-origin-user": f"{place.tenant}.case"}
        delivery = place.delivery(headers=headers, user=f"{place.tenant}.{user}")
        fates.retry(place.subscription, delivery, reason="fault")
        fates.park(delivery, reason="fault")
        assert [message.envelope.headers.get("x-discard", False) for message in sent] == [kept, kept]
        assert {message.envelope.headers["x-origin-user"] for message in sent} == {f"{place.tenant}.case"}


class TestMarks:
    def mark(self, place, consumer, **fields):
        mark = MARKS["case"](
            service="case", through=datetime(2026, 10, 1, tzinfo=UTC), applied=(),
            ends=(StreamEnd(consumer=consumer, last_stream_n=0),),
        )  # fmt: skip
        event = {
            "id": new_event_id(), "type": mark.event_type, "subject": "case", "sequence": 1,
            "body": msgspec.json.encode(mark), **fields,
        }  # fmt: skip
        return place.delivery(
            encode(
                event=event,
                tenant_id=place.tenant,
                recorded_at=place.clock.now(),
                broker_user=f"{place.tenant}.case",
                streams={},
            )
        )

    def test_a_mark_that_does_not_name_the_consumer_does_not_count(self, place):
        """A relay of an older version does not know this consumer, so it says nothing about its stream."""
        place.settle(self.mark(place, "audit"))
        assert place.stream() is None
        place.settle(self.mark(place, "consent"))
        assert place.stream()["applied_through"] == datetime(2026, 10, 1, tzinfo=UTC)

    def test_a_mark_that_always_fails_leaves_the_queue(self, place, monkeypatch):
        """It goes up the ladder like any message; the facts beside it have their effect."""

        def fail(*_arguments):
            raise TypeError("a mark that cannot be applied")

        monkeypatch.setattr(Progress, "with_mark", fail)
        mark, fact = self.mark(place, "consent"), place.delivery()
        place.settle(mark, fact)
        assert place.fates.retried == [(mark.tag, "TypeError")]
        assert place.effects() == 1


def test_an_order_that_the_inbox_does_not_keep_is_refused(place):
    """Holding later events behind an earlier one was withdrawn (docs/decisions/0021)."""
    with pytest.raises(UnknownOrderError, match="episode_opened"):
        place.inbox(order="in_order")
