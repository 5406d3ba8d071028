"""Bundles: what goes in comes out as it would have come alone, in order for each consumer; nothing else is believed."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.bus.bundles import BUNDLE_BYTES, BUNDLE_EVENTS, BUNDLE_TYPE, MOST_READ, apart, bundled
from shared.bus.codec import encode
from shared.bus.deliveries import Delivery
from shared.bus.publisher import Outgoing
from shared.kernel.ids import new_event_id, new_id

AT = datetime(2026, 11, 27, tzinfo=UTC)
OPENED = "alongside.case.episode_opened.v1"
AUDITED = "alongside.case.audit_recorded.v1"


def outgoing(streams, *, event_type=OPENED, body=None, traceparent=None, **options):
    event = {
        "id": new_event_id(), "type": event_type, "subject": new_id(), "sequence": 3,
        "body": body or json.dumps({"id": new_id(), "code": "ENGLAND"}).encode(),
    }  # fmt: skip
    envelope = encode(
        event=event, tenant_id="alder", recorded_at=AT, broker_user="alder.case", streams=streams,
        traceparent=traceparent,
    )  # fmt: skip
    return Outgoing(exchange="case.events", envelope=envelope, **options)


def delivered(message, tag=1, **headers):
    envelope = message.envelope
    return Delivery(
        tag=tag, body=envelope.body, headers={**envelope.headers, **headers}, properties=envelope.properties,
        routing_key=envelope.routing_key, redelivered=False,
    )  # fmt: skip


def spread(messages):
    """Every event in the order in which a reader of all messages sees it."""
    return [one for number, message in enumerate(messages) for one in apart(delivered(message, number))]


def test_what_comes_out_is_what_would_have_come_alone():
    """Headers with number and trace, properties with the user, and the very bytes of each event."""
    trace = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
    alone = [outgoing({"consent": n, "audit": 9 + n}, traceparent=trace if n % 2 else None) for n in range(1, 6)]
    (message,) = bundled(alone)
    assert (message.exchange, message.envelope.routing_key) == ("case.events", OPENED)
    assert message.envelope.properties["content_type"] == BUNDLE_TYPE
    out = spread([message])
    assert [(d.headers, d.properties, d.body) for d in out] == [
        (m.envelope.headers, m.envelope.properties, m.envelope.body) for m in alone
    ]
    assert [d.key for d in out] == [(0, n) for n in range(5)]


def test_one_event_is_a_message_as_ever():
    """Also for a program that knows no bundles."""
    one = outgoing({"consent": 1})
    assert bundled([one]) == [one]
    assert apart(delivered(one)) == [delivered(one)]


def test_what_nobody_of_the_vhost_hears_stays_alone():
    """Such as what a courier or the board sends abroad, which must come back if it is not routed."""
    abroad = [outgoing({}, mandatory=True) for _ in range(3)]
    assert bundled(abroad) == abroad


@pytest.mark.parametrize("seed", range(20))
def test_each_consumer_sees_every_event_once_and_in_its_order(seed):
    """Whatever mixture of types and consumers: no loss, no double, no number before a lower one, no limit passed."""
    rng = random.Random(seed)
    heard = {f"{OPENED}{n}": rng.sample(["consent", "audit", "reporting"], rng.randint(0, 3)) for n in range(4)}
    last, alone = dict.fromkeys(("consent", "audit", "reporting"), 0), []
    for _ in range(400):
        event_type = rng.choice(sorted(heard))
        streams = {}
        for consumer in heard[event_type]:
            last[consumer] = streams[consumer] = last[consumer] + 1
        body = json.dumps("x" * rng.choice((10, 10, 10, 30_000))).encode()
        alone.append(outgoing(streams, event_type=event_type, body=body))
    messages = bundled(alone)
    for message in messages:
        parts = apart(delivered(message))
        assert len(parts) <= BUNDLE_EVENTS
        assert len(parts) == 1 or sum(len(part.body) for part in parts) <= BUNDLE_BYTES
        assert len({part.headers["ce-type"] for part in parts}) == 1
    out = spread(messages)
    assert sorted(d.headers["ce-id"] for d in out) == sorted(m.envelope.headers["ce-id"] for m in alone)
    for consumer, end in last.items():
        header = f"x-stream-{consumer}"
        assert [d.headers[header] for d in out if header in d.headers] == list(range(1, end + 1))


def test_events_of_another_type_to_others_part_nobody():
    """Each command leaves its fact and its audit record: consent's facts still come together."""
    alone = []
    for n in range(1, 31):
        alone += [outgoing({"consent": n}), outgoing({"audit": n}, event_type=AUDITED)]
    assert len(bundled(alone)) == 2


