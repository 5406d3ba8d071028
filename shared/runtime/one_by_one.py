"""Carries out a job's step for many tasks, each apart: what is wrong with one stops no other.

Promise: an error of one item is logged by its class and code and counted, and the next one has its turn; a database
that is away ends the run, since it is away for all. ``tests/integration/statistics/test_tasks_apart.py`` shows it.
"""

from collections.abc import Callable, Iterable

from pymongo.errors import ConnectionFailure

from shared.telemetry.logs import get_logger
from shared.telemetry.metric_names import TASKS_STUCK
from shared.telemetry.metrics import gauge

log = get_logger(__name__)


class OneByOne:
    """One run of a job over its tasks; ``measure`` at its end tells how many could not go on."""

    def __init__(self, *, service: str, job: str) -> None:
        """Name the job."""
        self._service = service
        self._job = job
        self._stuck: set[str] = set()

    def each(self, items: Iterable[str], step: Callable[[str], object], *, name: str) -> None:
        """Take a step for each task; ``name`` says in the log which step it was.

        Raises:
            ConnectionFailure: The database is away.
        """
        for item in items:
            try:
                step(item)
            except ConnectionFailure:
                raise
            except Exception as error:  # noqa: BLE001  Whatever is wrong with one task, its neighbours go on.
                self._stuck.add(item)
                # Not the message: a file's path or a driver's text may stand in it.
                log.error(  # noqa: TRY400
                    "a task cannot go on",
                    service=self._service,
                    job=self._job,
                    step=name,
                    task_id=item,
                    error_class=type(error).__name__,
                    error_code=getattr(error, "code", None),
                )

    def measure(self) -> int:
        """Give how many tasks could not go on, and show it as a gauge."""
        gauge(TASKS_STUCK).set(len(self._stuck), service=self._service)
        return len(self._stuck)
