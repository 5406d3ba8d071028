"""The job that notes how many sign-ins named nobody."""

from services.identity.sessions.attempts import audit_unknown
from shared.outbox.commands import Command
from shared.runtime.context import Job, ServiceContext

_EVERY_S = 60.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``unknown-sign-ins``."""

    def note_unknown() -> None:
        context.committer.execute(Command(run=audit_unknown))

    return [Job(name="unknown-sign-ins", every_s=_EVERY_S, run=note_unknown)]
