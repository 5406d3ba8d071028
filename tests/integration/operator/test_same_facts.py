"""The operator's page, ``/readyz``, doctor and the alerts tell the same of each fault, on real engines.

One row a fault. Each is made for real: a message in the queue, an old row, another's marker, a note of three minutes
ago. All four are asked before and after it; the alerts are worked out of the gauges as Prometheus would.
"""

import json
import re
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import yaml

from deploy.engines.layout import PROJECT_ROOT
from deploy.stack import report
from deploy.stack.facts import _WORDS as DOCTORS_WORDS
from deploy.stack.facts import fact_findings
from shared.bus.codec import Envelope
from shared.bus.names import PARKING, events_exchange, retry_queue
from shared.bus.provisioner import BrokerAdmin
from shared.bus.publisher import Outgoing, Publisher
from shared.bus.topology import topology_of
from shared.kernel.ids import new_id
from shared.kernel.tenancy import services_of, vhost_name
from shared.outbox.machinery import ServerClock
from shared.runtime import looking
from shared.runtime.context import open_context
from shared.runtime.facts import RULES, Fact, Seen, is_wrong
from shared.runtime.looking import Look
from shared.runtime.making import WORKERS_KINDS
from shared.runtime.migrations import Migration, Phase
from shared.runtime.operator.standing import Operations
from shared.runtime.silence import SILENT_S
from shared.runtime.watch import Watch
from shared.runtime.worker_notes import WorkerNote, silence_s, write_note
from shared.telemetry.metric_names import METRICS
from shared.telemetry.metrics import configure_metrics, snapshot
from tests.integration.telemetry.test_watch import certificate_for

ALERTS = yaml.safe_load((PROJECT_ROOT / "deploy/observability/alerts.yaml").read_text(encoding="utf-8"))
EXPRESSION = re.compile(
    r'^(?:max|min|sum) by \([^)]*\) \((?P<series>\w+)(?:\{(?P<label>\w+)="(?P<value>[^"]*)"\})?\) '
    r"(?P<sign>[<>]) (?P<limit>[0-9.]+)$"
)
SERIES = {m.name.replace(".", "_") + ("_seconds" if m.unit == "s" else ""): m.name for m in METRICS}


class Stand:
    """One host with all its services, and the four that tell of it."""

    def __init__(self, host, engines):
        self.host, self.engines = host, engines
        self.contexts = {s: open_context(host.tenant, s, kind="relay") for s in services_of(host.tenant)}
        self.topology = topology_of(host.tenant, host.reporting.settings.ladder)
        self.admin = host._admin
        self.broker = BrokerAdmin(engines.rabbit.management_url, *engines.rabbit.admin_credentials())
        self.running = True
        self.databases = {s: self.admin[c.database_name] for s, c in self.contexts.items()}

    def close(self):
        self.broker.close()
        for context in self.contexts.values():
            context.client.close()

    def page(self):
        looked = Operations(self.host.tenant, self.contexts, self.topology).look()
        return {finding.what for one in looked for finding in one.findings if finding.kind == "bad"}

    def readyz(self):
        """By the api's own route; the watch beside it looks once, as it does each minute."""
        watch = self.host.app.extensions["watch"]
        watch._look = Look(self.contexts, self.topology)
        watch.look()
        return self.host.app.test_client().get("/readyz").json["needs_attention"]

    def alerts(self):
        """Names of the alerts that would fire, by the gauges that a look of the worker's watch sets."""
        configure_metrics((), resource={})
        Watch(self.contexts, self.topology).look()
        return {rule["alert"] for group in ALERTS["groups"] for rule in group["rules"] if fires(rule["expr"])}

    def doctor(self):
        if not self.running:
            stack = SimpleNamespace(engines=SimpleNamespace(is_running=lambda: False))
            return {one["what"] for one in report.doctor(stack)}
        stack = SimpleNamespace(
            tenant_ids=lambda: [self.host.tenant],
            process=lambda *_: SimpleNamespace(began_at=time.time),
            layout=SimpleNamespace(
                logs_dir="logs", clock_file=self.host._clock_file, secrets_dir=self.host._secrets
            ),
        )  # fmt: skip
        return {one["what"] for one in fact_findings(stack, self.admin, self.broker, ())}


