"""Users, their memberships, and the duties that one person may not join.

Limit: two accounts of one human being look like two people; who hires must look.
Source: domain reference 14.1, decisions 5.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from services.identity.errors import SeparatedDutiesError, UnknownRoleError

HOST_ROLES = (
    "HOST_ADMIN", "IMSA", "SUPERVISOR", "HOST_DPO", "HOST_DATA_LEAD", "SAFEGUARDING_LEAD", "HUB_TRIAGE", "INTEGRATOR",
)  # fmt: skip
CENTRE_ROLES = ("BOARD_MEMBER", "STATISTICIAN", "RELEASE_APPROVER", "PLATFORM_OPERATOR", "DATA_GUARDIAN")
MACHINE_ROLE = "INTEGRATOR"
ADMINISTRATORS = ("HOST_ADMIN", "PLATFORM_OPERATOR")

SEPARATED = (
    ("STATISTICIAN", "RELEASE_APPROVER"),
    ("STATISTICIAN", "DATA_GUARDIAN"),
    ("HOST_DATA_LEAD", "HOST_ADMIN"),
    ("HOST_DATA_LEAD", "BOARD_MEMBER"),
    ("HOST_DATA_LEAD", "STATISTICIAN"),
)
"""Pairs of which one person may hold one, in whatever organisations."""

ACTIVE, SUSPENDED = "ACTIVE", "SUSPENDED"


@dataclass(frozen=True, kw_only=True)
class Membership:
    """One role in one organisation; a session carries exactly one."""

    organisation_id: str
    role: str


@dataclass(frozen=True, kw_only=True)
class RolePolicy:
    """Which roles may be given here.

    Attributes:
        centre: The central register, where people of hosts may be registered too.
        demo: Duties may be joined and any role given; the user is marked for it.
    """

    centre: bool
    demo: bool

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles that may be given."""
        return (*CENTRE_ROLES, *HOST_ROLES) if self.centre or self.demo else HOST_ROLES

    def check(self, memberships: Iterable[Membership]) -> bool:
        """Check what one person would hold; True if a demo joins duties that are separated otherwise.

        Raises:
            UnknownRoleError: There is no role, or one that is not given here.
            SeparatedDutiesError: Two duties guard each other.
        """
        held = {membership.role for membership in memberships}
        if not held or not held <= set(self.roles):
            raise UnknownRoleError(self.roles)
        joined = [pair for pair in SEPARATED if set(pair) <= held]
        if joined and not self.demo:
            raise SeparatedDutiesError(*joined[0])
        return bool(joined)


@dataclass(frozen=True, kw_only=True)
class User:
    """A person who may act; names are sealed, the password hashed.

    Attributes:
        login_index: HMAC of the login under a tenant key.
        joined_duties: A demo gave this person duties that guard each other.
    """

    id: str
    login_index: str
    login_sealed: bytes = field(repr=False)
    name_sealed: bytes = field(repr=False)
    password_hash: str = field(repr=False)
    memberships: tuple[Membership, ...]
    joined_duties: bool
    status: str = ACTIVE
    version: int = 0

    def with_memberships(self, memberships: tuple[Membership, ...], policy: RolePolicy) -> "User":
        """Give the user with other memberships; raises what ``RolePolicy.check`` raises."""
        return replace(self, memberships=memberships, joined_duties=policy.check(memberships))

    def matching(self, *, role: str | None, organisation_id: str | None) -> tuple[Membership, ...]:
        """Give the memberships that fit what a sign-in names; None fits all."""
        return tuple(
            m for m in self.memberships if role in (None, m.role) and organisation_id in (None, m.organisation_id)
        )


@dataclass(frozen=True, kw_only=True)
class MachineKey:
    """A machine that may act; the secret is an HMAC.

    Attributes:
        scopes: What it may do, such as ``imports:write``.
    """

    id: str
    client_id: str
    secret_index: str = field(repr=False)
    scopes: tuple[str, ...]
    organisation_id: str
    revoked: bool = False
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """An organisation for which people act; nation and setting are codes."""

    id: str
    name: str
    nation: str
    setting: str
