"""The ledger's spelling on the wire."""

from dataclasses import fields as dataclass_fields
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.consent.ledger.terms import Terms
from shared.web.codes import code_field, name_field
from shared.web.instants import InstantField
from shared.web.schemas import StrictSchema


class RecordDecisionSchema(StrictSchema):
    """A survivor's decision."""

    survivor_id = fields.UUID(required=True)
    purpose = code_field("consent_purpose", required=True)
    recipient_class = code_field(
        "recipient_class",
        load_default=None,
        allow_none=True,
        metadata={"description": "For whom the words are; the purpose's own recipients if not given"},
    )
    decision = code_field("consent_status", required=True)
    said_at = InstantField(load_default=None, allow_none=True)
    wording_code = name_field(load_default=None, allow_none=True)
    language = code_field("language", load_default=None, allow_none=True)
    method = code_field("consent_method", load_default=None, allow_none=True)
    setting_private = fields.Boolean(load_default=None, allow_none=True)
    witness_role = name_field(load_default=None, allow_none=True)
    explained = code_field("consent_explained", load_default=None, allow_none=True)
    interpreter = code_field("interpreter", load_default=None, allow_none=True)
    interpreter_id = fields.UUID(load_default=None, allow_none=True)
    setting = code_field("consent_setting", load_default=None, allow_none=True)
    capacity = code_field("consent_capacity", load_default=None, allow_none=True)
    data_classes = fields.List(
        code_field("data_class"),
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=20),
        metadata={"description": "What a yes covers; everything that the purpose takes if not given"},
    )
    valid_until = InstantField(
        load_default=None, allow_none=True, metadata={"description": "A yes ends then, within the year"}
    )
    ask_from = InstantField(
        load_default=None, allow_none=True, metadata={"description": "Of DEFERRED, or of a no: do not ask before"}
    )

    @post_load
    def gather_terms(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Put together what says how they were asked."""
        said = {one.name: data.pop(one.name) for one in dataclass_fields(Terms)}
        if said["interpreter_id"] is not None:
            said["interpreter_id"] = str(said["interpreter_id"])
        if said["data_classes"] is not None:
            said["data_classes"] = tuple(dict.fromkeys(said["data_classes"]))
        return {**data, "terms": Terms(**said)}


class WithdrawSchema(StrictSchema):
    """A survivor changed their mind."""

    said_at = InstantField(load_default=None, allow_none=True)
    method = code_field("consent_method", load_default=None, allow_none=True)


class SearchSchema(StrictSchema):
    """A search goes in a body, so that no id stands in an address or a log."""

    survivor_id = fields.UUID(required=True)


class EntrySchema(Schema):
    """One line of a ledger."""

    status = fields.String()
    said_at = fields.AwareDateTime()
    recorded_at = fields.AwareDateTime()
    actor_id = fields.String()
    source = fields.String()
    wording_code = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    method = fields.String(allow_none=True)
    setting_private = fields.Boolean(allow_none=True)
    witness_role = fields.String(allow_none=True)
    superseded = fields.Boolean()
    text_hash = fields.String(allow_none=True, metadata={"description": "SHA-256 of the text that was read out"})
    recipient_class = fields.String(allow_none=True)
    explained = fields.String()
    interpreter = fields.String()
    interpreter_id = fields.String()
    setting = fields.String(metadata={"description": "Not asked, declined and not known are three codes"})
    capacity = fields.String()
    data_classes = fields.List(fields.String())
    valid_until = fields.AwareDateTime()
    ask_from = fields.AwareDateTime()
    ends_through = fields.AwareDateTime(
        allow_none=True, metadata={"description": "Of a line that ends a permission: no yes said before this counts"}
    )


class ConsentSchema(Schema):
    """A consent with its ledger."""

    id = fields.String()
    survivor_id = fields.String()
    purpose = fields.String()
    recipient_class = fields.String(allow_none=True, metadata={"description": "None for the purpose's own recipients"})
    status = fields.String()
    until = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()
    history = fields.List(fields.Nested(EntrySchema))


class ConsentListSchema(Schema):
    """Consents of one survivor."""

    items = fields.List(fields.Nested(ConsentSchema))
    next = fields.String(allow_none=True)


class ConsentAnswerSchema(Schema):
    """What a decision answers: where the consent stands now."""

    id = fields.String()
    version = fields.Integer()
    status = fields.String()
