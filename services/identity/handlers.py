"""What people and machines do for themselves, and what their sign-ins leave; each function is one transaction."""

import hmac
from dataclasses import replace
from datetime import datetime, timedelta

from services.identity.administration import SYSTEM, answer_for
from services.identity.administrators import Administrators, EnrolmentStore
from services.identity.commands import AddMachineKey, AddOrganisation, AddUser, ChangePassword, Enrol, RevokeMachineKey
from services.identity.domain import ACTIVE, SUSPENDED, MachineKey, Membership, RolePolicy, User
from services.identity.errors import (
    LinkNotConfirmedError,
    LinkRefusedError,
    LoginTakenError,
    UnknownOrganisationError,
    WrongCodeError,
)
from services.identity.store import MACHINES, ORGANISATIONS, FailureStore, MachineStore, OrganisationStore, UserStore
from shared.codelists.lists import get
from shared.kernel.messages import AuditIntent
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork

NOBODY = "nobody"
NO_ROLE = "NONE"
SIGN_IN = "identity:session:open"
ENROL = "identity:user:enrol"
WRONG_CODES = 5
"""Wrong codes after which a link ends; a code has 40 random bits."""


def add_user(command: AddUser, *, work: UnitOfWork, policy: RolePolicy) -> Answer:
    """Add a user with a password: an invented person of a demo or test, or a tool's; people get a link instead.

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
    return answer_for(201, user, store.save(user))


def change_password(command: ChangePassword, *, work: UnitOfWork) -> Answer:
    """Keep another password's hash."""
    store = UserStore(work)
    user = replace(store.get(command.user_id), password_hash=command.password_hash)
    return answer_for(200, user, store.save(user))


def enrol(command: Enrol, *, work: UnitOfWork) -> Answer:
    """Keep the password of a person who holds a link, and the code where two administrators stand behind it.

    Raises:
        LinkRefusedError, LinkNotConfirmedError, WrongCodeError: Nothing changes.
    """
    links, store = EnrolmentStore(work), UserStore(work)
    link = links.find(command.link_index)
    if link is None or link["expires_at"] <= command.at:
        raise LinkRefusedError
    user = store.get(link["user_id"])
    guarded = link["needs_code"]
    # A link that one administrator made must not open what became guarded since.
    if user.status == SUSPENDED or (user.is_guarded and not guarded and link["made_by"] != SYSTEM):
        raise LinkRefusedError
    if guarded and link["code"] is None:
        raise LinkNotConfirmedError
    if guarded and (command.code_index is None or not hmac.compare_digest(command.code_index, link["code"])):
        raise WrongCodeError
    proposal = user.proposal
    confirmed = proposal is not None and proposal.confirmed_by is not None
    user = replace(
        user,
        password_hash=command.password_hash,
        status=ACTIVE,
        vouched=guarded or link["made_by"] == SYSTEM,
        memberships=proposal.memberships if proposal is not None and confirmed else user.memberships,
        proposal=None if confirmed else proposal,
    )
    links.clear(user.id)
    FailureStore(work).clear(user.login_index)
    _audit(work, actor_id=user.id, role=NO_ROLE, object_id=user.id, outcome="ALLOWED", action=ENROL)
    return answer_for(200, user, store.save(user))


def note_wrong_code(link_index: str, *, work: UnitOfWork) -> Answer:
    """Count a wrong code; the link ends with the last that is allowed."""
    links = EnrolmentStore(work)
    link = links.find(link_index)
    if link is not None:
        _audit(work, actor_id=NOBODY, role=NO_ROLE, object_id=link["user_id"], outcome="REFUSED", action=ENROL)
        if link["failures"] + 1 >= WRONG_CODES:
            links.clear(link["user_id"])
        else:
            links.change(link, failures=link["failures"] + 1)
    return Answer(status=409)


