"""``docs/reference/asyncapi.yaml``: the public events as AsyncAPI 3.1 has them, made from the contracts.

Promise: it is valid by AsyncAPI's own schema, and says of each event what its contract declares public and nothing else
(``tests/contracts/test_asyncapi.py``).
"""

from typing import Any

import yaml

from deploy.docs.events import example
from deploy.docs.markdown import sentence
from services.integrations.catalogue.entries import left_out_schema
from services.integrations.feed.envelopes import BATCH, LEFT_OUT
from shared.contracts.public import PUBLIC, SOURCES, public_of
from shared.contracts.schemas import public_schema

VERSION = "1.0.0"
"""Of the document's form; the events have versions of their own, in their names."""

_FEED = "feed"
_ABOUT = (
    "What the systems of a host organisation may learn, by the feed GET /v1/events. Every event is a CloudEvent 1.0; it "
    "holds ids and codes, and whoever needs more asks the API under a right of their own. An event comes at least once: "
    "drop an id that you have. A subject's events may overtake one another: a lower sequence is older news. Fields are "
    "added, never removed or changed; a new meaning is a new type."
)


def asyncapi_page() -> str:
    """Write the document."""
    said = "# Written by python -m deploy.docs.generate from the code; a test compares. Change the code instead.\n"
    return said + yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=120)


def document() -> dict[str, Any]:
    """Give the document."""
    names = {event_type: event_type.removeprefix("alongside.") for event_type in [*PUBLIC, LEFT_OUT]}
    messages = {names[t]: _message(t) for t in PUBLIC} | {names[LEFT_OUT]: _left_out()}
    return {
        "asyncapi": "3.1.0",
        "id": "urn:alongside:events",
        "info": {
            "title": "Alongside: events for a host's own systems",
            "version": VERSION,
            "description": _ABOUT,
            "license": {"name": "See LICENSE"},
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": {
            "host": {
                "host": "{host}",
                "protocol": "https",
                "description": "The host organisation's own API.",
                "variables": {"host": {"description": "Address of the API, such as alder.example"}},
                "security": [{"$ref": "#/components/securitySchemes/machineKey"}],
            }
        },
        "channels": {
            _FEED: {
                "address": "/v1/events",
                "title": "The feed",
                "description": f"Read by position; a batch is {BATCH}, or JSON with items and next.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            f"tellOf{source.title()}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{_FEED}"},
                "summary": f"What {source} states.",
                "messages": [
                    {"$ref": f"#/channels/{_FEED}/messages/{names[cls.event_type]}"} for cls in public_of(source)
                ],
            }
            for source in SOURCES
        },
        "components": {
            "messages": messages,
            "securitySchemes": {
                "machineKey": {
                    "type": "oauth2",
                    "description": "A machine key of the host, by client credentials at POST /v1/token.",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": "https://alder.example/v1/token",
                            "availableScopes": {"events:read": "Read events"},
                        }
                    },
                }
            },
        },
    }


def _message(event_type: str) -> dict[str, Any]:
    cls = PUBLIC[event_type]
    sample = example(cls)
    return {
        "name": event_type,
        "title": event_type.split(".")[2].replace("_", " ").capitalize(),
        "summary": sentence(cls.__doc__),
        "contentType": "application/json",
        "payload": _schema(public_schema(event_type)),
        "examples": [{"payload": {name: sample[name] for name in cls.public_fields}}],
    }


def _left_out() -> dict[str, Any]:
    return {
        "name": LEFT_OUT,
        "title": "Left out",
        "summary": "Stands at the position of an event that today's consent and rights do not allow to be served.",
        "contentType": "application/json",
        "payload": _schema(left_out_schema()),
        "examples": [{"payload": {"type": min(PUBLIC), "reason": "ERASED"}}],
    }


def _schema(found: dict[str, Any]) -> dict[str, Any]:
    # AsyncAPI's own dialect is a superset of draft 07; the schemas use nothing beyond it.
    return {name: value for name, value in found.items() if name != "$schema"}
