"""One request is one trace inside a tenant, on a real broker and database; nothing of it leaves the vhost."""

import threading
from contextlib import contextmanager

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.bus.codec import decode, encode
from shared.bus.deliveries import Delivery
from shared.bus.publisher import Outgoing
from shared.kernel.ids import new_event_id, new_id
from shared.outbox.machinery import Address, Courier, Relay, Remote
from shared.telemetry.export import export_spans
from shared.telemetry.metric_names import (
    COMMANDS,
    COMMIT_DURATION,
    COMMIT_GROUP_SIZE,
    CONSUME_BATCH,
    CONSUMED,
    DELIVERY_LATENCY,
    LEASE_CHANGES,
    PARKED,
    PROCESS_DURATION,
    PUBLISH_LATENCY,
    PUBLISHED,
)
from shared.telemetry.metrics import configure_metrics, snapshot
from shared.telemetry.traces import SpanKind, record_with, start_span
from tests.kit.kernel_rig import Rig, note_effect, open_episode

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

SENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def rig(engines):
    made = Rig(engines)
    made.provision()
    yield made
    made.close()


@pytest.fixture
def spans():
    exporter = InMemorySpanExporter()
    provider = export_spans(SimpleSpanProcessor(exporter), resource={"service.name": "test"})

    def finished(name=None):
        return [s for s in exporter.get_finished_spans() if name is None or s.name == name]

    yield finished
    record_with(None)
    provider.shutdown()


@contextmanager
def closing(committer):
    yield committer
    committer.close()


def request(committer, **options):
    """Submit one command as an HTTP request would; gives the trace's id and the future."""
    with start_span("POST /v1/episodes", kind=SpanKind.SERVER) as span:
        return span.traceparent[3:35], committer.submit(open_episode(**options))


def trace_of(span):
    return f"{span.context.trace_id:032x}"


def traces_linked(span):
    return {f"{link.context.trace_id:032x}" for link in span.links}


class TestOneRequest:
    def test_a_request_that_comes_alone_is_one_trace_to_the_consumer(self, rig, spans, eventually):
        """Server span, commit, publish and consumer hang under each other in one trace."""
        with closing(rig.committer()) as committer:
            trace, future = request(committer)
            future.result(timeout=30)
        rig.start(rig.relay(marks=False), rig.consumer())
        eventually(lambda: spans("consent consume"), within_s=30)
        [commit] = spans("case commit")
        [server] = spans("POST /v1/episodes")
        [publish] = spans("case relay publish")
        [consume] = spans("consent consume")
        assert {trace_of(s) for s in (server, commit, publish, consume)} == {trace}
        assert commit.parent.span_id == server.context.span_id
        assert publish.parent.span_id == commit.context.span_id
        assert consume.parent.span_id == commit.context.span_id
        assert consume.kind.name == "CONSUMER"
        assert not consume.links

    def test_of_many_together_each_is_linked_and_keeps_its_own_trace(self, rig, spans, eventually):
        """A batch has one span with a link to each message's; each fact carries its own request's trace."""
        heard = []

        def note(received, work):
            heard.append(received.traceparent[3:35])
            note_effect(received, work)

        with closing(rig.committer()) as committer:
            asked = [request(committer) for _ in range(30)]
            for _, future in asked:
                future.result(timeout=30)
        traces = {trace for trace, _ in asked}
        rig.start(rig.relay(marks=False), rig.consumer(note))
        eventually(lambda: len(rig.effects()) == 30, within_s=30)
        assert set(heard) == traces
        groups = [s for s in spans("case commit") if s.links]
        assert groups
        assert all(traces_linked(group) <= traces for group in groups)
        batches = spans("consent consume")
        assert len(batches) < 30
        seen = set().union(*(traces_linked(b) or {trace_of(b)} for b in batches))
        assert seen == traces

    def test_a_message_handled_alone_has_a_span_in_its_own_trace(self, rig, spans, eventually):
        """When a batch fails, the bad message is seen in the trace of the request that stated it."""
        bad = new_id()

        def refuse(received, work):
            if received.event.episode_id == bad:
                raise KeyError(bad)
            note_effect(received, work)

        with closing(rig.committer()) as committer:
            asked = [request(committer, episode_id=bad), *(request(committer) for _ in range(9))]
            for _, future in asked:
                future.result(timeout=30)
        rig.start(rig.relay(marks=False), rig.consumer(refuse))
        eventually(lambda: rig.depth("parking.consent") == 1, within_s=30)
        alone = [s for s in spans("consent consume alone") if trace_of(s) == asked[0][0]]
        eventually(lambda: [s for s in spans("consent consume alone") if s.attributes["outcome"] == "parked"])
        assert [s.attributes["outcome"] for s in alone][:1] == ["retried"]
        assert bad not in "".join(s.to_json() for s in spans())