def add_organisation(command: AddOrganisation, *, work: UnitOfWork, policy: RolePolicy) -> Answer:
    """Add an organisation; at a host only an administrator of the host itself does.

    Raises:
        UnknownCodeError: Nation or setting is not in its list.
    """
    Administrators(work, policy).take_turn(command.by)
    if not policy.centre and command.by.organisation_id != work.tenant_id:
        raise DocumentMissingError(ORGANISATIONS)
    get("nation").require(command.organisation.nation)
    get("organisation_setting").require(command.organisation.setting)
    OrganisationStore(work).add(command.organisation)
    return Answer(status=201, ids={"id": command.organisation.id, "version": 1})


def add_machine_key(command: AddMachineKey, *, work: UnitOfWork, policy: RolePolicy) -> Answer:
    """Add a machine key of the administrator's own organisation."""
    Administrators(work, policy).take_turn(command.by)
    machine = MachineKey(
        id=command.machine_id,
        client_id=command.client_id,
        secret_index=command.secret_index,
        scopes=tuple(sorted(set(command.scopes))),
        organisation_id=command.organisation_id,
    )
    version = MachineStore(work).save(machine)
    return Answer(status=201, ids={"id": machine.id, "version": version, "client_id": machine.client_id})


def revoke_machine_key(command: RevokeMachineKey, *, work: UnitOfWork, policy: RolePolicy) -> Answer:
    """Let a machine act no more; tokens that are out end within a quarter of an hour."""
    Administrators(work, policy).take_turn(command.by)
    store = MachineStore(work)
    machine = store.get(command.machine_id)
    if not policy.covers(command.by, [Membership(organisation_id=machine.organisation_id, role="")]):
        raise DocumentMissingError(MACHINES)
    version = store.save(replace(machine, revoked=True))
    return Answer(status=200, ids={"id": command.machine_id, "version": version})


def note_failure(
    login_index: str, *, known_as: str | None, work: UnitOfWork, real_time: datetime, window: timedelta
) -> Answer:
    """Count a failed sign-in, of a known login or not, and audit it."""
    FailureStore(work).add(login_index, at=real_time, window=window)
    note_refusal(known_as, work=work)
    return Answer(status=400)


def note_refusal(known_as: str | None, *, work: UnitOfWork) -> Answer:
    """Audit a sign-in that was refused; nobody is signed in, so nobody is its actor.

    Where the login is nobody's, it is only counted: a flood of invented names must not fill the record.
    """
    if known_as is None:
        FailureStore(work).count_unknown()
    else:
        _audit(work, actor_id=NOBODY, role=NO_ROLE, object_id=known_as, outcome="REFUSED")
    return Answer(status=400)


def audit_unknown(*, work: UnitOfWork) -> Answer:
    """Audit how many sign-ins named nobody since the last time, in one line; nothing if there were none."""
    count = FailureStore(work).take_unknown()
    if count:
        _audit(work, actor_id=NOBODY, role=NO_ROLE, object_id="unknown", outcome="REFUSED", count=count)
    return Answer(status=200)


def note_sign_in(actor_id: str, *, role: str, login_index: str | None, work: UnitOfWork) -> Answer:
    """Forget the failures of a login that signed in, and audit the session."""
    if login_index is not None:
        FailureStore(work).clear(login_index)
    _audit(work, actor_id=actor_id, role=role, object_id=actor_id, outcome="ALLOWED")
    return Answer(status=200)


def _check_organisations(memberships: tuple[Membership, ...], work: UnitOfWork) -> None:
    organisations = OrganisationStore(work)
    if not all(organisations.has(membership.organisation_id) for membership in memberships):
        raise UnknownOrganisationError


def _audit(
    work: UnitOfWork,
    *,
    actor_id: str,
    role: str,
    object_id: str,
    outcome: str,
    action: str = SIGN_IN,
    count: int | None = None,
) -> None:
    work.audit(
        AuditIntent(
            action=action,
            actor_id=actor_id,
            role=role,
            object_id=object_id,
            outcome=outcome,
            at=work.now,
            count=count,
        )
    )