def test_no_more_than_fifty_and_no_more_than_a_frame():
    """The fifty-first, and what would make a bundle too large, begins another message."""
    assert len(bundled([outgoing({"consent": n}) for n in range(1, 51)])) == 1
    assert len(bundled([outgoing({"consent": n}) for n in range(1, 52)])) == 2
    large = json.dumps("x" * 40_000).encode()
    assert len(bundled([outgoing({"consent": n}, body=large) for n in range(1, 4)])) == 3


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"{}", b"[]", b"[1]", b'[{"id": "x"}]', b"[" * 10_000, b"[null]"]
)  # fmt: skip
def test_what_only_claims_to_be_a_bundle_comes_out_as_it_came(body):
    """It is parked as bytes by whoever decodes it."""
    (message,) = bundled([outgoing({"consent": n}) for n in (1, 2)])
    false = replace(delivered(message), body=body)
    assert apart(false) == [false]


@pytest.mark.parametrize("streams", ["consent", "consent:one", ":", "consent:1:2"])
def test_a_bundle_with_a_number_that_is_none_comes_out_as_it_came(streams):
    """As a message of one event with such a number is parked."""
    (message,) = bundled([outgoing({"consent": n}) for n in (1, 2)])
    false = replace(delivered(message), body=message.envelope.body.replace(b"consent:2", streams.encode()))
    assert apart(false) == [false]


def test_a_bundle_without_end_is_no_bundle():
    """A reader takes a thousand events of one message, not more."""
    (message,) = bundled([outgoing({"consent": n}) for n in (1, 2)])
    one = message.envelope.body[1:].partition(b"},{")[0] + b"}"
    for count, parts in ((MOST_READ, MOST_READ), (MOST_READ + 1, 1)):
        body = b"[" + b",".join([one] * count) + b"]"
        assert len(apart(replace(delivered(message), body=body))) == parts


def test_a_bundles_own_headers_say_nothing_of_its_events():
    """Neither number, tenant nor trace; but what became of the bundle became of each."""
    (message,) = bundled([outgoing({"consent": n}) for n in (1, 2)])
    headers = {"x-stream-audit": 7, "x-stream-consent": 9, "ce-tenantid": "elm", "traceparent": "x", "ce-id": "x"}
    out = apart(delivered(message, **headers, **{"x-attempt": 0, "x-origin-user": "alder.case", "x-discard": True}))
    assert [d.headers["x-stream-consent"] for d in out] == [1, 2]
    for one in out:
        assert not {"x-stream-audit", "traceparent", "x-events"} & set(one.headers)
        assert one.headers["ce-tenantid"] == "alder"
        assert one.headers["ce-id"] != "x"
        assert (one.headers["x-attempt"], one.headers["x-origin-user"], one.headers["x-discard"]) == (
            0, "alder.case", True,
        )  # fmt: skip


@pytest.mark.parametrize(("claimed", "events"), [(50, 50), (1, 1), (-5, 1), (10**9, 50), ("many", 1), (None, 1)])
def test_what_a_message_claims_is_bounded(claimed, events):
    """Its sender's word only plans how much is taken at once."""
    assert delivered(outgoing({}), **{"x-events": claimed}).events == events
