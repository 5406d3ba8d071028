"""Spelling of the feed on the wire."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.integrations.feed.waiting import LONGEST_S
from services.integrations.store.reading import MOST
from shared.contracts.fields import MAX_COUNT
from shared.contracts.public import PUBLIC
from shared.web.schemas import StrictSchema

NAME = validate.Regexp(r"^[a-z][a-z0-9-]{1,39}\Z", error="2 to 40 lower-case letters, digits and hyphens.")
DEFAULT_LIMIT = 100


class TypesField(fields.Field[tuple[str, ...]]):
    """Event types with commas between."""

    default_error_messages = {  # noqa: RUF012
        "unknown": "This names an event type that is not public. See GET /v1/event-types.",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:  # noqa: ARG002
        types = tuple(part for part in str(value).split(",") if part)
        if not types or set(types) - PUBLIC.keys():
            raise self.make_error("unknown")
        return types


class FeedQuerySchema(StrictSchema):
    """Which part of the feed."""

    after = fields.Integer(
        load_default=None,
        validate=validate.Range(min=0, max=MAX_COUNT),
        metadata={"description": "Position of the last event that you have; 0 for the beginning"},
    )
    types = TypesField(
        load_default=None,
        metadata={"type": "string", "description": "Event types with commas between; else all"},
    )
    limit = fields.Integer(load_default=DEFAULT_LIMIT, validate=validate.Range(min=1, max=MOST))
    wait = fields.Integer(
        load_default=0,
        validate=validate.Range(min=0, max=LONGEST_S),
        metadata={"description": "Seconds to wait where there is nothing yet"},
    )
    consumer = fields.String(
        load_default=None,
        validate=NAME,
        metadata={"description": "Read on from this consumer's stored cursor, by its types"},
    )


class SnapshotQuerySchema(StrictSchema):
    """Which page of a snapshot."""

    after = fields.String(
        load_default=None,
        validate=validate.Length(min=1, max=200),
        metadata={"description": "next of the page before; left out, a new snapshot begins"},
    )
    limit = fields.Integer(load_default=DEFAULT_LIMIT, validate=validate.Range(min=1, max=MOST))


class CloudEventSchema(Schema):
    """An event, as CloudEvents 1.0 has it in JSON."""

    specversion = fields.String()
    id = fields.String(metadata={"description": "The same in every copy; drop what you have already"})
    source = fields.String()
    type = fields.String()
    subject = fields.String()
    time = fields.AwareDateTime()
    datacontenttype = fields.String()
    dataschema = fields.String(metadata={"description": "Address of the JSON Schema of data"})
    tenantid = fields.String()
    sandbox = fields.Boolean(metadata={"description": "Only there, and then true, where the people are invented"})
    position = fields.Integer(metadata={"description": "Gapless in this tenant"})
    sequence = fields.String(metadata={"description": "Version of the subject; a lower one is older news"})
    data = fields.Dict(keys=fields.String())


class FeedSchema(Schema):
    """Consecutive events, and where to read on."""

    items = fields.List(fields.Nested(CloudEventSchema))
    next = fields.Integer(metadata={"description": "after of the next request; all that fits up to it is in items"})
    head = fields.Integer(metadata={"description": "The newest position"})
    lag = fields.Integer(metadata={"description": "head less next"})
    oldest = fields.Integer(metadata={"description": "The oldest position that is kept"})
    complete_through = fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "Everything that was recorded by then lies at or before head; null: not yet known"},
    )
    waited = fields.Boolean(metadata={"description": "False where wait was asked for and no place was free"})


class StateSchema(Schema):
    """The newest that is known of one thing."""

    kind = fields.String()
    subject = fields.String()
    type = fields.String(metadata={"description": "Of the newest event about it"})
    sequence = fields.Integer()
    position = fields.Integer()
    data = fields.Dict(keys=fields.String())


class SnapshotSchema(Schema):
    """A page of a snapshot."""

    items = fields.List(fields.Nested(StateSchema))
    position = fields.Integer(metadata={"description": "Exact as of this position; read the feed after it"})
    known_since = fields.AwareDateTime(
        allow_none=True,
        metadata={
            "description": "When the first event came. Of what happened before there is no event, but for the newest "
            "state of each thing, which was told then or later"
        },
    )
    whole = fields.Boolean(
        metadata={
            "description": "Whether everything is here that stood at the host before known_since. False while it is "
            "still being told: what you miss may come as an event"
        }
    )
    complete_through = fields.AwareDateTime(allow_none=True)
    next = fields.String(allow_none=True)
