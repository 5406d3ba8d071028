"""A permission that still lasts ends with the yes that it was given under, in that very transaction.

Promise: a no, whoever writes it down, and a stop of everything, leave no permission that lasts behind; what asks in
that moment comes before, and is ended, or after, and is refused. Shown by
tests/integration/consent/test_permits.py.
"""

from collections.abc import Iterable

from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import EFFECTIVE, ENDING
from services.consent.permits.documents import PermitStore
from services.consent.permits.rules import CHANGED, PERMITTED, STOPPED, Permit
from shared.contracts.disclosure import DisclosureRefused
from shared.outbox.unit_of_work import UnitOfWork


def end_permits(work: UnitOfWork, changes: Iterable[tuple[Consent, Consent]]) -> None:
    """End what lasts under each yes whose ledger has a new line; a narrower yes is asked about again.

    Args:
        work: The transaction, in each person's turn.
        changes: Ledgers as they were, and as they were saved.
    """
    for before, after in changes:
        # Where there was no yes nothing was permitted, and nobody pays for looking.
        if before.status not in EFFECTIVE or before.entries == after.entries:
            continue
        reason = after.status if after.status in ENDING else CHANGED
        _end(work, [one for one in PermitStore(work).open_of(after.survivor_id) if one.consent_id == after.id], reason)


def end_permits_of(work: UnitOfWork, survivor_id: str) -> None:
    """End every permission of a person, in their turn: everything is stopped, ledgers that cannot be read too."""
    _end(work, PermitStore(work).open_of(survivor_id), STOPPED)


def say_refused(work: UnitOfWork, permit: Permit, *, sequence: int) -> None:
    """Say that it may not be given, or not any more."""
    refused = DisclosureRefused(
        permit_id=permit.id,
        disclosure_id=permit.disclosure_id,
        survivor_id=permit.survivor_id,
        reason=permit.reason or CHANGED,
        decided_at=permit.decided_at,
    )
    work.record(refused, sequence=sequence)


def _end(work: UnitOfWork, permits: Iterable[Permit], reason: str) -> None:
    for permit in permits:
        if permit.state == PERMITTED:
            ended = permit.ended(reason, work.now)
            say_refused(work, ended, sequence=PermitStore(work).save(ended))
