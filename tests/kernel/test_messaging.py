"""The kernel's promises on a real broker and database, with one trivial service pair."""

import json
import random
import time
from types import SimpleNamespace

import amqp
import pytest

from deploy.engines.rabbitmq import RabbitNode
from shared.bus.connection import close, open_connection
from shared.bus.guard import WrongPlaceError, check_vhost
from shared.bus.names import events_exchange
from shared.bus.publisher import BrokerAwayError, Outgoing, Publisher
from shared.bus.topology import RetryLadder, Topology
from shared.kernel.errors import PoisonMessageError
from shared.kernel.ids import new_id
from tests.kit.kernel_rig import EFFECTS, SERVICES, Rig, note_effect, open_episode
from tests.kit.ledger import check
from tests.kit.raw_messages import publish_raw, raw_envelope

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


@pytest.fixture
def rig(engines):
    made = Rig(engines)
    made.provision()
    yield made
    made.close()


@pytest.fixture(scope="module")
def own_broker(engines, make_layout):
    """The shared database beside a broker that a test may trouble: alarms and closed connections reach every vhost."""
    node = RabbitNode(make_layout())
    try:
        node.start()
        yield SimpleNamespace(mongod=engines.mongod, rabbit=node)
    finally:
        node.stop()


@pytest.fixture
def own_rig(own_broker):
    made = Rig(own_broker)
    made.provision()
    yield made
    made.close()


def run_commands(rig, count, **options):
    committer = rig.committer()
    futures = [committer.submit(open_episode(key=f"k{n}", **options)) for n in range(count)]
    ids = [future.result(timeout=60).ids["id"] for future in futures]
    committer.close()
    return ids


def ledger_of(rig, acknowledged):
    rows = list(rig.database("case")["outbox"].find())
    audited = [
        action["object_id"]
        for row in rows
        for event in row["events"]
        if event["type"].endswith("audit_recorded.v1")
        for action in json.loads(bytes(event["body"]))["actions"]
    ]
    stuck = rig.database("case")["outbox"].count_documents({"status": "NEW"})
    effects = [effect["_id"] for effect in rig.effects()]
    return check(acknowledged=acknowledged, effects=effects, audited=audited, stuck=stuck)


class TestDelivery:
    def test_every_acknowledged_command_has_its_effect_once(self, rig, eventually):
        """Acknowledged commands, states, effects and audit intents are the same set."""
        rig.start(rig.relay(), rig.consumer())
        ids = run_commands(rig, 300)
        eventually(lambda: len(rig.effects()) == 300 and not ledger_of(rig, ids), within_s=30)

    def test_a_repeated_publish_has_no_second_effect(self, rig, eventually):
        """The same rows published again change nothing, and are acknowledged."""
        rig.start(rig.relay(), rig.consumer())
        ids = run_commands(rig, 50)
        eventually(lambda: len(rig.effects()) == 50, within_s=20)
        rig.database("case")["outbox"].update_many({}, {"$set": {"status": "NEW"}})
        eventually(lambda: not ledger_of(rig, ids), within_s=20)
        eventually(lambda: rig.depth(rig.subscription.queue) == 0, within_s=20)
        assert rig.depth("parking.consent") == 0

    def test_the_same_key_gives_the_same_answer_once(self, rig):
        """A repeated command is answered from what was stored; another body is refused."""
        committer = rig.committer()
        first = committer.execute(open_episode(key="same"))
        again = committer.execute(open_episode(key="same"))
        committer.close()
        assert (again.ids, again.replayed) == (first.ids, True)
        assert rig.database("case")[EFFECTS].count_documents({}) == 1

    def test_numbers_are_gapless_and_a_mark_counts_only_when_all_is_committed(self, rig, eventually):
        """After a run the stream is contiguous to its end and the mark is applied."""
        rig.start(rig.relay(), rig.consumer())
        run_commands(rig, 120)
        before = rig.clock.now()
        eventually(lambda: rig.progress().contiguous == 120, within_s=20)
        assert rig.progress().above == ()
        eventually(lambda: (rig.progress().applied_through or before) > before, within_s=20)


