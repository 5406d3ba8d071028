"""W3C trace context: which hop caused which, by ids only; a trace ends at the courier.

Without an exporter a span is two random ids in a context variable (about 2 µs), so that the chain of
``traceparent`` headers is whole and somebody who adds an exporter later sees complete traces. With one
(``shared.telemetry.export``) each span is also an OpenTelemetry span. Threads start without a trace;
so does each batch, which has one of its own.

Limit: ``tracestate`` and baggage are neither read nor sent; they could carry anything.
Source: W3C Trace Context, level 1.
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar, Token
from enum import Enum
from types import TracebackType
from typing import Any, Protocol, Self

from shared.kernel.errors import AlongsideError
from shared.telemetry.log_fields import allowed_only

HEADER = "traceparent"

_VALID = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_MOST_LINKS = 128
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


class SpanKind(Enum):
    """What a span stands for, in OpenTelemetry's words."""

    INTERNAL = 0
    SERVER = 1
    CLIENT = 2
    PRODUCER = 3
    CONSUMER = 4


class RecordedSpan(Protocol):
    """A span that somebody will see."""

    @property
    def traceparent(self) -> str:
        """Its W3C header."""

    def end(self, *, name: str, attributes: Mapping[str, Any], error: str | None) -> None:
        """Finish it under its last name, with allowed attributes and the error's code or class."""


class Recorder(Protocol):
    """Makes spans that are seen; the wiring sets one when an exporter is configured."""

    def begin(self, name: str, *, parent: str | None, links: Sequence[str], kind: SpanKind) -> RecordedSpan:
        """Begin a span under ``parent`` (a traceparent), or a new trace."""


class _Recording:
    recorder: Recorder | None = None


def record_with(recorder: Recorder | None) -> None:
    """Let a recorder see every span from now on; None ends it."""
    _Recording.recorder = recorder


class Span:
    """A stretch of work; use as ``with start_span(...) as span``."""

    __slots__ = ("_attributes", "_kind", "_links", "_name", "_parent", "_recorded", "_token", "traceparent")

    def __init__(self, name: str, parent: str | None, links: Sequence[str], kind: SpanKind) -> None:
        """Use ``start_span``."""
        self._name = name
        self._parent = parent
        self._links = links
        self._kind = kind
        self._attributes: dict[str, object] = {}
        self._recorded: RecordedSpan | None = None
        self._token: Token[str | None] | None = None
        self.traceparent = ""

    def rename(self, name: str) -> None:
        """Give a constant name that was not known at the beginning, such as the route of a request."""
        self._name = name

    def set(self, **attributes: object) -> None:
        """Note ids, codes and counts; the allow-list of logs decides, the rest is dropped."""
        self._attributes.update(attributes)

    def __enter__(self) -> Self:
        """Begin, and be what ``current_traceparent`` gives here."""
        parent = self._parent or _current.get()
        recorder = _Recording.recorder
        if recorder is None:
            self.traceparent = _child_of(parent)
        else:
            self._recorded = recorder.begin(self._name, parent=parent, links=self._links, kind=self._kind)
            self.traceparent = self._recorded.traceparent
        self._token = _current.set(self.traceparent)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End; of an error only its code or class is kept."""
        if self._token is not None:
            _current.reset(self._token)
        if self._recorded is not None:
            kept, _ = allowed_only(self._attributes)
            self._recorded.end(name=self._name, attributes=kept, error=None if error is None else _named(error))


def start_span(
    name: str, *, parent: str | None = None, links: Sequence[str] = (), kind: SpanKind = SpanKind.INTERNAL
) -> Span:
    """Prepare a span.

    Args:
        name: Constant, such as ``alongside.case.closed.v1 publish``.
        parent: A traceparent; None means the current one, or a new trace.
        links: Traceparents of the messages of a batch, one each; a batch has no single parent.
        kind: What the span stands for.
    """
    return Span(name, parent, links, kind)


def start_batch_span(name: str, caused_by: Iterable[str | None], *, kind: SpanKind = SpanKind.INTERNAL) -> Span:
    """Prepare the span of work done together for several causes.

    One cause is its parent, so that a request whose messages come alone is one trace; of several each is a
    link, at most 128 of them, as OpenTelemetry's own limit says, and the span belongs to a trace of its own.

    Args:
        name: Constant, such as ``consent consume``.
        caused_by: The traceparent of each message or command, None where it has none.
        kind: What the span stands for.
    """
    causes = tuple(dict.fromkeys(cause for cause in caused_by if cause))
    if len(causes) == 1:
        return Span(name, causes[0], (), kind)
    return Span(name, None, causes[:_MOST_LINKS], kind)


def current_traceparent() -> str | None:
    """Give the W3C header of the span that runs here, None outside any."""
    return _current.get()


def extract(headers: Mapping[str, Any]) -> str | None:
    """Read the sender's span; None if there is none or it is malformed (then a new trace begins)."""
    value = headers.get(HEADER)
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return value if isinstance(value, str) and _VALID.fullmatch(value) else None


def _child_of(parent: str | None) -> str:
    if parent is None:
        # Flag 00: nobody has recorded it.
        ids = os.urandom(24).hex()
        return f"00-{ids[:32]}-{ids[32:]}-00"
    return f"00-{parent[3:35]}-{os.urandom(8).hex()}-{parent[53:55]}"


def _named(error: BaseException) -> str:
    return error.code if isinstance(error, AlongsideError) else type(error).__name__
