"""The doorbell: a commit is relayed at once, nobody asks the database meanwhile, and a broken stream is polled."""

import threading

import pytest
from pymongo import MongoClient, monitoring

from shared.kernel.stopping import Stop
from shared.outbox.machinery import Doorbell
from shared.runtime import making
from shared.runtime.context import Job
from shared.runtime.heartbeat import Heartbeat
from tests.kit.relaying import relay, sent, state

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


class Asked(monitoring.CommandListener):
    """Counts what a client asks the database, but for the answer that a change stream waits for."""

    def __init__(self):
        self.commands = []

    def started(self, event):
        self.commands.append(event.command_name)

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass

    def count(self, *names, after=0.0):
        Stop().wait(after)
        return sum(name in names for name in self.commands)


@pytest.fixture
def asked():
    return Asked()


@pytest.fixture
def client(engines, asked):
    with MongoClient(engines.mongod.admin_uri(), tz_aware=True, timeoutMS=20_000, event_listeners=[asked]) as client:
        yield client


@pytest.fixture
def running(eventually):
    """Runs relays until the test ends."""
    stop, threads = Stop(), []

    def run(*relays):
        for one in relays:
            thread = threading.Thread(target=one.run, args=(Heartbeat(None).watch(stop, loop="relay"),), daemon=True)
            thread.start()
            threads.append(thread)

    yield run
    stop.set()
    eventually(lambda: not any(thread.is_alive() for thread in threads), within_s=10)


def test_a_commit_is_relayed_at_once_and_nobody_asks_meanwhile(store, client, asked, running, eventually):
    """However often it would poll: in half a second without a commit the outbox is not looked at once."""
    quiet = relay(store, poll_s=0.01)
    quiet.client, quiet.doorbell = client, Doorbell(client, store.name, service="case")
    running(quiet)
    eventually(lambda: quiet.doorbell.is_whole)
    state(store)
    eventually(lambda: sent(store) == 1)
    eventually(lambda: asked.count("find") == asked.count("find", after=0.2))
    before = asked.count("find", "findAndModify", "update")
    assert asked.count("find", "findAndModify", "update", after=0.5) == before
    state(store)
    eventually(lambda: sent(store) == 2)


def test_what_is_committed_before_the_stream_is_open_rings_too(store, eventually):
    """Each opening rings, since nobody saw what came before."""
    doorbell = Doorbell(store.client, store.name, service="case")
    with doorbell.listen() as bell:
        assert bell.wait(30.0, Stop())
        assert bell.is_whole


def test_listeners_share_one_stream(store, client, asked, eventually):
    """Two relays of one outbox in one process cost the database one stream, and each is rung."""
    doorbell = Doorbell(client, store.name, service="case")
    stop = Stop()
    with doorbell.listen() as one, doorbell.listen() as other:
        eventually(lambda: doorbell.is_whole)
        assert one.wait(30.0, stop)
        assert other.wait(30.0, stop)
        state(store)
        assert one.wait(30.0, stop)
        assert other.wait(30.0, stop)
    assert asked.count("aggregate") == 1


def test_behind_a_broken_stream_the_outbox_is_polled(store, running, eventually, monkeypatch):
    """Where a stream ends as soon as it is open, each poll finds what was committed."""
    monkeypatch.setattr(Doorbell, "_hear", lambda self, _closed: self._turn(whole=True))
    deaf = relay(store, poll_s=0.1)
    running(deaf)
    for number in range(1, 4):
        state(store)
        eventually(lambda number=number: sent(store) == number, within_s=3)


class Context:
    """What a job's loop needs of a service's context."""

    def __init__(self, store):
        self.service = "case"
        self.doorbell = Doorbell(store.client, store.name, service="case")


def test_a_job_that_waits_for_commands_is_rung(store, eventually):
    """With a minute between two runs it runs as soon as something is committed; one that fails waits its minute."""
    ran, fails, asked = [], [], Stop()
    context = Context(store)

    def run():
        ran.append(1)
        if fails:
            raise ValueError("a fault")

    job = Job(name="imports", every_s=60.0, run=run, rung=True)
    watched = Heartbeat(None).watch(asked, loop="imports")
    with context.doorbell.listen() as bell:
        eventually(lambda: bell.is_whole)
        thread = threading.Thread(target=making.repeat, args=(context, job, asked, watched), daemon=True)
        thread.start()
        eventually(lambda: len(ran) == 1)
        state(store)
        eventually(lambda: len(ran) == 2)
        fails.append(1)
        state(store)
        eventually(lambda: len(ran) == 3)
        bell.wait(0.5, asked)
        state(store)
        assert bell.wait(5.0, Stop())
        # The job has heard the same ring; half a second after its last run it would have followed it.
        assert not Stop().wait(1.0)
        asked.set()
        eventually(lambda: not thread.is_alive())
    assert len(ran) == 3


def test_who_stands_by_takes_over_when_a_row_waits(store, running, eventually):
    """The leader died with its lease; the other is rung, waits for the lease to lapse, and sends the row."""
    dead, other = relay(store), relay(store, poll_s=0.1)
    state(store)
    assert dead.step() == 1
    lapses = {"until": {"$add": ["$$NOW", 700]}}
    store.database["relay"].update_one({"_id": "relay-lease"}, [{"$set": lapses}])
    running(other)
    state(store)
    eventually(lambda: sent(store) == 2, within_s=30)
    assert other.written.numbers().keys() == {2}


def test_an_idle_leader_keeps_its_lead(store, eventually):
    """It lets its lease lapse while nothing waits, and nobody who stands by takes that for its end."""
    leader, other = relay(store), relay(store)
    state(store)
    assert leader.step() == 1
    assert other.step() == 0
    store.database["relay"].update_one({"_id": "relay-lease"}, [{"$set": {"until": {"$subtract": ["$$NOW", 1000]}}}])
    assert other.step() == 0
    fence = store.database["relay"].find_one({"_id": "relay-lease"})["fence"]
    state(store)
    assert leader.step() == 1
    assert fence == 1
