"""The job that lets go of erased people."""

from services.audit.log.clearing import clear_erased
from shared.runtime.context import Job, ServiceContext

_EVERY_S = 30.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``erased-people``."""

    def erased() -> None:
        clear_erased(context)

    return [Job(name="erased-people", every_s=_EVERY_S, run=erased)]
