"""The job that compares, once a day, what the gate stated with ledger and facts."""

from services.consent.gate.reconciler import Reconciler
from shared.runtime.context import Job, ServiceContext

_EVERY_S = 24 * 3600.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``reconciler``."""

    def compare_everything() -> None:
        Reconciler.of(context.committer).run()

    return [Job(name="reconciler", every_s=_EVERY_S, run=compare_everything)]
