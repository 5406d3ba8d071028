"""The job that appends what waits, and now and then looks for entries that an older version kept without leaves."""

from services.audit.tree.appending import append_waiting
from services.audit.tree.sweeping import sweep
from shared.runtime.context import Job, ServiceContext

_APPEND_EVERY_S = 5.0
_SWEEP_EVERY_S = 600.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give both jobs; two processes that run them at once are safe, and one of them waits for the other."""

    def append() -> None:
        append_waiting(context)

    def look_back() -> None:
        sweep(context)

    return [
        Job(name="sequencer", every_s=_APPEND_EVERY_S, run=append),
        Job(name="entries-without-leaves", every_s=_SWEEP_EVERY_S, run=look_back),
    ]
