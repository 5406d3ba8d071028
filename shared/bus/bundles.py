"""Bundles: consecutive events of one type in one message, in CloudEvents' JSON batch format.

A message costs far more than an event: its header table is written, routed, stored, confirmed and read one by
one. So a relay puts up to 50 consecutive events of one type, none of them with another between them for any of
its consumers, into one message. A consumer takes it apart at once: from there on each event is a delivery of its
own, in the binary form that a message of one event has (``shared.bus.codec``). So one that fails leaves singly
for the retry queue or the parking queue, with its own id, number and trace; a bundle is acknowledged when each
of its events has its fate.

Promise: taking a bundle apart gives the events that were put in, in order, each as it would have come alone; what
is no bundle comes out as it came (``tests/unit/shared/bus/test_bundle_form.py``).

Limit: an older program does not know bundles, and would park them. A relay makes none until its database says
that no older program runs (``shared.outbox._bundling``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from shared.bus.codec import CONTENT_TYPE, Envelope
from shared.bus.deliveries import Delivery
from shared.bus.names import (
    CE_ID,
    CE_SEQUENCE,
    CE_SOURCE,
    CE_SPECVERSION,
    CE_SUBJECT,
    CE_TENANT,
    CE_TIME,
    CE_TYPE,
    DELIVERIES_HEADER,
    EVENTS_HEADER,
    STREAM_PREFIX,
)
from shared.bus.publisher import Outgoing
from shared.telemetry.traces import HEADER

BUNDLE_TYPE = "application/cloudevents-batch+json"
BUNDLE_EVENTS = 50
BUNDLE_BYTES = 65_536
"""A bundle's events have no more together, so that it travels in one frame; a larger event comes alone."""
APART_AFTER = 3
"""A bundle that was delivered so often in vain comes again event by event."""
MOST_READ = 1_000
"""A reader takes more than its own version's relays put in, so that a later one may."""

_APART = frozenset({"content_type", "message_id", "type", "application_headers"})


class _Stated(msgspec.Struct, omit_defaults=True):
    """One event, with CloudEvents' attributes and ours; ``streams`` is ``consent:12 audit:7``."""

    specversion: str
    id: str
    type: str
    source: str
    subject: str
    time: str
    sequence: str
    tenantid: str
    streams: str
    data: msgspec.Raw
    traceparent: str | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[_Stated]).decode


def bundled(messages: Sequence[Outgoing]) -> list[Outgoing]:
    """Put neighbours together, in order; events that go to nobody by number stay alone.

    Two events are neighbours where no consumer of theirs hears another event between them.
    """
    groups: list[_Group] = []
    newest: dict[str, _Group] = {}
    for message in messages:
        envelope = message.envelope
        streams = [name for name in envelope.headers if name.startswith(STREAM_PREFIX)]
        group = newest.get(streams[0]) if streams else None
        if (
            group is None
            or len(group.envelopes) >= BUNDLE_EVENTS
            or group.size + len(envelope.body) > BUNDLE_BYTES
            or (group.first.exchange, group.first.envelope.routing_key) != (message.exchange, envelope.routing_key)
            or any(newest.get(name) is not group for name in streams)
        ):
            group = _Group(message)
            groups.append(group)
            newest.update(dict.fromkeys(streams, group))
        group.envelopes.append(envelope)
        group.streams.append(streams)
        group.size += len(envelope.body)
    return [replace(g.first, envelope=_bundle(g)) if len(g.envelopes) > 1 else g.first for g in groups]


def apart(delivery: Delivery) -> list[Delivery]:
    """Take a bundle apart; anything else, and what only claims to be one, comes out as it came."""
    if delivery.properties.get("content_type") != BUNDLE_TYPE:
        return [delivery]
    try:
        stated = _decode(delivery.body)
        events = [_alone(one) for one in stated]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return [delivery]  # Whoever decodes it parks it, as bytes.
    if not 1 <= len(events) <= MOST_READ:
        return [delivery]
    carried = {k: v for k, v in delivery.headers.items() if k not in _OF_ONE and not k.startswith(STREAM_PREFIX)}
    shared = {k: v for k, v in delivery.properties.items() if k not in _APART}
    return [
        Delivery(
            tag=delivery.tag,
            routing_key=delivery.routing_key,
            redelivered=delivery.redelivered,
            part=number,
            body=bytes(one.data),
            headers={**carried, **headers},
            properties={**shared, "content_type": CONTENT_TYPE, "message_id": one.id, "type": one.type},
        )
        for number, (one, headers) in enumerate(zip(stated, events, strict=True))
    ]


def must_come_apart(delivery: Delivery) -> bool:
    """Whether it is an event of a bundle that was delivered in vain again and again.

    One of its events may end the process. Alone each counts for itself, so that the broker's delivery limit parks
    the one and none of its neighbours.
    """
    count = delivery.headers.get(DELIVERIES_HEADER, 0)
    return delivery.part is not None and isinstance(count, int) and count >= APART_AFTER


@dataclass
class _Group:
    first: Outgoing
    envelopes: list[Envelope] = field(default_factory=list)
    streams: list[Sequence[str]] = field(default_factory=list)
    size: int = 0


def _bundle(group: _Group) -> Envelope:
    """Make one message of several of one type; its own headers say only what a person or the broker needs."""
    first, envelopes = group.envelopes[0], group.envelopes
    return Envelope(
        routing_key=first.routing_key,
        headers={CE_TYPE: first.headers[CE_TYPE], EVENTS_HEADER: len(envelopes)},
        properties={**first.properties, "content_type": BUNDLE_TYPE},
        body=_encode(
            [_stated(one.headers, one.body, streams) for one, streams in zip(envelopes, group.streams, strict=True)]
        ),
    )


def _stated(headers: Mapping[str, Any], body: bytes, streams: Sequence[str]) -> _Stated:
    return _Stated(
        specversion=headers[CE_SPECVERSION],
        id=headers[CE_ID],
        type=headers[CE_TYPE],
        source=headers[CE_SOURCE],
        subject=headers[CE_SUBJECT],
        time=headers[CE_TIME],
        sequence=headers[CE_SEQUENCE],
        tenantid=headers[CE_TENANT],
        streams=" ".join([f"{name[len(STREAM_PREFIX) :]}:{headers[name]}" for name in streams]),
        data=msgspec.Raw(body),
        traceparent=headers.get(HEADER),
    )


def _alone(one: _Stated) -> dict[str, Any]:
    """Give the headers that the event has in a message of its own."""
    headers: dict[str, Any] = {
        CE_SPECVERSION: one.specversion,
        CE_ID: one.id,
        CE_TYPE: one.type,
        CE_SOURCE: one.source,
        CE_SUBJECT: one.subject,
        CE_TIME: one.time,
        CE_SEQUENCE: one.sequence,
        CE_TENANT: one.tenantid,
        **_numbers(one.streams.split()),
    }
    if one.traceparent is not None:
        headers[HEADER] = one.traceparent
    return headers


def _numbers(streams: Iterable[str]) -> dict[str, int]:
    found = {}
    for stream in streams:
        consumer, _, number = stream.partition(":")
        found[STREAM_PREFIX + consumer] = int(number)
    return found


_OF_ONE = frozenset({CE_ID, CE_TYPE, CE_SOURCE, CE_SUBJECT, CE_TIME, CE_SEQUENCE, CE_TENANT, HEADER, EVENTS_HEADER})
"""What a bundle's own headers may not say of its events."""
