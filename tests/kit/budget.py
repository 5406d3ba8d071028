"""What each folder of tests may cost beside the others, so that the suite stays quick and whoever slows it is named.

Wall time says little on a shared machine: a test that waits for an engine beside ten others takes three times as long.
So a folder is judged by processor time, its own process's and that of the children it has buried, and twice: it must
exceed both its share of the whole run's processor time and its allowance in seconds. A slow or loaded machine stretches
every folder alike, which leaves the shares as they are; a folder whose share grows only because others were left out
(no container engine, no browser) keeps within its seconds. Both bounds are about twice what a folder took, guessed upwards where only a part of it was
measured. A folder that is not in the table may take as much as ``UNLISTED``, and is then given a line here.

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
ALLOWED = {
    name: Allowance(share=per_cent / 100, seconds=seconds)
    for name, per_cent, seconds in (
        ("tests/architecture", 5, 20),
        ("tests/attacks", 30, 150),
        ("tests/browser", 10, 50),
        ("tests/contracts", 10, 40),
        ("tests/docs", 8, 30),
        ("tests/e2e", 20, 90),
        ("tests/engines", 8, 30),
        ("tests/images", 10, 50),
        ("tests/integration", 12, 50),
        ("tests/integration/audit", 5, 20),
        ("tests/integration/board", 7, 25),
        ("tests/integration/case", 20, 60),
        ("tests/integration/consent", 10, 40),
        ("tests/integration/identity", 12, 50),
        ("tests/integration/integrations", 10, 40),
        ("tests/integration/keeping", 12, 50),
        ("tests/integration/keys", 8, 30),
        ("tests/integration/leaving", 8, 30),
        ("tests/integration/operator", 7, 25),
        ("tests/integration/pages", 8, 30),
        ("tests/integration/reporting", 12, 50),
        ("tests/integration/shared", 12, 50),
        ("tests/integration/statistics", 20, 80),
        ("tests/integration/telemetry", 4, 15),
        ("tests/isolation", 6, 20),
        ("tests/k8s", 15, 60),
        ("tests/kernel", 15, 60),
        ("tests/oracle", 6, 20),
        ("tests/unit", 6, 20),
        ("tests/unit/audit", 3, 10),
        ("tests/unit/board", 3, 10),
        ("tests/unit/case", 12, 45),
        ("tests/unit/client", 6, 20),
        ("tests/unit/consent", 8, 30),
        ("tests/unit/custodian", 15, 60),
        ("tests/unit/demo", 4, 15),
        ("tests/unit/identity", 6, 20),
        ("tests/unit/reporting", 6, 20),
        ("tests/unit/services", 5, 20),
        ("tests/unit/shared", 12, 45),
        ("tests/unit/statistics", 20, 80),
        ("tests/unit/suite", 12, 45),
    )
}


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