def fires(expression):
    """Work out an alert's expression, of those that compare one gauge with one number."""
    found = EXPRESSION.match(expression.strip())
    if found is None or found["series"] not in SERIES:
        return False
    points = snapshot().get(SERIES[found["series"]], {"points": []})["points"]
    values = [p["value"] for p in points if found["label"] is None or p["labels"].get(found["label"]) == found["value"]]
    limit = float(found["limit"])
    return any(value > limit if found["sign"] == ">" else value < limit for value in values)


@pytest.fixture
def stand(host, engines, monkeypatch):
    host._clock_file.unlink(missing_ok=True)
    host.clear()
    monkeypatch.setattr(report, "process_findings", lambda _stack: [])
    made = Stand(host, engines)
    for database in made.databases.values():
        database["outbox"].delete_many({})
        write_note(database, WORKERS_KINDS, ())
    yield made
    made.close()


@contextmanager
def another_tenants_database(stand, _monkeypatch):
    marker = stand.databases["reporting"]["marker"]
    marker.update_one({"_id": "marker"}, {"$set": {"tenant_id": "somebody"}})
    yield
    marker.update_one({"_id": "marker"}, {"$set": {"tenant_id": stand.host.tenant}})


@contextmanager
def broker_away(stand, _monkeypatch):
    stand.contexts = {
        name: replace(c, settings=replace(c.settings, amqp_uri="amqp://x:y@127.0.0.1:9/none"))
        for name, c in stand.contexts.items()
    }
    stand.running = False
    yield


@contextmanager
def queue_missing(stand, _monkeypatch):
    stand.broker.management.delete(
        f"queues/{vhost_name(stand.host.tenant)}/{retry_queue('reporting', stand.topology.ladder.rungs_ms[0])}"
    )
    yield
    stand.broker.apply(stand.topology)


@contextmanager
def worker_killed(stand, _monkeypatch):
    """The notes of a worker that was killed stay as they were."""
    stand.databases["reporting"]["relay"].update_many(
        {"_id": {"$regex": "^process:"}}, {"$set": {"seen_at": datetime.now(UTC) - timedelta(minutes=3)}}
    )
    yield
    write_note(stand.databases["reporting"], WORKERS_KINDS, ())


@contextmanager
def part_down(stand, _monkeypatch):
    write_note(stand.databases["reporting"], WORKERS_KINDS, ("consumers-reporting",))
    yield
    write_note(stand.databases["reporting"], WORKERS_KINDS, ())


@contextmanager
def relay_stuck(stand, _monkeypatch):
    at = f"{int((time.time() - 180) * 1000):012x}"
    row = {"_id": f"{at[:8]}-{at[8:]}{new_id()[13:]}", "status": "NEW", "route": "local", "events": []}
    stand.databases["reporting"]["outbox"].insert_one(row)
    yield
    stand.databases["reporting"]["outbox"].delete_one({"_id": row["_id"]})


@contextmanager
def mark_old(stand, _monkeypatch):
    stand.host.prove(datetime.now(UTC) - timedelta(seconds=130))
    yield
    stand.databases["reporting"]["streams"].delete_many({})


@contextmanager
def message_left(stand, exchange, routing_key, count):
    user = {"user_id": f"{stand.host.tenant}.reporting", "delivery_mode": 2}
    envelope = Envelope(routing_key=routing_key, headers={}, properties=user, body=b"{}")
    publisher = Publisher(stand.contexts["reporting"].settings.amqp_uri)
    publisher.publish([Outgoing(exchange=exchange, envelope=envelope, mandatory=count != "unrouted")])
    publisher.close()
    vhost = vhost_name(stand.host.tenant)
    deadline = time.monotonic() + 30
    # The management interface counts a few seconds late.
    while not stand.broker.depths(vhost).get(count) and time.monotonic() < deadline:
        time.sleep(0.2)
    yield
    stand.broker.management.delete(f"queues/{vhost}/{count}/contents")
    while stand.broker.depths(vhost).get(count) and time.monotonic() < deadline:
        time.sleep(0.2)


