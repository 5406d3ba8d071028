"""Who may act, decided by administrators: one function for each command; each is one transaction.

Promise: whoever asks still administers at that moment, and only for people whose every membership is theirs to give; a
role that guards others, and a link to an account that has one, needs two of them; nobody confirms what they asked for.
Shown by tests/integration/identity/test_identity_administration.py. Why: docs/decisions/0024-who-administers-whom.md.
"""

from dataclasses import replace

from services.identity.administrators import Administrators, EnrolmentStore
from services.identity.commands import (
    Confirm,
    InviteUser,
    MakeLink,
    NewLink,
    ResumeUser,
    SetMemberships,
    SuspendUser,
)
from services.identity.domain import ACTIVE, GUARDED, INVITED, SUSPENDED, Administrator, Membership, RolePolicy, User
from services.identity.errors import (
    LoginTakenError,
    NothingToConfirmError,
    OwnAccountError,
    SecondAdministratorError,
    UnknownOrganisationError,
)
from services.identity.store import USERS, OrganisationStore, UserStore
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import DocumentMissingError, StaleVersionError, UnitOfWork

SYSTEM = "system"


def invite_user(command: InviteUser, *, work: UnitOfWork, policy: RolePolicy) -> Answer:
    """Add a person who sets a password with a link; a guarded role waits for a second administrator.

    Raises:
        LoginTakenError, UnknownRoleError, UnknownOrganisationError, SeparatedDutiesError: Nobody is added.
    """
    _check_given(command.memberships, command.by, work, policy)
    store = UserStore(work)
    if store.has_login(command.login_index):
        raise LoginTakenError
    person = User(
        id=command.user_id,
        login_index=command.login_index,
        login_sealed=command.login_sealed,
        name_sealed=command.name_sealed,
        password_hash="",
        memberships=(),
        joined_duties=False,
        status=INVITED,
        vouched=False,
    )
    if command.by is None:
        # The first administrators, whom provisioning makes: there is nobody yet who could confirm them.
        person = replace(person, memberships=command.memberships, joined_duties=policy.check(command.memberships))
    else:
        person = person.with_memberships(command.memberships, policy, asked_by=command.by.actor_id)
    _put_link(command.link, person, command.by, work)
    return answer_for(201, person, store.save(person))


def set_memberships(command: SetMemberships, *, work: UnitOfWork, policy: RolePolicy) -> Answer:
    """Replace a user's memberships; a token that is out keeps its role until it ends.

    Raises:
        OwnAccountError, UnknownRoleError, UnknownOrganisationError, SeparatedDutiesError, StaleVersionError:
            Nothing changes.
    """
    store = UserStore(work)
    user = _theirs(command.user_id, command.by, work, policy)
    _check_given(command.memberships, command.by, work, policy)
    changed = user.with_memberships(command.memberships, policy, asked_by=command.by.actor_id, held=user.memberships)
    made = changed.proposal is not None and not user.vouched
    if made:
        _put_link(command.link, changed, command.by, work)
    elif changed.proposal is not None:
        # A link that one administrator made before must not open what two give.
        EnrolmentStore(work).clear(user.id)
    return answer_for(200, changed, store.save(changed, read_version=command.version), link="made" if made else None)


def make_link(command: MakeLink, *, work: UnitOfWork, policy: RolePolicy) -> Answer:
    """Give a person a new link, such as when the password is forgotten; earlier links end.

    Raises:
        OwnAccountError: One's own password is changed with the present one.
    """
    if command.by is None:
        user = UserStore(work).get(command.user_id)
    else:
        user = _theirs(command.user_id, command.by, work, policy)
    _put_link(command.link, user, command.by, work)
    return answer_for(201, user, user.version, link="made")


def confirm(command: Confirm, *, work: UnitOfWork, policy: RolePolicy) -> Answer:
    """Confirm what another administrator asked for.

    The roles hold at once where the person's own password is known to nobody else; where they have to set one first,
    the answer's ``code`` says so, and the person needs link and code together.

    Raises:
        SecondAdministratorError: This administrator asked for it.
        NothingToConfirmError, StaleVersionError, OwnAccountError, SeparatedDutiesError: Nothing is confirmed.
    """
    user = _theirs(command.user_id, command.by, work, policy)
    if user.version != command.version:
        raise StaleVersionError(USERS)
    links = EnrolmentStore(work)
    link, proposal, by = links.of(user.id), user.proposal, command.by.actor_id
    opens = link is not None and link["needs_code"] and link["code"] is None
    waits = proposal is not None and proposal.confirmed_by is None
    if not opens and not waits:
        raise NothingToConfirmError
    if proposal is not None and waits:
        if proposal.asked_by == by:
            raise SecondAdministratorError
        policy.check(proposal.memberships)
        user = (
            replace(user, memberships=proposal.memberships, proposal=None)
            if user.vouched
            else replace(user, proposal=replace(proposal, confirmed_by=by))
        )
    if link is not None and opens and link["made_by"] != by:
        links.change(link, code=command.code_index)
    elif opens and not waits:
        raise SecondAdministratorError
    else:
        opens = False
    return answer_for(200, user, UserStore(work).save(user), code="shown" if opens else None)


