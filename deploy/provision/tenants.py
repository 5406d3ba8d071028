"""Provisions a tenant, the central register, the board and the custodian, each with its own owner's keys.

Embedded stacks put all of them on one broker and one database server, under separate users; a real
deployment gives board and custodian servers of their own (docs/decisions/0004-board-and-custodian-apart.md).
What the credentials files say stands in ``deploy.provision.settings``.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pymongo import MongoClient

from deploy.engines.layout import Layout
from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.engines.pair import EnginePair
from deploy.provision.credentials import Vault
from deploy.provision.databases import Client, drop_tenant, make_courier_user, make_service_database
from deploy.provision.escrow import prepare_escrow
from deploy.provision.outside import Engines
from deploy.provision.queues import remove_integrators
from deploy.provision.settings import COURIER, Place, files_of, issuer_of, servers_of, settings_for, signs
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.turns import turn
from shared.bus.names import courier_user, user_name
from shared.bus.provisioner import BrokerAdmin
from shared.bus.rights import Account, courier_rights, operator_rights, service_rights
from shared.bus.topology import RetryLadder, Topology, topology_of
from shared.contracts.task import RosterHost
from shared.kernel.tenancy import (
    BOARD,
    CENTRE,
    CUSTODIAN,
    RESERVED,
    TenantId,
    couriers_service,
    database_name,
    is_sandbox,
    services_of,
    vhost_name,
)
from shared.keys.signing import HostRegister
from shared.keys.tenant_key import TenantKeyFile
from shared.runtime.context import KEEPERS_OF_SURVIVOR_KEYS
from shared.runtime.database_engine import refuse_leaky_members
from shared.web.pages.remote_grant import may_carry_passwords

CONNECTIONS_A_VHOST = 200


class Provisioner:
    """Holds the administrators' connections of one stack."""

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
            databases = [
                pool.submit(
                    make_service_database, self._mongo, spec.id, service, topology, vault.password(f"mongo-{service}")
                )
                for service in topology.services
            ]
            broker.result()
            for database in databases:
                database.result()
        self._write_credentials(spec, vault, key)
        if spec.id not in RESERVED and not is_sandbox(spec.id):
            with turn(self._layout.home):
                self._register(spec, vault)

    def _provision_broker(self, tenant: TenantId, topology: Topology, vault: Vault) -> None:
        """Make vhost and users, the courier's among them."""
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
        if couriers_service(tenant) is not None:
            self._courier(tenant, vault)

    def _write_credentials(self, spec: TenantSpec, vault: Vault, key: TenantKeyFile) -> None:
        place = self._place(spec, vault, key)
        for name in files_of(spec.id):
            if name == COURIER:
                make_courier_user(self._mongo, spec.id, vault.password("mongo-courier"))
            vault.write(name, settings_for(spec, name, place))

    def remove(self, tenant: TenantId) -> None:
        """Delete a tenant's vhost, users and databases; its folder of secrets stays with the operator."""
        with turn(self._layout.home, tenant):
            self._remove(tenant)

    def _remove(self, tenant: TenantId) -> None:
        self.remove_from_broker(tenant)
        drop_tenant(self._mongo, tenant, self.topology(tenant).services)

    def remove_from_broker(self, tenant: TenantId) -> None:
        """Delete a tenant's vhost and users; what is gone is no error."""
        topology = self.topology(tenant)
        self.broker.remove(topology)
        for service in (*topology.services, "operator"):
            self.broker.remove_user(user_name(tenant, service))
        self.broker.remove_user(courier_user(tenant))
        remove_integrators(self.broker, tenant)

    def _place(self, spec: TenantSpec, vault: Vault, key: TenantKeyFile) -> Place:
        """Say where this stack's processes find everything; keys and passwords are drawn at the first time."""
        issuer, token_key_file, token_public_key = self._token_key_of(spec.id)
        # Where identity runs in another process, the sign-in page asks there.
        port = self._layout.api_port(spec.id, spec.number)
        own = f"http://127.0.0.1:{port}"
        register = self._layout.register_url if issuer == CENTRE else own
        return Place(
            timings=self._timings,
            demo=self._demo,
            database=self._engines.mongod,
            broker=self._engines.rabbit,
            password=lambda engine, name: vault.password(f"{engine}-{name}"),
            api_port=port,
            data_dir=str(self._data_dir(spec.id)),
            drop_dir=str(self._layout.drop_dir(spec.id)),
            clock_file=str(self._layout.clock_file),
            tenant_key_file=str(vault.folder / "tenant.key"),
            token_public_key=token_public_key,
            token_private_key_file=str(token_key_file),
            signing_key_file=str(vault.signing_key()[0]) if signs(spec.id) else "",
            signing_keys={server: self._public_key(server) for server in (BOARD, CUSTODIAN)},
            log_key_file=str(vault.log_key()),
            escrow=self._escrow(spec.id, key),
            register=register if may_carry_passwords(register, demo=self._demo) else None,
            remotes=self._remotes(spec.id, vault),
            certificates=self._certificates(),
        )

    def _escrow(self, tenant: TenantId, key: TenantKeyFile) -> Mapping[str, str]:
        if not KEEPERS_OF_SURVIVOR_KEYS & set(services_of(tenant)):
            return {}
        with turn(self._layout.home):
            return prepare_escrow(
                self._layout.escrow_dir(tenant),
                tenant,
                key,
                self._mongo[database_name(tenant, "keys")],
                holder_file=self._layout.escrow_holder_file,
            )

    def _token_key_of(self, tenant: TenantId) -> tuple[TenantId, Path, str]:
        """Give who signs a tenant's tokens, the file of the key, and its public half."""
        issuer = issuer_of(tenant)
        return (issuer, *Vault.of(self._layout.secrets_dir, issuer).token_key())

    def _public_key(self, tenant: TenantId) -> str:
        return Vault.of(self._layout.secrets_dir, tenant).signing_key()[1]

    def _register(self, spec: TenantSpec, vault: Vault) -> None:
        """Put a host's public key into the registers of board and custodian, each its owner's own copy."""
        entry = RosterHost(host=spec.id, nation=spec.nation, setting=spec.setting, signing_key=vault.signing_key()[1])
        for server in (BOARD, CUSTODIAN):
            HostRegister(path=self._data_dir(server) / "hosts.json").put(entry, name=spec.name)

    def _data_dir(self, tenant: TenantId) -> Path:
        folder = self._layout.data_dir(tenant)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _courier(self, tenant: TenantId, vault: Vault) -> None:
        """Make the courier's broker user and rights."""
        vhosts = list(servers_of(tenant))
        if tenant in RESERVED:
            for other in vhosts:
                self.broker.apply(self.topology(other))
        else:
            self.broker.add_host(tenant)
            vhosts.insert(0, tenant)
        account = Account(
            user=courier_user(tenant),
            password=vault.password("amqp-courier"),
            rights={vhost_name(vhost_of): courier_rights(tenant, vhost_of) for vhost_of in vhosts},
        )
        self.broker.put_accounts([account])

    def _remotes(self, tenant: TenantId, vault: Vault) -> Mapping[str, str]:
        """Give the address of each server's broker for the tenant's courier."""
        user = courier_user(tenant)
        return {
            str(server): self._engines.rabbit.amqp_url(
                user=user, password=vault.password("amqp-courier"), vhost=vhost_name(server)
            )
            for server in servers_of(tenant)
        }

    def _certificates(self) -> Mapping[str, str]:
        """Name the certificates that this stack's processes show: none where all speak on one machine."""
        return {}


def _tenant_key(vault: Vault, tenant: TenantId) -> TenantKeyFile:
    """Draw the tenant's key once; it is never overwritten."""
    path = vault.folder / "tenant.key"
    return TenantKeyFile.load(path, tenant) if path.exists() else TenantKeyFile.create(path, tenant)
