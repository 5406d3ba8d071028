"""One business clock for a whole stack, and the real clock for leases, lifetimes and TLS.

Recorded and effective times, seals and marks use the business clock. It is the real clock plus an
offset that stands in one small file; only ``alongside clock advance`` writes it, and only in demo and
test stacks (docs/decisions/0006-one-business-clock.md).
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

Now = Callable[[], datetime]

_REREAD_S = 0.2


def real_now() -> datetime:
    """Give the machine's own time in UTC."""
    return datetime.fromtimestamp(time.time(), tz=UTC)


def boot_seconds() -> float:
    """Give seconds since the machine started; unlike ``time.monotonic`` it counts a machine that sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, kw_only=True)
class Offset:
    """How far the business clock runs from the real one.

    Attributes:
        seconds: Added to real time.
        changed_at: Real time of the last change; marks wait until it has settled.
    """

    seconds: float = 0.0
    changed_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)


class BusinessClock:
    """Reads the stack's offset file at most five times a second; without a file it is the real clock."""

    def __init__(self, offset_file: Path | None = None) -> None:
        """Remember where the offset stands; a missing file means no offset."""
        self._file = offset_file
        self._read_at = -1.0
        self._offset = Offset()

    def now(self) -> datetime:
        """Give the business time in UTC, to the millisecond that MongoDB keeps."""
        moment = real_now() + timedelta(seconds=self.offset().seconds)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def offset(self) -> Offset:
        """Give the offset in force."""
        if self._file is None:
            return self._offset
        if time.monotonic() - self._read_at > _REREAD_S:
            self._offset = read_offset(self._file)
            self._read_at = time.monotonic()
        return self._offset


def read_offset(file: Path) -> Offset:
    """Read the offset file; a missing one means no offset."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Offset()
    return Offset(seconds=float(stored["seconds"]), changed_at=datetime.fromisoformat(stored["changed_at"]))


def write_offset(file: Path, seconds: float) -> Offset:
    """Write the offset in one rename, so that no reader sees half of it."""
    offset = Offset(seconds=seconds, changed_at=real_now())
    draft = file.with_suffix(".new")
    draft.write_text(
        json.dumps({"seconds": offset.seconds, "changed_at": offset.changed_at.isoformat()}), encoding="utf-8"
    )
    draft.replace(file)
    return offset
