"""What a service is given to work with: its settings, clock, database, committer and keys."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from shared.kernel.clock import BusinessClock
from shared.kernel.tenancy import SERVICES, TenantId, database_name
from shared.keys.escrow import FileEscrowSlot
from shared.keys.key_table import KeysDatabase
from shared.keys.sealing import seal
from shared.keys.signing import HostRegister, SigningKey, Trust
from shared.keys.survivor_keys import SurvivorKeys, verify_key_table
from shared.keys.task_keys import TaskKeys
from shared.keys.tenant_key import TenantKeyFile
from shared.outbox.committer import Committer
from shared.outbox.machinery import Doorbell
from shared.outbox.unit_of_work import Document
from shared.runtime.heartbeat import WatchedStop
from shared.runtime.quiet_driver import quieten
from shared.runtime.settings import ConfigurationError, ServiceSettings

__all__ = [
    "KEEPERS_OF_SURVIVOR_KEYS",
    "Apart",
    "ConfigurationError",
    "Job",
    "Listen",
    "OwnPart",
    "ServiceContext",
    "ServiceSettings",
    "connect",
    "open_context",
]

KEEPERS_OF_SURVIVOR_KEYS = frozenset(one.name for one in SERVICES if one.keeps_survivor_keys)
"""Services whose own user may read and write the key table."""


@dataclass(frozen=True, kw_only=True)
class Listen:
    """Where an api listens and how long it drains.

    Attributes:
        port: None takes the tenant's own port.
        drain_s: Seconds between "not ready" and the end; None takes the settings'.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    drain_s: float | None = None


