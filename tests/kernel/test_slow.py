"""A slow broker is no dead one: each confirm counts as a sign of life, and a batch that is too large goes by halves."""

import pytest

from shared.bus import publisher as publisher_module
from shared.bus.connection import BrokerAwayError
from shared.bus.publisher import Publisher
from tests.kit.relaying import relay, sent, state

pytestmark = [pytest.mark.timeout(120)]


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now


@pytest.fixture
def waiting(monkeypatch):
    """A publisher with 100 unconfirmed messages, and a broker that confirms one in so many seconds."""
    clock = Clock()
    monkeypatch.setattr(publisher_module, "time", clock)
    publisher = Publisher("amqp://nobody", confirm_timeout_s=5.0)
    publisher._unconfirmed = set(range(1, 101))

    def every(seconds):
        def read_one(_connection, *, timeout_s):
            if timeout_s < seconds:
                clock.now += timeout_s
                return False
            clock.now += seconds
            publisher._on_ack(min(publisher._unconfirmed), False)
            return True

        monkeypatch.setattr(publisher_module, "read_one", read_one)
        return publisher

    return every, clock


def test_a_broker_that_confirms_slowly_is_waited_for(waiting):
    """50 s for 100 messages, never more than half a second of silence."""
    every, clock = waiting
    every(0.5)._wait_for_confirms()
    assert clock.now == 50.0


def test_silence_ends_the_wait(waiting):
    """Five seconds without any confirm."""
    every, clock = waiting
    with pytest.raises(BrokerAwayError):
        every(6.0)._wait_for_confirms()
    assert clock.now == 5.0


def test_the_wait_is_bounded_in_all(waiting):
    """A broker that confirms one in four seconds would hold the caller for 400 s."""
    every, clock = waiting
    with pytest.raises(BrokerAwayError):
        every(4.0)._wait_for_confirms()
    assert clock.now == 60.0


@pytest.mark.integration
def test_a_batch_goes_by_halves_and_each_half_counts(store):
    """No more than 7 messages at once get through: all rows arrive, numbered without a gap, none for ever again."""
    for _ in range(12):
        state(store)
    slow = relay(store)

    def refuse(messages):
        if len(messages) > 7:
            raise BrokerAwayError("confirm")

    slow.written.before = refuse
    tries = 0
    while sent(store) < store.database["outbox"].count_documents({}):
        tries += 1
        try:
            slow.step()
        except BrokerAwayError:
            assert tries < 12
    numbers = slow.written.numbers()
    assert sorted(numbers) == list(range(1, 13))
    assert all(len(events) == 1 for events in numbers.values())
    state(store, 12)
    slow.written.before = lambda _messages: None
    assert slow.step() + slow.step() >= 1
    assert sorted(slow.written.numbers()) == list(range(1, 25))
