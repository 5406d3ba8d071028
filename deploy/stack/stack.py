"""Starts, stops and describes a stack; everything is idempotent.

Two processes a tenant (api, and a worker that holds consumers, relay, courier and jobs), the same for board,
custodian and central register. A process that ends while the stack starts is started again; one that ends later
by the supervisor (``deploy.stack.supervisor``), or by the next ``up``.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from deploy.engines.layout import PROJECT_ROOT, Layout
from deploy.engines.pair import EnginePair
from deploy.engines.processes import OwnedProcess
from deploy.provision.spec import TenantSpec
from deploy.provision.tenants import Provisioner
from deploy.stack.errors import NotADemoError, NotReadyError
from deploy.stack.readiness import is_ready
from deploy.stack.state import StackState
from deploy.stack.steps import Steps
from shared.kernel.clock import write_offset
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN
from shared.runtime.parts import JOIN_S

KINDS = ("worker", "api")
"""What a tenant has here: two processes."""
_STOP_FIRST = ("api", "job", "courier", "worker", "relay")
_AT_ONCE = 3
"""Hosts that are provisioned at a time: each waits for its engines most of the time."""
_READY_S = 120.0
_STOP_S = JOIN_S + 5.0


class Stack:
    """One stack, by its layout."""

    def __init__(self, layout: Layout, say: Callable[[str], None] = lambda _line: None) -> None:
        """Bind to a layout; touches nothing yet."""
        self.layout = layout
        self.engines = EnginePair(layout)
        self._say = say
        self._steps = Steps(layout.home, say)

    @property
    def has_centre(self) -> bool:
        """Whether board, custodian and central register are of it: here always."""
        return True

    @property
    def state(self) -> StackState:
        """The stack's record."""
        return StackState.load(self.layout)

    def was_ever_started(self) -> bool:
        """Whether the home holds a stack; a folder of somebody's other files does not."""
        return self.layout.pids_dir.is_dir() or (self.layout.home / "stack.json").is_file()

    def start_engines(self) -> None:
        """Start both engines."""
        with self._steps.step("engines", "Starting the database and the message broker"):
            self.engines.start()

    def provisioner(self) -> Provisioner:
        """Open the administrators' connections."""
        state = self.state
        return Provisioner(self.layout, timings=state.timings, demo=state.demo)

    def provision(self, tenants: Iterable[TenantSpec] | None = None) -> None:
        """Provision the centre and the tenants; quick when nothing changed."""
        provisioner = self.provisioner()
        begun: list[Future[None]] = []
        try:
            if tenants is None:
                with self._steps.step("centre", "Provisioning the board, the custodian and the central register"):
                    provisioner.provision_centre()
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                for spec in self.state.tenants if tenants is None else tenants:
                    self._say(f"Provisioning {spec.name}")
                    begun.append(pool.submit(provisioner.provision, spec))
            for one in begun:
                one.result()
        finally:
            provisioner.close()

    def start_processes(self, tenants: Sequence[str] | None = None) -> None:
        """Start every process that does not run, and wait until the APIs are ready."""
        chosen = list(tenants) if tenants is not None else self.tenant_ids()
        number = len(KINDS) * len(chosen)
        with self._steps.step(f"{number}-processes", f"Starting {number} processes"):
            for tenant in chosen:
                for kind in KINDS:
                    self.start_process(tenant, kind)
            for ready, tenant in enumerate(chosen, start=1):
                self.wait_ready(tenant)
                self._say(f"  {tenant} is ready ({ready} of {len(chosen)})")
        # One that gave up while everything started at once, such as for a database under load.
        for tenant in chosen:
            for kind in KINDS:
                self.start_process(tenant, kind)

    def start_process(self, tenant: str, kind: str, *, again: bool = False) -> None:
        """Start one process unless it runs; ``again``: only if it ended without being asked to."""
        process = self.process(tenant, kind)
        with process.exclusive():
            if process.ended_unasked() if again else process.pid() is None:
                environment = self._environment()
                if kind == "worker":
                    environment["ALONGSIDE_HEARTBEAT"] = str(self.heartbeats_of(tenant))
                process.spawn(command_of(kind, tenant), environment=environment)

    def stop_processes(self, tenants: Sequence[str] | None = None) -> None:
        """Stop processes cleanly: first what takes work in, then what carries it on.

        Also those that an earlier version started one for each kind of work.
        """
        chosen = list(tenants) if tenants is not None else self.tenant_ids()
        for kind in _STOP_FIRST:
            running = [self.process(tenant, kind) for tenant in chosen]
            for process in running:
                process.ask_to_stop()
            for process in running:
                process.stop(within_s=_STOP_S)

    def supervise(self) -> None:
        """Start the supervisor unless it runs; it starts again what ends unasked."""
        process = self.supervisor()
        with process.exclusive():
            if process.pid() is None:
                arguments = [sys.executable, "-m", "deploy.stack.supervisor"]
                process.spawn(arguments, environment={**self._environment(), **self.layout.as_environment()})

    def supervisor(self) -> OwnedProcess:
        """Give the supervisor's process."""
        return OwnedProcess(self.layout, "supervisor")

    def process(self, tenant: str, kind: str) -> OwnedProcess:
        """Give one process of a tenant."""
        return OwnedProcess(self.layout, f"{tenant}-{kind}")

    def heartbeats_of(self, tenant: str) -> Path:
        """Give the folder in which the loops and parts of a tenant's worker say how they stand."""
        return self.layout.home / "heartbeats" / f"{tenant}-worker"

    def tenant_ids(self) -> list[str]:
        """Give every tenant that should run, the centre first."""
        state = self.state
        return [CUSTODIAN, BOARD, CENTRE, *(t.id for t in state.tenants if t.id not in state.suspended)]

    def wait_ready(self, tenant: str) -> None:
        """Wait until a tenant's API is ready.

        Raises:
            NotReadyError: It did not become so.
        """
        deadline = time.monotonic() + _READY_S
        while time.monotonic() < deadline:
            if is_ready(self.url(tenant)):
                return
            self.start_process(tenant, "api")
            time.sleep(0.1)
        raise NotReadyError(tenant, self.process(tenant, "api").last_words())

    def url(self, tenant: str) -> str:
        """Give the address of a tenant's API."""
        return f"http://127.0.0.1:{self.port(tenant)}"

    def port(self, tenant: str) -> int:
        """Give the port of a tenant's API."""
        spec = self.state.find(tenant)
        return self.layout.api_port(tenant, spec.number if spec is not None else 0)

    def everything_runs(self) -> bool:
        """Whether engines and all processes run and all APIs are ready."""
        if not self.engines.is_running():
            return False
        pids = describe(self)
        return all(pid for kinds in pids.values() for pid in kinds.values()) and all(
            is_ready(self.url(tenant)) for tenant in pids
        )

    def advance_clock(self, seconds: float) -> float:
        """Set how far the business clock runs from the real one; give the new offset in seconds.

        Raises:
            NotADemoError: The stack is in service.
        """
        if not self.state.demo:
            raise NotADemoError
        return write_offset(self.layout.clock_file, seconds).seconds

    def down(self) -> None:
        """Stop everything, the supervisor first; nothing is lost."""
        self.supervisor().stop(within_s=_STOP_S)
        with self._steps.step("stop-services", "Stopping the services"):
            self.stop_processes()
        with self._steps.step("stop-engines", "Stopping the database and the message broker"):
            self.engines.stop()

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
        # Where telemetry goes is the operator's word, in OpenTelemetry's own variables.
        kept |= {name: value for name, value in os.environ.items() if name.startswith("OTEL_")}
        return {
            **kept,
            "ALONGSIDE_SECRETS": str(self.layout.secrets_dir / "credentials"),
            "PYTHONPATH": str(PROJECT_ROOT),
            "PYTHONWARNINGS": "ignore",
            "OPENBLAS_NUM_THREADS": "1",
        }


def command_of(kind: str, tenant: str) -> Sequence[str]:
    """Give the program of one process."""
    return [sys.executable, "-m", "services.run", kind, "--tenant", tenant]


def describe(stack: Stack) -> dict[str, Any]:
    """Give each process of each tenant with its pid, for the local operator."""
    return {tenant: {kind: stack.process(tenant, kind).pid() for kind in KINDS} for tenant in stack.tenant_ids()}
