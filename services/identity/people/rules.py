"""Users, their memberships, who administers whom, and the duties that one person may not join.

Limit: two accounts of one human being look like two people; who hires must look. That is why a second administrator
confirms each role that guards something (docs/decisions/0024-who-administers-whom.md).
Source: domain reference 14.1, decisions 5.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from services.identity.people.errors import SeparatedDutiesError, UnknownRoleError
from shared.kernel.tenancy import Principal

HOST_ROLES = (
    "HOST_ADMIN", "IMSA", "SUPERVISOR", "HOST_DPO", "HOST_DATA_LEAD", "SAFEGUARDING_LEAD", "HUB_TRIAGE", "INTEGRATOR",
)  # fmt: skip
CENTRE_ROLES = ("BOARD_MEMBER", "STATISTICIAN", "RELEASE_APPROVER", "PLATFORM_OPERATOR", "DATA_GUARDIAN")
ADVOCATE = "IMSA"
HOST_ADMINISTRATOR, CENTRE_ADMINISTRATOR = ADMINISTRATORS = ("HOST_ADMIN", "PLATFORM_OPERATOR")

GUARDED = frozenset({"STATISTICIAN", "RELEASE_APPROVER", "DATA_GUARDIAN", "HOST_DATA_LEAD", *ADMINISTRATORS})
"""Roles that one administrator alone can neither give nor take over: they guard something, or make those who do."""

SEPARATED = (
    ("STATISTICIAN", "RELEASE_APPROVER"),
    ("STATISTICIAN", "DATA_GUARDIAN"),
    ("HOST_DATA_LEAD", "HOST_ADMIN"),
    ("HOST_DATA_LEAD", "BOARD_MEMBER"),
    ("HOST_DATA_LEAD", "STATISTICIAN"),
)
"""Pairs of which one person may hold one, in whatever organisations; a demo may join them."""

NEVER_JOINED = frozenset({("STATISTICIAN", "RELEASE_APPROVER")})
"""Both signatures of a release: never one person's, not even in a demo."""

ACTIVE, SUSPENDED, INVITED = "ACTIVE", "SUSPENDED", "INVITED"


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

    @property
    def administrator(self) -> str:
        """The one role that administers: the whole register at the centre, its own organisation at a host."""
        return CENTRE_ADMINISTRATOR if self.centre else HOST_ADMINISTRATOR

    def covers(self, administrator: "Administrator", memberships: Iterable[Membership]) -> bool:
        """Whether somebody who administers here answers for a person with all of these memberships."""
        return self.centre or all(m.organisation_id == administrator.organisation_id for m in memberships)

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
        for pair in joined:
            if pair in NEVER_JOINED or not self.demo:
                raise SeparatedDutiesError(*pair, never=pair in NEVER_JOINED)
        return bool(joined)


@dataclass(frozen=True, kw_only=True)
class Administrator:
    """Who administers, and for which organisation; the transaction checks that they still do."""

    actor_id: str
    organisation_id: str

    @classmethod
    def of(cls, who: Principal) -> "Administrator":
        """Give whoever asks, as an administrator."""
        return cls(actor_id=who.actor_id, organisation_id=who.organisation_id)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a person shall be once a second administrator has confirmed it.

    Attributes:
        asked_by: Who proposed it; somebody else confirms.
        confirmed_by: The second administrator; then it waits for the person to set a password with link and code.
    """

    memberships: tuple[Membership, ...]
    asked_by: str
    confirmed_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class User:
    """A person who may act; names are sealed, the password hashed.

    Attributes:
        login_index: HMAC of the login under a tenant key.
        password_hash: Empty while the person has not used the enrolment link.
        joined_duties: A demo gave this person duties that guard each other.
        vouched: The password was set with what two administrators gave, so neither of them can know it.
    """

    id: str
    login_index: str
    login_sealed: bytes = field(repr=False)
    name_sealed: bytes = field(repr=False)
    password_hash: str = field(repr=False)
    memberships: tuple[Membership, ...]
    joined_duties: bool
    status: str = ACTIVE
    proposal: Proposal | None = None
    vouched: bool = True
    version: int = 0

    @property
    def everything(self) -> tuple[Membership, ...]:
        """What the person is, and what is proposed."""
        return (*self.memberships, *(self.proposal.memberships if self.proposal is not None else ()))

    @property
    def is_guarded(self) -> bool:
        """Whether one administrator alone must not be able to act as this person."""
        return any(m.role in GUARDED for m in self.everything)

    def with_memberships(
        self, memberships: tuple[Membership, ...], policy: RolePolicy, *, asked_by: str, held: Iterable[Membership] = ()
    ) -> "User":
        """Give the user with other memberships: what goes, goes at once; a guarded role waits for its confirmation.

        Args:
            memberships: All that the person shall be.
            policy: Which roles there are.
            asked_by: The administrator who wants it.
            held: What the person is now.

        Raises:
            UnknownRoleError, SeparatedDutiesError: As ``RolePolicy.check``.
        """
        joined, had = policy.check(memberships), frozenset(held)
        at_once = tuple(m for m in memberships if m in had or m.role not in GUARDED)
        waits = len(at_once) < len(memberships)
        proposal = Proposal(memberships=memberships, asked_by=asked_by) if waits else None
        return replace(self, memberships=at_once, joined_duties=joined, proposal=proposal)

    def matching(self, *, role: str | None, organisation_id: str | None) -> tuple[Membership, ...]:
        """Give the memberships that fit what a sign-in names; None fits all."""
        return tuple(
            m for m in self.memberships if role in (None, m.role) and organisation_id in (None, m.organisation_id)
        )
