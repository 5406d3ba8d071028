"""What is repeated about survivors: state who may act, go on with erasures, let go of keys past their life."""

from services.case.survivors.assigning import state_assignments
from services.case.survivors.erasure import ErasureJob
from shared.keys.survivor_keys import CACHED_KEY_LIFE_S
from shared.runtime.context import Job, ServiceContext

_ASSIGN_EVERY_S = 30.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the jobs."""

    def assign() -> None:
        state_assignments(context.committer.execute)

    return [
        Job(name="assignments", every_s=_ASSIGN_EVERY_S, run=assign),
        Job(name="erasures", every_s=context.settings.job_every_s, run=ErasureJob(context).run),
        Job(name="expired-keys", every_s=CACHED_KEY_LIFE_S, run=context.survivor_keys.drop_expired),
    ]
