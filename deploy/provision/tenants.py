"""Provisions a tenant, the central register, the board and the custodian, each with its own owner's keys.

Embedded stacks put all of them on one broker and one database server, under separate users; a real
deployment gives board and custodian servers of their own (docs/decisions/0004-board-and-custodian-apart.md).
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from deploy.engines.layout import Layout
from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.engines.pair import EnginePair
from deploy.provision.credentials import Vault
from deploy.provision.databases import Client, drop_tenant, make_courier_user, make_service_database
from deploy.provision.escrow import prepare_escrow
from deploy.provision.outside import Engines
from deploy.provision.turns import turn
from shared.bus.names import courier_user, user_name
from shared.bus.provisioner import Account, BrokerAdmin, courier_rights, operator_rights, service_rights
from shared.bus.topology import RetryLadder, Topology, topology_of
from shared.contracts.task import RosterHost
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, RESERVED, TenantId, database_name, vhost_name
from shared.keys.signing import HostRegister
from shared.keys.tenant_key import TenantKeyFile
from shared.runtime.context import KEEPERS_OF_SURVIVOR_KEYS
from shared.runtime.database_engine import refuse_leaky_members
from shared.web.pages.remote_grant import may_carry_passwords

CONNECTIONS_A_VHOST = 200
SIGNING = ("reporting", "board", "custodian")


@dataclass(frozen=True, kw_only=True)
class Timings:
    """How fast a stack runs its clocks; tests and demos shorten them.

    Attributes:
        mark_settle_s: A mark lies this far behind real time; the production figure is 15.
        mark_every_s: Seconds between marks.
        retry_delays_ms: Waits of the retry ladder.
    """

    mark_settle_s: float = 15.0
    mark_every_s: float = 60.0
    poll_s: float = 1.0
    job_every_s: float = 5.0
    retry_delays_ms: tuple[int, ...] = field(default_factory=lambda: RetryLadder().delays_ms)


def _tenant_key(vault: Vault, tenant: TenantId) -> TenantKeyFile:
    """Draw the tenant's key once; it is never overwritten."""
    path = vault.folder / "tenant.key"
    return TenantKeyFile.load(path, tenant) if path.exists() else TenantKeyFile.create(path, tenant)


@dataclass(frozen=True, kw_only=True)
class TenantSpec:
    """What the operator says of a tenant.

    Attributes:
        number: Fixes the API's port.
    """

    id: TenantId
    name: str
    nation: str
    setting: str
    number: int


