"""What is repeated about emergency access: measure what nobody looked at yet, and what waits too long.

The reviewers see it on their page; whoever runs the service is told the numbers alone. Shown by
tests/integration/case/test_emergencies.py.
"""

from services.case.emergencies.views import EmergencyViews
from services.case.survivors.views import SurvivorViews
from shared.runtime.context import Job, ServiceContext
from shared.telemetry.metric_names import EMERGENCIES_OVERDUE, EMERGENCIES_UNREVIEWED
from shared.telemetry.metrics import gauge

_EVERY_S = 15.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``emergencies``."""
    views = EmergencyViews(context, SurvivorViews(context))

    def measure() -> None:
        unreviewed, overdue = views.counts()
        gauge(EMERGENCIES_UNREVIEWED).set(unreviewed)
        gauge(EMERGENCIES_OVERDUE).set(overdue)

    return [Job(name="emergencies", every_s=_EVERY_S, run=measure)]
