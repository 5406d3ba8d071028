"""What is repeated about breaches: measure how many press, so that somebody is alarmed before the 72 hours are over.

Shown by tests/integration/case/test_breaches.py.
"""

from services.case.breaches.views import BreachViews
from shared.runtime.context import Job, ServiceContext
from shared.telemetry.metric_names import BREACHES_PRESSING
from shared.telemetry.metrics import gauge

_EVERY_S = 60.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``breaches``."""
    views = BreachViews(context)

    def measure() -> None:
        gauge(BREACHES_PRESSING).set(views.count_pressing())

    return [Job(name="breaches", every_s=_EVERY_S, run=measure)]