class TestFaults:
    def test_one_bad_message_harms_no_other_and_is_parked_with_its_reason(self, rig, eventually):
        """A handler that always fails for one id: the others arrive, that one is parked, the mark waits."""
        bad = new_id()

        def handle(received, work):
            if received.event.episode_id == bad:
                raise ValueError("a fault of ours")
            note_effect(received, work)

        rig.start(rig.relay(), rig.consumer(handle))
        committer = rig.committer()
        futures = [committer.submit(open_episode(episode_id=bad if n == 20 else None)) for n in range(60)]
        for future in futures:
            future.result(timeout=30)
        committer.close()
        eventually(lambda: len(rig.effects()) == 59, within_s=30)
        eventually(lambda: rig.depth("parking.consent") == 1, within_s=30)
        assert rig.progress().contiguous < 60

    def test_a_hopeless_message_is_parked_at_once(self, rig, eventually):
        """A message that no retry can help takes no rung."""

        def handle(received, work):
            raise PoisonMessageError("never")

        rig.start(rig.relay(), rig.consumer(handle))
        run_commands(rig, 1)
        eventually(lambda: rig.depth("parking.consent") == 1, within_s=20)
        assert rig.depth("retry.consent.100ms") == 0

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"body": b"\xff\xfe not json"}, "malformed-message"),
            ({"content_type": "text/plain"}, "malformed-message"),
            ({"headers": {"ce-id": None}}, "malformed-message"),
            ({"headers": {"ce-sequence": "x"}}, "malformed-message"),
            ({"headers": {"ce-type": "alongside.case.unknown.v1"}}, "unknown-event-type"),
            ({"headers": {"ce-tenantid": "someoneelse"}}, "tenant-mismatch"),
        ],
    )
    def test_a_malformed_or_forged_message_is_parked_as_it_came(self, rig, eventually, change, reason):
        """Whatever is wrong, the bytes stand in the parking queue with the reason; the consumer goes on."""
        rig.start(rig.relay(), rig.consumer())
        publish_raw(rig, **change)
        eventually(lambda: rig.depth("parking.consent") == 1, within_s=20)
        assert parked_reason(rig) == reason
        ids = run_commands(rig, 5)
        eventually(lambda: not ledger_of(rig, ids), within_s=20)

    def test_a_forged_tenant_leaves_a_security_audit_entry(self, rig, eventually):
        """A message that names another tenant is audited as refused."""
        rig.start(rig.consumer())
        publish_raw(rig, headers={"ce-tenantid": "someoneelse"})
        outbox = rig.database("consent")["outbox"]
        eventually(
            lambda: outbox.count_documents({"events.type": "alongside.consent.audit_recorded.v1"}) == 1, within_s=20
        )

    def test_a_service_cannot_speak_for_another(self, rig):
        """The broker refuses a routing key, an exchange and a user id that are not the sender's own."""
        envelope = raw_envelope(rig)
        for exchange in (events_exchange("case"), "parking"):
            publisher = Publisher(rig.uri("audit"), confirm_timeout_s=2.0)
            with pytest.raises(BrokerAwayError):
                publisher.publish([Outgoing(exchange=exchange, envelope=envelope)])
            publisher.drop()

    def test_publishing_under_a_memory_alarm_is_bounded_and_nothing_is_lost(self, own_rig, eventually):
        """Under an alarm a publish gives up in time, commands are still taken, and all arrives after."""
        own_rig.start(own_rig.relay(), own_rig.consumer())
        own_rig.engines.rabbit.set_memory_alarm(on=True)
        try:
            publisher = Publisher(own_rig.uri("case"), confirm_timeout_s=2.0)
            began = time.monotonic()
            with pytest.raises(BrokerAwayError):
                publisher.publish([Outgoing(exchange=events_exchange("case"), envelope=raw_envelope(own_rig))])
            assert time.monotonic() - began < 10
            publisher.drop()
            ids = run_commands(own_rig, 40)
        finally:
            own_rig.engines.rabbit.set_memory_alarm(on=False)
        eventually(lambda: set(ids) <= {e["_id"] for e in own_rig.effects()}, within_s=60)

    def test_closed_connections_lose_and_repeat_nothing(self, own_rig, eventually):
        """The broker closes every connection under load; totals stay exact."""
        own_rig.start(own_rig.relay(), own_rig.consumer())
        committer = own_rig.committer()
        futures = []
        for number in range(300):
            futures.append(committer.submit(open_episode(key=f"c{number}")))
            if number % 100 == 50:
                own_rig.engines.rabbit.close_all_connections()
        ids = [future.result(timeout=60).ids["id"] for future in futures]
        committer.close()
        eventually(lambda: not ledger_of(own_rig, ids), within_s=60)

    def test_a_process_refuses_another_tenants_vhost_and_another_topology(self, rig):
        """The marker of the vhost must be this tenant's with this code's topology."""
        queues = [rig.subscription.queue]
        check_vhost(rig.uri("consent"), rig.topology, queues)
        other = Topology(tenant_id=rig.tenant, services=SERVICES, ladder=RetryLadder(delays_ms=(100, 999)))
        with pytest.raises(WrongPlaceError):
            check_vhost(rig.uri("consent"), other, queues)
        foreign = Topology(tenant_id="another", services=SERVICES, ladder=rig.topology.ladder)
        with pytest.raises(WrongPlaceError):
            check_vhost(rig.uri("consent"), foreign, queues)


class TestKills:
    @pytest.mark.parametrize("seed", [20261123, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1807, 1833))])
    def test_a_minute_of_kills_loses_and_repeats_nothing(self, rig, eventually, seed):
        """Relay and consumer are killed at seeded random moments for a minute under load; totals stay exact."""
        rng = random.Random(seed)
        acknowledged, kills = [], 0
        with rig.process("relay") as kill_relay, rig.process("consumer") as kill_consumer:
            committer = rig.committer()
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                futures = [committer.submit(open_episode(key=new_id())) for _ in range(rng.randrange(1, 60))]
                acknowledged += [future.result(timeout=60).ids["id"] for future in futures]
                if rng.random() < 0.5:
                    rng.choice((kill_relay, kill_consumer))()
                    kills += 1
                time.sleep(rng.uniform(0.3, 1.5))
            committer.close()
            deadline = time.monotonic() + 90
            while ledger_of(rig, acknowledged) and time.monotonic() < deadline:
                time.sleep(0.5)
            assert not ledger_of(rig, acknowledged), (rig.depth("parking.consent"), rig.depth(rig.subscription.queue))
        assert kills > 10
        assert len(acknowledged) > 500


def parked_reason(rig):
    connection = open_connection(rig.uri("operator"))
    channel = connection.channel()
    channel.auto_decode = False
    message: amqp.Message = channel.basic_get("parking.consent")
    reason = message.properties["application_headers"]["x-reason"]
    channel.basic_reject(message.delivery_tag, True)
    close(connection)
    return reason
