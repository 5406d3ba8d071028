"""A message that no version can read is given up by a person: committed, audited and gone."""

import json

import pytest

from shared.bus.codec import Envelope
from shared.bus.connection import close, open_connection
from shared.bus.publisher import Outgoing, Publisher
from tests.kit.kernel_rig import Rig
from tests.kit.raw_messages import publish_raw

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


@pytest.fixture
def rig(engines):
    made = Rig(engines)
    made.provision()
    yield made
    made.close()


def give_up(rig):
    """Hand the parked message back with the mark of a discard, as the operator's command does."""
    connection = open_connection(rig.uri("operator"))
    channel = connection.channel()
    channel.auto_decode = False
    message = channel.basic_get("parking.consent")
    headers = {**message.properties["application_headers"], "x-attempt": 0, "x-discard": True}
    properties = {k: message.properties[k] for k in ("content_type", "message_id", "type", "app_id")}
    envelope = Envelope(
        routing_key="0ms.consent.case",
        headers=headers,
        properties={**properties, "user_id": f"{rig.tenant}.operator", "delivery_mode": 2},
        body=bytes(message.body),
    )
    publisher = Publisher(rig.uri("operator"))
    publisher.publish([Outgoing(exchange="retry.return", envelope=envelope, mandatory=True)])
    publisher.close()
    channel.basic_ack(message.delivery_tag)
    close(connection)


def discards(rig):
    return [
        action
        for row in rig.database("consent")["outbox"].find()
        for event in row["events"]
        for action in json.loads(bytes(event["body"])).get("actions", ())
        if action["action"] == "consent:message:discard"
    ]


@pytest.mark.parametrize(
    ("change", "contiguous"),
    [
        ({"body": b"\xff not json", "headers": {"x-stream-consent": 1}}, 1),
        ({"body": b"\xff not json", "headers": {"x-stream-consent": "one"}}, 0),
        # The number of a forger may be that of a true message that is still to come.
        ({"headers": {"ce-tenantid": "someoneelse", "x-stream-consent": 1}}, 0),
    ],
)
def test_an_unreadable_message_is_given_up(rig, eventually, change, contiguous):
    """It leaves the queue and is audited; its number counts only where its true source gave it."""
    rig.start(rig.consumer())
    publish_raw(rig, **change)
    eventually(lambda: rig.depth("parking.consent") == 1, within_s=30)
    give_up(rig)
    eventually(lambda: discards(rig), within_s=30)
    assert rig.depth("parking.consent") == 0
    assert rig.depth(rig.subscription.queue) == 0
    assert rig.progress().contiguous == contiguous


def test_only_the_operator_gives_up(rig, eventually):
    """A source that marks its own message as given up is parked all the same."""
    rig.start(rig.consumer())
    publish_raw(rig, body=b"\xff not json", headers={"x-discard": True, "x-stream-consent": 1})
    eventually(lambda: rig.depth("parking.consent") == 1, within_s=30)
    assert discards(rig) == []
    assert rig.progress().contiguous == 0