def parked(stand, _monkeypatch):
    return message_left(stand, PARKING, "reporting", "parking.reporting")


def unrouted(stand, _monkeypatch):
    return message_left(stand, events_exchange("reporting"), "alongside.reporting.nobody.v1", "unrouted")


@contextmanager
def certificate_soon(stand, _monkeypatch):
    pem = stand.host._clock_file.with_name("board.pem")
    pem.write_bytes(certificate_for(days=10))
    file = stand.host._secrets / "credentials" / stand.host.tenant / "reporting.json"
    before = file.read_text(encoding="utf-8")
    content = json.loads(before)
    content["extra"]["certificate_files"] = {"board": str(pem)}
    file.write_text(json.dumps(content), encoding="utf-8")
    stand.contexts["reporting"].client.close()
    stand.contexts["reporting"] = open_context(stand.host.tenant, "reporting", kind="relay")
    yield
    file.write_text(before, encoding="utf-8")
    stand.contexts["reporting"].client.close()
    stand.contexts["reporting"] = open_context(stand.host.tenant, "reporting", kind="relay")


@contextmanager
def import_failed(stand, _monkeypatch):
    ended = datetime.now(UTC) - timedelta(hours=1)
    stand.databases["case"]["imports"].insert_one({"_id": new_id(), "state": "FAILED", "ended_at": ended})
    yield
    stand.databases["case"]["imports"].delete_many({})


@contextmanager
def source_unread(stand, _monkeypatch):
    since = datetime.now(UTC) - timedelta(hours=1)
    stand.databases["case"]["sources"].insert_many([{"_id": "a", "red_at": since}, {"_id": "b", "red_at": None}])
    yield
    stand.databases["case"]["sources"].delete_many({})


@contextmanager
def upgrade_pending(_stand, monkeypatch):
    step = Migration(number=1, name="add_something", phase=Phase.EXPAND, step=lambda *_: None)
    known = looking.migrations_of
    with monkeypatch.context() as patched:
        patched.setattr(looking, "migrations_of", lambda s: (*known(s), step) if s == "audit" else known(s))
        yield


