"""Who may act, decided by administrators.

Promise: a role that guards others needs two administrators, and nobody confirms what they asked for. Shown by
tests/integration/identity/test_identity_administration.py. Why: docs/decisions/0024-who-administers-whom.md.
"""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from services.identity.people.administrators import Administrators
from services.identity.people.documents import UserStore, answer_for
from services.identity.people.errors import LoginTakenError
from services.identity.people.links import EnrolmentStore, NewLink
from services.identity.people.rules import (
    ACTIVE,
    INVITED,
    SUSPENDED,
    Administrator,
    Membership,
    RolePolicy,
    User,
)
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OfNewUser(DomainCommand):
    """A command that adds a person."""

    user_id: str
    login_index: str
    login_sealed: bytes = field(repr=False)
    name_sealed: bytes = field(repr=False)
    memberships: tuple[Membership, ...]

    @property
    def object_id(self) -> str:
        """The person's id."""
        return self.user_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The login, which two new people could share."""
        return frozenset({self.login_index})

    def known_to_nobody(self, work: UnitOfWork, policy: RolePolicy, by: Administrator | None) -> User:
        """Give the person as invited, in no role yet; whether the roles may be given is seen to first.

        Raises:
            LoginTakenError, UnknownRoleError, UnknownOrganisationError, SeparatedDutiesError: Nobody is added.
        """
        Administrators(work, policy).check_given(self.memberships, by)
        if UserStore(work).has_login(self.login_index):
            raise LoginTakenError
        return User(
            id=self.user_id,
            login_index=self.login_index,
            login_sealed=self.login_sealed,
            name_sealed=self.name_sealed,
            password_hash="",
            memberships=(),
            joined_duties=False,
            status=INVITED,
            vouched=False,
        )


@dataclass(frozen=True, kw_only=True)
class InviteUser(OfNewUser):
    """A person may act, once they have set a password with a link.

    Attributes:
        by: The administrator; None while provisioning makes the first ones.
    """

    action: ClassVar[str] = "identity:user:add"

    link: NewLink
    by: Administrator | None


def invite_user(command: InviteUser, work: UnitOfWork, *, policy: RolePolicy) -> Answer:
    """Add a person who sets a password with a link; a guarded role waits for a second administrator.

    Raises:
        LoginTakenError, UnknownRoleError, UnknownOrganisationError, SeparatedDutiesError: Nobody is added.
    """
    person = command.known_to_nobody(work, policy, command.by)
    if command.by is None:
        # The first administrators, whom provisioning makes: there is nobody yet who could confirm them.
        person = replace(person, memberships=command.memberships, joined_duties=policy.check(command.memberships))
    else:
        person = person.with_memberships(command.memberships, policy, asked_by=command.by.actor_id)
    EnrolmentStore(work).put(command.link, person, command.by)
    return answer_for(201, person, UserStore(work).save(person))


class OfUser(DomainCommand):
    """A command on one person."""

    user_id: str

    @property
    def object_id(self) -> str:
        """The person's id."""
        return self.user_id


@dataclass(frozen=True, kw_only=True)
class SetMemberships(OfUser):
    """A person acts in these roles from the next sign-in on.

    Attributes:
        version: Of the user that the caller read.
        link: For the person to set a password with, where a guarded role needs one that nobody else can know.
    """

    action: ClassVar[str] = "identity:user:memberships"

    user_id: str
    memberships: tuple[Membership, ...]
    version: int
    link: NewLink
    by: Administrator


def set_memberships(command: SetMemberships, work: UnitOfWork, *, policy: RolePolicy) -> Answer:
    """Replace a user's memberships; a token that is out keeps its role until it ends.

    Raises:
        OwnAccountError, UnknownRoleError, UnknownOrganisationError, SeparatedDutiesError, StaleVersionError:
            Nothing changes.
    """
    administrators, links = Administrators(work, policy), EnrolmentStore(work)
    user = administrators.theirs(command.user_id, command.by)
    administrators.check_given(command.memberships, command.by)
    changed = user.with_memberships(command.memberships, policy, asked_by=command.by.actor_id, held=user.memberships)
    made = changed.proposal is not None and not user.vouched
    if made:
        links.put(command.link, changed, command.by)
    elif changed.proposal is not None:
        # A link that one administrator made before must not open what two give.
        links.clear(user.id)
    version = UserStore(work).save(changed, read_version=command.version)
    return answer_for(200, changed, version, link="made" if made else None)


@dataclass(frozen=True, kw_only=True)
class SuspendUser(OfUser):
    """A person may act no more."""

    action: ClassVar[str] = "identity:user:suspend"

    user_id: str
    by: Administrator


def suspend_user(command: SuspendUser, work: UnitOfWork, *, policy: RolePolicy) -> Answer:
    """Let a user act no more; tokens that are out end within a quarter of an hour, links and confirmations at once.

    An administrator may suspend whoever acts for their organisation, also where they act for another too.

    Raises:
        OwnAccountError: Nobody suspends themself.
    """
    user = Administrators(work, policy).theirs(command.user_id, command.by, in_part=True)
    EnrolmentStore(work).clear(user.id)
    proposal = replace(user.proposal, confirmed_by=None) if user.proposal is not None else None
    changed = replace(user, status=SUSPENDED, proposal=proposal)
    return answer_for(200, changed, UserStore(work).save(changed))


@dataclass(frozen=True, kw_only=True)
class ResumeUser(OfUser):
    """A suspended person may act again."""

    action: ClassVar[str] = "identity:user:resume"

    user_id: str
    by: Administrator


def resume_user(command: ResumeUser, work: UnitOfWork, *, policy: RolePolicy) -> Answer:
    """Let a suspended user act again, or be invited again who never set a password."""
    user = Administrators(work, policy).theirs(command.user_id, command.by)
    changed = replace(user, status=ACTIVE if user.password_hash else INVITED)
    return answer_for(200, changed, UserStore(work).save(changed))


@dataclass(frozen=True, kw_only=True)
class AddUser(OfNewUser):
    """A person may act at once: an invented one of a demo or test; people get a link instead."""

    action: ClassVar[str] = "identity:user:add"

    password_hash: str = field(repr=False)


def add_user(command: AddUser, work: UnitOfWork, *, policy: RolePolicy) -> Answer:
    """Add a user with a password.

    Raises:
        LoginTakenError, UnknownRoleError, UnknownOrganisationError, SeparatedDutiesError: Nobody is added.
    """
    person = command.known_to_nobody(work, policy, None)
    user = replace(
        person,
        password_hash=command.password_hash,
        memberships=command.memberships,
        joined_duties=policy.check(command.memberships),
        status=ACTIVE,
        vouched=True,
    )
    return answer_for(201, user, UserStore(work).save(user))
