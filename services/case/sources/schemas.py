"""Sources on the wire."""

from marshmallow import Schema, fields, validate

from services.case.sources.rules.salesforce import HOST, OBJECT, SECRETS
from services.case.sources.rules.schedule import TIME_OF_DAY
from services.case.sources.rules.source import KINDS
from shared.web.codes import name_field
from shared.web.schemas import StrictSchema

_CREDENTIALS = {
    "description": "Of client_credentials: consumer_key and consumer_secret of a connected app that runs as a user who "
    "may only read. Of password: username, password and security_token. Kept sealed, and never shown again"
}


def _shaped(pattern: str, error: str) -> validate.Regexp:
    # A "$" alone would let a line break through at the end.
    return validate.Regexp(rf"^(?:{pattern})$(?!\n)", error=error)


class AddSourceSchema(StrictSchema):
    """A system or folder to be read."""

    name = name_field(
        required=True, metadata={"description": "Your own name for it; of a folder also its name on disk"}
    )
    kind = fields.String(required=True, validate=validate.OneOf(list(KINDS)))
    profile = name_field(
        required=True,
        metadata={"description": "The approved mapping by which it is read; its columns are the system's field names"},
    )
    system = name_field(
        load_default=None, metadata={"description": "Whose references these are, where the mapping does not say it"}
    )
    at = fields.String(
        load_default=None,
        validate=_shaped(TIME_OF_DAY.pattern, "A time of day such as 02:30."),
        metadata={
            "description": "Time of day in London at which it is read, or by which a file is expected; none for by hand"
        },
    )
    host = fields.String(
        load_default=None,
        validate=_shaped(HOST.pattern.replace(r"\Z", "$"), "A name such as example.my.salesforce.com, in lower case."),
        metadata={"description": "Of Salesforce: your My Domain name, such as example.my.salesforce.com"},
    )
    object = fields.String(
        load_default=None,
        validate=_shaped(OBJECT.pattern, "The API name of an object, such as Contact or Case__c."),
        metadata={"description": "Of Salesforce: the API name of the object"},
    )
    sign_in = fields.String(load_default=None, validate=validate.OneOf(sorted(SECRETS)))
    credentials = fields.Dict(keys=fields.String(), values=fields.String(), load_default=None, metadata=_CREDENTIALS)


class CredentialsSchema(StrictSchema):
    """Other credentials."""

    sign_in = fields.String(required=True, validate=validate.OneOf(sorted(SECRETS)))
    credentials = fields.Dict(keys=fields.String(), values=fields.String(), required=True, metadata=_CREDENTIALS)


class FaultSchema(Schema):
    """What is wrong, and what mends it."""

    code = fields.String()
    what = fields.String()
    cure = fields.String()


class TestSchema(Schema):
    """What the last test came to."""

    at = fields.AwareDateTime()
    fault = fields.Nested(FaultSchema, allow_none=True)


class SourceSchema(Schema):
    """A source and how it stands; its credentials are never shown."""

    id = fields.String()
    name = fields.String()
    kind = fields.String()
    profile = fields.String()
    system = fields.String()
    at = fields.String(allow_none=True)
    settings = fields.Dict(keys=fields.String(), values=fields.String())
    state = fields.String(metadata={"description": "ACTIVE or PAUSED"})
    paused_by = fields.String(allow_none=True, metadata={"description": "PERSON or FAILURES"})
    standing = fields.String(
        metadata={
            "description": "GOOD, READING, NEVER_READ, FAILING, OVERDUE (not read for two days), PAUSED or "
            "PAUSED_BY_FAILURES"
        }
    )
    needs_attention = fields.Boolean()
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()
    asked = fields.String(allow_none=True, metadata={"description": "PULL or TEST, while somebody waits for it"})
    next_at = fields.AwareDateTime(allow_none=True)
    last_good_at = fields.AwareDateTime(allow_none=True)
    last_import_id = fields.String(allow_none=True, metadata={"description": "The import whose plan waits, or waited"})
    last_rows = fields.Integer(allow_none=True)
    last_deleted = fields.Integer(allow_none=True)
    last_was_new = fields.Boolean(allow_none=True)
    last_fault = fields.String(allow_none=True)
    fault = fields.Nested(FaultSchema, allow_none=True)
    fault_names = fields.List(fields.String())
    fault_at = fields.AwareDateTime(allow_none=True)
    failures = fields.Integer()
    tested_at = fields.AwareDateTime(allow_none=True)
    test_fault = fields.String(allow_none=True)
    test = fields.Nested(TestSchema, allow_none=True)
    red_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class SourceListSchema(Schema):
    """Every source."""

    items = fields.List(fields.Nested(SourceSchema))
    next = fields.String(allow_none=True)
