"""The period clock: carries out each seal once its time has come and everything it needs is there."""

from services.context import ServiceContext
from services.reporting.commands import SealPeriod
from services.reporting.errors import NotReadyToSealError
from services.reporting.handlers import give_up, seal_period
from services.reporting.store import OPEN, TASKS
from shared.outbox.committer import Command
from shared.telemetry.logs import get_logger

log = get_logger(__name__)


class PeriodClock:
    """Looks at the open tasks of one host."""

    def __init__(self, context: ServiceContext) -> None:
        """Take reporting's context."""
        self._context = context

    def run(self) -> None:
        """Seal what can be sealed; note what closed without a report, and why."""
        now = self._context.clock.now()
        tasks = self._context.client[self._context.database_name][TASKS]
        for task in tasks.find({"state": OPEN, "seal_at": {"$lte": now}}):
            self._seal(task["period"], closed=now >= task["closes_at"])

    def _seal(self, period: str, *, closed: bool) -> None:
        command = SealPeriod.draw(period)
        signing_key = self._context.trust.own
        key = frozenset({f"period:{period}"})
        try:
            self._context.committer.execute(
                Command(run=lambda work: seal_period(command, work=work, key=signing_key), aggregates=key)
            )
        except NotReadyToSealError as error:
            reason = error.reason
            log.info("period waits", reason=reason)
            if closed:
                self._context.committer.execute(
                    Command(run=lambda work: give_up(period, reason, work=work), aggregates=key)
                )
