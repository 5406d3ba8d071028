"""What a part of a process needs before it may work: its credentials, and a place that is its own.

Promise: whoever passes has this tenant's database and vhost before it consumes or writes anything; each credentials
file is opened once a process, so parts of one service share its client (``tests/e2e/test_worker_processes.py``).
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from pymongo.errors import OperationFailure, PyMongoError

from shared.bus.connection import CONNECTION_ERRORS
from shared.bus.guard import WrongPlaceError, check_marker, check_vhost
from shared.bus.topology import Topology, topology_of
from shared.kernel.errors import TemporarilyUnavailableError
from shared.kernel.stopping import CanStop, Stop, pause
from shared.kernel.tenancy import RESERVED, TenantId, services_of, tenant_id
from shared.keys.key_file import TenantKeyFileError
from shared.keys.survivor_keys import KeyTableOutdatedError
from shared.keys.tenant_key import WrongTenantKeyError
from shared.outbox.committer import is_away
from shared.outbox.machinery import Doorbell
from shared.runtime.apart import Children
from shared.runtime.context import KEEPERS_OF_SURVIVOR_KEYS, ConfigurationError, ServiceContext, open_context
from shared.runtime.database_engine import refuse_leaky_member
from shared.runtime.migrations import check_schema
from shared.telemetry.logs import get_logger

PATIENCE_S = 60.0
_USERS_OF_SURVIVOR_KEYS = frozenset({"api", "job"})

log = get_logger(__name__)


class BrokerSilentError(TemporarilyUnavailableError):
    """The broker did not answer while a process started; that may pass, so the process may be started again."""

    code = "broker-silent"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("The broker does not answer. Start it, or check its address in the credentials file.")


class Place:
    """One tenant's services as one process sees them.

    Attributes:
        kinds: The kinds of work that this process holds.
    """

    def __init__(
        self, tenant: str, services: str, *, children: Children | None = None, asked: CanStop | None = None
    ) -> None:
        """Take the names; nothing is opened yet.

        Args:
            tenant: Whose processes these are.
            services: ``all``, or names with commas between.
            children: Carry out what computes for long; None: this process does.
            asked: Ends the wait for a broker that is away; None: it lasts its minute.

        Raises:
            ConfigurationError: The tenant has no such service.
        """
        self.tenant_id = TenantId(tenant) if tenant in RESERVED else tenant_id(tenant)
        available = services_of(self.tenant_id)
        self.services = available if services == "all" else tuple(services.split(","))
        self.children = children
        self._asked = asked if asked is not None else Stop()
        self.kinds: frozenset[str] = frozenset()
        self._contexts: dict[str, ServiceContext] = {}
        self._opening = threading.Lock()
        unknown = set(self.services) - set(available)
        if unknown:
            raise ConfigurationError(f"Tenant {tenant} has no service {', '.join(sorted(unknown))}.")

    def context(self, kind: str, service: str) -> ServiceContext:
        """Open a service's credentials for a kind of work, once; the courier's are a file of their own.

        Raises:
            ConfigurationError: There is no such file.
        """
        name = "courier" if kind == "courier" else service
        with self._opening:
            if name not in self._contexts:
                self._contexts[name] = open_context(self.tenant_id, service, kind=kind, apart=self.children)
            return self._contexts[name]

    def doorbell_for(self, service: str) -> Doorbell | None:
        """Give what tells the courier of commits, where the service's own relay is in this process too."""
        if "relay" not in self.kinds:
            return None
        try:
            return self.context("relay", service).doorbell
        except ConfigurationError:
            # The relay stays down and says so; the courier opens a stream of its own.
            return None

    def topology(self, kind: str, service: str) -> Topology:
        """Give the topology of the tenant's vhost, as these credentials know its ladder."""
        return topology_of(self.tenant_id, self.context(kind, service).settings.ladder)

    def check(self, kind: str, service: str) -> ServiceContext:
        """Look whether the place is right for a kind of work of a service, and give its context.

        Raises:
            ConfigurationError, WrongPlaceError: It is not, which a restart will not mend.
            PyMongoError, TemporarilyUnavailableError: Database, broker or escrow do not answer now.
        """
        context = self.context(kind, service)
        if kind == "courier":
            refuse_plain_remotes(context)
            return context
        topology = self.topology(kind, service)
        marker = _marker(context)
        check_marker(marker, topology, service)
        check_schema(marker, service)
        refuse_leaky_member(context.client)
        if kind == "consumers":
            _check_vhost(context, topology, self._asked)
        if service in KEEPERS_OF_SURVIVOR_KEYS and kind in _USERS_OF_SURVIVOR_KEYS:
            _check_survivor_keys(context)
        return context


def patiently(look: Callable[[], object]) -> None:
    """Look, and wait for a database that is away or overloaded: nothing would start a dead process again.

    Raises:
        PyMongoError: It was away for a minute, or refuses.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            look()
        except PyMongoError as error:
            if not is_away(error) or time.monotonic() > deadline:
                raise
            log.warning("the database is waited for", error_class=type(error).__name__)
            time.sleep(0.5)
        else:
            return


def refuse_plain_remotes(context: ServiceContext) -> None:
    """A host's courier leaves its own broker's machine by TLS only.

    Raises:
        ConfigurationError: A remote is on another machine and its address is not amqps.
    """
    extra = context.settings.extra
    if "courier_own_uri" not in extra:
        return
    own = urlsplit(extra["courier_own_uri"]).hostname
    for route, uri in extra["courier_remotes"].items():
        parts = urlsplit(uri)
        if parts.scheme != "amqps" and parts.hostname != own:
            raise ConfigurationError(
                f"The address of {route} in courier.json of tenant {context.tenant_id} is not amqps, and is not this "
                "tenant's own broker. Ask the centre for an invitation with an amqps address, and provision again."
            )


def _check_survivor_keys(context: ServiceContext) -> None:
    """Refuse keys that do not belong together; a caller of a running process may try again, a start cannot."""
    try:
        context.check_survivor_keys()
    except (KeyTableOutdatedError, TenantKeyFileError, WrongTenantKeyError) as error:
        raise ConfigurationError(str(error)) from error


def _marker(context: ServiceContext) -> Mapping[str, Any] | None:
    try:
        return context.client[context.database_name]["marker"].find_one({"_id": "marker"})
    except OperationFailure as error:
        raise WrongPlaceError(
            f"The database refuses the user of {context.service} of tenant {context.tenant_id}.",
            "Check the database address and user in its credentials file.",
        ) from error


def _check_vhost(context: ServiceContext, topology: Topology, asked: CanStop) -> None:
    """Look at the vhost before consuming; a broker that is away is waited for, a wrong one is refused.

    Raises:
        BrokerSilentError: It was away for a minute, or until told to stop.
    """
    queues = [s.queue for s in topology.subscriptions if s.service == context.service]
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            check_vhost(context.settings.amqp_uri, topology, queues)
        except CONNECTION_ERRORS as error:
            if asked.is_set() or time.monotonic() > deadline:
                raise BrokerSilentError from error
            pause(asked, 0.5)
        else:
            return
