"""One long-lived process of ours: started detached, recorded, and later found again or stopped.

Promise: a signal is only ever sent to the very process we started; the record holds its start time and
the machine's boot, so a pid that was given to another program since is never mistaken for ours.
Shown by tests/engines/test_processes.py.
Limit: Linux (reads /proc).
"""

import fcntl
import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from deploy.engines.errors import HomeInUseError, PortTakenError
from deploy.engines.layout import Layout
from deploy.engines.secret_files import write_private
from deploy.engines.waiting import wait_until

_GRACE_AFTER_KILL_S = 10.0
_LOG_TAIL_BYTES = 4096

# The shell ends at once, so that the program belongs to no terminal and is nobody's zombie.
_DETACH = '"$@" </dev/null >>"$0" 2>&1 & echo $!'


@dataclass(frozen=True, kw_only=True)
class ProcessRecord:
    """What identifies a process beyond its pid.

    Attributes:
        pid: Process id.
        started_ticks: Start time, in clock ticks after boot.
        boot_id: The machine's boot.
        port_base: Port base of the stack it was started for.
        stopping: Whether somebody has asked it to stop, so that its end is no accident.
    """

    pid: int
    started_ticks: int
    boot_id: str
    port_base: int
    stopping: bool = False


class OwnedProcess:
    """A named process of one stack."""

    def __init__(self, layout: Layout, name: str) -> None:
        """Bind to ``pids/<name>.json`` and ``logs/<name>.out`` of the stack; touches nothing yet."""
        self.name = name
        self.output_file = layout.logs_dir / f"{name}.out"
        self._layout = layout
        self._record_file = layout.pids_dir / f"{name}.json"
        self._lock_file = layout.pids_dir / f"{name}.lock"

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Let one starter or stopper of this process work at a time."""
        with self._lock_file.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def pid(self) -> int | None:
        """The pid while our process lives, else None."""
        record = self._read_record()
        return record.pid if record is not None and _is_alive(record) else None

    def was_cut_off(self) -> bool:
        """Whether the last run ended without ``stop``: by a crash, a kill or a power cut."""
        return self._record_file.exists() and self.pid() is None

    def ended_unasked(self) -> bool:
        """Whether the process ended and nobody had asked it to."""
        record = self._read_record()
        return record is not None and not record.stopping and not _is_alive(record)

    def began_at(self) -> float:
        """When the record of the process was written, in seconds since 1970; 0 where there is none."""
        try:
            return self._record_file.stat().st_mtime
        except FileNotFoundError:
            return 0.0

    def is_at(self, port_base: int) -> bool:
        """Whether the process lives and was started for the stack at this port base."""
        record = self._read_record()
        return record is not None and record.port_base == port_base and _is_alive(record)

    def refuse_other_ports(self) -> None:
        """Refuse to go on when this home's process runs on other ports than ours.

        Raises:
            HomeInUseError: it does.
        """
        record = self._read_record()
        if record is not None and record.port_base != self._layout.port_base and _is_alive(record):
            raise HomeInUseError(engine=self.name, home=self._layout.home, port_base=record.port_base)

    def spawn(self, arguments: Sequence[str], *, environment: Mapping[str, str]) -> int:
        """Start the program detached from us, with only ``environment``; its output goes to the log folder."""
        self._record_file.unlink(missing_ok=True)
        # The program and its arguments come from this package, never from a user.
        done = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", _DETACH, str(self.output_file), *arguments],
            env=dict(environment),
            cwd=self._layout.home,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            start_new_session=True,
        )
        pid = int(done.stdout)
        record = ProcessRecord(
            pid=pid,
            started_ticks=_started_ticks(pid) or 0,
            boot_id=_boot_id(),
            port_base=self._layout.port_base,
        )
        write_private(self._record_file, json.dumps(asdict(record)))
        return pid

    def send(self, number: signal.Signals) -> bool:
        """Send a signal to our process; False when it does not live."""
        pid = self.pid()
        if pid is None:
            return False
        os.kill(pid, number)
        return True

    def ask_to_stop(self) -> bool:
        """Ask the process to end, and note it first, so that nobody starts it again; False when it does not live."""
        record = self._read_record()
        if record is None or not _is_alive(record):
            return False
        write_private(self._record_file, json.dumps(asdict(replace(record, stopping=True))))
        self.send(signal.SIGTERM)
        # A suspended process hears nothing until it goes on.
        return self.send(signal.SIGCONT)

    def stop(self, *, within_s: float) -> None:
        """End the process cleanly, or by force after ``within_s`` seconds; nothing if it does not live."""
        if self.ask_to_stop() and not wait_until(lambda: self.pid() is None, within_s=within_s):
            self.kill()
        self._record_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """End the process by force and wait until it is gone."""
        self.send(signal.SIGKILL)
        wait_until(lambda: self.pid() is None, within_s=_GRACE_AFTER_KILL_S)

    def last_words(self) -> str:
        """The last line the process wrote to its output, for an error message."""
        if not self.output_file.exists():
            return "it said nothing"
        tail = self.output_file.read_bytes()[-_LOG_TAIL_BYTES:].decode(errors="replace")
        lines = [line.strip() for line in tail.splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"

    def _read_record(self) -> ProcessRecord | None:
        try:
            values = json.loads(self._record_file.read_text())
            return ProcessRecord(**values)
        except (FileNotFoundError, ValueError, TypeError):
            # A torn or foreign record identifies nothing.
            return None


def refuse_taken_port(port: int, *, engine: str, purpose: str) -> None:
    """Fail before an engine does, and more clearly.

    Raises:
        PortTakenError: something listens on ``port`` of 127.0.0.1.
    """
    with socket.socket() as probe:
        # Without this a port in TIME_WAIT, free for a server, would look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTakenError(engine=engine, purpose=purpose, port=port) from error


def _is_alive(record: ProcessRecord) -> bool:
    return record.boot_id == _boot_id() and _started_ticks(record.pid) == record.started_ticks


def _started_ticks(pid: int) -> int | None:
    """Start time of a living process; None if there is none or only its zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name, in parentheses, may hold spaces; what follows it does not: state is field 3 of the manual,
    # the number of threads 20, the start time 22.
    fields = stat.rpartition(")")[2].split()
    state, threads, started_ticks = fields[0], int(fields[17]), int(fields[19])
    # A zombie whose other threads still end still holds its ports and files.
    is_gone = state in {"Z", "X"} and threads <= 1
    return None if is_gone else started_ticks


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
