"""What one of two hearers missed is sent to it alone, as it was: it takes effect once, and marks count again."""

import pytest

from deploy.provision.databases import KERNEL_INDEXES
from deploy.stack import parking
from deploy.stack.parking import MoreParkedError, ParkingLot
from shared.bus.bundles import apart
from shared.bus.connection import close, open_connection
from shared.bus.deliveries import delivery_of
from shared.bus.names import events_exchange
from shared.contracts.case import EpisodeOpened
from shared.kernel.streams import Progress, to_document
from shared.outbox._batches import Batch, kept_numbers
from tests.kit.kernel_rig import open_episode

pytestmark = [pytest.mark.timeout(120)]

OTHER = "q.other.case"


@pytest.fixture
def lot(rig):
    """The operator's lot of the rig's tenant, without a stack around it."""
    made = object.__new__(ParkingLot)
    made._tenant, made._topology = rig.tenant, rig.topology
    made._user, made._uri = f"{rig.tenant}.operator", rig.uri("operator")
    made._database_uri = rig.engines.mongod.admin_uri()
    return made


@pytest.fixture
def other(rig):
    """A queue that hears of episodes too, so that nothing is unrouted when consent does not."""
    queue = {"name": OTHER, "durable": True, "auto_delete": False, "arguments": {"x-queue-type": "quorum"}}
    bound = {"source": events_exchange("case"), "destination": OTHER, "destination_type": "queue", "arguments": {}}
    made = {"queues": [queue], "bindings": [{**bound, "routing_key": EpisodeOpened.event_type}]}
    rig.broker.management.post(f"definitions/{rig.topology.vhost}", made)


def lose_binding(rig):
    path = f"bindings/{rig.topology.vhost}/e/{events_exchange('case')}/q/{rig.subscription.queue}"
    for binding in rig.broker.management.get(path):
        rig.broker.management.delete(f"{path}/{binding['properties_key']}")


def state(rig, relay, count):
    """State an episode in each of some transactions, and let the relay send them all as one batch."""
    for _ in range(count):
        rig.committer().execute(open_episode())
    while relay.step():
        pass


def taken(rig):
    """Take what stands in consent's queue: its numbers, and whose they are."""
    connection = open_connection(rig.uri("consent"))
    try:
        channel = connection.channel()
        channel.auto_decode = False
        found = {}
        while (message := channel.basic_get(rig.subscription.queue, no_ack=True)) is not None:
            for event in apart(delivery_of(message)):
                found[event.headers["x-stream-consent"]] = event.headers["ce-id"]
        return found
    finally:
        close(connection)


def lacks(rig, *, contiguous, above):
    """Say what consent has committed of case."""
    known = to_document("case", Progress(contiguous=contiguous, above=tuple(map(tuple, above))))
    rig.database("consent")["streams"].insert_one({**known, "version": 1, "tenant_id": rig.tenant})


@pytest.fixture
def relay(rig):
    made = rig.relay(marks=False)
    yield made
    made.addresses["local"].publisher.close()


