"""The period clock: carries out each seal once its time has come and everything it needs is there.

It also measures what a host owes: seals that have passed, and, while signing is still possible, periods whose
preview nobody has validly signed.
"""

import time
from collections.abc import Callable
from datetime import timedelta

from services.reporting.periods.commands import GiveUp, SealPeriod, give_up, seal_period
from services.reporting.periods.documents import TASKS
from services.reporting.periods.errors import NotReadyToSealError
from services.reporting.periods.signature import SIGNED
from services.reporting.periods.task import OPEN
from services.reporting.periods.views import PeriodViews
from shared.outbox.commands import Answer, Command, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext
from shared.telemetry.logs import get_logger
from shared.telemetry.metric_names import (
    CONTRIBUTIONS_MISSING,
    CONTRIBUTIONS_MISSING_AGE,
    CONTRIBUTIONS_UNSIGNED,
    VECTORS_SENT,
)
from shared.telemetry.metrics import counter, gauge

_SIGN_BEFORE = timedelta(days=3)
_MEASURE_EVERY_S = 60.0  # It reads every contribution of the period.

log = get_logger(__name__)


def jobs(context: ServiceContext) -> list[Job]:
    """Give the period clock."""
    return [Job(name="period-clock", every_s=context.settings.job_every_s, run=PeriodClock(context).run)]


class PeriodClock:
    """Looks at the open tasks of one host."""

    def __init__(self, context: ServiceContext) -> None:
        """Take reporting's context."""
        self._context = context
        self._measured_at = float("-inf")

    def run(self) -> None:
        """Seal what can be sealed; note what closed without a report, and why."""
        now = self._context.clock.now()
        tasks = self._context.client[self._context.database_name][TASKS]
        due = list(tasks.find({"state": OPEN, "seal_at": {"$lte": now}}))
        for task in due:
            self._seal(task["period"], closed=now >= task["closes_at"])
        self._measure_missing(looked_for=bool(due))
        if time.monotonic() - self._measured_at > _MEASURE_EVERY_S:
            self._measured_at = time.monotonic()
            self._measure_unsigned()

    def _measure_missing(self, *, looked_for: bool) -> None:
        now = self._context.clock.now()
        tasks = self._context.client[self._context.database_name][TASKS]
        # Where nothing was due, nothing is missing; what was due is asked for anew, as it may be sealed by now.
        missing = list(tasks.find({"state": OPEN, "seal_at": {"$lte": now}}, {"seal_at": 1})) if looked_for else []
        age_s = max(((now - task["seal_at"]).total_seconds() for task in missing), default=0.0)
        gauge(CONTRIBUTIONS_MISSING).set(len(missing), service=self._context.service)
        gauge(CONTRIBUTIONS_MISSING_AGE).set(age_s, service=self._context.service)

    def _measure_unsigned(self) -> None:
        now = self._context.clock.now()
        tasks = self._context.client[self._context.database_name][TASKS]
        soon = tasks.find({"state": OPEN, "seal_at": {"$gt": now, "$lte": now + _SIGN_BEFORE}}, {"period": 1})
        views = PeriodViews(self._context)
        unsigned = sum(views.preview(task["period"])["signature"] != SIGNED for task in soon)
        gauge(CONTRIBUTIONS_UNSIGNED).set(unsigned, service=self._context.service)

    def _seal(self, period: str, *, closed: bool) -> None:
        command = SealPeriod.draw(period)
        key = self._context.trust.own
        try:
            self._carry_out(command, lambda work: seal_period(command, work, key=key))
            counter(VECTORS_SENT).add(1, outcome="sealed")
        except NotReadyToSealError as error:
            log.info("period waits", reason=error.reason)
            if closed:
                ended = GiveUp(period=period, reason=error.reason)
                self._carry_out(ended, lambda work: give_up(ended, work))
                counter(VECTORS_SENT).add(1, outcome="not-sent")

    def _carry_out(self, command: DomainCommand, run: Callable[[UnitOfWork], Answer]) -> None:
        self._context.committer.execute(Command(run=run, aggregates=command.aggregates))
