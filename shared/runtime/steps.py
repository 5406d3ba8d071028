"""How a job that has much to do takes its steps.

Promise: each step is its own transaction, and one that fails stops no other. Shown by
tests/integration/consent/test_registering.py.
"""

from collections.abc import Callable
from dataclasses import dataclass

from shared.kernel.errors import TemporarilyUnavailableError
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.telemetry.logs import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Steps:
    """Carries out a job's steps through a committer."""

    execute: Callable[[Command], Answer]

    def attempt(self, job: str, run: Callable[[UnitOfWork], Answer], *, aggregate: str) -> bool:
        """Carry out one step; False where it failed, which is logged and met again by the next run.

        Raises:
            TemporarilyUnavailableError: The database is away; nothing else would do better.
        """
        try:
            self.execute(Command(run=run, aggregates=frozenset({aggregate})))
        except TemporarilyUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001  One person's fault must not hold up the others.
            log.error("a step of a job failed", job=job, error_class=type(error).__name__)  # noqa: TRY400
            return False
        return True
