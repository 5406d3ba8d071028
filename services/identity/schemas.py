"""Spelling on the wire."""

from marshmallow import Schema, fields, validate

from shared.web.schemas import AnswerSchema, StrictSchema

_CODE = validate.Regexp(r"^[A-Z][A-Z0-9_]{0,79}$")
_ORGANISATION = validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9-]{0,79}$")
_SCOPE = validate.Regexp(r"^[a-z]+(-[a-z]+)*:(read|write)$")
_NAME = validate.Length(min=1, max=200)


class MembershipSchema(StrictSchema):
    """One role in one organisation."""

    organisation_id = fields.String(required=True, validate=_ORGANISATION)
    role = fields.String(required=True, validate=_CODE)


class AddUserSchema(StrictSchema):
    """A person who may act, once they have set a password with the link in the answer."""

    login = fields.String(required=True, metadata={"description": "In the form of an e-mail address"})
    display_name = fields.String(load_default=None, allow_none=True, validate=_NAME)
    roles = fields.List(fields.String(validate=_CODE), required=True, validate=validate.Length(min=1, max=20))
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
    version = fields.Integer()
    updated_at = fields.AwareDateTime()


class UserListSchema(Schema):
    """A page of users."""

    items = fields.List(fields.Nested(UserSchema))
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


class AddMachineKeySchema(StrictSchema):
    """A machine that may act."""

    scopes = fields.List(
        fields.String(validate=_SCOPE),
        required=True,
        validate=validate.Length(min=1, max=20),
        metadata={"description": "imports:write: upload an export and read what became of it"},
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
    version = fields.Integer()
    updated_at = fields.AwareDateTime()


class MachineKeyListSchema(Schema):
    """A page of machine keys."""

    items = fields.List(fields.Nested(MachineKeySchema))
    next = fields.String(allow_none=True)


class AddOrganisationSchema(StrictSchema):
    """An organisation for which people act here."""

    name = fields.String(required=True, validate=_NAME)
    nation = fields.String(required=True, validate=_CODE)
    setting = fields.String(required=True, validate=_CODE)


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
