"""The ledger's job, which notes permissions that ran out."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from services.consent.ledger.documents import CONSENTS, ConsentStore, consent_from
from services.consent.ledger.keeping import SYSTEM, entry_of, keep
from services.consent.ledger.standing import CLOCK
from services.consent.ledger.views import LedgerViews
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext
from shared.runtime.steps import Steps

_EXPIRY_EVERY_S = 60.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job that notes permissions whose year has passed."""
    views = LedgerViews(context.client[context.database_name], context.clock.now)
    steps = Steps(execute=context.committer.execute)

    def expire_what_ran_out() -> None:
        expire_all(steps, views.run_out(context.clock.now()))

    return [Job(name="expiry", every_s=_EXPIRY_EVERY_S, run=expire_what_ran_out)]


def expire_all(steps: Steps, consent_ids: Iterable[str]) -> None:
    """Note of each permission that its year has passed."""
    for consent_id in consent_ids:
        steps.attempt("expiry", partial(expire, consent_id), aggregate=consent_id)


def expire(consent_id: str, work: UnitOfWork) -> Answer:
    """Note that a permission ran out, if it has."""
    document = work.find(CONSENTS, consent_id)
    if document is None:
        return Answer(status=200)  # They were erased since the list was read.
    before = consent_from(document)
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
