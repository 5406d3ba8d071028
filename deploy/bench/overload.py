"""``python -m deploy.bench.overload``: what callers meet at one, two and five times what a host's API can do.

Two hosts on engines of their own, each with its api process; a load on 127.0.0.1 that lasts seconds. Capacity is what
eight callers in turn get. Then requests are sent by the clock at that rate, twice and five times it, whether or not
earlier ones were answered, while a quiet caller asks the second host. Percentiles are of accepted requests.
Each loud moment has two others beside it: the quiet host alone, and beside bare processes that only burn CPU, one a
core, which say what any neighbour costs here that shares nothing but the cores.
Limit: load and servers share this machine's cores, so the ratios matter, not the rates.
"""

import asyncio
import json
import math
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context

import httpx

from deploy.bench.rig import engines_at
from deploy.engines.layout import PROJECT_ROOT, Layout
from deploy.provision.credentials import Vault
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal, TenantId
from shared.web.tokens import TokenIssuer

_PORT_BASE = 26_700
_CALLERS, _MOST = 8, 60
_SECONDS = 10.0
_QUIET_RATE = 15
_READY_S = 90.0


@dataclass(kw_only=True)
class Met:
    """What callers met: milliseconds of accepted requests, and how many had which status."""

    taken_ms: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)

    def note(self, status: str, began: float) -> None:
        """Keep one answer."""
        self.statuses[status] += 1
        if status.startswith("2"):
            self.taken_ms.append((time.perf_counter() - began) * 1000)

    def figures(self) -> dict[str, object]:
        """Give percentiles and counts."""
        ordered = sorted(self.taken_ms)
        at = {
            p: round(ordered[min(len(ordered) - 1, math.floor(len(ordered) * p / 100))]) if ordered else None
            for p in (50, 95, 99)
        }
        return {"p50_ms": at[50], "p95_ms": at[95], "p99_ms": at[99], "answers": dict(sorted(self.statuses.items()))}


class Host:
    """One host's API as a caller sees it."""

    def __init__(self, layout: Layout, tenant: TenantId, port: int) -> None:
        """Mint a token as its identity would."""
        key = Vault.of(layout.secrets_dir, tenant).token_key()[0].read_text(encoding="utf-8").strip()
        who = Principal(actor_id=new_id(), tenant_id=tenant, organisation_id=str(tenant), role="SUPERVISOR")
        self.port = port
        self._token = TokenIssuer(key, issuer=str(tenant)).issue(who)

    def request(self) -> bytes:
        """Give a command: a survivor is registered."""
        head = (
            f"POST /v1/survivors HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: Bearer {self._token}\r\n"
            f"Idempotency-Key: {new_id()}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
        )
        return head.encode()


async def _ask(host: Host, met: Met, free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]) -> None:
    began = time.perf_counter()
    try:
        reader, writer = free.pop() if free else await asyncio.open_connection("127.0.0.1", host.port)
        writer.write(host.request())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), timeout=30)
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        await reader.readexactly(length)
    except (OSError, asyncio.IncompleteReadError, TimeoutError, StopIteration) as error:
        met.note(type(error).__name__, began)
        return
    met.note(head[9:12].decode(), began)
    if b"Connection: close" in head:
        writer.close()
    else:
        free.append((reader, writer))


async def _in_turn(host: Host, seconds: float) -> float:
    """Give the requests a second that a few callers get, each after the other."""
    met, until, began = Met(), time.perf_counter() + seconds, time.perf_counter()

    async def caller() -> None:
        free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        while time.perf_counter() < until:
            await _ask(host, met, free)

    await asyncio.gather(*(caller() for _ in range(_CALLERS)))
    return len(met.taken_ms) / (time.perf_counter() - began)


