"""Whose backup is made, and into what one is restored: a stack on one machine, containers, or a tenant on a cluster.

``StackKept`` keeps whatever has a folder of secrets and a provisioner of ours, wherever its engines run;
``deploy.keeping.cluster`` one tenant whose passwords and queues are others' to make.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol

from deploy.engines.layout import Layout
from deploy.provision.credentials import Vault
from deploy.provision.outside import Engines
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from deploy.stack.state import StackState
from shared.bus.topology import RetryLadder, Topology, topology_of
from shared.kernel.clock import write_offset
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, RESERVED, TenantId, vhost_name

CENTRES: Sequence[TenantId] = (CENTRE, CUSTODIAN, BOARD)
"""In this order: hosts are made known to board and custodian."""
KEY_FILES = ("tenant.key", "token.key", "signing.key", "log.key", "people.password")
"""Files of a tenant that cannot be made anew; every other password is drawn again at the restore."""
HOSTS_FILE = "hosts.json"
_UNFINISHED = "restoring.json"

Headers = Mapping[TenantId, Mapping[str, Any]]
"""What a backup's data file says first of each tenant: ``spec`` (of hosts), ``stack`` and ``clock_offset_s``."""


class Kept(Protocol):
    """What keeping needs to know of a place, and what it lets the place do."""

    @property
    def tenants(self) -> Sequence[TenantId]:
        """Every tenant here, the centre's first."""
        ...

    @property
    def clock_file(self) -> Path:
        """The business clock's."""
        ...

    @property
    def unfinished(self) -> Path:
        """Where a restore notes whom it writes; it is gone when that is done."""
        ...

    def admin_uri(self) -> str:
        """The database, as its administrator; any address that MongoDB's clients understand."""
        ...

    def topology(self, tenant: TenantId) -> Topology:
        """What stands in a tenant's vhost."""
        ...

    def key_files(self, tenant: TenantId) -> Mapping[str, Path]:
        """Where those of ``KEY_FILES`` lie that are this place's to keep; ``tenant.key`` always."""
        ...

    def register(self, tenant: TenantId) -> Path:
        """A server's register of hosts; need not exist."""
        ...

    def escrow_dir(self, tenant: TenantId) -> Path:
        """Where the escrow slot lies; need not exist."""
        ...

    def about(self, tenant: TenantId) -> Mapping[str, Any]:
        """``spec`` and ``stack``, for the head of a data file."""
        ...

    def definitions(self, tenant: TenantId) -> Mapping[str, Any]:
        """What stands in the tenant's vhost by the broker's own word; empty where it cannot be asked."""
        ...

    def has_messages(self, tenant: TenantId) -> bool:
        """Whether messages wait in the tenant's vhost; one that is not there has none."""
        ...

    def start_engines(self) -> None:
        """Start the engines, if they are ours to start."""
        ...

    def adopt_stack(self, header: Mapping[str, Any]) -> None:
        """Take over timings and clock, where nothing here has its own."""
        ...

    def provision(self, headers: Headers) -> None:
        """Make databases, users, queues and rights; keys and registers lie in their places already."""
        ...

    def adopt_tenants(self, headers: Headers) -> None:
        """Count these tenants as this place's from now on."""
        ...

    def remove_broker(self, tenant: TenantId) -> None:
        """Take away a vhost that a failed restore made."""
        ...


class StackLike(Protocol):
    """A stack of ours: ``deploy.stack.stack.Stack``, or ``deploy.containers.stack.ContainerStack``."""

    @property
    def layout(self) -> Layout:
        """Its folders."""
        ...

    @property
    def engines(self) -> Engines:
        """Its engines."""
        ...

    @property
    def state(self) -> StackState:
        """Its record."""
        ...

    @property
    def has_centre(self) -> bool:
        """Whether board, custodian and central register are of it."""
        ...

    def provisioner(self) -> Provisioner:
        """Open the administrators' connections."""
        ...

    def start_engines(self) -> None:
        """Start them, if they are ours to start."""
        ...


