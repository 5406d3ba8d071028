"""The job that tells once what stood here before integrators were served."""

from services.case.telling.telling import TellOnce
from shared.runtime.context import Job, ServiceContext

_EVERY_S = 60.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``telling``; once it is done its runs cost nothing."""
    return [Job(name="telling", every_s=_EVERY_S, run=TellOnce(context).run)]
