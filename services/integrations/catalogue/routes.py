"""The catalogue's HTTP routes; they show nothing of anybody, so everybody with a token may read them."""

from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, fields

from services.integrations.catalogue.entries import entry, schema_for
from shared.contracts.public import PUBLIC
from shared.kernel.errors import NotFoundError
from shared.runtime.context import ServiceContext
from shared.web.routes import ANYBODY, Asked, Route, RouteGroup
from shared.web.schemas import listed

SCHEMA_TYPE = "application/schema+json"


class EventTypeSchema(Schema):
    """One public event."""

    type = fields.String()
    meaning = fields.String()
    source = fields.String(metadata={"description": "The service that states it"})
    subject = fields.String(metadata={"description": "The field that names what it is about"})
    fields_ = fields.List(fields.String(), data_key="fields")
    not_in_it = fields.Dict(
        keys=fields.String(), values=fields.String(), metadata={"description": "What stays behind, and why"}
    )
    since = fields.String(metadata={"description": "The version of Alongside in which it became public"})
    version = fields.String()
    schema = fields.String(metadata={"description": "Address of the JSON Schema of its data"})


class EventTypeListSchema(Schema):
    """All public events."""

    items = fields.List(fields.Nested(EventTypeSchema))
    next = fields.String(allow_none=True)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the catalogue."""
    del context

    def types(_asked: Asked, _web: Any) -> Response:
        return jsonify(listed([entry(event_type) for event_type in sorted(PUBLIC)]))

    def schema(asked: Asked, _web: Any) -> Response:
        found = schema_for(asked.path["event_type"])
        if found is None:
            raise NotFoundError
        response = jsonify(found)
        response.content_type = SCHEMA_TYPE
        return response

    return [
        RouteGroup(
            name="event-types",
            about="Which events there are",
            routes=[
                Route(
                    method="GET",
                    path="/v1/event-types",
                    says="List the events that the host's systems may read.",
                    roles=ANYBODY,
                    gives=EventTypeListSchema,
                    answered_by=types,
                ),
                Route(
                    method="GET",
                    path="/v1/event-types/<string:event_type>/schema",
                    says="Read the JSON Schema of an event's data.",
                    roles=ANYBODY,
                    answered_by=schema,
                    more={"responses": {"200": {"description": "A JSON Schema, draft 2020-12"}}},
                ),
            ],
        )
    ]
