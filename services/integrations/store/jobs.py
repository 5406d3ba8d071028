"""Gives up what is older than 90 days, and clears what is kept of erased people."""

from services.integrations.store.clearing import clear_erased, give_up_old
from shared.runtime.context import Job, ServiceContext

_OLD_EVERY_S = 3_600.0
_ERASED_EVERY_S = 30.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give both jobs."""

    def old() -> None:
        give_up_old(context)

    def erased() -> None:
        clear_erased(context)

    return [
        Job(name="old-events", every_s=_OLD_EVERY_S, run=old),
        Job(name="erased-people", every_s=_ERASED_EVERY_S, run=erased),
    ]
