"""``python -m deploy.stack.supervisor``: starts again what ended without being asked to, engines included.

Promise: whoever was killed, or ended by itself, runs again after a second, later after two, four, … up to sixty;
who was stopped on purpose stays stopped; one that cannot start holds up no other (tests/e2e/test_supervisor.py).
Each end and each start is a line of the supervisor's log, and stands in ``status`` and ``doctor``.

Limit: one machine's stack. It judges whether a process lives; a loop that hangs shows by its silence
(``shared.runtime.heartbeat``). In service an orchestrator does this work.
"""

import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial

from deploy.engines.layout import Layout
from deploy.engines.processes import OwnedProcess
from deploy.stack.stack import KINDS, Stack
from deploy.stack.supervision import Supervision, Watched
from shared.kernel.errors import AlongsideError
from shared.telemetry.logs import configure_logging, get_logger

LOOK_EVERY_S = 1.0
_NOTE_EVERY_S = 5.0
NAME = "supervisor"

log = get_logger(__name__)


class Supervisor:
    """Looks after one stack."""

    def __init__(self, stack: Stack, *, now: Callable[[], float] = time.time) -> None:
        """Take the stack; what an earlier supervisor noted is forgotten."""
        self._stack = stack
        self._now = now
        self._watched: dict[str, Watched] = {}
        self._starting: dict[str, threading.Thread] = {}
        self._noted = Supervision()

    def run(self, stop: threading.Event) -> None:
        """Look again and again until told to stop."""
        while not stop.is_set():
            try:
                self.look()
            except (OSError, ValueError) as error:
                # Such as a full disk, or a record of the stack that is being written.
                log.warning("the supervisor could not look", error_class=type(error).__name__)
            stop.wait(LOOK_EVERY_S)

    def look(self) -> None:
        """Look at every process once, and write the note."""
        now = self._now()
        for name, (process, start) in self._units().items():
            self._look_at(name, process, start, now)
        note = Supervision(seen_at=now, processes=dict(self._watched))
        if now - self._noted.seen_at >= _NOTE_EVERY_S or note.processes != self._noted.processes:
            note.save(self._stack.layout.home)
            self._noted = note

    def wait_for_starts(self) -> None:
        """Wait until what is being started has been; for tests."""
        for thread in list(self._starting.values()):
            thread.join()

    def _units(self) -> Mapping[str, tuple[OwnedProcess, Callable[[], object]]]:
        engines = self._stack.engines
        units: dict[str, tuple[OwnedProcess, Callable[[], object]]] = {
            "mongod": (OwnedProcess(self._stack.layout, "mongod"), engines.mongod.start),
            "rabbitmq": (OwnedProcess(self._stack.layout, "rabbitmq"), engines.rabbit.start),
        }
        for tenant in self._stack.tenant_ids():
            for kind in KINDS:
                process = self._stack.process(tenant, kind)
                units[process.name] = (process, partial(self._stack.start_process, tenant, kind, again=True))
        return units

    def _look_at(self, name: str, process: OwnedProcess, start: Callable[[], object], now: float) -> None:
        known = self._watched.get(name, Watched())
        if name in self._starting:
            # An engine needs a while; it is started beside the others.
            if self._starting[name].is_alive():
                return
            del self._starting[name]
        if not process.ended_unasked():
            if known.next_at is not None:
                # A person was quicker, or stopped it on purpose.
                self._watched[name] = Watched(ends=known.ends, restarts=known.restarts)
            return
        if known.next_at is None:
            self._watched[name] = known.ended(now)
            log.warning("a process ended unasked", target=name, attempts=len(self._watched[name].ends))
        elif now >= known.next_at:
            self._watched[name] = known.started()
            thread = threading.Thread(target=_start, args=(name, start), name=f"start-{name}", daemon=True)
            self._starting[name] = thread
            thread.start()


def _start(name: str, start: Callable[[], object]) -> None:
    try:
        start()
    except (AlongsideError, OSError) as error:
        log.error("a process could not be started again", target=name, error_class=type(error).__name__)  # noqa: TRY400
    else:
        log.info("a process was started again", target=name)


def main() -> int:
    """Look after the stack that the environment names, until SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    configure_logging(service="all", tenant="all", process_kind=NAME, stream=sys.stderr)
    log.info("process starts", kind=NAME)
    Supervisor(Stack(Layout.from_environment())).run(stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
