"""One vhost and two databases for a benchmark, and the CPU time that each program spends.

The path is: handler through committer, outbox, relay, broker, inbox, one document as projection. Every index of a
real database stands, those by which documents expire too.
"""

import os
import resource
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from deploy.engines.layout import Layout
from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.engines.pair import EnginePair
from deploy.provision.databases import KERNEL_COLLECTIONS, KERNEL_INDEXES
from shared.bus.provisioner import BrokerAdmin
from shared.bus.subscriptions import Subscription
from shared.bus.topology import Topology
from shared.kernel.tenancy import TenantId, database_name

EFFECTS = "effects"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """CPU seconds of the three programs."""

    python: float
    mongod: float
    broker: float

    def since(self, earlier: "Cost", events: int) -> dict[str, int]:
        """Give microseconds an event."""
        return {
            "python_us": round((self.python - earlier.python) / events * 1e6),
            "mongod_us": round((self.mongod - earlier.mongod) / events * 1e6),
            "broker_us": round((self.broker - earlier.broker) / events * 1e6),
        }


@contextmanager
def engines_at(port_base: int) -> Iterator[EnginePair]:
    """Run both engines in a folder of their own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="alongside-bench-") as home:
        engines = EnginePair(Layout(home=Path(home), port_base=port_base))
        try:
            engines.start()
            yield engines
        finally:
            engines.stop()


class BenchRig:
    """A fresh tenant for one run."""

    def __init__(self, engines: EnginePair) -> None:
        """Provision a vhost with case, consent and audit, as the administrator."""
        self.engines = engines
        self.tenant = TenantId("b" + secrets.token_hex(5))
        self.topology = Topology(tenant_id=self.tenant, services=("case", "consent", "audit"))
        self.client: MongoClient[dict[str, Any]] = MongoClient(
            engines.mongod.admin_uri(), tz_aware=True, timeoutMS=CLIENT_TIMEOUT_MS
        )
        user, password = engines.rabbit.admin_credentials()
        self.user = user
        self._broker = BrokerAdmin(engines.rabbit.management_url, user, password)
        self._broker.apply(self.topology)
        for service in ("case", "consent"):
            for name in (*KERNEL_COLLECTIONS, EFFECTS):
                self.database(service).create_collection(name)
            self.database(service)["marker"].insert_one({"_id": "marker", "bundles": True})
            for name, models in KERNEL_INDEXES.items():
                self.database(service)[name].create_indexes(models)
        self.uri = engines.rabbit.amqp_url(user=user, password=password, vhost=self.topology.vhost)

    @property
    def subscription(self) -> Subscription:
        """The queue that consent reads."""
        return self.topology.subscription("consent", "case")

    def database(self, service: str) -> Any:
        """Give a service's database."""
        return self.client[database_name(self.tenant, service)]

    def projected(self) -> int:
        """How many effects stand."""
        return int(self.database("consent")[EFFECTS].count_documents({}))

    def transactions(self) -> int:
        """How many transactions the server has begun so far."""
        return int(self.client.admin.command("serverStatus")["transactions"]["totalStarted"])

    def cost(self) -> Cost:
        """Read the CPU time spent so far."""
        own = resource.getrusage(resource.RUSAGE_SELF)
        return Cost(
            python=own.ru_utime + own.ru_stime,
            mongod=cpu_of(self.engines.mongod.pid()),
            broker=cpu_of(self.engines.rabbit.pid()),
        )

    def close(self) -> None:
        """Delete the run's vhost and databases."""
        self._broker.remove(self.topology)
        for service in ("case", "consent"):
            self.client.drop_database(database_name(self.tenant, service))
        self._broker.close()
        self.client.close()


def run_with(parts: list[Callable[[threading.Event], None]], work: Callable[[], None]) -> None:
    """Run ``work`` while the parts run on threads of their own."""
    stop = threading.Event()
    threads = [threading.Thread(target=part, args=(stop,)) for part in parts]
    for thread in threads:
        thread.start()
    try:
        work()
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=20)


def wait_for(rig: BenchRig, events: int, *, within_s: float = 300.0) -> None:
    """Wait until the projection is exact.

    Raises:
        RuntimeError: It is not, or holds too much; then no figure is worth anything.
    """
    deadline = time.monotonic() + within_s
    while rig.projected() < events:
        if time.monotonic() > deadline:
            raise RuntimeError(f"only {rig.projected()} of {events} effects")
        time.sleep(0.01)
    if rig.projected() != events:
        raise RuntimeError("more effects than events")


def cpu_of(pid: int | None) -> float:
    """Give the CPU seconds that a process has used so far, its ended threads counted."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
