"""What is forwarded to a receiver on this machine: in order, signed, acknowledged once it was taken, within bounds."""

import json

import pytest
from standardwebhooks.webhooks import Webhook
from typer.testing import CliRunner

from client import listeners
from client.conformance.inventing import invent
from client.conformance.posting import Receiver
from client.listening import WAITS_S, Listener, NotAListenerError, NotTakenError, OtherMachineError, check_local
from client.main import app
from services.integrations.webhooks.signing import HMAC, draw_key
from tests.kit.receivers import receiver

KEY = draw_key(HMAC)


class Feed:
    """Stands for a host's API with one consumer: keeps its cursor and what it was asked."""

    def __init__(self, events, *, waited=True):
        self.events, self.cursor, self.waited, self.kept, self.acked = events, 0, waited, [], []

    def put(self, path, body):
        self.kept.append((path, body))

    def get(self, path, *, consumer, wait, limit):
        assert (path, consumer, 0 < wait <= 30) == ("/v1/events", "listen", True)
        items = [one for one in self.events if one["position"] > self.cursor][:limit]
        return {"items": items, "next": items[-1]["position"] if items else self.cursor, "waited": self.waited}

    def post(self, path, body):
        assert path == "/v1/event-consumers/listen/ack"
        self.cursor = body["position"]
        self.acked.append(self.cursor)


def listener(feed, port, slept):
    return Listener(feed, Receiver(f"http://127.0.0.1:{port}/in", KEY), name="listen", sleep=slept.append)


def events(*positions):
    return [invent(position=n) for n in positions]


def test_each_event_goes_on_in_order_signed_and_is_acknowledged():
    """A new consumer begins now; the receiver verifies what it gets; each is acknowledged when it was taken."""
    feed, told, slept = Feed(events(3, 5, 6)), [], []
    with receiver() as (port, got):
        reading = listener(feed, port, slept)
        reading.begin()
        assert [reading.forward(told.append) for _ in range(4)] == [True, True, True, False]
    assert feed.kept == [("/v1/event-consumers/listen", {"begin": "NOW"})]
    assert [Webhook(KEY.secret).verify(one["body"], one["headers"]) for one in got] == feed.events
    assert [(one.position, one.status, one.tries) for one in told] == [(3, 200, 1), (5, 200, 1), (6, 200, 1)]
    assert (feed.acked, slept) == ([3, 5, 6], [])


def test_what_is_not_taken_is_tried_again_and_then_everything_ends():
    """What came before it is acknowledged, it and what follows are not; a later run begins there."""
    feed, slept, broken = Feed(events(1, 2, 3)), [], [True]
    bad = feed.events[1]["id"]
    with receiver(lambda request: 500 if broken[0] and bad in request["body"] else 200) as (port, got):
        reading = listener(feed, port, slept)
        reading.forward(lambda _: None)
        with pytest.raises(NotTakenError, match="position 2 was not taken in 5 tries: it answered 500"):
            reading.forward(lambda _: None)
        assert (feed.acked, slept, len(got)) == ([1], list(WAITS_S), 2 + len(WAITS_S))
        broken[0] = False
        assert [reading.forward(lambda _: None) for _ in range(3)] == [True, True, False]
    assert feed.acked == [1, 2, 3]


def test_what_may_not_be_told_any_more_is_not_told_at_a_later_try():
    """Withdrawn or erased while the receiver is broken: the next try says the position and the reason only."""
    feed = Feed(events(1))
    subject, forwarded = feed.events[0]["subject"], []

    def breaks_once(request):
        forwarded.append(request["body"])
        feed.events[0] = invent(position=1, left_out=True)
        return 500 if len(forwarded) == 1 else 200

    with receiver(breaks_once) as (port, _):
        assert listener(feed, port, []).forward(lambda _: None)
    assert [subject in body for body in forwarded] == [True, False]


def test_a_first_event_that_is_not_taken_acknowledges_nothing():
    """The cursor stays where it was."""
    feed = Feed(events(1))
    with receiver(lambda _: 503) as (port, _), pytest.raises(NotTakenError):
        listener(feed, port, []).forward(lambda _: None)
    assert feed.acked == []


def test_an_end_in_the_middle_loses_nothing():
    """Ctrl-C while the second of three is tried again: the first is acknowledged, the second comes again."""
    feed = Feed(events(1, 2, 3))

    def interrupted(_seconds):
        raise KeyboardInterrupt

    second = feed.events[1]["id"]
    with receiver(lambda request: 503 if second in request["body"] else 200) as (port, _):
        reading = Listener(feed, Receiver(f"http://127.0.0.1:{port}/in", KEY), name="listen", sleep=interrupted)
        reading.forward(lambda _: None)
        with pytest.raises(KeyboardInterrupt):
            reading.forward(lambda _: None)
    assert feed.acked == [1]


def test_a_host_without_a_free_place_is_not_asked_in_a_rush():
    """Where nobody waited, it is asked again after a pause."""
    slept = []
    assert listener(Feed([], waited=False), 1, slept).forward(lambda _: None) is False
    assert slept == [2.0]


@pytest.mark.parametrize(
    "url", ["http://192.168.1.4/", "https://hooks.example.org/", "http://127.0.0.1.example.org/", "http://0.0.0.0/"]
)
def test_no_event_leaves_this_machine(url):
    """An address of another one is refused."""
    with pytest.raises(OtherMachineError):
        check_local(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/in", "http://localhost:8000/", "http://[::1]:8000/"])
def test_this_machine_is_taken(url):
    """By each of its names."""
    check_local(url)


@pytest.mark.parametrize("name", ["crm", "listener", "listen_", "listen-", "", "Listen"])
def test_no_cursor_in_service_is_moved(name):
    """A listener's name begins with its own word."""
    with pytest.raises(NotAListenerError):
        Listener(Feed([]), Receiver("http://127.0.0.1/", KEY), name=name)


def test_the_command_forwards_and_ends_after_so_many(monkeypatch):
    """It shows what went on, and to whom it matters the secret, which is drawn if none is set."""
    monkeypatch.delenv("WEBHOOK_SECRET", raising=False)
    feed = Feed(events(1, 2))
    monkeypatch.setattr(listeners, "administrator_of", lambda tenant, by: feed)
    words = ["events", "listen", "-t", "alder", "--count", "2", "--forward-to"]
    with receiver() as (port, got):
        done = CliRunner().invoke(app, [*words, f"http://127.0.0.1:{port}/in"])
    assert done.exit_code == 0, done.output
    assert [line.split()[0] for line in done.stdout.splitlines() if "alongside." in line] == ["1", "2"]
    secret = done.stderr.split("verifies by:")[1].split()[0]
    assert json.loads(got[0]["body"]) == Webhook(secret).verify(got[0]["body"], got[0]["headers"])
    with receiver() as (port, got):
        assert CliRunner().invoke(app, [*words, f"http://192.0.2.1:{port}/in"]).exit_code == 1
    assert got == []
