"""Spans for somebody who looks: OpenTelemetry spans behind ``shared.telemetry.traces``.

Only this module loads the tracing SDK. It opens no connection itself: the wiring brings the processor
with its exporter, and without one nothing is exported.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, StatusCode, TraceFlags, Tracer
from opentelemetry.trace import SpanKind as OtelSpanKind
from opentelemetry.trace.propagation import set_span_in_context

from shared.telemetry.traces import SpanKind, record_with


class ExportedSpan:
    """One OpenTelemetry span, which ends with what is allowed of it."""

    def __init__(self, span: Span) -> None:
        """Take the begun span."""
        self._span = span

    @property
    def traceparent(self) -> str:
        """Its W3C header."""
        context = self._span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def end(self, *, name: str, attributes: Mapping[str, Any], error: str | None) -> None:
        """Finish it; an exception's text is never recorded."""
        self._span.update_name(name)
        self._span.set_attributes(attributes)
        if error is not None:
            self._span.set_attribute("error.type", error)
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


class SpanRecorder:
    """Begins OpenTelemetry spans for ``start_span``."""

    def __init__(self, tracer: Tracer) -> None:
        """Take the process's tracer."""
        self._tracer = tracer

    def begin(self, name: str, *, parent: str | None, links: Sequence[str], kind: SpanKind) -> ExportedSpan:
        """Begin a span under ``parent``, or a new trace."""
        context = Context()
        if parent is not None:
            context = set_span_in_context(NonRecordingSpan(_context(parent)), context)
        span = self._tracer.start_span(
            name,
            context=context,
            kind=OtelSpanKind[kind.name],
            links=[Link(_context(link)) for link in links],
            record_exception=False,
            set_status_on_exception=False,
        )
        return ExportedSpan(span)


def export_spans(processor: SpanProcessor, *, resource: Mapping[str, str]) -> TracerProvider:
    """Send every span of this process to a processor from now on.

    Args:
        processor: Such as ``BatchSpanProcessor(OTLPSpanExporter(...))``; the wiring makes it.
        resource: What every span says about its process: ``service.name``, ``alongside.tenant``.

    Returns:
        The provider, to be shut down before the process ends.
    """
    # Always on, not parent-based: a process without exporter hands on flag 00, and still wants to be seen.
    provider = TracerProvider(sampler=ALWAYS_ON, resource=Resource(dict(resource)), shutdown_on_exit=False)
    provider.add_span_processor(processor)
    record_with(SpanRecorder(provider.get_tracer("alongside")))
    return provider


def _context(traceparent: str) -> SpanContext:
    return SpanContext(
        trace_id=int(traceparent[3:35], 16),
        span_id=int(traceparent[36:52], 16),
        is_remote=True,
        trace_flags=TraceFlags(int(traceparent[53:55], 16)),
    )
