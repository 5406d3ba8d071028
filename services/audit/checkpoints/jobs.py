"""The job that signs."""

from functools import cache

from services.audit.checkpoints.signing import Signing
from shared.runtime.context import Job, ServiceContext

_LOOK_EVERY_S = 10.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``checkpoints``."""

    @cache
    def signing() -> Signing:
        # When it first runs: a key that cannot be read stops no other job, and shows as a log that is not signed.
        return Signing(context)

    def sign() -> None:
        signing().run()

    return [Job(name="checkpoints", every_s=_LOOK_EVERY_S, run=sign)]
