"""What the supervisor of a stack has noted: which processes ended unasked, how often, and when each is tried again.

One small file, written by the supervisor alone and read by ``status`` and ``doctor``, so that both say the same.
Times are seconds of real time since 1970.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.engines.secret_files import write_private

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
CALM_S = 120.0
"""Who has run for so long is well again: its next end counts as a first one."""
LOOP_ENDS = 3
LOOP_WINDOW_S = 300.0
"""So many ends in so long a time are a crash loop; with waits of 1 and 2 s the third comes well within a minute."""
SILENT_S = 20.0
"""A supervisor that has written nothing for so long does not look after anything."""
_KEPT_ENDS = 20


@dataclass(frozen=True, kw_only=True)
class Watched:
    """One process that ended unasked at least once.

    Attributes:
        ends: When it was found to have ended, the newest last; at most the newest 20.
        restarts: How often it was started again since the supervisor began.
        next_at: When it is started again, while it does not run.
    """

    ends: tuple[float, ...] = ()
    restarts: int = 0
    next_at: float | None = None

    def ended(self, now: float) -> "Watched":
        """Note an end, and when to start it again: at once-ish first, then twice as late each time."""
        ends = (*self.ends, now)[-_KEPT_ENDS:]
        row = 1
        for earlier, later in zip(reversed(ends[:-1]), reversed(ends[1:]), strict=True):
            if later - earlier > CALM_S + LONGEST_WAIT_S:
                break
            row += 1
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (row - 1))
        return Watched(ends=ends, restarts=self.restarts, next_at=now + wait_s)

    def started(self) -> "Watched":
        """Note that it was started again."""
        return Watched(ends=self.ends, restarts=self.restarts + 1, next_at=None)

    def ends_since(self, moment: float) -> int:
        """Count the ends after a moment."""
        return sum(end > moment for end in self.ends)

    def loops(self, now: float) -> bool:
        """Whether it ends again and again."""
        return self.ends_since(now - LOOP_WINDOW_S) >= LOOP_ENDS


@dataclass(frozen=True, kw_only=True)
class Supervision:
    """The whole note.

    Attributes:
        seen_at: When the supervisor last looked; 0 where none ever did.
        processes: By name of the process; who never ended unasked is not there.
    """

    seen_at: float = 0.0
    processes: Mapping[str, Watched] = field(default_factory=dict)

    @classmethod
    def load(cls, home: Path) -> "Supervision":
        """Read the note; an empty one where there is none, or where it is torn."""
        try:
            content = json.loads(_file(home).read_text(encoding="utf-8"))
            processes = {
                name: Watched(ends=tuple(one["ends"]), restarts=one["restarts"], next_at=one["next_at"])
                for name, one in content["processes"].items()
            }
            return cls(seen_at=float(content["seen_at"]), processes=processes)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()

    def save(self, home: Path) -> None:
        """Write the note, whole or not at all."""
        write_private(_file(home), json.dumps(asdict(self)))


def _file(home: Path) -> Path:
    return home / "supervision.json"
