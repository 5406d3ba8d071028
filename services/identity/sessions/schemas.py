"""Spelling of sign-in on the wire."""

from marshmallow import Schema, fields

from services.identity.people.schemas import MembershipSchema
from shared.web.schemas import StrictSchema


class MeSchema(Schema):
    """As whom, for whom and in which one role one acts."""

    id = fields.String()
    tenant = fields.String()
    organisation_id = fields.String()
    role = fields.String()
    scopes = fields.List(fields.String())
    login = fields.String(allow_none=True)
    display_name = fields.String(allow_none=True)
    memberships = fields.List(fields.Nested(MembershipSchema))


class ChangePasswordSchema(StrictSchema):
    """The present password and the next."""

    old_password = fields.String(required=True, load_only=True)
    new_password = fields.String(required=True, load_only=True, metadata={"description": "12 to 256 characters"})


class TokenSchema(Schema):
    """A token, as RFC 6749 has it."""

    access_token = fields.String()
    token_type = fields.String()
    expires_in = fields.Integer(metadata={"description": "Seconds"})
    role = fields.String()
    organisation_id = fields.String()
    scope = fields.String()


class TokenErrorSchema(Schema):
    """No token, as RFC 6749, 5.2 has it."""

    error = fields.String()
    error_description = fields.String()
