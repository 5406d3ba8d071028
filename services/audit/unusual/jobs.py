"""The job that looks for unusual access."""

from functools import cache

from services.audit.unusual.looking import Looking
from shared.runtime.context import Job, ServiceContext

_EVERY_S = 60.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``unusual-access``."""

    @cache
    def looking() -> Looking:
        return Looking(context)

    def run() -> None:
        looking().run()

    return [Job(name="unusual-access", every_s=_EVERY_S, run=run)]
