"""What is repeated about visits: note alarms, measure them, and forget what is no longer needed.

An alarm needs none of it: each reading works it out from the clock. Noting keeps since when it stood. Each step may be
done twice, so a kill at any point is resumed by the next run. Shown by tests/integration/case/test_visits.py.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from services.case.visits.documents import VISITS, VisitStore, unnoted_at
from services.case.visits.views import VisitViews
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext
from shared.runtime.steps import Steps
from shared.telemetry.metric_names import VISITS_ESCALATED, VISITS_UNTAKEN
from shared.telemetry.metrics import gauge

_EVERY_S = 15.0
_MOST = 200
_NAME = "visits"


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``visits``."""
    return [Job(name=_NAME, every_s=_EVERY_S, run=WatchVisits(context).run)]


class WatchVisits:
    """Looks after one host's visits."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._visits = context.client[context.database_name][VISITS]
        self._views = VisitViews(context)
        self._steps = Steps(execute=context.committer.execute)
        self._now = context.clock.now

    def run(self) -> None:
        """Measure first, so that no fault in the rest hides an alarm; then note, then forget.

        Raises:
            TemporarilyUnavailableError: The database is away; the next run goes on from here.
        """
        gauge(VISITS_UNTAKEN).set(self._views.count_untaken())
        gauge(VISITS_ESCALATED).set(self._views.count_escalated())
        self._each(unnoted_at(self._now()), "due_at")
        self._each({"forget_at": {"$lte": self._now()}, "alarm_since": None}, "forget_at")

    def _each(self, where: Mapping[str, Any], first: str) -> None:
        found = list(self._visits.find(where, {"_id": 1}).sort(first, 1).limit(_MOST))
        for one in found:
            self._steps.attempt(_NAME, partial(_look, one["_id"]), aggregate=one["_id"])


def _look(visit_id: str, work: UnitOfWork) -> Answer:
    """Note what the clock says of a visit, or forget some of it; whatever was done meanwhile stands."""
    store = VisitStore(work)
    visit = store.find(visit_id)
    if visit is not None:
        left = visit.noted(work.now).forgotten(work.now)
        if left is None:
            store.delete(visit_id)
        else:
            store.save(left)
    return Answer(status=200)
