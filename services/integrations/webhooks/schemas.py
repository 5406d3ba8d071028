"""Spelling of webhooks on the wire."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.integrations.type_fields import types_field
from services.integrations.webhooks.rules import ACTIVE, DISABLED, GIVEN_UP, NOT_SENT, SENT, WAITING
from services.integrations.webhooks.signing import HMAC, KINDS
from services.integrations.webhooks.targets import LONGEST
from shared.contracts.fields import MAX_COUNT
from shared.web.instants import InstantField
from shared.web.paging import PageQuerySchema
from shared.web.schemas import AnswerSchema, StrictSchema

LONGEST_OVERLAP_H = 168
MOST_NAMED = 100
STATES = (WAITING, SENT, GIVEN_UP, NOT_SENT)
_LONGEST_ID = 80


class AddWebhookSchema(StrictSchema):
    """A new webhook; it begins with what happens from now on."""

    url = fields.String(
        required=True,
        validate=validate.Length(min=1, max=LONGEST),
        metadata={"description": "https://name/path, of the public internet, on port 443 or 8443"},
    )
    types = types_field("Event types that are sent; null for all")
    signature = fields.String(
        load_default=HMAC,
        validate=validate.OneOf(KINDS),
        metadata={"description": "HMAC with a shared secret, or ED25519 with a public key"},
    )


class RotateWebhookSchema(StrictSchema):
    """How long both keys sign."""

    overlap_hours = fields.Integer(load_default=24, strict=True, validate=validate.Range(min=0, max=LONGEST_OVERLAP_H))


class ResendSchema(StrictSchema):
    """What goes out again: named deliveries, or everything after a position or from an instant."""

    deliveries = fields.List(
        fields.String(validate=validate.Length(min=1, max=_LONGEST_ID)),
        load_default=None,
        validate=validate.Length(min=1, max=MOST_NAMED),
    )
    after = fields.Integer(load_default=None, strict=True, validate=validate.Range(min=0, max=MAX_COUNT))
    since = InstantField(load_default=None)
    sent_too = fields.Boolean(
        load_default=False, metadata={"description": "Also what arrived already; named deliveries always go"}
    )

    @validates_schema
    def one_of_three(self, data: dict[str, Any], **_: Any) -> None:
        """Take one and no other."""
        if sum(data[name] is not None for name in ("deliveries", "after", "since")) != 1:
            raise ValidationError("Say deliveries, after or since, and one of them only.", "deliveries")


class DeliveryQuerySchema(PageQuerySchema):
    """Which deliveries."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class WebhookSchema(Schema):
    """A webhook and how it stands."""

    id = fields.String()
    url = fields.String(allow_none=True, metadata={"description": "Null where the tenant's key does not open it"})
    host = fields.String()
    types = fields.List(fields.String(), allow_none=True)
    kind = fields.String(validate=validate.OneOf(KINDS))
    public_key = fields.String(allow_none=True, metadata={"description": "Of an ED25519 webhook, whpk_"})
    status = fields.String(validate=validate.OneOf([ACTIVE, DISABLED]))
    disabled_for = fields.String(allow_none=True)
    failing_since = fields.AwareDateTime(allow_none=True)
    warned = fields.Boolean(metadata={"description": "It has failed for two days"})
    disables_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When it will be disabled if nothing arrives before"}
    )
    succeeded_at = fields.AwareDateTime(allow_none=True, metadata={"description": "To the minute"})
    former_until = fields.AwareDateTime(
        allow_none=True, metadata={"description": "Until then the key before signs too"}
    )
    position = fields.Integer(metadata={"description": "Every event up to it has its delivery"})
    lag = fields.Integer(metadata={"description": "Events of any type that have none yet"})
    skipped = fields.Integer(metadata={"description": "Positions that were too old before they had one"})
    waiting = fields.Integer(metadata={"description": "At most 10,000 are counted"})
    not_sent = fields.Integer()
    given_up = fields.Integer()
    enabled_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()
    version = fields.Integer()


class WebhookListSchema(Schema):
    """All webhooks of the host."""

    items = fields.List(fields.Nested(WebhookSchema))
    next = fields.String(allow_none=True)


class WebhookKeySchema(AnswerSchema):
    """A webhook's answer with what its receiver verifies by; in the first answer only."""

    secret = fields.String(metadata={"description": "whsec_, or of an ED25519 webhook its public key whpk_"})


class TriedSchema(AnswerSchema):
    """Which delivery the test is."""

    delivery_id = fields.String()


class ResentSchema(AnswerSchema):
    """How many go out again."""

    queued = fields.Integer()
    next = fields.Integer(allow_none=True, metadata={"description": "after of the next request, if there is more"})


class DeliverySchema(Schema):
    """One event on its way to one webhook."""

    id = fields.String()
    endpoint_id = fields.String()
    position = fields.Integer(allow_none=True, metadata={"description": "Of the event; null for a test"})
    type = fields.String()
    webhook_id = fields.String(metadata={"description": "The header webhook-id, the same in every attempt"})
    state = fields.String(validate=validate.OneOf(STATES))
    attempts = fields.Integer(metadata={"description": "Since it was last queued"})
    last_status = fields.Integer(allow_none=True)
    reason = fields.String(allow_none=True)
    queued_at = fields.AwareDateTime()
    next_at = fields.AwareDateTime(allow_none=True)
    updated_at = fields.AwareDateTime()
    version = fields.Integer()


class DeliveryListSchema(Schema):
    """A page of deliveries."""

    items = fields.List(fields.Nested(DeliverySchema))
    next = fields.String(allow_none=True)


class AttemptSchema(Schema):
    """One attempt; nothing of the answer's content is kept."""

    id = fields.String()
    at = fields.AwareDateTime()
    status = fields.Integer(allow_none=True)
    reason = fields.String()
    took_ms = fields.Integer()
    version = fields.Integer()


class AttemptListSchema(Schema):
    """The last attempts."""

    items = fields.List(fields.Nested(AttemptSchema))
    next = fields.String(allow_none=True)
