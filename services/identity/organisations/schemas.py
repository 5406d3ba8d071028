"""Spelling of organisations on the wire."""

from marshmallow import Schema, fields

from services.identity.people.schemas import CODE, NAME
from shared.web.schemas import StrictSchema


class AddOrganisationSchema(StrictSchema):
    """An organisation for which people act here."""

    name = fields.String(required=True, validate=NAME)
    nation = fields.String(required=True, validate=CODE)
    setting = fields.String(required=True, validate=CODE)


class OrganisationSchema(Schema):
    """An organisation for which people act here."""

    id = fields.String()
    name = fields.String()
    nation = fields.String()
    setting = fields.String()
    own = fields.Boolean(metadata={"description": "The tenant itself"})


class OrganisationListSchema(Schema):
    """A page of organisations."""

    items = fields.List(fields.Nested(OrganisationSchema))
    next = fields.String(allow_none=True)
