"""``python -m deploy.bench.idle --tenants 6``: what hosts cost while nobody works with them.

A stack of its own with the timings of service, with so many invented hosts and the centre, is left alone until it
uses no more from one look to the next, and is then watched for a window: memory as proportional set size, so that
pages which processes share count once; CPU of each program by the kernel's own count; wake-ups of its threads. In
the end one more host is added, as an operator adds it. Everything is stopped and deleted, whatever happens.

The goals are set against what was found, and beside it stands how busy the machine was with other work, since there CPU
seconds hold better than times. CPU is in per cent of one core, and so are the goals. A release is measured with
``--tenants 23 --window-s 120``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.bench.idle_goals import goals
from deploy.bench.rig import cpu_of
from deploy.engines.layout import PROJECT_ROOT, Layout
from deploy.provision.spec import TenantSpec
from deploy.stack.stack import Stack, describe
from deploy.stack.state import StackState
from shared.kernel.tenancy import TenantId

_PORT_BASE = 27_100
_CENTRE = 3
_LOOK_S = 5.0
_QUIET_WITHIN_S = 120.0
_ENOUGH = 0.9
"""Quiet is when a look needs no less than this share of the CPU of the one before."""
_ADD_WITHIN_S = 180.0
_MOST_TENANTS = 60


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What one look saw.

    Attributes:
        cpu_s: CPU seconds so far: a process of ours by its name, ``mongod`` and ``broker``.
        wakes: How often threads of our processes have begun to run after a wait.
    """

    at: float
    cpu_s: Mapping[str, float]
    wakes: int

    def python_s(self) -> float:
        """Give the CPU seconds of our own processes."""
        return sum(spent for name, spent in self.cpu_s.items() if name not in ("mongod", "broker"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m deploy.bench.idle")
    parser.add_argument("--tenants", type=int, default=6, choices=range(1, _MOST_TENANTS), metavar="HOSTS")
    parser.add_argument("--window-s", type=float, default=60.0)
    options = parser.parse_args(arguments)
    with _stack(options.tenants) as (stack, began):
        started_s = time.perf_counter() - began
        _wait_until_quiet(stack)
        found = _watch(stack, options.tenants, options.window_s)
        found["seconds"] = {"whole_stack_started": round(started_s, 1), "tenant_add": _add_one(stack)}
    found["goals"] = goals(found)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 0


@contextmanager
def _stack(tenants: int) -> Iterator[tuple[Stack, float]]:
    with tempfile.TemporaryDirectory(prefix="alongside-bench-") as home:
        layout = Layout(home=Path(home), port_base=_PORT_BASE)
        layout.make_dirs()
        state = StackState()
        for number in range(tenants):
            state = state.with_tenant(
                TenantSpec(
                    id=TenantId(f"host{number:02d}"),
                    name=f"Host {number}",
                    nation="ENGLAND",
                    setting="OTHER",
                    number=number,
                )
            )
        state.save(layout)
        stack = Stack(layout)
        try:
            began = time.perf_counter()
            stack.start_engines()
            stack.provision()
            stack.start_processes()
            yield stack, began
        finally:
            stack.down()


def _watch(stack: Stack, tenants: int, window_s: float) -> dict[str, Any]:
    before, busy = _look(stack), _busy_s()
    time.sleep(window_s)
    after = _look(stack)
    took_s = after.at - before.at
    own_s = sum(after.cpu_s.values()) - sum(before.cpu_s.values())
    others_s = max(0.0, _busy_s() - busy - own_s)
    share = tenants + _CENTRE

    def percent(seconds: float, divided: int = share) -> float:
        return round(100 * seconds / took_s / divided, 2)

    def spent(name: str) -> float:
        return after.cpu_s.get(name, 0.0) - before.cpu_s.get(name, 0.0)

    memory = {name: _pss_mb(pid) for name, pid in _processes(stack).items()}
    hosts = {name: mb for name, mb in memory.items() if name.startswith("host")}
    kinds = sorted({_kind(name) for name in memory if name not in ("mongod", "broker")})
    ours = {name: mb for name, mb in memory.items() if name not in ("mongod", "broker")}
    return {
        "hosts": tenants,
        "processes": len(ours),
        "data_files": sum(1 for _ in stack.layout.mongo_data_dir.glob("*.wt")),
        "pss_mb": {
            "a_host": round(sum(hosts.values()) / tenants),
            "a_process": {
                kind: round(_mean(mb for name, mb in hosts.items() if _kind(name) == kind)) for kind in kinds
            },
            "python": round(sum(ours.values())),
            "mongod": round(memory["mongod"]),
            "broker": round(memory["broker"]),
        },
        "cpu_percent_a_tenant": {
            "python": percent(after.python_s() - before.python_s()),
            "python_a_process": {
                kind: percent(sum(spent(name) for name in memory if _kind(name) == kind)) for kind in kinds
            },
            "mongod": percent(spent("mongod")),
            "broker": percent(spent("broker")),
        },
        "cpu_percent_whole": percent(sum(spent(name) for name in memory), 1),
        "wakes_a_second_a_tenant": round((after.wakes - before.wakes) / took_s / share, 1),
        "machine": {
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
            "others_cpu_percent": percent(others_s, 1),
        },
    }


def _wait_until_quiet(stack: Stack) -> None:
    deadline = time.monotonic() + _QUIET_WITHIN_S
    spent, looked = None, _look(stack)
    while time.monotonic() < deadline:
        time.sleep(_LOOK_S)
        now = _look(stack)
        last, spent, looked = spent, sum(now.cpu_s.values()) - sum(looked.cpu_s.values()), now
        if last is not None and spent >= last * _ENOUGH:
            return


def _look(stack: Stack) -> Looked:
    found = _processes(stack)
    ours = [pid for name, pid in found.items() if name not in ("mongod", "broker")]
    return Looked(
        at=time.monotonic(),
        cpu_s={name: cpu_of(pid) for name, pid in found.items()},
        wakes=sum(_wakes(pid) for pid in ours),
    )


def _processes(stack: Stack) -> dict[str, int]:
    """Name what runs: ``<tenant>-<kind>``, ``mongod`` and ``broker``.

    Raises:
        RuntimeError: Something has ended; then no figure is worth anything.
    """
    found = {f"{tenant}-{kind}": pid for tenant, kinds in describe(stack).items() for kind, pid in kinds.items()}
    found |= {"mongod": stack.engines.mongod.pid(), "broker": stack.engines.rabbit.pid()}
    running = {name: pid for name, pid in found.items() if pid is not None}
    if len(running) < len(found):
        raise RuntimeError("ended: " + ", ".join(sorted(set(found) - set(running))))
    return running


def _add_one(stack: Stack) -> float:
    """Add a host by the operator's own command; give its seconds, the start of the interpreter counted."""
    command = [sys.executable, "-m", "client.main", "tenant", "add", "onemore", "--name", "One more"]
    began = time.perf_counter()
    subprocess.run(  # noqa: S603  Our own command line.
        [*command, "--nation", "ENGLAND"],
        cwd=PROJECT_ROOT,
        env={**os.environ, **stack.layout.as_environment(), "PYTHONPATH": str(PROJECT_ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_ADD_WITHIN_S,
        check=True,
    )
    return round(time.perf_counter() - began, 1)


def _kind(name: str) -> str:
    return name.rpartition("-")[2]


def _busy_s() -> float:
    """Give the CPU seconds that everything on this machine has used so far."""
    user, nice, system, _idle, _waits, irq, soft_irq, *_ = (int(ticks) for ticks in _read("/proc/stat").split()[1:10])
    return (user + nice + system + irq + soft_irq) / os.sysconf("SC_CLK_TCK")


def _mean(values: Iterator[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def _pss_mb(pid: int) -> float:
    return _number(f"/proc/{pid}/smaps_rollup", "Pss:") / 1024


def _wakes(pid: int) -> int:
    return sum(_number(f"{task}/status", "voluntary_ctxt_switches:") for task in Path(f"/proc/{pid}/task").iterdir())


def _number(file: str, key: str) -> int:
    lines = _read(file).splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(key)), 0)


def _read(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return ""  # A thread that ended meanwhile.


if __name__ == "__main__":
    sys.exit(main())
