"""What may be asked of identity; passwords and secrets come hashed, logins and names sealed."""

from dataclasses import dataclass, field
from datetime import datetime

from services.identity.domain import Administrator, Membership, Organisation


@dataclass(frozen=True, kw_only=True)
class AddUser:
    """A person may act."""

    user_id: str
    login_index: str
    login_sealed: bytes = field(repr=False)
    name_sealed: bytes = field(repr=False)
    password_hash: str = field(repr=False)
    memberships: tuple[Membership, ...]


@dataclass(frozen=True, kw_only=True)
class NewLink:
    """An enrolment link that was drawn; the link itself is shown once and kept by nobody here.

    Attributes:
        index: HMAC of the link's secret under a tenant key.
        expires_at: Real time.
    """

    index: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class InviteUser:
    """A person may act, once they have set a password with a link.

    Attributes:
        by: The administrator; None while provisioning makes the first ones.
    """

    user_id: str
    login_index: str
    login_sealed: bytes = field(repr=False)
    name_sealed: bytes = field(repr=False)
    memberships: tuple[Membership, ...]
    link: NewLink
    by: Administrator | None


@dataclass(frozen=True, kw_only=True)
class MakeLink:
    """A person shall set a new password; the present one stays until they do."""

    user_id: str
    link: NewLink
    by: Administrator | None


@dataclass(frozen=True, kw_only=True)
class Confirm:
    """A second administrator confirms a person's roles, or a link to an account that guards something.

    Attributes:
        version: Of the user that this administrator looked at.
        code_index: HMAC of the code that they will be shown if the person still has to use a link.
    """

    user_id: str
    version: int
    code_index: str = field(repr=False)
    by: Administrator


@dataclass(frozen=True, kw_only=True)
class Enrol:
    """A person sets their password with a link, and a code where a second administrator had to confirm.

    Attributes:
        at: Real time, for the link's end.
    """

    link_index: str = field(repr=False)
    code_index: str | None = field(repr=False)
    password_hash: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SetMemberships:
    """A person acts in these roles from the next sign-in on.

    Attributes:
        version: Of the user that the caller read.
        link: For the person to set a password with, where a guarded role needs one that nobody else can know.
    """

    user_id: str
    memberships: tuple[Membership, ...]
    version: int
    link: NewLink
    by: Administrator


@dataclass(frozen=True, kw_only=True)
class SuspendUser:
    """A person may act no more."""

    user_id: str
    by: Administrator


@dataclass(frozen=True, kw_only=True)
class ResumeUser:
    """A suspended person may act again."""

    user_id: str
    by: Administrator


@dataclass(frozen=True, kw_only=True)
class ChangePassword:
    """A person has another password; the present one was checked."""

    user_id: str
    password_hash: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class AddOrganisation:
    """People may act for this organisation too."""

    organisation: Organisation
    by: Administrator


@dataclass(frozen=True, kw_only=True)
class AddMachineKey:
    """A machine may do what its scopes say."""

    machine_id: str
    client_id: str
    secret_index: str = field(repr=False)
    scopes: tuple[str, ...]
    organisation_id: str
    by: Administrator


@dataclass(frozen=True, kw_only=True)
class RevokeMachineKey:
    """A machine may act no more."""

    machine_id: str
    by: Administrator
