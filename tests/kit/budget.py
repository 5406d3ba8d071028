"""What each folder of tests may cost beside the others, so that the suite stays quick and whoever slows it is named.

Wall time says little on a shared machine: a test that waits for an engine beside ten others takes three times as long.
So a folder is judged by processor time, its own process's and that of the children it has buried, and twice: it must
exceed both its share of the whole run's processor time and its allowance in seconds. A slow or loaded machine stretches
every folder alike, which leaves the shares as they are; a folder whose share grows only because others were left out
(no container engine, no browser) keeps within its seconds. Both bounds are about twice what was measured; a folder
that is not in the table may take as much as ``UNLISTED``, and is then given a line here.

Limit: processor time of the engines and of processes that outlive a test is nobody's; the table prints wall time too.
"""

import os
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What a folder may take.

    Attributes:
        share: Of the processor time of all tests, from 0 to 1.
        seconds: Of processor time, on two idle cores.
    """

    share: float
    seconds: float


UNLISTED = Allowance(share=0.05, seconds=20)
ALLOWED: dict[str, Allowance] = {}


@dataclass(kw_only=True)
class Spent:
    """What a folder or a test took.

    Attributes:
        cpu_s: Processor time.
        wall_s: Time on the clock, waiting included.
    """

    cpu_s: float = 0.0
    wall_s: float = 0.0
    tests: int = 0


class Ledger:
    """What a run's tests took, by folder."""

    def __init__(self):
        self.folders = defaultdict(Spent)

    def note(self, nodeid, *, cpu_s, wall_s, is_call):
        """Note one phase of a test: its set-up, itself or its tear-down."""
        spent = self.folders[folder_of(nodeid)]
        spent.cpu_s += cpu_s
        spent.wall_s += wall_s
        spent.tests += is_call

    def table(self):
        """Give the table's lines, the dearest folder first."""
        total = self._total()
        yield f"{'folder':<34}{'tests':>6}{'cpu s':>9}{'share':>8}{'allowed':>9}{'wall s':>9}"
        for name, spent in sorted(self.folders.items(), key=lambda item: -item[1].cpu_s):
            share, allowed = spent.cpu_s / total, ALLOWED.get(name, UNLISTED).share
            yield f"{name:<34}{spent.tests:>6}{spent.cpu_s:>9.1f}{share:>8.1%}{allowed:>9.0%}{spent.wall_s:>9.1f}"
        yield f"{'all':<34}{sum(s.tests for s in self.folders.values()):>6}{total:>9.1f}"

    def outgrown(self):
        """Give a sentence for each folder that takes more than it may."""
        total = self._total()
        for name, spent in sorted(self.folders.items()):
            allowed, share = ALLOWED.get(name, UNLISTED), spent.cpu_s / total
            if share > allowed.share and spent.cpu_s > allowed.seconds:
                yield (
                    f"{name} has outgrown its budget: {share:.1%} of the run's processor time ({allowed.share:.0%} "
                    f"allowed), {spent.cpu_s:.0f} s ({allowed.seconds:.0f} s allowed). Make it cheaper, or say in "
                    f"tests/kit/budget.py why it may cost more."
                )

    def _total(self):
        return sum(spent.cpu_s for spent in self.folders.values()) or 1.0


def folder_of(nodeid):
    """Give the folder by which a test is counted: at most two below ``tests``."""
    parts = PurePosixPath(nodeid.partition("::")[0]).parts[:-1]
    return "/".join(parts[:3])


def cpu_seconds():
    """Give this process's processor time, with that of the children it has buried."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class Meter:
    """Measures the phases of a process's tests, one after the other."""

    def __init__(self):
        self.begin()

    def begin(self):
        """Begin a test; what was done before it is nobody's."""
        self._cpu_s, self._wall_s = cpu_seconds(), time.monotonic()

    def lap(self):
        """Give (processor seconds, seconds) since the last phase ended."""
        before = self._cpu_s, self._wall_s
        self.begin()
        return self._cpu_s - before[0], self._wall_s - before[1]
