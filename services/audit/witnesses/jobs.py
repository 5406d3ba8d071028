"""The job that offers the log to its witnesses, where there are any."""

from functools import cache

from services.audit.witnesses.documents import WITNESSES
from services.audit.witnesses.offering import Offering
from services.audit.witnesses.views import count_late
from shared.kernel.tenancy import couriers_service
from shared.runtime.context import Job, ServiceContext
from shared.telemetry.metric_names import WITNESSES_LATE
from shared.telemetry.metrics import gauge

_MEASURE_EVERY_S = 60.0
_BY = "reporting"
"""Takes what is offered to the witnesses; where it is not (a sandbox, the centre), nobody is asked."""


def jobs(context: ServiceContext) -> list[Job]:
    """Give the jobs ``witnesses`` and ``witnesses-late``, of a host that has a way to them."""
    if couriers_service(context.tenant_id) != _BY:
        return []

    @cache
    def offering() -> Offering:
        # When it first runs, as for the checkpoints: a key that cannot be read stops no other job.
        return Offering(context)

    def offer() -> None:
        offering().run()

    def measure() -> None:
        gauge(WITNESSES_LATE).set(count_late(context.client[context.database_name][WITNESSES], context.clock.now()))

    return [
        # As often as other clocks: whoever sets a demo's days ahead does not see a witness late for a minute.
        Job(name="witnesses", every_s=context.settings.job_every_s, run=offer),
        Job(name="witnesses-late", every_s=_MEASURE_EVERY_S, run=measure),
    ]
