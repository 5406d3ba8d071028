"""Carries out what computes for long in a child process: an opening with its attacks, an import.

Promise: the process that asks neither stalls nor grows by it; the child has a limit of memory of its own, ends when
its parent ends, however that ends, and is ended when it takes more than an hour. What it had not committed is carried
out anew: each item is idempotent and resumable (``tests/integration/test_apart.py``).

Limit: Linux. The limit counts what the child may write to, not the program's own text (``RLIMIT_DATA``).
"""

import argparse
import ctypes
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence

from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.exits import EXIT_TEMPORARY
from shared.runtime.parts import JOIN_S
from shared.telemetry.logs import get_logger

MOST_MEMORY_MB = 1_024
PATIENCE_S = 3_300.0
"""A little less than the patience with a job's loop (``shared.runtime.making``)."""
_GRACE_S = JOIN_S - 5.0
_LOOK_S = 0.1
_PR_SET_PDEATHSIG = 1

log = get_logger(__name__)


class ApartFailedError(AlongsideError):
    """The child did not finish its item; its own log says why, where it could."""

    code = "apart-failed"

    def __init__(self, how: int) -> None:
        """Take its exit code; below nought it is the signal that ended it."""
        super().__init__(f"A child process ended with {how}. Its lines in the log say why; a signal stands below 0.")


class ApartWaitsError(TemporarilyUnavailableError):
    """The child could not finish its item now."""

    code = "apart-waits"

    def __init__(self) -> None:
        """Say that it is tried again."""
        super().__init__("A child process could not finish now. It is tried again by itself.")


class Children:
    """Starts a child for each item, and ends it when the process is asked to stop."""

    def __init__(self, tenant: str, asked: threading.Event, *, most_memory_mb: int = MOST_MEMORY_MB) -> None:
        """Take whose process this is, and what tells it to stop."""
        self._tenant = tenant
        self._asked = asked
        self._most_memory_mb = most_memory_mb
        self.was_cut = False
        """Whether a child was ended because this process was asked to stop."""

    def __call__(self, service: str, job: str, item: str) -> None:
        """Carry out one item and wait for its end.

        Raises:
            ApartWaitsError: It could not be finished now, or this process was asked to stop meanwhile.
            ApartFailedError: It failed, or had to be ended.
        """
        command = [sys.executable, "-m", "shared.runtime.apart", self._tenant, service, job, item]
        command += ["--most-memory-mb", str(self._most_memory_mb), "--parent", str(os.getpid())]
        # The program and its arguments are ours; the item is an id of ours.
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=_environment(os.environ))  # noqa: S603
        code = self._wait_for(child)
        if code == EXIT_TEMPORARY:
            raise ApartWaitsError
        if code != 0:
            raise ApartFailedError(code)

    def _wait_for(self, child: "subprocess.Popen[bytes]") -> int:
        deadline = time.monotonic() + PATIENCE_S
        while child.poll() is None and not self._asked.is_set() and time.monotonic() < deadline:
            self._asked.wait(_LOOK_S)
        if child.poll() is None and self._asked.is_set():
            deadline = time.monotonic() + _GRACE_S
            while child.poll() is None and time.monotonic() < deadline:
                time.sleep(_LOOK_S)
        if child.poll() is None:
            log.warning("a child process is ended before it has finished")
            # It holds nothing that a kill could tear: what it has not committed is carried out anew.
            child.kill()
            if self._asked.is_set():
                self.was_cut = True
                child.wait()
                return EXIT_TEMPORARY
        return child.wait()


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    # The heartbeats' folder is the parent's own.
    kept = {name: value for name, value in ours.items() if name != "ALONGSIDE_HEARTBEAT"}
    return {**kept, "OPENBLAS_NUM_THREADS": "1"}


def bound(most_memory_mb: int, parent: int) -> None:
    """Bound this process: its memory, and its life by its parent's."""
    most = most_memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        # It ended before we could ask to be told.
        sys.exit(EXIT_TEMPORARY)


def build_parser() -> argparse.ArgumentParser:
    """Build the command line that ``Children`` speaks."""
    parser = argparse.ArgumentParser(prog="python -m shared.runtime.apart")
    for name in ("tenant", "service", "job", "item"):
        parser.add_argument(name)
    parser.add_argument("--most-memory-mb", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one item and give the exit code."""
    options = build_parser().parse_args(arguments)
    bound(options.most_memory_mb, options.parent)
    from shared.runtime.child import carry_out  # noqa: PLC0415  Nothing large is loaded before the limit stands.

    try:
        return carry_out(options.tenant, options.service, options.job, options.item)
    except MemoryError:
        log.error("a child process lacks memory", service=options.service, job=options.job)  # noqa: TRY400
        return 1


if __name__ == "__main__":
    sys.exit(main())
