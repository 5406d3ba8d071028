"""The job that offers the log to its witnesses, where there are any."""

from datetime import timedelta
from functools import cache

from services.audit.witnesses.documents import WITNESSES
from services.audit.witnesses.offering import Offering
from services.audit.witnesses.views import count_late
from shared.kernel.tenancy import couriers_service
from shared.runtime.context import Job, ServiceContext
from shared.telemetry.metric_names import WITNESSES_LATE
from shared.telemetry.metrics import gauge

_LOOK_EVERY_S = timedelta(minutes=1).total_seconds()
_BY = "reporting"
"""Takes what is offered to the witnesses; where it is not (a sandbox, the centre), nobody is asked."""


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``witnesses``, of a host that has a way to them."""
    if couriers_service(context.tenant_id) != _BY:
        return []

    @cache
    def offering() -> Offering:
        # When it first runs, as for the checkpoints: a key that cannot be read stops no other job.
        return Offering(context)

    def offer() -> None:
        gauge(WITNESSES_LATE).set(count_late(context.client[context.database_name][WITNESSES], context.clock.now()))
        offering().run()

    return [Job(name="witnesses", every_s=_LOOK_EVERY_S, run=offer)]
