"""What is repeated about rights cases: measure how many are open and how many are overdue.

The data protection officer sees them on their page; whoever runs the service is alarmed by number alone, so that a
host whose officer does not look is told. Shown by tests/integration/case/test_rights_api.py.
"""

from services.case.rights.views import RightsViews
from services.case.survivors.views import SurvivorViews
from shared.runtime.context import Job, ServiceContext
from shared.telemetry.metric_names import RIGHTS_OPEN, RIGHTS_OVERDUE
from shared.telemetry.metrics import gauge

_EVERY_S = 60.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``rights``."""
    views = RightsViews(context, SurvivorViews(context))

    def measure() -> None:
        waiting, late = views.counts()
        gauge(RIGHTS_OPEN).set(waiting)
        gauge(RIGHTS_OVERDUE).set(late)

    return [Job(name="rights", every_s=_EVERY_S, run=measure)]