class Provisioner:
    """Holds the administrators' connections of one embedded stack."""

    def __init__(self, layout: Layout, *, timings: Timings, demo: bool, engines: Engines | None = None) -> None:
        """Connect to both engines, by default the layout's own; they must run.

        Raises:
            LeakyDatabaseError: The database leaks its memory to anybody (CVE-2025-14847).
        """
        engines = engines or EnginePair(layout)
        refuse_leaky_members(engines.mongod.admin_uri())
        self._layout = layout
        self._engines = engines
        self._timings = timings
        self._demo = demo
        self._mongo: Client = MongoClient(engines.mongod.admin_uri(), tz_aware=True, timeoutMS=CLIENT_TIMEOUT_MS)
        user, password = engines.rabbit.admin_credentials()
        self.broker = BrokerAdmin(engines.rabbit.management_url, user, password)

    def close(self) -> None:
        """Close both connections."""
        self._mongo.close()
        self.broker.close()

    def topology(self, tenant: TenantId) -> Topology:
        """Give a tenant's topology with this stack's retry ladder."""
        return topology_of(tenant, RetryLadder(delays_ms=tuple(self._timings.retry_delays_ms)))

    def provision_centre(self) -> None:
        """Make the board, the custodian and the central register."""
        specs = (
            TenantSpec(id=CENTRE, name="Central register", nation="ENGLAND", setting="OTHER", number=-1),
            TenantSpec(id=CUSTODIAN, name="Custodian", nation="ENGLAND", setting="OTHER", number=-1),
            TenantSpec(id=BOARD, name="Project board", nation="ENGLAND", setting="OTHER", number=-1),
        )
        for spec in specs:
            self.provision(spec)

    def provision(self, spec: TenantSpec) -> None:
        """Make everything one tenant needs; running it again changes nothing, also at the same time."""
        with turn(self._layout.home, spec.id):
            self._provision(spec)

    def _provision(self, spec: TenantSpec) -> None:
        """Broker, and the database of each service, side by side: each waits for its engine most of the time."""
        topology = self.topology(spec.id)
        vault = Vault.of(self._layout.secrets_dir, spec.id)
        with turn(self._layout.home):
            # Drawn once for all tenants of this home, by whoever comes first.
            for server in (BOARD, CUSTODIAN):
                self._public_key(server)
            self._token_key_of(spec.id)
            key = _tenant_key(vault, spec.id)
        with ThreadPoolExecutor(len(topology.services) + 1) as pool:
            broker = pool.submit(self._provision_broker, spec.id, topology, vault)
            databases = {
                service: pool.submit(
                    make_service_database, self._mongo, spec.id, service, topology, vault.password(f"mongo-{service}")
                )
                for service in topology.services
            }
            courier = broker.result()
            made = {service: database.result() for service, database in databases.items()}
        for service, database in made.items():
            self._write_credentials(spec, vault, service, database, topology=topology, key=key, courier=courier)
        if spec.id not in RESERVED:
            with turn(self._layout.home):
                self._register(spec, vault)

    def _provision_broker(self, tenant: TenantId, topology: Topology, vault: Vault) -> dict[str, Any] | None:
        """Make vhost and users; give what the courier is made of."""
        self.broker.apply(topology)
        self.broker.limit(topology.vhost, connections=CONNECTIONS_A_VHOST)
        rights = {"operator": operator_rights()} | {s: service_rights(topology, s) for s in topology.services}
        self.broker.put_accounts(
            [
                Account(
                    user=user_name(tenant, name),
                    password=vault.password(f"amqp-{name}"),
                    rights={topology.vhost: granted},
                )
                for name, granted in rights.items()
            ]
        )
        return self._courier(tenant, vault)

    def _write_credentials(
        self,
        spec: TenantSpec,
        vault: Vault,
        service: str,
        database: str,
        *,
        topology: Topology,
        key: TenantKeyFile,
        courier: dict[str, Any] | None,
    ) -> None:
        settings = self._settings(spec, vault, service)
        user = user_name(spec.id, service)
        settings["mongo_uri"] = self._mongo_uri(user, vault.password(f"mongo-{service}"), database)
        settings["amqp_uri"] = self._amqp_uri(user, vault, topology.vhost)
        if service in KEEPERS_OF_SURVIVOR_KEYS:
            with turn(self._layout.home):
                settings["extra"] |= prepare_escrow(
                    self._layout.escrow_dir(spec.id),
                    spec.id,
                    key,
                    self._mongo[database_name(spec.id, "keys")],
                    holder_file=self._layout.escrow_holder_file,
                )
        vault.write(service, settings)
        if courier and service == courier["service"]:
            vault.write("courier", self._courier_settings(spec, vault, settings, courier))

    def remove(self, tenant: TenantId) -> None:
        """Delete a tenant's vhost, users and databases; its folder of secrets stays with the operator."""
        with turn(self._layout.home, tenant):
            self._remove(tenant)

    def _remove(self, tenant: TenantId) -> None:
        topology = self.topology(tenant)
        self.broker.remove(topology)
        for service in (*topology.services, "operator"):
            self.broker.remove_user(user_name(tenant, service))
        self.broker.remove_user(courier_user(tenant))
        drop_tenant(self._mongo, tenant, topology.services)

    def _settings(self, spec: TenantSpec, vault: Vault, service: str) -> dict[str, Any]:
        issuer, private_file, public = self._token_key_of(spec.id)
        settings: dict[str, Any] = {
            "vhost": vhost_name(spec.id),
            "data_dir": str(self._data_dir(spec.id)),
            "tenant_key_file": str(vault.folder / "tenant.key"),
            "token_public_keys": [public],
            "token_issuer": str(issuer),
            "clock_file": str(self._layout.clock_file),
            "mark_settle_s": self._timings.mark_settle_s,
            "mark_every_s": self._timings.mark_every_s,
            "poll_s": self._timings.poll_s,
            "job_every_s": self._timings.job_every_s,
            "retry_delays_ms": list(self._timings.retry_delays_ms),
            "demo": self._demo,
            "name": spec.name,
            "nation": spec.nation,
            "setting": spec.setting,
            "api_port": self.api_port(spec),
            "extra": {},
        }
        if service == "identity":
            settings["extra"]["token_private_key_file"] = str(private_file)
        else:
            # Where identity runs in another process, the sign-in page asks there.
            own = f"http://127.0.0.1:{self.api_port(spec)}"
            register = self._layout.register_url if issuer == CENTRE else own
            if may_carry_passwords(register, demo=self._demo):
                settings["extra"]["sign_in_register"] = register
        if service in SIGNING:
            settings["extra"] |= {
                "signing_key_file": str(vault.signing_key()[0]),
                "board_signing_key": self._public_key(BOARD),
                "custodian_signing_key": self._public_key(CUSTODIAN),
            }
        return settings

    def _token_key_of(self, tenant: TenantId) -> tuple[TenantId, Path, str]:
        """Give who signs a tenant's tokens, the file of the key, and its public half."""
        issuer = CENTRE if tenant in (BOARD, CUSTODIAN) else tenant
        return (issuer, *Vault.of(self._layout.secrets_dir, issuer).token_key())

    def _public_key(self, tenant: TenantId) -> str:
        return Vault.of(self._layout.secrets_dir, tenant).signing_key()[1]

    def _register(self, spec: TenantSpec, vault: Vault) -> None:
        """Put a host's public key into the registers of board and custodian, each its owner's own copy."""
        entry = RosterHost(host=spec.id, nation=spec.nation, setting=spec.setting, signing_key=vault.signing_key()[1])
        for server in (BOARD, CUSTODIAN):
            HostRegister(path=self._data_dir(server) / "hosts.json").put(entry, name=spec.name)

    def api_port(self, spec: TenantSpec) -> int:
        """Give the port of a tenant's API."""
        fixed = {
            BOARD: self._layout.board_api_port,
            CUSTODIAN: self._layout.custodian_api_port,
            CENTRE: self._layout.identity_api_port,
        }
        return fixed[spec.id] if spec.id in fixed else self._layout.tenant_api_port(spec.number)

    def _data_dir(self, tenant: TenantId) -> Any:
        folder = self._layout.home / "tenants" / tenant
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _courier(self, tenant: TenantId, vault: Vault) -> dict[str, Any] | None:
        """Make the courier's broker user and rights; the central register has none."""
        if tenant == CENTRE:
            return None
        if tenant in RESERVED:
            other = CUSTODIAN if tenant == BOARD else BOARD
            self._ensure_vhost(other)
            remotes = vhosts = [other]
        else:
            self.broker.add_host(tenant)
            remotes, vhosts = [BOARD, CUSTODIAN], [tenant, BOARD, CUSTODIAN]
        account = Account(
            user=courier_user(tenant),
            password=vault.password("amqp-courier"),
            rights={vhost_name(vhost_of): courier_rights(tenant, vhost_of) for vhost_of in vhosts},
        )
        self.broker.put_accounts([account])
        return {"service": str(tenant) if tenant in RESERVED else "reporting", "remotes": remotes}

    def _ensure_vhost(self, tenant: TenantId) -> None:
        self.broker.apply(self.topology(tenant))

    def _courier_settings(
        self, spec: TenantSpec, vault: Vault, settings: dict[str, Any], courier: dict[str, Any]
    ) -> dict[str, Any]:
        service = courier["service"]
        password = vault.password("mongo-courier")
        make_courier_user(self._mongo, spec.id, service, password)
        database = database_name(spec.id, service)
        user = courier_user(spec.id)
        uri = {v: self._remote_uri(user, vault, v) for v in courier["remotes"]}
        extra: dict[str, Any] = {"courier_remotes": {str(remote): uri[remote] for remote in courier["remotes"]}}
        if spec.id not in RESERVED:
            extra["courier_own_uri"] = self._amqp_uri(user, vault, vhost_name(spec.id), stored_as="amqp-courier")
        mongo_uri = self._mongo_uri(f"{spec.id}.courier", password, database)
        return {
            **settings,
            "mongo_uri": mongo_uri,
            "amqp_uri": extra["courier_remotes"][str(courier["remotes"][0])],
            "extra": extra,
        }

    def _remote_uri(self, user: str, vault: Vault, server: TenantId) -> str:
        return self._amqp_uri(user, vault, vhost_name(server), stored_as="amqp-courier")

    def _mongo_uri(self, user: str, password: str, database: str) -> str:
        return self._engines.mongod.uri(user=user, password=password, auth_source=database)

    def _amqp_uri(self, user: str, vault: Vault, vhost: str, *, stored_as: str | None = None) -> str:
        password = vault.password(stored_as or f"amqp-{user.rpartition('.')[2]}")
        return self._engines.rabbit.amqp_url(user=user, password=password, vhost=vhost)