async def _by_the_clock(host: Host, rate: float, seconds: float) -> Met:
    """Send at a rate, whether or not earlier requests were answered; at most so many stand open."""
    met, free, asked, began = Met(), [], set(), time.perf_counter()  # type: ignore[var-annotated]
    for number in range(int(rate * seconds)):
        delay = began + number / rate - time.perf_counter()
        if delay > 0:
            await asyncio.sleep(delay)
        if len(asked) >= _MOST:
            met.statuses["not sent, 60 stand open"] += 1
            await asyncio.sleep(0)
            continue
        task = asyncio.create_task(_ask(host, met, free))
        asked.add(task)
        task.add_done_callback(asked.discard)
    if asked:
        await asyncio.wait(asked, timeout=30)
    return met


async def _measure(noisy: Host, quiet: Host) -> dict[str, object]:
    await _in_turn(noisy, 2.0)
    capacity = await _in_turn(noisy, _SECONDS)
    report: dict[str, object] = {"capacity_per_s": round(capacity)}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        # In a process of its own, so that the load's own work is not taken for the host's.
        loop = asyncio.get_running_loop()
        for times in (1, 2, 5):
            alone = await loop.run_in_executor(pool, _quietly, quiet)
            with _burning(os.cpu_count() or 1):
                beside_burners = await loop.run_in_executor(pool, _quietly, quiet)
            before_s = _cpu_s()
            beside = loop.run_in_executor(pool, _quietly, quiet)
            loud = await _by_the_clock(noisy, capacity * times, _SECONDS)
            report[f"x{times}"] = {
                "noisy": loud.figures(),
                "quiet_beside": await beside,
                "quiet_alone": alone,
                "quiet_beside_burners": beside_burners,
                "the_load_itself_cores": round((_cpu_s() - before_s) / _SECONDS, 2),
                "load_average": os.getloadavg()[0],
            }
            await asyncio.sleep(2)
    return report


@contextmanager
def _burning(processes: int) -> Iterator[None]:
    """Let so many bare processes burn CPU meanwhile; they end by themselves if nobody ends them."""
    program = f"import time\nuntil = time.monotonic() + {10 * _SECONDS}\nwhile time.monotonic() < until: pass"
    burning = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(processes)]  # noqa: S603
    try:
        yield
    finally:
        for process in burning:
            process.kill()
            process.wait()


def _cpu_s() -> float:
    """Give the CPU seconds of this process, which makes the load."""
    return time.process_time()


def _quietly(host: Host) -> dict[str, object]:
    return asyncio.run(_by_the_clock(host, _QUIET_RATE, _SECONDS)).figures()


def main() -> int:
    """Run and print."""
    running: list[subprocess.Popen[bytes]] = []
    with engines_at(_PORT_BASE) as engines:
        layout = engines.layout
        try:
            provisioner = Provisioner(layout, timings=Timings(), demo=True)
            provisioner.provision_centre()
            hosts = []
            for number, name in enumerate(("noisy", "quiet")):
                spec = TenantSpec(id=TenantId(name), name=name, nation="WALES", setting="OTHER", number=number)
                provisioner.provision(spec)
                hosts.append(Host(layout, spec.id, layout.tenant_api_port(number)))
                running.append(_start(layout, name))
            provisioner.close()
            for host in hosts:
                _wait_ready(host.port)
            report = asyncio.run(_measure(*hosts))
        finally:
            for process in running:
                process.terminate()
                process.wait(timeout=30)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 0


def _start(layout: Layout, tenant: str) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "ALONGSIDE_SECRETS": str(layout.secrets_dir / "credentials"),
        "PYTHONWARNINGS": "ignore",
    }
    arguments = [sys.executable, "-m", "services.run", "api", "--tenant", tenant]
    # The program and its arguments are this package's own.
    return subprocess.Popen(arguments, env=environment, cwd=PROJECT_ROOT, stderr=subprocess.DEVNULL)  # noqa: S603


def _wait_ready(port: int) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2.0, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise RuntimeError("an API did not become ready")


if __name__ == "__main__":
    sys.exit(main())
