"""Messages as anybody could publish them, past the outbox."""

import json

from shared.bus.codec import encode
from shared.bus.names import events_exchange
from shared.bus.publisher import Outgoing, Publisher
from shared.kernel.ids import new_id


def raw_envelope(rig, *, headers=None, content_type=None, body=None):
    event_id, episode = new_id(), new_id()
    content = {"episode_id": episode, "survivor_id": new_id(), "advocate_id": None, "nation_of_support": "ENGLAND"}
    envelope = encode(
        event={
            "id": event_id,
            "type": "alongside.case.episode_opened.v1",
            "subject": episode,
            "sequence": 1,
            "body": json.dumps(content).encode(),
        },
        tenant_id=rig.tenant,
        recorded_at=rig.clock.now(),
        broker_user=f"{rig.tenant}.case",
        streams={},
    )
    merged = {k: v for k, v in {**envelope.headers, **(headers or {})}.items() if v is not None}
    properties = {**envelope.properties, **({"content_type": content_type} if content_type else {})}
    return type(envelope)(
        routing_key=envelope.routing_key, headers=merged, properties=properties, body=body or envelope.body
    )


def publish_raw(rig, **changes):
    publisher = Publisher(rig.uri("case"))
    publisher.publish([Outgoing(exchange=events_exchange("case"), envelope=raw_envelope(rig, **changes))])
    publisher.close()
