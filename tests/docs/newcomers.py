"""How long a newcomer needs for a page: its words at 200 a minute, and its commands as long as they ran.

An estimate: nobody was watched. Reading follows from the page alone; running from the machine, so it is judged only
where the machine had time for it.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tests.docs.reading import DOCS

WORDS_A_MINUTE = 200
MOST_S = 15 * 60
MOST_READING_S = 10 * 60
"""Of the fifteen minutes; the rest is for what the commands take and for typing."""
BUSY = 1.5
"""Programs that want a core, for each core; above it a command's time says nothing of the command."""
PATHS = {
    "a host's first signed period": DOCS / "tutorials" / "run-a-host-in-15-minutes.md",
    "a host's first import": DOCS / "how-to" / "import-a-file.md",
    "an integrator's first verified event": DOCS / "tutorials" / "consume-events.md",
    "an integrator's first five calls": DOCS / "tutorials" / "your-first-five-calls.md",
}


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One path.

    Attributes:
        busy: How busy the machine was meanwhile, in programs a core.
    """

    name: str
    reading_s: float
    running_s: float
    busy: float

    @property
    def is_judged(self) -> bool:
        """Whether the machine had time."""
        return self.busy <= BUSY

    @property
    def total_s(self) -> float:
        """Reading and running."""
        return self.reading_s + self.running_s

    def words(self) -> str:
        """Say it."""
        judged = "" if self.is_judged else f"; not judged, the machine was busy ({self.busy:.1f} programs a core)"
        return (
            f"estimate: {self.name}: {self.total_s / 60:.1f} minutes, of which {self.reading_s / 60:.1f} reading at "
            f"{WORDS_A_MINUTE} words a minute and {self.running_s / 60:.1f} running{judged}"
        )


def words_of(page: Path) -> int:
    """Count what a reader reads, commands too; no comment, and of a link its words alone."""
    text = re.sub(r"<!--.*?-->", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return len(re.findall(r"[\w$-]+", text))


def reading_s(page: Path) -> float:
    """Give how long a page is read."""
    return words_of(page) / WORDS_A_MINUTE * 60


def busy_now() -> float:
    """Give how many programs want a core, for each core, in the last five minutes."""
    return os.getloadavg()[1] / (os.cpu_count() or 1)


def estimate(name: str, page: Path, running_s: float) -> Estimate:
    """Estimate one path."""
    return Estimate(name=name, reading_s=reading_s(page), running_s=running_s, busy=busy_now())
