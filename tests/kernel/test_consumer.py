"""The consumer on a real broker: it answers while it waits, halves and grows, and steps aside for another."""

import threading
import time

import pytest

import shared.bus.consumer as consumer_module
from shared.bus.connection import open_connection
from shared.bus.consumer import BatchConsumer
from shared.bus.deliveries import Batch
from shared.bus.names import events_exchange
from shared.bus.publisher import Outgoing, Publisher
from tests.kit.raw_messages import raw_envelope

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


def publish(rig, count):
    publisher = Publisher(rig.uri("case"))
    publisher.publish([Outgoing(exchange=events_exchange("case"), envelope=raw_envelope(rig)) for _ in range(count)])
    publisher.close()


def consumer(rig, settle, **options):
    return BatchConsumer(uri=rig.uri("consent"), queue=rig.subscription.queue, settle=settle, **options)


@pytest.fixture
def opened(monkeypatch):
    """Connections that consumers opened, with a heartbeat of one second."""
    made = []

    def quick(uri):
        made.append(uri)
        return open_connection(uri, heartbeat_s=1)

    monkeypatch.setattr(consumer_module, "open_connection", quick)
    return made


def test_the_broker_hears_from_a_consumer_that_waits_or_works(rig, eventually, opened):
    """A batch that takes three heartbeats, then a database that is away for as many: one connection, no redelivery."""
    publish(rig, 1)
    seen = []
    began = time.monotonic()

    def settle(batch):
        seen.extend(delivery.redelivered for delivery in batch)
        if len(seen) == 1:
            threading.Event().wait(3.0)
        if time.monotonic() - began < 6.0:
            raise TimeoutError("away")

    rig.start(consumer(rig, settle))
    eventually(lambda: time.monotonic() - began > 6.0 and rig.depth(rig.subscription.queue) == 0, within_s=40)
    assert len(seen) > 2
    assert not any(seen)
    assert len(opened) == 1


def test_a_batch_that_is_too_large_is_halved_and_grows_again(rig, eventually):
    """More than 5 at once never end in time: all pass, by parts; once that is over, by the hundred."""
    publish(rig, 40)
    sizes, slow, settled = [], {"on": True}, set()

    def settle(batch):
        sizes.append(len(batch))
        if slow["on"] and len(batch) > 5:
            raise TimeoutError("too slow")
        settled.update(delivery.properties["message_id"] for delivery in batch)

    rig.start(consumer(rig, settle))
    eventually(lambda: len(settled) == 40, within_s=60)
    before = len(sizes)
    slow["on"] = False
    publish(rig, 300)
    eventually(lambda: len(settled) == 340, within_s=30)
    assert max(sizes[before:]) > 10


def test_what_is_ticked_off_is_not_offered_again(rig, eventually):
    """A batch of which half has its fate comes back as the other half, and no message stays."""
    publish(rig, 21)
    offered, done = [], set()

    def settle(batch):
        offered.append([delivery.tag for delivery in batch])
        settled = batch[:7] if len(batch) > 10 else batch
        done.update(delivery.properties["message_id"] for delivery in settled)
        if len(batch) > 10:
            batch.tick_off(settled)
            raise TimeoutError("the rest must wait")

    rig.start(consumer(rig, settle))
    eventually(lambda: len(done) == 21, within_s=30)
    first = next(n for n, tags in enumerate(offered) if len(tags) > 10)
    assert set(offered[first][:7]).isdisjoint(tag for tags in offered[first + 1 :] for tag in tags)


def test_after_long_a_failure_the_messages_go_back(rig, eventually):
    """The broker would close the channel itself in the end; what is fetched once more is fetched when it can pass."""
    publish(rig, 3)
    able, probes, settled = threading.Event(), [], []

    def settle(batch):
        if not batch:
            probes.append(1)
        if not able.is_set():
            raise TimeoutError("away")
        settled.extend(batch)

    rig.start(consumer(rig, settle, give_back_after_s=0.1))
    eventually(lambda: len(probes) > 1, within_s=20)
    assert consumers_of(rig) == 0
    able.set()
    eventually(lambda: len(settled) == 3 and rig.depth(rig.subscription.queue) == 0, within_s=30)


def consumers_of(rig):
    user, password = rig.engines.rabbit.admin_credentials()
    connection = open_connection(rig.engines.rabbit.amqp_url(user=user, password=password, vhost=rig.topology.vhost))
    try:
        return connection.channel().queue_declare(rig.subscription.queue, passive=True).consumer_count
    finally:
        connection.collect()


def test_one_consumer_reads_and_another_takes_its_place(rig, eventually):
    """The second stands by, and says that it is ready; when the first ends, it reads on."""
    first, second = [], []
    stop = threading.Event()
    one = consumer(rig, first.extend)
    thread = threading.Thread(target=one.run, args=(stop,))
    thread.start()
    eventually(one.consuming.is_set, within_s=20)
    publish(rig, 2)
    eventually(lambda: len(first) == 2, within_s=20)
    other = consumer(rig, second.extend)
    rig.start(other)
    eventually(other.consuming.is_set, within_s=20)
    publish(rig, 20)
    eventually(lambda: len(first) == 22, within_s=20)
    assert (second, consumers_of(rig)) == ([], 1)
    stop.set()
    thread.join(20)
    publish(rig, 5)
    eventually(lambda: len(second) == 5, within_s=20)


def test_a_start_on_a_backlog_takes_no_message_in_vain(rig, eventually, opened):
    """The slow start does not meet itself: one connection, and no message counts as delivered twice."""
    publish(rig, 300)
    seen = []
    rig.start(consumer(rig, seen.extend))
    eventually(lambda: len(seen) >= 300 and rig.depth(rig.subscription.queue) == 0, within_s=30)
    assert not any(delivery.redelivered for delivery in seen)
    assert (len(seen), len(opened)) == (300, 1)


def test_a_consumer_outlives_an_error_that_nobody_foresaw(rig, eventually, monkeypatch):
    """A frame that no parser reads, or a fault of ours: it connects again and goes on."""
    failures = {"n": 1}
    real = BatchConsumer._take

    def take(self, *arguments):
        if failures["n"]:
            failures["n"] -= 1
            raise ValueError("a broken frame")
        return real(self, *arguments)

    monkeypatch.setattr(BatchConsumer, "_take", take)
    settled = []
    publish(rig, 1)
    rig.start(consumer(rig, settled.extend))
    eventually(lambda: len(settled) == 1, within_s=20)


def test_a_batch_says_what_it_is():
    """It is read like a tuple; what is ticked off twice counts once."""
    batch = Batch([])
    batch.tick_off([])
    assert (len(batch), batch.settled, list(batch)) == (0, 0, [])
