"""Spelling of people on the wire."""

from marshmallow import Schema, fields, validate

from shared.web.schemas import AnswerSchema, StrictSchema

CODE = validate.Regexp(r"^[A-Z][A-Z0-9_]{0,79}$")
NAME = validate.Length(min=1, max=200)
_ORGANISATION = validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9-]{0,79}$")


class MembershipSchema(StrictSchema):
    """One role in one organisation."""

    organisation_id = fields.String(required=True, validate=_ORGANISATION)
    role = fields.String(required=True, validate=CODE)


class AddUserSchema(StrictSchema):
    """A person who may act, once they have set a password with the link in the answer."""

    login = fields.String(required=True, metadata={"description": "In the form of an e-mail address"})
    display_name = fields.String(load_default=None, allow_none=True, validate=NAME)
    roles = fields.List(fields.String(validate=CODE), required=True, validate=validate.Length(min=1, max=20))
    organisation_id = fields.String(
        load_default=None,
        allow_none=True,
        validate=_ORGANISATION,
        metadata={"description": "For which organisation; the caller's own if left out"},
    )


class SetMembershipsSchema(StrictSchema):
    """All that a person is from now on."""

    memberships = fields.List(fields.Nested(MembershipSchema), required=True, validate=validate.Length(min=1, max=50))


class ProposedSchema(Schema):
    """What waits for a second administrator, or for the person to use link and code."""

    memberships = fields.List(fields.Nested(MembershipSchema))
    asked_by = fields.String(metadata={"description": "Id of the administrator who asked; another one confirms"})
    confirmed = fields.Boolean()


class UserSchema(Schema):
    """A person who may act, with the names that no other service keeps."""

    id = fields.String()
    login = fields.String()
    display_name = fields.String()
    memberships = fields.List(fields.Nested(MembershipSchema))
    proposed = fields.Nested(ProposedSchema, allow_none=True)
    status = fields.String(metadata={"description": "INVITED until a password is set, ACTIVE or SUSPENDED"})
    joined_duties = fields.Boolean(metadata={"description": "A demo joined duties that are separated in service"})
    last_signed_in_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "None where they never did, or not since this is kept"}
    )
    version = fields.Integer()
    updated_at = fields.AwareDateTime()


class UserListSchema(Schema):
    """A page of users."""

    items = fields.List(fields.Nested(UserSchema))
    next = fields.String(allow_none=True)


class ColleagueSchema(Schema):
    """A colleague whom somebody may be assigned to."""

    id = fields.String()
    display_name = fields.String()


class ColleagueListSchema(Schema):
    """A page of colleagues."""

    items = fields.List(fields.Nested(ColleagueSchema))
    next = fields.String(allow_none=True)


class UserAnswerSchema(AnswerSchema):
    """What a command on a user answers."""

    status = fields.String()
    warning = fields.String()
    confirmation = fields.String(metadata={"description": "second-administrator: what was asked for waits for one"})


class LinkAnswerSchema(UserAnswerSchema):
    """The one answer that holds an enrolment link; a repeat with the same Idempotency-Key does not."""

    enrolment_path = fields.String(
        metadata={"description": "Append it to this address and give it to the person; it works once, for seven days"}
    )


class ConfirmedSchema(UserAnswerSchema):
    """The one answer that holds a confirmation code; a repeat with the same Idempotency-Key does not."""

    confirmation_code = fields.String(metadata={"description": "Give it to the person, by another way than the link"})


class EnrolSchema(StrictSchema):
    """A password set with an enrolment link."""

    link = fields.String(
        required=True, load_only=True, validate=validate.Length(min=1, max=200),
        metadata={"description": "What comes after /enrol/ in the link"},
    )  # fmt: skip
    code = fields.String(
        load_default=None, allow_none=True, load_only=True, validate=validate.Length(max=40),
        metadata={"description": "The second administrator's, where the role needs one"},
    )  # fmt: skip
    password = fields.String(required=True, load_only=True, metadata={"description": "12 to 256 characters"})
