"""The envelope: CloudEvents 1.0 in binary mode on AMQP 0-9-1; attributes as headers, the fact as JSON.

Decoding trusts nothing: a message that lacks an attribute, names another tenant or source, or was sent
by a broker user that may not speak for that source, is poison with a reason, and is parked as bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from shared.bus.names import (
    ANY_COURIER,
    ATTEMPT,
    CE_ID,
    CE_SANDBOX,
    CE_SEQUENCE,
    CE_SOURCE,
    CE_SPECVERSION,
    CE_SUBJECT,
    CE_TENANT,
    CE_TIME,
    CE_TYPE,
    ORIGIN_USER,
    STREAM_PREFIX,
    courier_user,
)
from shared.contracts.fields import MAX_COUNT
from shared.contracts.registry import EVENTS, get_event
from shared.kernel.errors import PoisonMessageError
from shared.kernel.messages import Event, Received
from shared.kernel.tenancy import TenantId, is_sandbox
from shared.telemetry.traces import HEADER, extract

CONTENT_TYPE = "application/json"

MAX_NUMBER = MAX_COUNT
"""No aggregate has more versions and no stream more numbers; a greater one would block all that is true."""

_MAX_DIGITS = len(str(MAX_NUMBER))

_decoders: dict[str, "msgspec.json.Decoder[Any]"] = {}


class MalformedMessageError(PoisonMessageError):
    """The envelope or body is not what the contract says."""

    code = "malformed-message"

    def __init__(self, what: str) -> None:
        """Name the attribute, never its value."""
        super().__init__(f"The message has no valid {what}.")


class TenantMismatchError(PoisonMessageError):
    """The message names another tenant; a security matter."""

    code = "tenant-mismatch"

    def __init__(self) -> None:
        """Say what was compared."""
        super().__init__("The message's tenant is not the tenant of this process.")


class ForgedSourceError(PoisonMessageError):
    """The broker user that published may not speak for this source; a security matter."""

    code = "forged-source"

    def __init__(self) -> None:
        """Say what was compared."""
        super().__init__("The message's broker user may not state facts of its source.")


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A message as it goes to the broker: routing key, headers, properties and the encoded fact."""

    routing_key: str
    headers: Mapping[str, Any]
    properties: Mapping[str, Any]
    body: bytes


def encode(
    *,
    event: Mapping[str, Any],
    tenant_id: TenantId,
    recorded_at: datetime,
    broker_user: str,
    streams: Mapping[str, int],
    traceparent: str | None = None,
    routing_prefix: str = "",
) -> Envelope:
    """Make the envelope of one event of an outbox row (``id, type, subject, sequence, body``, maybe ``to``)."""
    event_type = str(event["type"])
    headers: dict[str, Any] = {
        CE_SPECVERSION: "1.0",
        CE_ID: event["id"],
        CE_TYPE: event_type,
        CE_SOURCE: source_of(tenant_id, event_type.split(".")[1]),
        CE_SUBJECT: event["subject"],
        CE_TIME: recorded_at.isoformat(),
        CE_SEQUENCE: str(event["sequence"]),
        CE_TENANT: str(tenant_id),
    }
    if is_sandbox(tenant_id):
        headers[CE_SANDBOX] = "true"
    for consumer, number in streams.items():
        headers[STREAM_PREFIX + consumer] = number
    if traceparent:
        headers[HEADER] = traceparent
    properties = {
        "content_type": CONTENT_TYPE,
        "delivery_mode": 2,
        "message_id": event["id"],
        "type": event_type,
        "user_id": broker_user,
        "app_id": "alongside",
    }
    return Envelope(
        routing_key=routing_prefix + (f"{event['to']}." if event.get("to") else "") + event_type,
        headers=headers,
        properties=properties,
        body=bytes(event["body"]),
    )


def source_of(tenant_id: TenantId, service: str) -> str:
    """The CloudEvents source of a service of a tenant."""
    return f"/tenants/{tenant_id}/{service}"


def decode(
    *,
    headers: Mapping[str, Any],
    properties: Mapping[str, Any],
    body: bytes,
    consumer: str,
    allowed_tenants: frozenset[str] | None,
    allowed_users: frozenset[str],
    own_user: str,
    operator: str,
) -> Received[Any]:
    """Check an envelope and give the fact.

    Args:
        headers: AMQP headers.
        properties: AMQP properties.
        body: The encoded fact.
        consumer: The service that reads, for its own stream number.
        allowed_tenants: Tenants that may send here; None where the vhost is open to every rostered host.
        allowed_users: Broker users that may speak for the source.
        own_user: The reader's own user, under which a message comes back from the retry ladder.
        operator: The person's user under which a parked message comes back.

    Raises:
        PoisonMessageError: A subclass says which rule the message breaks.
    """
    if properties.get("content_type") != CONTENT_TYPE:
        raise MalformedMessageError("content type")
    event_class = get_event(_text(headers, CE_TYPE))
    tenant = _text(headers, CE_TENANT)
    if allowed_tenants is not None and tenant not in allowed_tenants:
        raise TenantMismatchError
    if _text(headers, CE_SOURCE) != source_of(TenantId(tenant), event_class.source):
        raise MalformedMessageError("source")
    user = properties.get("user_id")
    if user in (own_user, operator) and ATTEMPT in headers:
        user = headers.get(ORIGIN_USER)
    if user not in allowed_users and not _user_of(user, tenant, allowed_users):
        raise ForgedSourceError
    event = _body(event_class, body)
    if event.subject != _text(headers, CE_SUBJECT):
        raise MalformedMessageError("subject")
    return Received(
        event=event,
        event_id=_text(headers, CE_ID),
        sequence=_number(headers, CE_SEQUENCE),
        stream_n=stream_number(headers, consumer),
        recorded_at=_instant(headers, CE_TIME),
        sender=tenant,
        # A trace ends at the courier: what comes from outside the vhost begins a new one.
        traceparent=extract(headers) if allowed_tenants is not None else None,
    )


def _user_of(user: object, tenant: str, allowed_users: frozenset[str]) -> bool:
    """In a vhost open to hosts, each host's courier may speak for that host alone."""
    return ANY_COURIER in allowed_users and user == courier_user(tenant)


def _body(event_class: type[Event], body: bytes) -> Event:
    decoder = _decoders.get(event_class.event_type)
    if decoder is None:
        decoder = _decoders[event_class.event_type] = msgspec.json.Decoder(EVENTS[event_class.event_type])
    try:
        event: Event = decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise MalformedMessageError("body") from error
    return event


def _text(headers: Mapping[str, Any], name: str) -> str:
    value = headers.get(name)
    if not isinstance(value, str) or not value:
        raise MalformedMessageError(name)
    return value


def _number(headers: Mapping[str, Any], name: str) -> int:
    text = _text(headers, name)
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise MalformedMessageError(name)
    number = int(text)
    if number > MAX_NUMBER:
        raise MalformedMessageError(name)
    return number


def stream_number(headers: Mapping[str, Any], consumer: str) -> int | None:
    """Give a message's number in the stream to one consumer, None where it has none.

    Raises:
        MalformedMessageError: What stands there is no number.
    """
    value = headers.get(STREAM_PREFIX + consumer)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_NUMBER:
        raise MalformedMessageError("stream number")
    return value


def _instant(headers: Mapping[str, Any], name: str) -> datetime:
    try:
        found = datetime.fromisoformat(_text(headers, name))
    except ValueError as error:
        raise MalformedMessageError(name) from error
    if found.tzinfo is None:
        raise MalformedMessageError(name)
    return found