class StackKept:
    """A stack whose secrets lie in one folder."""

    def __init__(self, stack: StackLike) -> None:
        """Bind; touches nothing yet."""
        self._stack = stack
        self.clock_file = stack.layout.clock_file
        self.unfinished = stack.layout.home / _UNFINISHED
        self.admin_uri = stack.engines.mongod.admin_uri
        self.start_engines = stack.start_engines

    @property
    def tenants(self) -> Sequence[TenantId]:
        """Every tenant here, the centre's first."""
        centre = CENTRES if self._stack.has_centre else ()
        return (*centre, *(spec.id for spec in self._stack.state.tenants))

    def topology(self, tenant: TenantId) -> Topology:
        """With this stack's retry ladder."""
        return topology_of(tenant, RetryLadder(delays_ms=tuple(self._stack.state.timings.retry_delays_ms)))

    def key_files(self, tenant: TenantId) -> Mapping[str, Path]:
        """All of them, in the tenant's vault."""
        folder = Vault.folder_of(self._stack.layout.secrets_dir, tenant)
        return {name: folder / name for name in KEY_FILES}

    def register(self, tenant: TenantId) -> Path:
        """In the tenant's folder."""
        return self._stack.layout.home / "tenants" / tenant / HOSTS_FILE

    def escrow_dir(self, tenant: TenantId) -> Path:
        """As the layout says."""
        return self._stack.layout.escrow_dir(tenant)

    def about(self, tenant: TenantId) -> Mapping[str, Any]:
        """From the stack's record."""
        state = self._stack.state
        spec = state.find(tenant)
        return {
            "spec": asdict(spec) if spec is not None else None,
            "stack": {"demo": state.demo, "timings": {**asdict(state.timings)}},
        }

    def definitions(self, tenant: TenantId) -> Mapping[str, Any]:
        """From the broker's management."""
        provisioner = self._stack.provisioner()
        try:
            return provisioner.broker.definitions(vhost_name(tenant))
        finally:
            provisioner.close()

    def has_messages(self, tenant: TenantId) -> bool:
        """From the broker's management."""
        provisioner = self._stack.provisioner()
        try:
            vhost = vhost_name(tenant)
            return provisioner.broker.has_vhost(vhost) and any(provisioner.broker.depths(vhost).values())
        finally:
            provisioner.close()

    def adopt_stack(self, header: Mapping[str, Any]) -> None:
        """A new stack takes over timings, demo and clock of the old one; one that has tenants keeps its own."""
        state = self._stack.state
        if not state.tenants:
            timings = header["stack"]["timings"]
            said = Timings(**{**timings, "retry_delays_ms": tuple(timings["retry_delays_ms"])})
            replace(state, demo=header["stack"]["demo"], timings=said).save(self._stack.layout)
        if self._stack.state.demo and header["clock_offset_s"] and not self.clock_file.exists():
            write_offset(self.clock_file, header["clock_offset_s"])

    def provision(self, headers: Headers) -> None:
        """By the provisioner, the centre first where it is of this stack."""
        provisioner = self._stack.provisioner()
        try:
            if self._stack.has_centre:
                provisioner.provision_centre()
            for spec in self._specs(headers):
                provisioner.provision(spec)
        finally:
            provisioner.close()

    def adopt_tenants(self, headers: Headers) -> None:
        """Write them into the stack's record."""
        state = self._stack.state
        for spec in self._specs(headers):
            state = state.with_tenant(spec)
        state.save(self._stack.layout)

    def remove_broker(self, tenant: TenantId) -> None:
        """By the provisioner."""
        provisioner = self._stack.provisioner()
        try:
            provisioner.broker.remove(provisioner.topology(tenant))
        finally:
            provisioner.close()

    def _specs(self, headers: Headers) -> list[TenantSpec]:
        """Give the hosts' specs; a number that another host of this stack has is drawn anew."""
        state = self._stack.state
        specs = []
        for tenant, header in headers.items():
            if tenant in RESERVED:
                continue
            spec = TenantSpec(**{**header["spec"], "id": tenant})
            if any(t.number == spec.number and t.id != spec.id for t in state.tenants):
                spec = replace(spec, number=state.next_number())
            state = state.with_tenant(spec)
            specs.append(spec)
        return specs
