import contextvars
import secrets
import threading
import time
import timeit
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.telemetry import traces
from shared.telemetry.export import export_spans
from shared.telemetry.traces import (
    SpanKind,
    current_traceparent,
    extract,
    record_with,
    start_batch_span,
    start_span,
)

SENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def exporter():
    exporter = InMemorySpanExporter()
    provider = export_spans(SimpleSpanProcessor(exporter), resource={"service.name": "case"})
    yield exporter
    record_with(None)
    provider.shutdown()


class TestContext:
    def test_a_child_keeps_the_trace_and_has_its_own_id(self):
        """One trace, many hops."""
        with start_span("outer") as outer, start_span("inner") as inner:
            assert inner.traceparent[:35] == outer.traceparent[:35]
            assert inner.traceparent != outer.traceparent
            assert current_traceparent() == inner.traceparent

    def test_after_the_span_nothing_stays(self):
        """A span that ended is nobody's parent, even after an error."""
        with pytest.raises(ValueError, match="x"), start_span("outer"):
            raise ValueError("x")
        assert current_traceparent() is None

    def test_a_message_carries_the_span_to_the_next_process(self):
        """What one process writes, the next one reads."""
        with start_span("publish") as sender:
            headers = {"traceparent": current_traceparent()}
        with start_span("process", parent=extract(headers)) as receiver:
            assert receiver.traceparent[:35] == sender.traceparent[:35]

    @pytest.mark.parametrize("value", [SENT, SENT.encode()])
    def test_reads_text_and_bytes(self, value):
        """AMQP libraries give either."""
        assert extract({"traceparent": value}) == SENT

    @pytest.mark.parametrize(
        "value",
        [
            None, 7, "", "x", b"\xff", SENT.upper(), SENT + "-extra", "ff" + SENT[2:],
            "00-" + "0" * 32 + SENT[35:], SENT[:36] + "0" * 16 + "-01", SENT + "\n",
        ],
    )  # fmt: skip
    def test_refuses_what_is_malformed(self, value):
        """A bad header begins a new trace and never travels on."""
        assert extract({"traceparent": value}) is None

    @given(st.text())
    def test_any_text_is_either_refused_or_safe(self, text):
        """Nothing a sender writes comes through but ids."""
        found = extract({"traceparent": text})
        assert found is None or set(found) <= set("0123456789abcdef-")

    def test_a_parent_flag_travels(self):
        """Who recorded the trace upstream is known downstream."""
        with start_span("x", parent=SENT) as span:
            assert span.traceparent.endswith("-01")

    @given(st.integers(1, 5))
    def test_new_spans_are_well_formed(self, depth):
        """Every header we make is one we would accept."""
        spans = [start_span("x") for _ in range(depth)]
        for span in spans:
            span.__enter__()
        assert extract({"traceparent": current_traceparent()}) == spans[-1].traceparent
        for span in reversed(spans):
            span.__exit__(None, None, None)


class TestConcurrency:
    def test_threads_start_without_a_trace(self):
        """One request's trace never runs into another's."""
        seen = []
        with start_span("x"):
            thread = threading.Thread(target=lambda: seen.append(current_traceparent()))
            thread.start()
            thread.join()
        assert seen == [None]

    def test_a_copied_context_carries_the_trace_into_a_thread(self):
        """Who hands work to a thread may hand the trace on."""
        seen = []
        with start_span("x") as span:
            context = contextvars.copy_context()
            thread = threading.Thread(target=lambda: context.run(lambda: seen.append(current_traceparent())))
            thread.start()
            thread.join()
        assert seen == [span.traceparent]

    def test_handlers_side_by_side_do_not_mix(self):
        """Each handler sees its own span, however they interleave."""
        together = threading.Barrier(20)

        def work(number):
            before = current_traceparent()
            with start_span("x", parent=f"00-{number + 1:032x}-b7ad6b7169203331-01"):
                for _ in range(5):
                    together.wait(timeout=30)
                    assert int(current_traceparent()[3:35], 16) == number + 1
            return before, current_traceparent()

        with start_span("outer"), ThreadPoolExecutor(20) as pool:
            assert list(pool.map(work, range(20))) == [(None, None)] * 20


class TestCost:
    def test_without_exporter_a_hop_costs_little(self):
        """A span that is written and read costs little more than its random ids, so that every event can have one.

        Beside ids drawn in the same moments, so that a busy or slow machine makes both dear: about twice their cost
        here, and nineteen times where somebody records.
        """

        def hop():
            with start_span("alongside.case.closed.v1 publish"):
                headers = {"traceparent": current_traceparent()}
            extract(headers)

        def ids():
            return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"

        took = {hop: [], ids: []}
        for _ in range(30):
            for what, times in took.items():
                times.append(timeit.timeit(what, number=300, timer=time.thread_time))
        ratio = min(took[hop]) / min(took[ids])
        print(f"one hop: {min(took[hop]) / 300 * 1e6:.1f} µs, {ratio:.1f} times its ids")
        assert ratio < 6


class TestExport:
    def test_spans_have_parents_links_and_allowed_attributes_only(self, exporter):
        """What is seen has ids and codes; one link for each message of a batch."""
        with start_span("batch", links=[SENT, SENT], kind=SpanKind.CONSUMER) as batch:
            batch.set(count=2, surname="Okafor")
            with start_span("inner"):
                pass

        inner, outer = exporter.get_finished_spans()
        assert inner.parent.span_id == outer.context.span_id
        assert outer.parent is None
        assert outer.kind.name == "CONSUMER"
        assert [f"{link.context.span_id:016x}" for link in outer.links] == [SENT[36:52]] * 2
        assert dict(outer.attributes) == {"count": 2}

    def test_one_cause_is_the_parent_and_several_are_links(self, exporter):
        """A message that comes alone stays in its request's trace; a batch belongs to no single one."""
        other = SENT.replace("0af7", "1af7")
        with start_batch_span("one", [SENT, None, SENT]):
            pass
        with start_batch_span("two", [SENT, other, SENT]):
            pass
        with start_batch_span("none", [None]):
            pass
        with start_batch_span("many", [f"00-{n + 1:032x}-b7ad6b7169203331-01" for n in range(500)]):
            pass

        one, two, none, many = exporter.get_finished_spans()
        assert f"{one.context.trace_id:032x}" == SENT[3:35]
        assert (two.parent, len(two.links)) == (None, 2)
        assert (none.parent, len(none.links)) == (None, 0)
        assert len(many.links) == 128

    def test_a_span_ends_under_its_last_name(self, exporter):
        """The route of a request is known only when it has been found."""
        with start_span("GET request") as span:
            span.rename("GET /v1/episodes")

        assert [s.name for s in exporter.get_finished_spans()] == ["GET /v1/episodes"]

    def test_a_remote_parent_without_flag_is_seen_as_well(self, exporter):
        """A sender without exporter does not hide its receivers."""
        with start_span("process", parent=SENT[:-2] + "00"):
            pass

        [span] = exporter.get_finished_spans()
        assert f"{span.context.trace_id:032x}" == SENT[3:35]

    def test_an_error_shows_its_class_and_no_text(self, exporter):
        """An exception's text may quote what a person told us."""
        with pytest.raises(ValueError, match="Okafor"), start_span("x"):
            raise ValueError("Okafor")

        [span] = exporter.get_finished_spans()
        assert span.attributes["error.type"] == "ValueError"
        assert "Okafor" not in span.to_json()

    def test_by_default_nothing_is_recorded(self):
        """No exporter, no SDK span, no network."""
        assert traces._Recording.recorder is None
