"""Says for each loop of a process that it still goes round: a small file a loop, read by ``shared.runtime.probe``.

Promise: a loop that hangs or has died is seen as such, also while its neighbours go on; a loop that waits
for a database or broker that is away is well, since a restart would not bring them back. A part that waits to be
started again, or stays down, is not ready, and its process is alive (``tests/unit/services/test_heartbeat.py``).

Limit: the folder belongs to one process and its machine; without a folder nothing is written.
"""

import json
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from shared.bus.liveness import StopSignal
from shared.runtime.probe import PARTS_NOTE, PartNote, heartbeat_folder

PATIENCE_S = 180.0
"""A loop that has not come round for this long hangs; its longest waits (5 s connects, 10 s transactions) are short."""

_MOST_S = 10.0
_SHARE = 10
"""A loop beats ten times within its patience, and no more seldom than each ten seconds."""


class Heartbeat:
    """The folder of one process's heartbeats."""

    def __init__(self, folder: Path | None) -> None:
        """Begin anew: what an earlier process left in the folder is removed."""
        self._folder = folder
        self._loops: set[str] = set()
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for old in (*folder.glob("*.json"), folder / PARTS_NOTE):
                old.unlink(missing_ok=True)

    @classmethod
    def of_this_process(cls) -> Self:
        """Open the folder that the environment names, if it names one."""
        return cls(heartbeat_folder())

    def of_part(self) -> "Heartbeat":
        """Give the heartbeat of one part of this process, whose loops end with it."""
        part = Heartbeat(None)
        part._folder = self._folder
        return part

    def forget(self) -> None:
        """Take the beats of a part's loops away: it has ended, and its silence says nothing about its process."""
        if self._folder is not None:
            # A copy: a thread that the part has left behind may still beat.
            for loop in tuple(self._loops):
                (self._folder / f"{loop}.json").unlink(missing_ok=True)
        self._loops.clear()

    def note(self, parts: Mapping[str, PartNote]) -> None:
        """Say how the parts of this process stand; a full or missing folder stops none of them."""
        if self._folder is not None:
            content = {name: asdict(note) for name, note in parts.items()}
            self._write(self._folder / PARTS_NOTE, content)

    def watch(
        self,
        stop: StopSignal,
        *,
        loop: str | None = None,
        patience_s: float = PATIENCE_S,
        ready: Callable[[], bool] = lambda: True,
    ) -> "WatchedStop":
        """Give a stop signal that beats each time a loop looks at it.

        Args:
            stop: The real signal.
            loop: Name of the loop; None takes the name of the thread that looks, so that threads which
                share a signal are still watched one by one.
            patience_s: Seconds without a beat after which the loop hangs.
            ready: Whether the loop does its work now, such as having its queue.
        """
        return WatchedStop(heartbeat=self, stop=stop, loop=loop, patience_s=patience_s, ready=ready)

    def beat(self, loop: str, *, patience_s: float, ready: bool) -> None:
        """Note that a loop has come round now; a full or missing folder stops no loop."""
        if self._folder is not None:
            self._loops.add(loop)
            self._write(self._folder / f"{loop}.json", {"patience_s": patience_s, "ready": ready})

    def _write(self, file: Path, content: object) -> None:
        draft = file.with_suffix(".new")
        try:
            draft.write_text(json.dumps(content), encoding="utf-8")
            draft.replace(file)
        except OSError:
            # The probe will miss the beat and say so; the loop's own work matters more.
            return


@dataclass(kw_only=True)
class WatchedStop:
    """A stop signal whose every look is a sign of life; usable wherever the real one is."""

    heartbeat: Heartbeat
    stop: StopSignal
    loop: str | None
    patience_s: float
    ready: Callable[[], bool]
    _last: dict[str, tuple[float, bool]] = field(default_factory=dict, init=False)

    def is_set(self) -> bool:
        """Whether to stop; beats as often as its patience needs, and at once when its readiness turns."""
        loop = self.loop if self.loop is not None else threading.current_thread().name
        ready, now = self.ready(), time.monotonic()
        beaten_at, was_ready = self._last.get(loop, (-math.inf, ready))
        if now - beaten_at >= min(_MOST_S, self.patience_s / _SHARE) or ready != was_ready:
            self._last[loop] = (now, ready)
            self.heartbeat.beat(loop, patience_s=self.patience_s, ready=ready)
        return self.stop.is_set()

    def fileno(self) -> int | None:
        """Give what wakes a waiter when the real signal is set, where it can."""
        give: Callable[[], int] | None = getattr(self.stop, "fileno", None)
        return give() if give is not None else None
