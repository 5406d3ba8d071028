"""The runbooks, carried out on a running stack: the fault, what a person looks at, what mends it, and that it is mended."""

import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta

import pytest
from pymongo import MongoClient

from deploy.engines.layout import PROJECT_ROOT
from deploy.provision.credentials import Vault
from deploy.stack.report import doctor, status
from deploy.stack.stack import command_of
from shared.bus.codec import Envelope
from shared.bus.publisher import Outgoing, Publisher
from shared.codelists.periods import Period
from shared.kernel.ids import new_event_id
from shared.kernel.streams import from_document
from shared.kernel.tenancy import TenantId, database_name, vhost_name
from shared.runtime.context import open_context
from tests.kit.absent import provision_absent
from tests.kit.collector import Collector
from tests.kit.pilot import Pilot
from tests.kit.tenant_place import EPISODE

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]

HOST = TenantId("quay")
PERIOD = "2026"


@pytest.fixture(scope="module")
def pilot(make_layout):
    made = Pilot(make_layout(), [HOST], now=Period.parse(PERIOD).seal_at() - timedelta(hours=20))
    yield made
    made.close()


def alongside(pilot, *words, refused=False, environment=None):
    """Run one command of a runbook as a person would; gives what it printed."""
    layout = pilot.stack.layout
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "client.main", *words],
        env={
            **os.environ,
            "PYTHONPATH": str(PROJECT_ROOT),
            "ALONGSIDE_HOME": str(layout.home),
            "ALONGSIDE_PORT_BASE": str(layout.port_base),
            "ALONGSIDE_DEMO": "1",
            **(environment or {}),
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (result.returncode != 0) is refused, result.stdout + result.stderr
    return result.stdout


def stop(pilot, kind):
    pilot.stack.process(HOST, kind).stop(within_s=40)


def start_without_consumers(pilot):
    """The host's worker, but what it hears stays in its queues."""
    stack = pilot.stack
    command = [*command_of("worker", HOST), "--kinds", "relay,courier,job"]
    stack.process(HOST, "worker").spawn(command, environment=stack._environment())


def findings(pilot):
    return [finding["what"] for finding in doctor(pilot.stack)]


def well(pilot):
    pilot.until("doctor to find nothing", lambda: findings(pilot) == [], within_s=60)


def register(pilot):
    return pilot.as_(HOST, "supervisor").post("/v1/survivors", {"name": "Invented"})["id"]


def test_outbox_old(pilot, eventually):
    """A relay that does not run: facts wait, ``up`` starts it, and nothing waits any more."""
    stop(pilot, "worker")
    register(pilot)
    assert "worker" in alongside(pilot, "doctor", refused=True)
    assert status(pilot.stack)["tenants"][0]["outbox_depth"] > 0
    alongside(pilot, "up")
    well(pilot)
    assert json.loads(alongside(pilot, "status", "-o", "json"))["tenants"][0]["outbox_oldest_s"] is None


def test_requests_failing(pilot, eventually):
    """An API that does not answer is named by doctor and started by ``up``."""
    stop(pilot, "api")
    assert "api" in alongside(pilot, "doctor", refused=True)
    alongside(pilot, "up")
    well(pilot)
    register(pilot)


def test_messages_parked(pilot, eventually):
    """A message that breaks its contract is parked with a reason; a person looks at it and gives it up."""
    layout = pilot.stack.layout
    password = Vault.of(layout.secrets_dir, HOST).password("amqp-case")
    user = f"{HOST}.case"
    publisher = Publisher(pilot.stack.engines.rabbit.amqp_url(user=user, password=password, vhost=vhost_name(HOST)))
    event_id = new_event_id()
    envelope = Envelope(
        routing_key="alongside.case.episode_opened.v1",
        headers={"ce-id": event_id, "ce-type": "alongside.case.episode_opened.v1"},
        properties={"content_type": "application/json", "delivery_mode": 2, "message_id": event_id, "user_id": user},
        body=b"{}",
    )
    publisher.publish([Outgoing(exchange="case.events", envelope=envelope)])
    publisher.close()
    eventually(lambda: parked_copies(pilot, event_id) == 3, within_s=30)
    assert "malformed-message" in alongside(pilot, "parked", "show", event_id, "-t", HOST)
    eventually(lambda: any("parked" in what for what in findings(pilot)), within_s=30)
    # Each service that hears of episodes has parked its own copy; one decision gives up all of them.
    alongside(pilot, "parked", "discard", event_id, "-t", HOST, "--yes")
    eventually(lambda: parked_copies(pilot, event_id) == 0, within_s=30)
    well(pilot)


def parked_copies(pilot, event_id):
    """How many services have parked an event."""
    listed = alongside(pilot, "parked", "list", "-t", HOST, "-o", "json")
    return sum(event_id in str(row) for row in json.loads(listed)["items"])


def test_contribution_unsigned_and_missing(pilot, eventually):
    """The data lead signs before the seal; a seal that waits for consent's proof follows once a worker runs."""
    provision_absent(pilot, ("b2", "c3", "d4", "e5"))
    pilot.board.post("/v1/tasks", {"period": PERIOD, "plan": "year-v1", "roster": [HOST, "b2", "c3", "d4", "e5"]})
    pilot.until("the task", lambda: pilot.preview(HOST, PERIOD).get("state") == "OPEN")

    def preview():
        return json.loads(alongside(pilot, "period", "preview", PERIOD, "-t", HOST, "-o", "json"))

    assert preview()["signature"] == "UNSIGNED"
    alongside(pilot, "period", "sign-off", PERIOD, "-t", HOST)
    assert preview()["signature"] == "SIGNED"
    stop(pilot, "worker")
    start_without_consumers(pilot)
    pilot.set_clock(Period.parse(PERIOD).seal_at() + timedelta(hours=2))
    log = pilot.stack.layout.logs_dir / f"{HOST}-worker.out"
    eventually(lambda: "period waits" in log.read_text(encoding="utf-8"), within_s=60)
    assert preview()["consent_proven"] is False
    stop(pilot, "worker")
    assert "worker" in alongside(pilot, "doctor", refused=True)
    alongside(pilot, "up")
    pilot.until("the seal", lambda: pilot.preview(HOST, PERIOD)["state"] == "SEALED")


def test_erasure_unfinished_and_keys_outdated(pilot, eventually, tmp_path):
    """An erasure whose job does not run goes on after ``up``; old keys are refused until the newest are back."""
    key_file = Vault.of(pilot.stack.layout.secrets_dir, HOST).folder / "tenant.key"
    shutil.copy(key_file, tmp_path / "old.key")
    survivor = register(pilot)
    stop(pilot, "worker")
    context = open_context(HOST, "case", kind="test")
    context.survivor_keys.forget(survivor)
    context.client.close()

    def erasures():
        return json.loads(alongside(pilot, "erase", "status", "-t", HOST, "-o", "json"))

    assert erasures()["waiting"] == 1
    alongside(pilot, "up")
    eventually(lambda: erasures()["waiting"] == 0 and erasures()["step"] == "IDLE", within_s=90)
    found = erasures()
    assert found["table"] == found["key"] == found["escrow"] == 2

    stop(pilot, "worker")
    shutil.copy(key_file, tmp_path / "newest.key")
    shutil.copy(tmp_path / "old.key", key_file)
    pilot.stack.start_process(HOST, "worker")
    eventually(lambda: any("Restore the newest key file" in what for what in findings(pilot)), within_s=60)
    assert any("jobs-case stays down" in what for what in findings(pilot))
    shutil.copy(tmp_path / "newest.key", key_file)
    stop(pilot, "worker")
    alongside(pilot, "up")
    well(pilot)


def test_telemetry_silent_and_lease_flapping(pilot, eventually):
    """Down, and up with the collector's address: relays report, and each lease is won once."""
    collector = Collector()
    try:
        alongside(pilot, "down")
        interval = {"OTEL_METRIC_EXPORT_INTERVAL": "1000"}
        alongside(pilot, "up", environment={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, **interval})
        eventually(lambda: list(collector.points("alongside.outbox.depth")), within_s=60)
        won = [
            (process["service.instance.id"], tuple(sorted(labels.items())), point.as_int)
            for process, labels, point in collector.points("alongside.lease.changes")
        ]
        assert {count for _, _, count in won} == {1}
        well(pilot)
    finally:
        collector.close()


def audit_states(pilot, action):
    """Whether the audit service itself put an action on record."""
    with MongoClient(pilot.stack.engines.mongod.admin_uri(), tz_aware=True) as mongo:
        rows = mongo[database_name(HOST, "audit")]["outbox"].find()
        return any(action in bytes(event["body"]) for row in rows for event in row["events"])


def publish_unheard(pilot):
    """Case states a type that no version of ours has."""
    layout = pilot.stack.layout
    password = Vault.of(layout.secrets_dir, HOST).password("amqp-case")
    uri = pilot.stack.engines.rabbit.amqp_url(user=f"{HOST}.case", password=password, vhost=vhost_name(HOST))
    event_type, event_id = "alongside.case.unheard.v1", new_event_id()
    envelope = Envelope(
        routing_key=event_type,
        headers={"ce-type": event_type, "ce-id": event_id, "ce-tenantid": HOST},
        properties={"content_type": "application/json", "message_id": event_id, "user_id": f"{HOST}.case"},
        body=b"{}",
    )
    publisher = Publisher(uri)
    publisher.publish([Outgoing(exchange="case.events", envelope=envelope)])
    publisher.close()


def lose_bindings(pilot, *hearers):
    """Remove every binding by which these services hear of case."""
    provisioner = pilot.stack.provisioner()
    try:
        for hearer in hearers:
            path = f"bindings/{vhost_name(HOST)}/e/case.events/q/q.{hearer}.case"
            for binding in provisioner.broker.management.get(path):
                provisioner.broker.management.delete(f"{path}/{binding['properties_key']}")
    finally:
        provisioner.close()


def test_messages_missed_by_one_hearer(pilot, eventually):
    """What another one took is not unrouted; it is sent again to the one that missed it, and nothing is lacking then."""
    lose_bindings(pilot, "consent")
    assert any(f"parked missed --tenant {HOST}" in one["mend"] for one in doctor(pilot.stack))
    person = pilot.as_(HOST, "supervisor")
    survivor = person.post("/v1/survivors", {"name": "Invented"})["id"]
    person.post("/v1/episodes", EPISODE | {"survivor_id": survivor})
    with MongoClient(pilot.stack.engines.mongod.admin_uri(), tz_aware=True) as mongo:
        case, consent = mongo[database_name(HOST, "case")], mongo[database_name(HOST, "consent")]
        eventually(lambda: case["outbox"].count_documents({"status": "NEW", "route": "local"}) == 0, within_s=30)
        alongside(pilot, "up")
        # What only consent hears of: nobody took that.
        alongside(pilot, "parked", "unrouted", "-t", HOST)
        eventually(lambda: from_document(consent["streams"].find_one({"_id": "case"})).missing(), within_s=120)
        found = json.loads(alongside(pilot, "parked", "missed", "-t", HOST, "-o", "json"))
        assert found["sent_again"] > 0
        assert found["left"] == 0
        eventually(lambda: not from_document(consent["streams"].find_one({"_id": "case"})).missing(), within_s=30)
        assert consent["episodes"].count_documents({"survivor_id": survivor}) == 1
    well(pilot)


def test_messages_unrouted(pilot, eventually):
    """Bindings that were removed are made again by ``up``; what nobody heard meanwhile is handed over, and takes effect."""
    # Of all who hear of episodes: what one of them hears is not unrouted, and its neighbours' gap is seen otherwise.
    lose_bindings(pilot, "consent", "integrations", "audit")
    assert "is missing" in alongside(pilot, "doctor", refused=True)
    person = pilot.as_(HOST, "supervisor")
    survivor = person.post("/v1/survivors", {"name": "Invented"})["id"]
    person.post("/v1/episodes", EPISODE | {"survivor_id": survivor})
    eventually(lambda: any("no service reads" in what for what in findings(pilot)), within_s=30)
    alongside(pilot, "up")
    eventually(lambda: not any("is missing" in what for what in findings(pilot)), within_s=30)
    handed = json.loads(alongside(pilot, "parked", "unrouted", "-t", HOST, "-o", "json"))
    assert handed["handed_over"] > 0
    assert handed["left"] == 0
    well(pilot)
    with MongoClient(pilot.stack.engines.mongod.admin_uri(), tz_aware=True) as mongo:
        consent = mongo[database_name(HOST, "consent")]

        def gapless():
            progress = consent["streams"].find_one({"_id": "case"})
            return progress is not None and not progress["above"]

        eventually(gapless, within_s=30)
        known = consent["episodes"].count_documents({"survivor_id": survivor})
        assert known == 1, "consent heard of the episode in the end"
    publish_unheard(pilot)
    eventually(lambda: any("no service reads" in what for what in findings(pilot)), within_s=30)
    assert json.loads(alongside(pilot, "parked", "unrouted", "-t", HOST, "-o", "json")) == {"handed_over": 0, "left": 1}
    (row,) = json.loads(alongside(pilot, "parked", "list", "--unrouted", "-t", HOST, "-o", "json"))["items"]
    alongside(pilot, "parked", "discard", row["id"], "--unrouted", "--yes", "-t", HOST)
    eventually(lambda: not any("no service reads" in what for what in findings(pilot)), within_s=30)
    eventually(lambda: audit_states(pilot, b"audit:message:discard"), within_s=60)
    well(pilot)
