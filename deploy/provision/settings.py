"""What each process is told: every credentials file, wherever it runs, comes from ``settings_for``.

A ``Place`` says where things are: for a stack on one machine and for containers ``deploy.provision.tenants`` makes it,
for a cluster ``deploy.render.credentials``. What is in a file, and which service is given what, stands here alone.

Promise: the three places tell a service the same fields, and nothing but addresses, paths and secrets differs
(``tests/unit/deploy/test_settings_for.py``).
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from deploy.provision.spec import TenantSpec, Timings
from shared.bus.names import courier_user, user_name
from shared.kernel.tenancy import (
    BOARD,
    CENTRE,
    CUSTODIAN,
    RESERVED,
    SERVICES,
    Service,
    TenantId,
    couriers_service,
    database_name,
    is_sandbox,
    services_of,
    vhost_name,
)

COURIER = "courier"
"""Its credentials file stands beside the services' own."""
_TRAITS: Mapping[str, Service] = {one.name: one for one in SERVICES}


class DatabaseAddress(Protocol):
    """A database, as the processes reach it."""

    def uri(self, *, user: str, password: str, auth_source: str) -> str:
        """URI of any user."""
        ...


class BrokerAddress(Protocol):
    """A broker, as the processes reach it."""

    def amqp_url(self, *, user: str, password: str, vhost: str) -> str:
        """AMQP URL of any user."""
        ...


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one tenant's processes find everything.

    Attributes:
        password: Gives a password, or what stands for it, by engine (``mongo``, ``amqp``) and name of the user.
        token_public_key: Of whoever signs this tenant's tokens.
        signing_keys: The public signing keys of board and custodian.
        drop_dir: Below which the folders of a host's sources stand, for its job.
        escrow: What a keeper of survivors' keys is told of the escrow slot.
        register: Where the sign-in page asks when identity runs elsewhere; None: there is no sign-in page.
        remotes: The servers' brokers, complete with the courier's user and password, by name; the first is the
            courier's own address.
        certificates: Certificates whose end is measured, by name, as files.
    """

    timings: Timings
    demo: bool
    database: DatabaseAddress
    broker: BrokerAddress
    password: Callable[[str, str], str] = field(repr=False)
    api_port: int
    data_dir: str
    drop_dir: str
    clock_file: str
    tenant_key_file: str
    token_public_key: str
    token_private_key_file: str
    signing_key_file: str
    signing_keys: Mapping[str, str]
    log_key_file: str
    escrow: Mapping[str, str]
    register: str | None = None
    remotes: Mapping[str, str] = field(default_factory=dict, repr=False)
    certificates: Mapping[str, str] = field(default_factory=dict)


def files_of(tenant: TenantId) -> tuple[str, ...]:
    """Name every credentials file of a tenant: its services', and the courier's where it has one."""
    return (*services_of(tenant), *([COURIER] if couriers_service(tenant) is not None else []))


def settings_for(tenant: TenantSpec, service: str, place: Place) -> dict[str, Any]:
    """Give one credentials file as ``shared.runtime.context.ServiceSettings`` reads it.

    Args:
        tenant: Whose.
        service: One of ``files_of`` the tenant.
        place: Where it will be read.
    """
    if service == COURIER:
        return _couriers(tenant, place)
    user = user_name(tenant.id, service)
    return {
        "name": tenant.name,
        "nation": tenant.nation,
        "setting": tenant.setting,
        "demo": place.demo or (is_sandbox(tenant.id) and _TRAITS[service].looks_after_invented),
        "mongo_uri": place.database.uri(
            user=user, password=place.password("mongo", service), auth_source=database_name(tenant.id, service)
        ),
        "amqp_uri": place.broker.amqp_url(
            user=user, password=place.password("amqp", service), vhost=vhost_name(tenant.id)
        ),
        "vhost": vhost_name(tenant.id),
        "data_dir": place.data_dir,
        "tenant_key_file": place.tenant_key_file,
        "token_public_keys": [place.token_public_key],
        "token_issuer": str(issuer_of(tenant.id)),
        "clock_file": place.clock_file,
        "api_port": place.api_port,
        **asdict(place.timings),
        "retry_delays_ms": list(place.timings.retry_delays_ms),
        "extra": _extra(tenant.id, _TRAITS[service], place),
    }


def servers_of(tenant: TenantId) -> tuple[TenantId, ...]:
    """Give the servers whose brokers a tenant's courier reaches."""
    if couriers_service(tenant) is None:
        return ()
    return tuple(server for server in (BOARD, CUSTODIAN) if server != tenant)


def issuer_of(tenant: TenantId) -> TenantId:
    """Give who signs a tenant's tokens: itself; for board and custodian the central register."""
    return CENTRE if tenant in (BOARD, CUSTODIAN) else tenant


def signs(tenant: TenantId) -> bool:
    """Whether a tenant has a signing key."""
    return any(_TRAITS[service].signs for service in services_of(tenant))


def _extra(tenant: TenantId, service: Service, place: Place) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if service.name == "identity":
        extra["token_private_key_file"] = place.token_private_key_file
    elif place.register is not None:
        extra["sign_in_register"] = place.register
    if service.signs:
        extra["signing_key_file"] = place.signing_key_file
        for server in (BOARD, CUSTODIAN):
            extra[f"{server}_signing_key"] = place.signing_keys[server]
    if service.keeps_log:
        extra["log_key_file"] = place.log_key_file
    if service.keeps_survivor_keys:
        extra |= place.escrow
    if service.reads_folders:
        extra["drop_folder"] = place.drop_dir
    if place.certificates and service.name == couriers_service(tenant):
        # The watch tells the operator how long they last.
        extra["certificate_files"] = dict(place.certificates)
    return extra


def _couriers(tenant: TenantSpec, place: Place) -> dict[str, Any]:
    """The courier reads one service's outbox, as a user of its own, and has its own addresses."""
    service = couriers_service(tenant.id)
    if service is None:
        # The central register has nobody outside its vhost to talk to; nobody asks for its courier's file.
        raise LookupError(tenant.id)
    extra: dict[str, Any] = {"courier_remotes": dict(place.remotes)}
    if tenant.id not in RESERVED:
        extra["courier_own_uri"] = place.broker.amqp_url(
            user=courier_user(tenant.id), password=place.password("amqp", COURIER), vhost=vhost_name(tenant.id)
        )
    return {
        **settings_for(tenant, service, place),
        "mongo_uri": place.database.uri(
            user=user_name(tenant.id, COURIER),
            password=place.password("mongo", COURIER),
            auth_source=database_name(tenant.id, service),
        ),
        "amqp_uri": next(iter(place.remotes.values())),
        "extra": extra,
    }