@pytest.mark.integration
class TestMissed:
    def test_what_one_hearer_missed_reaches_it_as_it_was(self, rig, lot, other, relay, eventually):
        """Its gap closes, each fact has its one effect, the other hearer gets nothing twice; done again it is nothing."""
        rig.start(rig.consumer())
        state(rig, relay, 1)
        eventually(lambda: rig.progress().contiguous == 1, within_s=20)
        lose_binding(rig)
        state(rig, relay, 3)
        rig.broker.apply(rig.topology)
        assert rig.depth("unrouted") == 0
        state(rig, relay, 1)
        eventually(lambda: rig.progress().above == ((5, 5),), within_s=20)
        heard = rig.depth(OTHER)
        assert lot.send_missed() == {"sent_again": 3, "left": 0}
        eventually(lambda: rig.progress().contiguous == 5, within_s=20)
        assert len(rig.effects()) == 5
        assert rig.depth(OTHER) == heard
        assert lot.send_missed() == {"sent_again": 0, "left": 0}

    def test_a_mark_shows_what_was_missed_last(self, rig, lot, other, eventually):
        """Nothing was stated since; the next mark says that there was more, and counts once it has come."""
        relay = rig.relay()
        rig.start(rig.consumer())
        lose_binding(rig)
        state(rig, relay, 2)
        rig.broker.apply(rig.topology)
        rig.start(relay)
        eventually(lambda: rig.progress().missing() == ((1, 2),), within_s=30)
        assert rig.progress().applied_through is None
        assert lot.send_missed() == {"sent_again": 2, "left": 0}
        eventually(lambda: rig.progress().applied_through is not None, within_s=30)
        assert len(rig.effects()) == 2

    def test_numbers_are_those_that_each_event_had(self, rig, lot, relay):
        """Of one batch some came and some did not: none is made again under the number of its neighbour."""
        state(rig, relay, 5)
        first = taken(rig)
        assert first.keys() == {1, 2, 3, 4, 5}
        lacks(rig, contiguous=1, above=[[3, 3], [5, 5]])
        assert lot.send_missed() == {"sent_again": 2, "left": 0}
        assert taken(rig) == {2: first[2], 4: first[4]}

    def test_what_is_parked_is_left_to_whoever_decides(self, rig, lot, relay, eventually):
        """It is missing too, but it is not lost: no second copy of it is parked beside it."""

        def refuse(_received, _work):
            raise ValueError

        rig.start(rig.consumer(refuse))
        state(rig, relay, 1)
        eventually(lambda: rig.depth("parking.consent") == 1, within_s=30)
        lacks(rig, contiguous=0, above=[[2, 2]])
        assert lot.send_missed() == {"sent_again": 0, "left": 1}

    def test_where_not_all_that_is_parked_was_seen_nothing_is_sent(self, rig, lot, relay, monkeypatch, eventually):
        """One of them might be among what is missing, and is nobody's to send but who decides on it."""

        def refuse(_received, _work):
            raise ValueError

        rig.start(rig.consumer(refuse))
        state(rig, relay, 1)
        eventually(lambda: rig.depth("parking.consent") == 1, within_s=30)
        lacks(rig, contiguous=0, above=[[2, 2]])
        monkeypatch.setattr(parking, "_LOOK_LIMIT", 0)
        with pytest.raises(MoreParkedError):
            lot.send_missed()
        eventually(lambda: rig.depth("parking.consent") == 1, within_s=20)

    def test_of_a_batch_that_lacks_a_row_nothing_is_made(self, rig, lot, relay):
        """Which numbers the others had cannot be told any more; that they are left is said."""
        state(rig, relay, 3)
        outbox = rig.database("case")["outbox"]
        outbox.delete_one({"_id": outbox.find_one({}, sort=[("_id", 1)])["_id"]})
        lacks(rig, contiguous=0, above=[[4, 4]])
        taken(rig)
        assert lot.send_missed() == {"sent_again": 0, "left": 3}
        assert taken(rig) == {}


def lasting(collection):
    """Give what of a collection goes by itself: the field that says since when, and after how many seconds."""
    described = [index.document for index in KERNEL_INDEXES[collection]]
    return {next(iter(one["key"])): one["expireAfterSeconds"] for one in described if "expireAfterSeconds" in one}


@pytest.mark.integration
def test_numbers_go_when_their_rows_go(rig, relay):
    """Both bear the same moment, and nothing else that stands beside the numbers bears one: plan and lease stay."""
    state(rig, relay, 1)
    database = rig.database("case")
    (sent_at,) = database["outbox"].distinct("sent_at")
    kept = list(database["relay"].find({"at": {"$exists": True}}))
    assert [(one["_id"].startswith("numbers:"), one["at"]) for one in kept] == [(True, sent_at)]
    assert lasting("relay") == {"at": lasting("outbox")["sent_at"]}


def test_of_rows_that_nobody_numbers_nothing_is_kept():
    """Such as those of a courier, which leave the vhost."""
    row = {"_id": "1", "route": "board", "events": [{"type": "alongside.reporting.share_submitted.v1"}]}
    assert kept_numbers(Batch(rows=[row], before={}, last={}, hearers={})) is None
