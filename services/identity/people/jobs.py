"""The job that tells the host's services of everybody who works here."""

from services.identity.people.roster import state_roster
from shared.runtime.context import Job, ServiceContext

_EVERY_S = 6 * 3600.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``roster``."""

    def tell_of_everybody() -> None:
        state_roster(context.committer.execute)

    return [Job(name="roster", every_s=_EVERY_S, run=tell_of_everybody)]
