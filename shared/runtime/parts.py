"""The parts of one process, each on a thread of its own, started again when it dies while its neighbours go on.

Promise: a part that ends unasked is started again after a second, later after two, four, … up to sixty, and counted;
one that cannot work for a reason that no restart mends (what a process of its own would end with 78 for) stays down and
shows in heartbeat, status and log; the process ends with 78 only when nothing is left that works. Told to stop, it ends
with 75 only where a part had work in hand, not where one still looked for its place or only looked on
(``tests/unit/services/test_process_parts.py``).

Limit: a native thread cannot be killed. A part that hangs shows by its silence (``shared.runtime.heartbeat``).
"""

import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat

from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.exits import EXIT_CONFIGURATION, EXIT_DONE, EXIT_TEMPORARY
from shared.runtime.heartbeat import Heartbeat
from shared.runtime.probe import PartNote
from shared.telemetry.logs import get_logger, name_parts
from shared.telemetry.metric_names import PART_RESTARTS, PARTS_DOWN
from shared.telemetry.metrics import counter, gauge

JOIN_S = 30.0
"""Seconds that a process which was told to stop waits for its parts."""
WATCH = "watch"
"""The kind of a part that only looks at what the others leave; alone it is no reason to live."""
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
CALM_S = 120.0
"""Who has worked for so long is well again: its next end counts as a first one."""
_LOOK_S = 5.0
_PLACE_WAITS_S = (0.5, 0.5, 1.0, 2.0, 5.0)

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Something that works until it is asked to stop.

    Attributes:
        kind: Such as ``relay``; several parts are of one kind.
        name: Of its thread, in logs and heartbeats.
        prepare: Looks whether it may work; an ``AlongsideError`` that may not pass keeps it down.
        run: Works until the process is asked to stop; False says that something in hand was not finished.
    """

    kind: str
    name: str
    prepare: Callable[[], object]
    run: Callable[[Heartbeat], bool]


class Parts:
    """Runs the parts of one process."""

    def __init__(self, parts: Sequence[Part], heartbeat: Heartbeat, asked: threading.Event) -> None:
        """Take the parts; ``asked`` tells all of them to stop."""
        self._parts = parts
        self._heartbeat = heartbeat
        self._asked = asked
        self._lock = threading.Lock()
        self._notes = {part.name: PartNote() for part in parts}
        self._unfinished: list[str] = []
        self._at_work: set[str] = set()

    @property
    def notes(self) -> dict[str, PartNote]:
        """How each part stands now."""
        with self._lock:
            return dict(self._notes)

    def run(self) -> int:
        """Run until asked to stop.

        Returns:
            0 when everything in hand was finished, 75 when not, 78 when every part is down for good.
        """
        threads = [
            threading.Thread(target=self._keep, args=(part,), name=part.name, daemon=True) for part in self._parts
        ]
        name_parts(self._notes)
        self._note()
        for thread in threads:
            thread.start()
        stop = self._heartbeat.watch(self._asked)
        while not stop.is_set():
            self._asked.wait(_LOOK_S)
        deadline = time.monotonic() + JOIN_S
        for thread in threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))
        # Who still looks whether it may work, or only looks on, has nothing in hand.
        with self._lock:
            at_work = [thread.name for thread in threads if thread.is_alive() and thread.name in self._at_work]
        unfinished = sorted({*self._unfinished, *at_work})
        if unfinished:
            log.warning("stopped before everything in hand was finished", loops=unfinished)
            return EXIT_TEMPORARY
        return EXIT_CONFIGURATION if self._all_down() else EXIT_DONE

    def _keep(self, part: Part) -> None:
        """Keep one part at work until asked to stop, or until it is down for good."""
        ends = 0
        while self._is_prepared(part):
            began = time.monotonic()
            own = self._heartbeat.of_part()
            why = self._work(part, own)
            if self._asked.is_set():
                return
            own.forget()
            ends = 1 if time.monotonic() - began > CALM_S else ends + 1
            log.warning("a part ended unasked", target=part.name, error_class=why, attempts=ends)
            counter(PART_RESTARTS).add(1, kind=part.kind)
            before = self._notes[part.name]
            self._note(part.name, replace(before, restarts=before.restarts + 1, waits=True))
            self._asked.wait(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (ends - 1)))

    def _is_prepared(self, part: Part) -> bool:
        """Wait until a part may work; False when it may never, or when this process is asked to stop before."""
        for wait_s in chain(_PLACE_WAITS_S, repeat(_PLACE_WAITS_S[-1])):
            if self._asked.is_set():
                return False
            try:
                part.prepare()
            except AlongsideError as error:
                if not isinstance(error, TemporarilyUnavailableError):
                    self._stay_down(part, error)
                    return False
                why: Exception = error
            except Exception as error:  # noqa: BLE001  Such as a database that is away: it is looked at again.
                why = error
            else:
                break
            log.warning("a part waits for its place", target=part.name, error_class=type(why).__name__)
            self._note(part.name, replace(self._notes[part.name], waits=True))
            self._asked.wait(wait_s)
        self._note(part.name, replace(self._notes[part.name], waits=False))
        return True

    def _work(self, part: Part, heartbeat: Heartbeat) -> str | None:
        """Let a part work once; give the class of the error that ended it."""
        has_work = part.kind != WATCH
        if has_work:
            with self._lock:
                self._at_work.add(part.name)
        try:
            finished = part.run(heartbeat)
        except Exception as error:  # noqa: BLE001  Whatever it died of, its neighbours go on.
            if self._asked.is_set() and has_work:
                self._unfinished.append(part.name)
            return type(error).__name__
        finally:
            with self._lock:
                self._at_work.discard(part.name)
        if not finished and has_work:
            self._unfinished.append(part.name)
        return None

    def _stay_down(self, part: Part, error: AlongsideError) -> None:
        sys.stderr.write(f"{error}\n")
        log.error("a part stays down", target=part.name, error_code=error.code)
        self._note(part.name, replace(self._notes[part.name], waits=False, down=str(error)))
        if self._all_down():
            self._asked.set()

    def _all_down(self) -> bool:
        with self._lock:
            working = [self._notes[part.name] for part in self._parts if part.kind != WATCH]
            return bool(working) and all(note.down is not None for note in working)

    def _note(self, name: str | None = None, note: PartNote | None = None) -> None:
        with self._lock:
            if name is not None and note is not None:
                if self._notes[name] == note:
                    return
                self._notes[name] = note
            gauge(PARTS_DOWN).set(sum(note.down is not None for note in self._notes.values()))
            self._heartbeat.note(self._notes)