class TestTheEnd:
    def test_what_leaves_the_vhost_carries_no_trace(self, rig):
        """A mandatory address is another owner's vhost: the header stays behind, the row keeps it."""
        sent = []

        class Kept:
            def publish(self, messages):
                sent.extend(messages)

        with closing(rig.committer()) as committer, start_span("POST"):
            committer.execute(open_episode())
        rig.database("case")["outbox"].update_many({}, {"$set": {"route": "board"}})
        address = Address(publisher=Kept(), exchange=lambda _t: "x", broker_user="u", mandatory=True)
        relay = Relay(
            client=rig.client,
            database=f"as_{rig.tenant}_case",
            tenant_id=rig.tenant,
            service="case",
            addresses={"board": address},
            consumers_of=lambda _type: (),
            name="courier-board",
        )
        assert relay.step() == 1
        assert sent
        assert not any("traceparent" in message.envelope.headers for message in sent)
        assert rig.database("case")["outbox"].find_one()["traceparent"]

    def test_what_the_courier_brings_carries_no_trace(self):
        """A trace that the board began is none of the host's."""
        courier = Courier(
            client=None,
            database="as_x_reporting",
            tenant_id="x",
            service="reporting",
            remotes=[Remote(route="board", amqp_uri="amqp://x")],
        )
        delivery = Delivery(
            tag=1,
            body=b"{}",
            headers={"traceparent": SENT, "ce-id": "1"},
            properties={"type": "t"},
            routing_key="t",
            redelivered=False,
        )
        brought = courier._brought(delivery)
        assert isinstance(brought, Outgoing)
        assert brought.envelope.headers == {"ce-id": "1"}

    @pytest.mark.parametrize(("tenants", "kept"), [(frozenset({"h"}), SENT), (None, None)])
    def test_a_trace_from_outside_is_not_taken_on(self, tenants, kept):
        """Hosts and centre are other owners: what they send begins a new trace."""
        command = open_episode()
        seen = {}

        class Work:
            def record(self, event, **_):
                seen["event"] = event

            insert = audit = lambda *_: None
            now = None

        command.run(Work())
        event = seen["event"]
        import msgspec

        from shared.kernel.clock import real_now

        envelope = encode(
            event={
                "id": new_event_id(),
                "type": event.event_type,
                "subject": event.subject,
                "sequence": 1,
                "body": msgspec.json.encode(event),
            },
            tenant_id="h",
            recorded_at=real_now(),
            broker_user="h.case",
            streams={},
            traceparent=SENT,
        )
        received = decode(
            headers=envelope.headers,
            properties=envelope.properties,
            body=envelope.body,
            consumer="consent",
            allowed_tenants=tenants,
            allowed_users=frozenset({"h.case"}),
            own_user="h.consent",
            operator="h.operator",
        )
        assert received.traceparent == kept


class TestMeasures:
    def test_the_whole_path_measures_itself(self, rig, eventually):
        """Commands, commits, publishing, leases, batches, latency and parking all have figures."""
        configure_metrics((), resource={})
        done = threading.Event()

        def refuse_one(received, work):
            if not done.is_set():
                done.set()
                raise LookupError
            note_effect(received, work)

        with closing(rig.committer()) as committer:
            for _, future in [request(committer) for _ in range(5)]:
                future.result(timeout=30)
        rig.start(rig.relay(marks=False), rig.consumer(refuse_one))
        eventually(lambda: len(rig.effects()) == 5, within_s=30)

        def named(metric):
            return snapshot().get(metric.name, {}).get("points", [])

        eventually(lambda: sum(p["value"] for p in named(CONSUMED) if p["labels"]["outcome"] == "committed") == 5)
        assert sum(p["value"] for p in named(COMMANDS) if p["labels"]["outcome"] == "done") == 5
        for metric in (COMMIT_DURATION, COMMIT_GROUP_SIZE, PUBLISH_LATENCY, PROCESS_DURATION, CONSUME_BATCH):
            assert named(metric), metric.name
        assert named(DELIVERY_LATENCY)[0]["sum"] > 0
        assert [p["labels"]["outcome"] for p in named(LEASE_CHANGES)] == ["won"]
        assert sum(p["value"] for p in named(PUBLISHED)) >= 5
        # An exception's class is no code: the label says that it was a fault of ours.
        parked = named(PARKED)
        assert not parked or {p["labels"]["reason"] for p in parked} == {"fault"}