Apart = Callable[[str, str, str], None]
"""Carries out one item of a service's job in a process of its own: service, job, id of the item."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """Something that is repeated while a process runs.

    Attributes:
        every_s: Seconds between the end of one run and the next.
        run: Idempotent and resumable; hands what computes for long to ``ServiceContext.apart``, item by item.
        one: Carries out one such item where it is called; None where nothing computes for long.
        rung: Whether it is run after each commit of its service instead, and so often only while nothing tells of
            commits: for what waits for a command, not for a time.
    """

    name: str
    every_s: float
    run: Callable[[], None]
    one: Callable[[str], None] | None = None
    rung: bool = False


@dataclass(frozen=True, kw_only=True)
class OwnPart:
    """Something of a room's that works on a thread of its own beside the jobs, with bounds of its own.

    Attributes:
        name: Of what it does; with the service behind it, unique in a process.
        run: Works until asked to stop; looks at the watched stop as it goes round, and hands the asked one to whatever
            waits. False says that something in hand was not finished.
    """

    name: str
    run: Callable[["ServiceContext", threading.Event, WatchedStop], bool]


@dataclass(frozen=True)
class ServiceContext:
    """Everything a wiring builds from; heavy parts are made when first used.

    Attributes:
        apart: Carries out elsewhere what computes for long; None: where it is called.
        built: What a wiring built once for this process while it starts, by name.
    """

    tenant_id: TenantId
    service: str
    settings: ServiceSettings
    apart: Apart | None = field(default=None, repr=False, compare=False)
    built: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def clock(self) -> BusinessClock:
        """The stack's business clock."""
        return BusinessClock(self.settings.clock_file)

    @cached_property
    def client(self) -> MongoClient[Document]:
        """This service's own user at the database."""
        return connect(self.settings.mongo_uri, f"{self.tenant_id}.{self.service}")

    @cached_property
    def doorbell(self) -> Doorbell:
        """What tells everybody in this process of this service's commits."""
        return Doorbell(self.client, self.database_name, service=self.service)

    @cached_property
    def database_name(self) -> str:
        """Name of this service's database."""
        return database_name(self.tenant_id, self.service)

    @cached_property
    def committer(self) -> Committer:
        """The committer of this service in this process."""
        return Committer(
            client=self.client,
            database=self.database_name,
            tenant_id=self.tenant_id,
            service=self.service,
            now=self.clock.now,
        )

    @cached_property
    def tenant_key(self) -> TenantKeyFile:
        """The tenant's key, outside the database."""
        return TenantKeyFile.load(self.settings.tenant_key_file, self.tenant_id)

    @cached_property
    def survivor_keys(self) -> SurvivorKeys:
        """The survivors' data keys; the case service's user alone may read them."""
        return SurvivorKeys(self.keys_database, self.tenant_key)

    @property
    def keys_database(self) -> KeysDatabase:
        """The tenant's key database; the case service's user alone has rights there."""
        return self.client[database_name(self.tenant_id, "keys")]

    @cached_property
    def escrow(self) -> FileEscrowSlot:
        """The slot that keeps the tenant key's one copy, sealed to its holder.

        Raises:
            ConfigurationError: The credentials file names none.
        """
        file, holder = self.settings.extra.get("escrow_file"), self.settings.extra.get("escrow_holder_key")
        holder_file = self.settings.extra.get("escrow_holder_key_file")
        if holder_file and Path(holder_file).exists():
            holder = Path(holder_file).read_text(encoding="utf-8").strip()
        if not file or not holder:
            raise ConfigurationError(
                f"The credentials file of {self.service} of tenant {self.tenant_id} names no escrow slot "
                "(extra.escrow_file, extra.escrow_holder_key). Run: alongside tenant add."
            )
        public_key = bytes.fromhex(holder)
        place = f"escrow/{self.tenant_id}".encode()
        return FileEscrowSlot(Path(file), seal=lambda content: seal(public_key, content, place))

    def check_survivor_keys(self) -> None:
        """Refuse to start with keys restored from before an erasure.

        Raises:
            KeyTableOutdatedError: Key table, tenant key and escrow are not of one time; it says what to restore.
            ConfigurationError: There is no escrow slot.
        """
        verify_key_table(self.keys_database, self.tenant_key, escrow=self.escrow)

    @cached_property
    def trust(self) -> Trust:
        """The signing key and the believed keys of board, custodian or a host's reporting.

        Raises:
            ConfigurationError: This service was given none.
        """
        extra = self.settings.extra
        try:
            return Trust(
                own=SigningKey.load(Path(extra["signing_key_file"])),
                board=extra["board_signing_key"],
                custodian=extra["custodian_signing_key"],
                hosts=HostRegister(path=self.settings.data_dir / "hosts.json"),
            )
        except KeyError as error:
            raise ConfigurationError(
                f"The credentials file of {self.service} of tenant {self.tenant_id} names no signing keys. "
                "Run: alongside tenant add."
            ) from error

    def task_keys(self, task_id: str) -> TaskKeys:
        """Give this server's keys of a task, which lie outside the database."""
        return TaskKeys(folder=Path(self.settings.data_dir) / "tasks", task_id=task_id)


def connect(uri: str, name: str) -> MongoClient[Document]:
    """Open a client: majority writes with ``j`` unset, retried writes, times in UTC, and a bound to every wait."""
    quieten()
    return MongoClient(
        uri,
        appname=name,
        tz_aware=True,
        w="majority",
        retryWrites=True,
        maxPoolSize=16,
        serverSelectionTimeoutMS=5_000,
        connectTimeoutMS=5_000,
        # One look a minute by one thread, instead of an open question and a second thread beside it: who works notices
        # by an error that a server has gone, and looks at once.
        serverMonitoringMode="poll",
        heartbeatFrequencyMS=60_000,
        # A server that takes a question and never answers it (a black hole, a stopped process) raises none of those.
        timeoutMS=10_000,
    )


def open_context(tenant: TenantId, service: str, *, kind: str, apart: Apart | None = None) -> ServiceContext:
    """Open one service's context for a kind of process; the courier has a credentials file of its own.

    Raises:
        ConfigurationError: There is no such file.
    """
    settings = ServiceSettings.load(tenant, "courier" if kind == "courier" else service)
    return ServiceContext(tenant, service, settings, apart)
