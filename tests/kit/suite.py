"""What all processes of one test run share: a folder, the engines in it, and ports that nobody else draws.

The process that was started, alone or as the controller of pytest-xdist, begins the suite and ends it: it ends
whatever still runs in the suite's folder, also after Ctrl-C, SIGTERM, a failing start or a worker that died.
Limit: nobody ends a suite that was killed by SIGKILL; its folder in the temporary files says what runs.
"""

import contextlib
import fcntl
import itertools
import json
import os
import re
import shutil
import signal
import socket
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from deploy.engines.layout import Layout
from deploy.engines.pair import EnginePair
from deploy.engines.processes import OwnedProcess

# Below the range from which Linux gives clients their ports (32768), so that none of ours is taken by chance.
LOWEST_PORT_BASE = 12_000
HIGHEST_PORT_BASE = 26_800
PORTS_PER_STACK = 200
MEMORY = Path("/dev/shm")  # noqa: S108  The system's own name; what lies there is drawn by mkdtemp.
ROOM_BYTES = 8 * 1024**3
"""Four workers and the stacks of their tests held up to 3 GB; what processes need comes beside it."""
MARK = "ALONGSIDE_TEST_SUITE"
"""Names the suite's folder in the environment of its workers and of what they start."""
# Tenants of the shared engines have numbers, which fix their ports; each worker draws from a share of its own.
TENANT_NUMBERS = 180
WORKERS_AT_MOST = 6
_PROBED_PORTS = 40
_WITH_CENTRE: set[Path] = set()


class NoPortsLeftError(Exception):
    """Every range of ports is in use; other suites or stacks run on this machine."""


@dataclass(kw_only=True)
class Suite:
    """One test run.

    Attributes:
        folder: Of every home that the run makes.
        worker: "main", or pytest-xdist's name of this process, such as "gw0".
        engines_at: Home and port base of the engines that all processes share.
        named: Whether a person named those engines, who then also stops them.
    """

    folder: Path
    worker: str
    engines_at: Layout
    named: bool
    _homes: "itertools.count[int]" = field(default_factory=itertools.count)

    @classmethod
    def begin(cls) -> "Suite":
        """Make the folder; ``ALONGSIDE_TEST_ENGINES=<home>:<port base>`` names engines to use instead of our own."""
        folder = Path(tempfile.mkdtemp(prefix="alongside-test-", dir=roomy_memory()))
        named = os.environ.get("ALONGSIDE_TEST_ENGINES")
        if named:
            home, _, port_base = named.rpartition(":")
            shared = Layout(home=Path(home), port_base=int(port_base))
        else:
            shared = _drawn_layout(folder / "engines")
        return cls(folder=folder, worker="main", engines_at=shared, named=bool(named))

    def for_worker(self, name: str) -> dict[str, object]:
        """What a worker must be told to join; simple values, since they are sent to it."""
        shared = self.engines_at
        return {
            "folder": str(self.folder), "worker": name, "named": self.named,
            "home": str(shared.home), "port_base": shared.port_base,
        }  # fmt: skip

    @classmethod
    def join(cls, told: dict) -> "Suite":
        """Be a worker of a suite that the controller began."""
        shared = Layout(home=Path(told["home"]), port_base=told["port_base"])
        # Not in the controller itself, nor in who started it: only from here on.
        os.environ[MARK] = told["folder"]
        return cls(folder=Path(told["folder"]), worker=told["worker"], engines_at=shared, named=told["named"])

    def engines(self) -> EnginePair:
        """Give the shared engines; whoever comes first starts them, and the others wait for it."""
        pair = EnginePair(self.engines_at)
        pair.start()
        return pair

    def new_layout(self) -> Layout:
        """Give a layout with a new home in the suite's folder, and ports that no other suite here draws."""
        home = self.folder / f"{self.worker}-{next(self._homes)}"
        home.mkdir(mode=0o700)
        return _drawn_layout(home)

    def end(self) -> None:
        """End by force what still runs in the folder or was started by a worker, and remove the folder.

        Nothing of it is needed any more, so nobody waits for a clean end.
        """
        for pid in _started_by(self.folder):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        for record in sorted(self.folder.glob("*/pids/*.json")):
            _kill(record)
        shutil.rmtree(self.folder, ignore_errors=True)


def _kill(record: Path) -> None:
    """End the process of a record; a torn record keeps no other process alive."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        port_base = json.loads(record.read_text(encoding="utf-8"))["port_base"]
        OwnedProcess(Layout(home=record.parents[1], port_base=port_base), record.stem).kill()


def _started_by(folder: Path) -> Iterator[int]:
    """Give every process whose environment names this suite: what a worker that died has left behind."""
    mark = f"{MARK}={folder}".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    yield int(entry.name)


def roomy_memory(folder: Path = MEMORY, *, needs: int = ROOM_BYTES) -> Path | None:
    """Give the folder of files in memory if the machine has room there; None means where temporary files are.

    Engines write each commit through to the disk, and most of a run would be waiting for that. A killed engine
    loses nothing by it: only a power cut could, and no test plays one. ``TMPDIR`` in the environment stands above it.
    """
    try:
        free = shutil.disk_usage(folder).free
        available = int(re.search(r"MemAvailable: +([0-9]+) kB", Path("/proc/meminfo").read_text())[1]) * 1024
    except (OSError, TypeError):
        return None
    has_room = "TMPDIR" not in os.environ and os.access(folder, os.W_OK) and min(free, available) >= needs
    return folder if has_room else None


# --- ports --------------------------------------------------------------------------------------------------


def _drawn_layout(home: Path) -> Layout:
    """Give a layout whose ports are held as long as anybody here holds the layout; a test that has ended does not."""
    port_base, lock = draw_port_base()
    layout = Layout(home=home, port_base=port_base)
    weakref.finalize(layout, lock.close)
    return layout


def draw_port_base() -> tuple[int, IO[str]]:
    """Give a port base that no process of any suite on this machine holds, and whose first ports are free.

    It is held while the locked file, which comes with it, is open; however this process ends.

    Raises:
        NoPortsLeftError: there is none.
    """
    folder = Path(tempfile.gettempdir()) / f"alongside-test-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    bases = range(LOWEST_PORT_BASE, HIGHEST_PORT_BASE, PORTS_PER_STACK)
    offset = os.getpid() % len(bases)
    for base in [*bases[offset:], *bases[:offset]]:
        lock = (folder / str(base)).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        if all(is_free(base + port) for port in range(_PROBED_PORTS)):
            return base, lock
        lock.close()
    raise NoPortsLeftError


def is_free(port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


# --- tenants of the shared engines --------------------------------------------------------------------------


def _own_numbers() -> list[int]:
    """Give this worker's share of the numbers; worker names end in their number."""
    share = TENANT_NUMBERS // WORKERS_AT_MOST
    digits = "".join(filter(str.isdigit, os.environ.get("PYTEST_XDIST_WORKER", "")))
    first = share * (int(digits or 0) % WORKERS_AT_MOST)
    return list(range(first, first + share))


_NUMBERS = itertools.cycle(_own_numbers())


def tenant_number() -> int:
    """Give a number for one more tenant of the shared engines: its port is no other tenant's that lives now."""
    return next(_NUMBERS)


def provision_centre(provisioner, layout) -> None:
    """Provision the centre of engines once for each process: a place that comes later finds it as it is."""
    if layout.home not in _WITH_CENTRE:
        provisioner.provision_centre()
        _WITH_CENTRE.add(layout.home)
