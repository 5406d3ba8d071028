"""The steps of consent's jobs: each is its own transaction, and one that fails stops no other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from services.consent import handlers, registering
from shared.kernel.errors import TemporarilyUnavailableError
from shared.outbox.committer import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.telemetry.logs import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class JobSteps:
    """Carries out steps through a committer."""

    execute: Callable[[Command], Answer]

    def expire(self, consent_ids: Iterable[str]) -> None:
        """Note of each permission that its year has passed."""
        for consent_id in consent_ids:
            self._try("expiry", partial(_expire, consent_id), consent_id)

    def go_on(self, being_weighed: Callable[[], list[str]]) -> None:
        """Weigh those who wait for words that were registered, chunk after chunk, until nobody is left."""
        for code in being_weighed():
            while code in being_weighed() and self._try("wordings", partial(_go_on, code), f"wording:{code}"):
                pass

    def _try(self, name: str, run: Callable[[UnitOfWork], Answer], aggregate: str) -> bool:
        """Carry out one step; False where it failed, which is logged and met again by the next run.

        Raises:
            TemporarilyUnavailableError: The database is away; nothing else would do better.
        """
        try:
            self.execute(Command(run=run, aggregates=frozenset({aggregate})))
        except TemporarilyUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001  One person's fault must not hold up the others.
            log.error("a step of a job failed", job=name, error_class=type(error).__name__)  # noqa: TRY400
            return False
        return True


def _expire(consent_id: str, work: UnitOfWork) -> Answer:
    return handlers.expire(consent_id, work=work)


def _go_on(code: str, work: UnitOfWork) -> Answer:
    return registering.go_on(code, work=work)
