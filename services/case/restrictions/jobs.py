"""What is repeated about restrictions: measure what was opened in spite of one and seen by no officer yet.

The officer sees it on their page; whoever runs the service is alarmed by the number alone. Shown by
tests/integration/case/test_restrictions.py.
"""

from services.case.restrictions.views import RestrictionViews
from services.case.survivors.views import SurvivorViews
from shared.runtime.context import Job, ServiceContext
from shared.telemetry.metric_names import VITAL_OPENINGS_UNSEEN
from shared.telemetry.metrics import gauge

_EVERY_S = 15.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``vital-openings``."""
    views = RestrictionViews(context, SurvivorViews(context))

    def measure() -> None:
        gauge(VITAL_OPENINGS_UNSEEN).set(views.count_unseen())

    return [Job(name="vital-openings", every_s=_EVERY_S, run=measure)]
