"""What may be asked of identity; passwords and secrets come hashed, logins and names sealed."""

from dataclasses import dataclass, field

from services.identity.domain import Membership, Organisation


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
class SetMemberships:
    """A person acts in these roles from the next sign-in on.

    Attributes:
        version: Of the user that the caller read.
    """

    user_id: str
    memberships: tuple[Membership, ...]
    version: int
    actor_id: str


@dataclass(frozen=True, kw_only=True)
class SuspendUser:
    """A person may act no more."""

    user_id: str
    actor_id: str


@dataclass(frozen=True, kw_only=True)
class ResumeUser:
    """A suspended person may act again."""

    user_id: str


@dataclass(frozen=True, kw_only=True)
class ChangePassword:
    """A person has another password; the present one was checked."""

    user_id: str
    password_hash: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class AddOrganisation:
    """People may act for this organisation too."""

    organisation: Organisation


@dataclass(frozen=True, kw_only=True)
class AddMachineKey:
    """A machine may do what its scopes say."""

    machine_id: str
    client_id: str
    secret_index: str = field(repr=False)
    scopes: tuple[str, ...]
    organisation_id: str


@dataclass(frozen=True, kw_only=True)
class RevokeMachineKey:
    """A machine may act no more."""

    machine_id: str
