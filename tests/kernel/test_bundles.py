"""Bundles on a real broker and database: acknowledged whole, failing singly, numbered as ever, never for an old reader."""

import itertools
import json
from threading import Event

import pytest

from shared.bus.bundles import BUNDLE_TYPE, apart, bundled
from shared.bus.connection import close, open_connection
from shared.bus.consumer import BatchConsumer
from shared.bus.deliveries import Delivery
from shared.bus.names import events_exchange
from shared.bus.publisher import Outgoing, Publisher
from shared.kernel.errors import PoisonMessageError
from shared.kernel.ids import new_id
from shared.outbox.machinery import allow_bundles
from tests.kernel.test_giving_up import discards, give_up
from tests.kernel.test_inbox import Place
from tests.kernel.test_messaging import ledger_of, run_commands
from tests.kit.kernel_rig import note_effect, open_episode
from tests.kit.ledger import check
from tests.kit.raw_messages import raw_envelope
from tests.kit.relaying import relay, state

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

TAGS = itertools.count(1)


def bundle(rig, count, *, first=1, user=None):
    """One message of so many events of case, numbered for consent from ``first`` on."""
    messages = []
    for number in range(first, first + count):
        envelope = raw_envelope(rig, headers={"x-stream-consent": number})
        if user is not None:
            envelope = type(envelope)(
                routing_key=envelope.routing_key, headers=envelope.headers, body=envelope.body,
                properties={**envelope.properties, "user_id": user},
            )  # fmt: skip
        messages.append(Outgoing(exchange=events_exchange("case"), envelope=envelope))
    (one,) = bundled(messages)
    return one


def publish(rig, *messages):
    publisher = Publisher(rig.uri("case"))
    publisher.publish(messages)
    publisher.close()


def consumer(rig, settle):
    return BatchConsumer(uri=rig.uri("consent"), queue=rig.subscription.queue, settle=settle)


def deliveries(message, **headers):
    envelope = message.envelope
    whole = Delivery(
        tag=next(TAGS),
        body=envelope.body,
        headers={**envelope.headers, **headers},
        properties=envelope.properties,
        routing_key=envelope.routing_key,
        redelivered=bool(headers),
    )
    return apart(whole)


def took_in_vain(rig):
    """Take a message and vanish, as a process that dies of it; False where none has come back yet."""
    connection = open_connection(rig.uri("consent"))
    try:
        return connection.channel().basic_get(rig.subscription.queue) is not None
    finally:
        connection.collect()


def replay(rig):
    """Hand every parked message back as it is, as the operator's command does."""
    connection = open_connection(rig.uri("operator"))
    channel = connection.channel()
    channel.auto_decode = False
    found = []
    while (message := channel.basic_get("parking.consent")) is not None:
        headers = {**message.properties["application_headers"], "x-attempt": 0}
        kept = {k: message.properties[k] for k in ("content_type", "message_id", "type", "app_id")}
        envelope = raw_envelope(rig)
        envelope = type(envelope)(
            routing_key="0ms.consent.case", headers=headers, body=bytes(message.body),
            properties={**kept, "user_id": f"{rig.tenant}.operator", "delivery_mode": 2},
        )  # fmt: skip
        publisher = Publisher(rig.uri("operator"))
        publisher.publish([Outgoing(exchange="retry.return", envelope=envelope, mandatory=True)])
        publisher.close()
        channel.basic_ack(message.delivery_tag)
        found.append(message.properties)
    close(connection)
    return found


class TestRelay:
    def test_what_was_stated_together_leaves_together(self, store):
        """A hundred facts in four messages or fewer to consent, each with its number; the audit records beside them."""
        store.database["marker"].insert_one({"_id": "marker"})
        allow_bundles(store.database)
        state(store, 100)
        one = relay(store)
        while one.step():
            pass
        facts = [m for m in one.written.messages if m.envelope.properties["type"].endswith("opened.v1")]
        assert len(facts) <= 4
        assert sorted(one.written.numbers()) == list(range(1, 101))
        assert all(len(ids) == 1 for ids in one.written.numbers().values())

    @pytest.mark.parametrize("marker", [None, {}, {"bundles": "yes"}, {"bundles": False}])
    def test_none_leaves_where_an_older_program_may_read(self, store, marker):
        """Until the database says otherwise, each event has a message of its own."""
        if marker is not None:
            store.database["marker"].insert_one({"_id": "marker", **marker})
        state(store, 20)
        one = relay(store)
        while one.step():
            pass
        assert BUNDLE_TYPE not in {m.envelope.properties["content_type"] for m in one.written.messages}


