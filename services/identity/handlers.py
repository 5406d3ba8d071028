"""One function for each command; each is one transaction."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.identity.commands import (
    AddMachineKey,
    AddOrganisation,
    AddUser,
    ChangePassword,
    ResumeUser,
    RevokeMachineKey,
    SetMemberships,
    SuspendUser,
)
from services.identity.domain import ACTIVE, SUSPENDED, MachineKey, Membership, RolePolicy, User
from services.identity.errors import LoginTakenError, OwnAccountError, UnknownOrganisationError
from services.identity.store import FailureStore, MachineStore, OrganisationStore, UserStore
from shared.codelists.lists import get
from shared.kernel.messages import AuditIntent
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import UnitOfWork

NOBODY = "nobody"
NO_ROLE = "NONE"
SIGN_IN = "identity:session:open"


def add_user(command: AddUser, *, work: UnitOfWork, policy: RolePolicy) -> Answer:
    """Add a user.

    Raises:
        LoginTakenError, UnknownRoleError, UnknownOrganisationError, SeparatedDutiesError: Nobody is added.
    """
    joined = policy.check(command.memberships)
    _check_organisations(command.memberships, work)
    store = UserStore(work)
    if store.has_login(command.login_index):
        raise LoginTakenError
    user = User(
        id=command.user_id,
        login_index=command.login_index,
        login_sealed=command.login_sealed,
        name_sealed=command.name_sealed,
        password_hash=command.password_hash,
        memberships=command.memberships,
        joined_duties=joined,
    )
    return _answer(201, user, store.save(user))


def set_memberships(command: SetMemberships, *, work: UnitOfWork, policy: RolePolicy) -> Answer:
    """Replace a user's memberships; a token that is out keeps its role until it ends.

    Raises:
        OwnAccountError, UnknownRoleError, UnknownOrganisationError, SeparatedDutiesError, StaleVersionError:
            Nothing changes.
    """
    if command.user_id == command.actor_id:
        raise OwnAccountError
    _check_organisations(command.memberships, work)
    store = UserStore(work)
    user = store.get(command.user_id).with_memberships(command.memberships, policy)
    return _answer(200, user, store.save(user, read_version=command.version))


def suspend_user(command: SuspendUser, *, work: UnitOfWork) -> Answer:
    """Let a user act no more; tokens that are out end within a quarter of an hour.

    Raises:
        OwnAccountError: Nobody suspends themself.
    """
    if command.user_id == command.actor_id:
        raise OwnAccountError
    return _set_status(command.user_id, SUSPENDED, work)


def resume_user(command: ResumeUser, *, work: UnitOfWork) -> Answer:
    """Let a suspended user act again."""
    return _set_status(command.user_id, ACTIVE, work)


def change_password(command: ChangePassword, *, work: UnitOfWork) -> Answer:
    """Keep another password's hash."""
    store = UserStore(work)
    user = replace(store.get(command.user_id), password_hash=command.password_hash)
    return _answer(200, user, store.save(user))


def add_organisation(command: AddOrganisation, *, work: UnitOfWork) -> Answer:
    """Add an organisation.

    Raises:
        UnknownCodeError: Nation or setting is not in its list.
    """
    get("nation").require(command.organisation.nation)
    get("organisation_setting").require(command.organisation.setting)
    OrganisationStore(work).add(command.organisation)
    return Answer(status=201, ids={"id": command.organisation.id, "version": 1})


def add_machine_key(command: AddMachineKey, *, work: UnitOfWork) -> Answer:
    """Add a machine key."""
    machine = MachineKey(
        id=command.machine_id,
        client_id=command.client_id,
        secret_index=command.secret_index,
        scopes=tuple(sorted(set(command.scopes))),
        organisation_id=command.organisation_id,
    )
    version = MachineStore(work).save(machine)
    return Answer(status=201, ids={"id": machine.id, "version": version, "client_id": machine.client_id})


def revoke_machine_key(command: RevokeMachineKey, *, work: UnitOfWork) -> Answer:
    """Let a machine act no more; tokens that are out end within a quarter of an hour."""
    store = MachineStore(work)
    version = store.save(replace(store.get(command.machine_id), revoked=True))
    return Answer(status=200, ids={"id": command.machine_id, "version": version})


def note_failure(
    login_index: str, *, known_as: str | None, work: UnitOfWork, real_time: datetime, window: timedelta
) -> Answer:
    """Count a failed sign-in, of a known login or not, and audit it."""
    FailureStore(work).add(login_index, at=real_time, window=window)
    note_refusal(known_as, work=work)
    return Answer(status=400)


def note_refusal(known_as: str | None, *, work: UnitOfWork) -> Answer:
    """Audit a sign-in that was refused; nobody is signed in, so nobody is its actor."""
    _audit(work, actor_id=NOBODY, role=NO_ROLE, object_id=known_as or "unknown", outcome="REFUSED")
    return Answer(status=400)


def note_sign_in(actor_id: str, *, role: str, login_index: str | None, work: UnitOfWork) -> Answer:
    """Forget the failures of a login that signed in, and audit the session."""
    if login_index is not None:
        FailureStore(work).clear(login_index)
    _audit(work, actor_id=actor_id, role=role, object_id=actor_id, outcome="ALLOWED")
    return Answer(status=200)


def _set_status(user_id: str, status: str, work: UnitOfWork) -> Answer:
    store = UserStore(work)
    user = replace(store.get(user_id), status=status)
    return _answer(200, user, store.save(user))


def _check_organisations(memberships: tuple[Membership, ...], work: UnitOfWork) -> None:
    organisations = OrganisationStore(work)
    if not all(organisations.has(membership.organisation_id) for membership in memberships):
        raise UnknownOrganisationError


def _answer(status: int, user: User, version: int) -> Answer:
    warning = {"warning": "duties-joined-in-demo"} if user.joined_duties else {}
    return Answer(status=status, ids={"id": user.id, "version": version, "status": user.status, **warning})


def _audit(work: UnitOfWork, *, actor_id: str, role: str, object_id: str, outcome: str) -> None:
    work.audit(
        AuditIntent(action=SIGN_IN, actor_id=actor_id, role=role, object_id=object_id, outcome=outcome, at=work.now)
    )
