"""One function for each command; each is one transaction."""

from dataclasses import dataclass, field

from services.identity.domain import check_roles
from services.identity.errors import LoginTakenError
from services.identity.store import MACHINES, USERS
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class AddUser:
    """A person may act in these roles; login and password are given already hashed."""

    user_id: str
    login_index: str
    password_hash: str = field(repr=False)
    roles: tuple[str, ...]
    organisation_id: str


@dataclass(frozen=True, kw_only=True)
class AddMachineKey:
    """A machine may do what its scopes say; the secret is given already hashed."""

    machine_id: str
    client_id: str
    secret_index: str = field(repr=False)
    scopes: tuple[str, ...]
    organisation_id: str


def add_user(command: AddUser, *, work: UnitOfWork, centre: bool, demo: bool) -> Answer:
    """Add a user.

    Raises:
        LoginTakenError, UnknownRoleError, SeparatedDutiesError: Nobody is added.
    """
    roles = check_roles(command.roles, centre=centre, demo=demo)
    if work.find_where(USERS, {"login": command.login_index}, limit=1):
        raise LoginTakenError
    work.insert(
        USERS,
        {
            "_id": command.user_id,
            "login": command.login_index,
            "password": command.password_hash,
            "roles": list(roles),
            "organisation_id": command.organisation_id,
            "active": True,
        },
    )
    return Answer(status=201, ids={"id": command.user_id, "version": 1})


def suspend_user(user_id: str, *, work: UnitOfWork) -> Answer:
    """Let a user act no more; tokens that are out end within a quarter of an hour."""
    user = work.get(USERS, user_id)
    work.replace(USERS, {**user, "active": False})
    return Answer(status=200, ids={"id": user_id, "version": user["version"] + 1})


def add_machine_key(command: AddMachineKey, *, work: UnitOfWork) -> Answer:
    """Add a machine key."""
    work.insert(
        MACHINES,
        {
            "_id": command.machine_id,
            "client_id": command.client_id,
            "secret": command.secret_index,
            "scopes": sorted(command.scopes),
            "organisation_id": command.organisation_id,
            "revoked": False,
        },
    )
    return Answer(status=201, ids={"id": command.machine_id, "version": 1})


def revoke_machine_key(machine_id: str, *, work: UnitOfWork) -> Answer:
    """Let a machine act no more."""
    machine = work.get(MACHINES, machine_id)
    work.replace(MACHINES, {**machine, "revoked": True})
    return Answer(status=200, ids={"id": machine_id, "version": machine["version"] + 1})