class TestConsumer:
    def test_a_bundle_is_acknowledged_when_each_event_has_its_fate(self, rig, eventually):
        """Half of it settled and the rest failing: it stays the broker's, and what is settled is not offered again."""
        publish(rig, bundle(rig, 10))
        offered, fail, stop = [], Event(), Event()
        fail.set()

        def settle(batch):
            offered.append([delivery.part for delivery in batch])
            if fail.is_set():
                batch.tick_off([d for d in batch if d.part in {0, 3, 4}])
                raise TimeoutError("away")

        one = consumer(rig, settle)
        rig.start(one)
        eventually(lambda: len(offered) > 2, within_s=30)
        assert offered[0] == list(range(10))
        assert not {0, 3, 4} & {part for parts in offered[1:] for part in parts}
        rig.stop.set()
        rig.threads.pop().join(20)
        eventually(lambda: rig.depth(rig.subscription.queue) == 1, within_s=20)
        fail.clear()
        offered.clear()
        other = consumer(rig, settle)
        rig.stop = stop
        rig.start(other)
        eventually(lambda: sorted(part for parts in offered for part in parts) == list(range(10)), within_s=20)
        eventually(lambda: rig.depth(rig.subscription.queue) == 0, within_s=20)

    def test_bundles_and_single_messages_are_all_acknowledged(self, rig, eventually):
        """More than one transaction takes, so that they are cut: nothing is left and nothing comes twice."""
        single = [Outgoing(exchange=events_exchange("case"), envelope=raw_envelope(rig)) for _ in range(3)]
        publish(
            rig, single[0], bundle(rig, 50), single[1], bundle(rig, 50, first=51), bundle(rig, 7, first=101), single[2]
        )
        seen = []
        rig.start(consumer(rig, seen.extend))
        eventually(lambda: len(seen) == 110 and rig.depth(rig.subscription.queue) == 0, within_s=30)
        numbers = [d.headers["x-stream-consent"] for d in seen if "x-stream-consent" in d.headers]
        assert sorted(numbers) == list(range(1, 108))
        rig.stop.set()
        rig.threads.pop().join(20)
        # What was not acknowledged would come again to the next reader, ahead of a new message.
        rig.stop, seen = Event(), []
        publish(rig, single[0])
        rig.start(consumer(rig, seen.extend))
        eventually(lambda: seen and rig.depth(rig.subscription.queue) == 0, within_s=30)
        assert [d.redelivered for d in seen] == [False]


class TestFates:
    def test_a_failing_event_leaves_singly_and_comes_back(self, rig, eventually):
        """Retried, parked under its own id with its own reason, replayed: each of the 40 has its effect once."""
        bad, mended = new_id(), Event()

        def handle(received, work):
            if received.event.episode_id == bad and not mended.is_set():
                raise ValueError("a fault of ours")
            note_effect(received, work)

        committer = rig.committer()
        futures = [committer.submit(open_episode(episode_id=bad if n == 20 else None)) for n in range(40)]
        ids = [future.result(timeout=30).ids["id"] for future in futures]
        committer.close()
        rig.start(rig.relay(), rig.consumer(handle))
        eventually(lambda: rig.depth("parking.consent") == 1, within_s=60)
        eventually(lambda: len(rig.effects()) == 39, within_s=20)
        progress = rig.progress()
        ((low, high),) = progress.above or ((0, 0),)
        assert progress.contiguous < 40
        mended.set()
        (parked,) = replay(rig)
        assert parked["content_type"] == "application/json"
        assert parked["application_headers"]["x-reason"] == "ValueError"
        eventually(lambda: not ledger_of(rig, ids) and rig.progress().contiguous == 40, within_s=30)
        assert (low, high) in {(0, 0), (progress.contiguous + 2, 40)}

    def test_a_bundle_that_no_version_can_read_is_parked_whole_and_given_up(self, rig, eventually):
        """As bytes; the consumer goes on, and a person ends it."""
        one = bundle(rig, 3)
        broken = type(one.envelope)(
            routing_key=one.envelope.routing_key, headers=one.envelope.headers,
            properties=one.envelope.properties, body=one.envelope.body[:-5],
        )  # fmt: skip
        rig.start(rig.consumer())
        publish(rig, Outgoing(exchange=one.exchange, envelope=broken))
        eventually(lambda: rig.depth("parking.consent") == 1, within_s=20)
        publish(rig, bundle(rig, 5))
        eventually(lambda: len(rig.effects()) == 5, within_s=20)
        give_up(rig)
        eventually(lambda: len(discards(rig)) == 1, within_s=20)

    def test_a_poisoned_event_harms_no_neighbour(self, rig, eventually):
        """Of fifty one is hopeless: it is parked at once, alone, and 49 have their effect."""
        hopeless = []

        def handle(received, work):
            if received.stream_n == 30:
                hopeless.append(received.event_id)
                raise PoisonMessageError("never")
            note_effect(received, work)

        rig.start(rig.consumer(handle))
        publish(rig, bundle(rig, 50))
        eventually(lambda: rig.depth("parking.consent") == 1 and len(rig.effects()) == 49, within_s=30)
        assert rig.progress().contiguous == 29
        assert rig.progress().above == ((31, 50),)
        give_up(rig)
        eventually(lambda: rig.progress().contiguous == 50, within_s=20)

    def test_a_bundle_that_a_person_gives_up_whole_counts_for_each_event(self, rig, eventually):
        """Such as one that the broker itself parked: every number is committed and each is audited."""
        one = bundle(rig, 3)
        publisher = Publisher(rig.uri("operator"))
        headers = {**one.envelope.headers, "x-attempt": 0, "x-discard": True, "x-origin-user": f"{rig.tenant}.case"}
        envelope = type(one.envelope)(
            routing_key="0ms.consent.case", headers=headers, body=one.envelope.body,
            properties={**one.envelope.properties, "user_id": f"{rig.tenant}.operator"},
        )  # fmt: skip
        rig.start(rig.consumer())
        publisher.publish([Outgoing(exchange="retry.return", envelope=envelope, mandatory=True)])
        publisher.close()
        eventually(lambda: rig.progress().contiguous == 3 and len(discards(rig)) == 3, within_s=20)
        assert rig.effects() == []

    def test_what_was_delivered_in_vain_again_and_again_comes_apart(self, rig, eventually):
        """One of its events may end the process: from then on each stands alone, and counts alone."""
        publish(rig, bundle(rig, 6))
        for _ in range(3):
            eventually(lambda: took_in_vain(rig), within_s=20)
        seen = []
        made = rig.consumer()
        settle = made._settle

        def watched(batch):
            seen.extend((d.part, d.headers.get("x-delivery-count", 0)) for d in batch)
            settle(batch)

        made._settle = watched
        rig.start(made)
        eventually(lambda: len(rig.effects()) == 6 and rig.progress().contiguous == 6, within_s=30)
        assert [part for part, count in seen if count >= 3] == list(range(6))
        assert [count for part, count in seen if part is None] == [0] * 6
        assert rig.depth("parking.consent") == 0