@contextmanager
def clock_wrong(_stand, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(ServerClock, "skew_s", lambda _self: 300.0)
        yield


@pytest.mark.integration
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("fault", "page", "doctor", "alerts"),
    [
        (another_tenants_database, "Database", "the database of reporting does not answer", set()),
        (broker_away, "Connection", report.ENGINES_AWAY, set()),
        (worker_killed, "Worker", "the worker of reporting has said nothing", {"WorkerSilent"}),
        (part_down, "Parts of the worker", "are down: consumers-reporting", set()),
        (relay_stuck, "Facts for its own services", "wait in the outbox", {"OutboxOld"}),
        (mark_old, "Heard from consent", "no mark that counts", {"MarkOld"}),
        (parked, "Parked messages", "1 parked messages of reporting", {"MessagesParked"}),
        (unrouted, "Messages without a queue", "that no service reads", {"MessagesUnrouted"}),
        (certificate_soon, "Certificate: board", "ends within two weeks", {"CertificateEnding"}),
        (import_failed, "Imports", "1 imports of case failed", set()),
        (source_unread, "Sources", "1 sources of case were not read", {"SourceUnread"}),
        (upgrade_pending, "Upgrade", "the database of audit lacks a migration", set()),
        (clock_wrong, "Clock of this machine", "clock is 300 seconds", set()),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_all_four_say_the_same(stand, monkeypatch, fault, page, doctor, alerts):
    """Nothing before; afterwards each names it, and nothing else; and nothing when it is over."""
    whole = stand.contexts
    assert (stand.page(), stand.readyz(), stand.doctor(), stand.alerts()) == (set(), False, set(), set())
    with fault(stand, monkeypatch):
        assert stand.page() == {page}
        assert stand.readyz() is True
        (said,) = stand.doctor()
        assert doctor in said
        assert stand.alerts() == {"NeedsAttention", *alerts}
    stand.contexts, stand.running = {**whole, "reporting": stand.contexts["reporting"]}, True
    if fault is broker_away:
        stand.contexts = whole
    assert (stand.page(), stand.readyz(), stand.doctor(), stand.alerts()) == (set(), False, set(), set())


@pytest.mark.integration
@pytest.mark.timeout(120)
def test_a_queue_that_is_missing(stand, monkeypatch):
    """Doctor compares every queue's arguments too, so it says more of it (tests/e2e/test_runbooks.py)."""
    with queue_missing(stand, monkeypatch):
        assert (stand.page(), stand.readyz(), stand.alerts()) == ({"Queues"}, True, {"NeedsAttention"})
    assert (stand.page(), stand.readyz(), stand.alerts()) == (set(), False, set())


def test_every_fact_has_a_rule_and_words():
    """Whoever adds one is told what is missing."""
    assert set(RULES) == set(Fact)
    assert set(Fact) - set(DOCTORS_WORDS) == {Fact.BROKER_AWAY, Fact.QUEUE_MISSING, Fact.CLOCK_WRONG}
    runbook = (PROJECT_ROOT / "docs/runbooks/part-down.md").read_text(encoding="utf-8")
    assert all(f"`{fact}`" in runbook for fact in Fact)


def test_the_alerts_with_a_figure_have_the_rules_limit():
    """An alert that is later than the page, or never comes, is another truth."""
    limits = {rule["alert"]: float(EXPRESSION.match(rule["expr"])["limit"])
              for group in ALERTS["groups"] for rule in group["rules"] if EXPRESSION.match(rule["expr"])}  # fmt: skip
    of_facts = {
        "OutboxOld": Fact.OUTBOX_OLD, "MarkOld": Fact.MARK_OLD, "MessagesParked": Fact.PARKED,
        "MessagesUnrouted": Fact.UNROUTED, "CertificateEnding": Fact.CERTIFICATE_ENDING, "PartDown": Fact.PART_DOWN,
    }  # fmt: skip
    assert {alert: limits[alert] for alert in of_facts} == {a: RULES[f].limit for a, f in of_facts.items()}


@pytest.mark.parametrize(
    ("fact", "well", "wrong"),
    [
        (Fact.MARK_OLD, SILENT_S, SILENT_S + 0.1),
        (Fact.WORKER_SILENT, SILENT_S, SILENT_S + 0.1),
        (Fact.OUTBOX_OLD, 60.0, 60.1),
        (Fact.CLOCK_WRONG, 2.0, 2.1),
        (Fact.PARKED, 0, 1),
        (Fact.CERTIFICATE_ENDING, 14 * 86_400, 14 * 86_400 - 1),
    ],
)
def test_from_which_figure_on(fact, well, wrong):
    """Two minutes of silence are never up to date; a certificate is the one that must not be too small."""
    assert (is_wrong(fact, well), is_wrong(fact, wrong)) == (False, True)
    assert Seen(fact=fact, value=wrong).is_wrong


def test_the_quietest_kind_of_work_counts():
    """A relay that lives says nothing of a job process that does not."""
    notes = [
        WorkerNote(age_s=1.0, kinds=frozenset({"relay"}), down=()),
        WorkerNote(age_s=500.0, kinds=frozenset({"job"}), down=()),
        WorkerNote(age_s=2.0, kinds=frozenset({"job"}), down=()),
    ]
    assert silence_s(notes, ("relay", "job"), up_s=7.0) == 2.0
    assert silence_s(notes[:2], ("relay", "job"), up_s=7.0) == 500.0
    assert silence_s(notes, ("relay", "consumers"), up_s=300.0) == 300.0
    assert silence_s([], (), up_s=300.0) == 0.0


def test_nobody_has_looked_yet_and_nobody_looks_any_more():
    """Null before the first look; a watch that hangs for two minutes is a reason to look itself."""
    watch = Watch.__new__(Watch)
    watch._looked = None
    assert watch.needs_attention() is None
    watch._looked, watch._looked_at = looking.Looked(seen=()), time.monotonic()
    assert watch.needs_attention() is False
    watch._looked_at -= SILENT_S + 1
    assert watch.needs_attention() is True
