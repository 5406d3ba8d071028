"""Tenants, services and who is asking.

A transaction cannot be opened without a tenant, and no name of a database or vhost is ever made
from request data: only from a ``TenantId`` that a process was started with.
"""

import re
from dataclasses import dataclass, field
from typing import NewType

from shared.kernel.errors import InvalidInputError

TenantId = NewType("TenantId", str)
CENTRE: TenantId = TenantId("centre")
BOARD: TenantId = TenantId("board")
CUSTODIAN: TenantId = TenantId("custodian")
RESERVED = frozenset({CENTRE, BOARD, CUSTODIAN, TenantId("post")})
EVERY_HOST = "every host"
SANDBOX = "sandbox"
"""How the id of every sandbox begins: it is one by its name for ever, and nothing else can be switched on or off."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A line of the list of services, from which every way to run them follows (see ARCHITECTURE.md).

    Attributes:
        at: Where it runs: at every host, or at the centre's tenants that are named.
        signs: Whether it is given its owner's signing key, and the public ones of board and custodian.
        goes_out: Whether it is its outbox that the tenant's courier reads; one service of a tenant at most.
        keeps_survivor_keys: Whether its own user may read and write the key table, and read the strongroom.
        adds_to_strongroom: Whether its own user may leave sealed parts of a person's copy there, and read none of them.
        keeps_log: Whether it keeps the audit log, and is given the key that signs it.
        reads_folders: Whether its job takes files from folders of the host's own (docs/how-to/pull-from-a-source.md).
        in_sandboxes: Whether it runs for a host of invented people too (docs/decisions/0049-sandboxes.md).
        looks_after_invented: Whether it takes a sandbox's people for a demo's, wherever that runs. No other does: a
            sandbox stands beside real hosts, and what may reach their machine in a demo may not reach it from there.
    """

    name: str
    at: frozenset[str] = frozenset({EVERY_HOST})
    signs: bool = False
    goes_out: bool = False
    keeps_survivor_keys: bool = False
    adds_to_strongroom: bool = False
    keeps_log: bool = False
    reads_folders: bool = False
    in_sandboxes: bool = True
    looks_after_invented: bool = False


SERVICES: tuple[Service, ...] = (
    Service(name="board", at=frozenset({BOARD}), signs=True, goes_out=True),
    Service(name="custodian", at=frozenset({CUSTODIAN}), signs=True, goes_out=True),
    Service(name="identity", at=frozenset({EVERY_HOST, CENTRE}), looks_after_invented=True),
    Service(name="case", keeps_survivor_keys=True, reads_folders=True),
    Service(name="consent", looks_after_invented=True, adds_to_strongroom=True),
    Service(
        name="audit", at=frozenset({EVERY_HOST, CENTRE, BOARD, CUSTODIAN}), keeps_log=True, adds_to_strongroom=True
    ),
    Service(name="reporting", signs=True, goes_out=True, in_sandboxes=False, adds_to_strongroom=True),
    Service(name="integrations", adds_to_strongroom=True),
)
TENANT_SERVICES: tuple[str, ...] = tuple(one.name for one in SERVICES if EVERY_HOST in one.at)

_NO_HOST = RESERVED | {"all"}
"""``all`` addresses every host on the board's exchange."""

_TENANT = re.compile(r"[a-z][a-z0-9]{1,29}")


class InvalidTenantIdError(InvalidInputError):
    """A tenant id is 2-30 lower-case letters and digits, starting with a letter, and none of the reserved words."""

    code = "invalid-tenant-id"

    def __init__(self) -> None:
        """Say the rule; the value given is not repeated."""
        super().__init__(
            "A tenant id has 2 to 30 lower-case letters and digits, starts with a letter, and is not one of "
            f"{', '.join(sorted(_NO_HOST))}."
        )


def tenant_id(text: str) -> TenantId:
    """Check a tenant id.

    Raises:
        InvalidTenantIdError: The text breaks the rule.
    """
    if not _TENANT.fullmatch(text) or text in _NO_HOST:
        raise InvalidTenantIdError
    return TenantId(text)


def is_sandbox(tenant: str) -> bool:
    """Whether a host is one of invented people: never counted, never connected to the centre."""
    return tenant.startswith(SANDBOX)


def services_of(tenant: TenantId) -> tuple[str, ...]:
    """Which services run for a tenant, for the board, for the custodian and for the central register."""
    where = tenant if tenant in RESERVED else EVERY_HOST
    return tuple(one.name for one in SERVICES if where in one.at and (one.in_sandboxes or not is_sandbox(tenant)))


def reads_folders(tenant: TenantId) -> bool:
    """Whether a tenant's job takes files from folders."""
    here = services_of(tenant)
    return any(one.reads_folders and one.name in here for one in SERVICES)


def couriers_service(tenant: TenantId) -> str | None:
    """Whose outbox the tenant's courier reads; None where there is no courier."""
    here = services_of(tenant)
    return next((one.name for one in SERVICES if one.goes_out and one.name in here), None)


def database_name(tenant: TenantId, service: str) -> str:
    """Name the database of one service of one tenant."""
    return f"as_{tenant}_{service}"


def vhost_name(tenant: TenantId) -> str:
    """Name the tenant's vhost; the centre's two servers have their own names."""
    return str(tenant) if tenant in (BOARD, CUSTODIAN) else f"t-{tenant}"


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who is asking, as the token says it; one organisation and one role a session.

    Attributes:
        actor_id: Random id of the user or machine; audit keeps it, names stay in identity.
        role: A role of domain reference 14.1, such as ``IMSA`` or ``HOST_DPO``.
        scopes: What a machine key may do; empty for people, whose role decides.
        networks: Addresses that a machine key may come from, as CIDR; empty means any.
    """

    actor_id: str
    tenant_id: TenantId
    organisation_id: str
    role: str
    scopes: frozenset[str] = field(default_factory=frozenset)
    networks: frozenset[str] = field(default_factory=frozenset)