class TestInbox:
    @pytest.fixture
    def place(self, store):
        return Place(store)

    def test_a_forger_cannot_speak_in_a_bundle(self, place):
        """Each event is asked as if it had come alone: audited as refused, and parked."""
        place.tenant = place.store.tenant
        forged = deliveries(bundle(place, 3, user=f"{place.tenant}.audit"))
        place.settle(*forged)
        assert [reason for _, reason in place.fates.parked] == ["forged-source"] * 3
        assert place.effects() == 0

    def test_an_event_of_another_tenant_in_a_bundle_is_refused_alone(self, place):
        """Its neighbours have their effect."""
        one = bundle(place, 3)
        stated = json.loads(one.envelope.body)
        stated[1]["tenantid"] = "someoneelse"
        changed = type(one.envelope)(
            routing_key=one.envelope.routing_key, headers=one.envelope.headers,
            properties=one.envelope.properties, body=json.dumps(stated).encode(),
        )  # fmt: skip
        place.settle(*deliveries(Outgoing(exchange=one.exchange, envelope=changed)))
        assert [reason for _, reason in place.fates.parked] == ["tenant-mismatch"]
        assert place.effects() == 2

    def test_a_bundle_that_comes_again_has_no_second_effect(self, place):
        """Whole, or cut where a crash cut it; beside new ones too."""
        one, two = bundle(place, 5), bundle(place, 5, first=6)
        place.settle(*deliveries(one)[:2])
        place.settle(*deliveries(one), *deliveries(two))
        place.settle(*deliveries(two), *deliveries(one))
        assert place.effects() == 10
        assert place.stream()["contiguous"] == 10
        assert (place.fates.retried, place.fates.parked) == ([], [])

    @pytest.mark.parametrize(("count", "apart_of_6"), [(2, 0), (3, 6), (20, 6)])
    def test_it_comes_apart_after_three_deliveries(self, place, count, apart_of_6):
        """Not before, since a restart is no fault of a message."""
        place.settle(*deliveries(bundle(place, 6), **{"x-delivery-count": count}))
        assert len(place.fates.sent_apart) == apart_of_6
        assert place.effects() == 6 - apart_of_6

    def test_a_single_message_never_comes_apart(self, place):
        """However often it was delivered: the broker's own limit parks it."""
        place.settle(place.delivery(headers={"x-delivery-count": 19}))
        assert (place.fates.sent_apart, place.effects()) == ([], 1)


def test_two_relays_in_turn_and_kills_lose_and_repeat_nothing(rig, eventually):
    """A relay that dies and one that takes over, with bundles in between: totals stay exact, streams gapless."""
    ids = []
    with rig.process("relay") as kill_first, rig.process("relay") as kill_second, rig.process("consumer") as kill:
        for round_ in range(6):
            ids += run_commands(rig, 150) if round_ == 0 else []
            committer = rig.committer()
            futures = [committer.submit(open_episode(key=new_id())) for _ in range(150)]
            (kill_first, kill_second, kill)[round_ % 3]()
            ids += [future.result(timeout=60).ids["id"] for future in futures]
            committer.close()
        eventually(lambda: not ledger_of(rig, ids), within_s=100)
        eventually(lambda: rig.progress().contiguous == len(ids), within_s=20)
    assert not check(acknowledged=ids, effects=[e["_id"] for e in rig.effects()], audited=ids)
