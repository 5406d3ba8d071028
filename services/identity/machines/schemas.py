"""Spelling of machine keys on the wire."""

import ipaddress

from marshmallow import Schema, ValidationError, fields, validate

from services.identity.machines.rules import LONGEST_OVERLAP_H, SCOPES
from shared.web.instants import InstantField
from shared.web.schemas import AnswerSchema, StrictSchema


def is_network(text: str) -> None:
    """Refuse what is no address and no network.

    Raises:
        ValidationError: It is none.
    """
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        raise ValidationError("This is not an address or network such as 192.0.2.10 or 192.0.2.0/24.") from error


class AddMachineKeySchema(StrictSchema):
    """A machine that may act."""

    scopes = fields.List(
        fields.String(validate=validate.OneOf(sorted(SCOPES))),
        required=True,
        validate=validate.Length(min=1, max=20),
        metadata={"description": "; ".join(f"{scope}: {what}" for scope, what in SCOPES.items())},
    )
    networks = fields.List(
        fields.String(validate=is_network),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"description": "Addresses it may come from, as CIDR; empty: any. Behind a gate: the gate's"},
    )
    expires_at = InstantField(
        load_default=None, metadata={"description": "Two years from now at most; a year if left out"}
    )


class RotateMachineKeySchema(StrictSchema):
    """Another secret for the same machine."""

    overlap_hours = fields.Integer(
        load_default=24,
        strict=True,
        validate=validate.Range(min=0, max=LONGEST_OVERLAP_H),
        metadata={"description": "For so long the present secret is valid too; 0 ends it at once"},
    )


class MachineKeyAnswerSchema(AnswerSchema):
    """The one answer that holds the secret; a repeat with the same Idempotency-Key does not."""

    client_id = fields.String()
    client_secret = fields.String()


class MachineKeySchema(Schema):
    """A machine that may act."""

    id = fields.String()
    client_id = fields.String()
    scopes = fields.List(fields.String())
    organisation_id = fields.String()
    revoked = fields.Boolean()
    secret_prefix = fields.String(metadata={"description": "The first letters of the secret, to tell keys apart"})
    networks = fields.List(fields.String())
    expires_at = fields.AwareDateTime(allow_none=True)
    former_until = fields.AwareDateTime(
        allow_none=True, metadata={"description": "Until then the secret before this one is valid too"}
    )
    last_used_at = fields.AwareDateTime(allow_none=True, metadata={"description": "When it last got a token"})
    version = fields.Integer()
    updated_at = fields.AwareDateTime()


class MachineKeyListSchema(Schema):
    """A page of machine keys."""

    items = fields.List(fields.Nested(MachineKeySchema))
    next = fields.String(allow_none=True)


class ScopeSchema(Schema):
    """A scope and what it opens."""

    scope = fields.String()
    opens = fields.String()


class ScopeListSchema(Schema):
    """Every scope."""

    items = fields.List(fields.Nested(ScopeSchema))
    next = fields.String(allow_none=True)
