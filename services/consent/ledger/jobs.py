"""The ledger's job, which notes permissions that ran out; and how a job of consent takes its steps.

Promise: each step is its own transaction, and one that fails stops no other. Shown by
tests/integration/consent/test_registering.py.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from services.consent.ledger.documents import ConsentStore
from services.consent.ledger.keeping import SYSTEM, entry_of, keep
from services.consent.ledger.standing import CLOCK
from services.consent.ledger.views import LedgerViews
from shared.kernel.errors import TemporarilyUnavailableError
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext
from shared.telemetry.logs import get_logger

_EXPIRY_EVERY_S = 60.0

log = get_logger(__name__)


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job that notes permissions whose year has passed."""
    views = LedgerViews(context.client[context.database_name])
    steps = Steps(execute=context.committer.execute)

    def expire_what_ran_out() -> None:
        expire_all(steps, views.run_out(context.clock.now()))

    return [Job(name="expiry", every_s=_EXPIRY_EVERY_S, run=expire_what_ran_out)]


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


def expire_all(steps: Steps, consent_ids: Iterable[str]) -> None:
    """Note of each permission that its year has passed."""
    for consent_id in consent_ids:
        steps.attempt("expiry", partial(expire, consent_id), aggregate=consent_id)


def expire(consent_id: str, work: UnitOfWork) -> Answer:
    """Note that a permission ran out, if it has."""
    before = ConsentStore(work).get(consent_id)
    until = before.until
    if until is None:
        # Its state was written by an older rule, which took a no dated before the yes for none.
        ConsentStore(work).save(before)
        return Answer(status=200)
    if until > work.now:
        return Answer(status=200)
    entry = replace(entry_of(CLOCK, work.now, SYSTEM), said_at=until)
    keep(work, before, before.expired(entry), actor_id=SYSTEM)
    return Answer(status=200)