def suspend_user(command: SuspendUser, *, work: UnitOfWork, policy: RolePolicy) -> Answer:
    """Let a user act no more; tokens that are out end within a quarter of an hour, links and confirmations at once.

    An administrator may suspend whoever acts for their organisation, also where they act for another too.

    Raises:
        OwnAccountError: Nobody suspends themself.
    """
    user = _theirs(command.user_id, command.by, work, policy, in_part=True)
    EnrolmentStore(work).clear(user.id)
    proposal = replace(user.proposal, confirmed_by=None) if user.proposal is not None else None
    changed = replace(user, status=SUSPENDED, proposal=proposal)
    return answer_for(200, changed, UserStore(work).save(changed))


def resume_user(command: ResumeUser, *, work: UnitOfWork, policy: RolePolicy) -> Answer:
    """Let a suspended user act again, or be invited again who never set a password."""
    user = _theirs(command.user_id, command.by, work, policy)
    changed = replace(user, status=ACTIVE if user.password_hash else INVITED)
    return answer_for(200, changed, UserStore(work).save(changed))


def answer_for(status: int, user: User, version: int, **more: str | None) -> Answer:
    """Give a command's answer: ids and codes only."""
    said = {
        "warning": "duties-joined-in-demo" if user.joined_duties else None,
        "confirmation": "second-administrator" if user.proposal is not None else None,
        **more,
    }
    return Answer(
        status=status,
        ids={"id": user.id, "version": version, "status": user.status, **{k: v for k, v in said.items() if v}},
    )


def _theirs(user_id: str, by: Administrator, work: UnitOfWork, policy: RolePolicy, *, in_part: bool = False) -> User:
    """Give a person for whom this administrator answers; to them, there is nobody else."""
    Administrators(work, policy).take_turn(by)
    if user_id == by.actor_id:
        raise OwnAccountError
    user = UserStore(work).get(user_id)
    theirs = any(policy.covers(by, [m]) for m in user.everything) if in_part else policy.covers(by, user.everything)
    if not theirs and not _is_founder(user, by, work):
        raise DocumentMissingError(USERS)
    return user


def _check_given(
    memberships: tuple[Membership, ...], by: Administrator | None, work: UnitOfWork, policy: RolePolicy
) -> None:
    """Refuse what is not this administrator's to give; an unknown and a foreign organisation look alike.

    Raises:
        UnknownOrganisationError: One of the organisations is not theirs.
    """
    organisations = OrganisationStore(work)
    administrators = Administrators(work, policy)
    if by is not None:
        administrators.take_turn(by)
    for membership in memberships:
        known = organisations.has(membership.organisation_id)
        if not known or (
            by is not None and not (policy.covers(by, [membership]) or _founds(membership, by, work, policy))
        ):
            raise UnknownOrganisationError


def _founds(membership: Membership, by: Administrator, work: UnitOfWork, policy: RolePolicy) -> bool:
    """Whether this is the first administrator of a new organisation, whom the tenant's own administrators invite."""
    first = membership.role == policy.administrator and by.organisation_id == work.tenant_id
    return first and not Administrators(work, policy).has_one(membership.organisation_id)


def _is_founder(user: User, by: Administrator, work: UnitOfWork) -> bool:
    """Whether this is an invited first administrator; the tenant's own administrators see the invitation through."""
    return user.status == INVITED and not user.memberships and by.organisation_id == work.tenant_id


def _put_link(link: NewLink, user: User, by: Administrator | None, work: UnitOfWork) -> None:
    EnrolmentStore(work).put(
        link.index,
        user_id=user.id,
        expires_at=link.expires_at,
        needs_code=by is not None and any(m.role in GUARDED for m in user.everything),
        made_by=by.actor_id if by is not None else SYSTEM,
    )
