"""Consent hears that something of a person would be given to a recipient, and answers from their ledger alone.

Promise: one asking has one answer, however often it is heard; the person's turn is taken first, so that a no of that
moment comes before it, and it is refused, or after it, and ends it. Shown by
tests/integration/consent/test_permits.py. Source: decisions 4; ADR 0070.
"""

from collections.abc import Iterable
from dataclasses import replace

from services.consent.ledger.documents import ConsentStore
from services.consent.ledger.people import PEOPLE, PersonStore
from services.consent.permits.documents import PERMITS, PermitStore
from services.consent.permits.ending import say_refused
from services.consent.permits.rules import (
    ERASED,
    NOT_OF_PURPOSE,
    PERMITTED,
    REFUSED,
    Permit,
    Wanted,
    lasts_until,
    of_purpose,
    refusal,
)
from shared.contracts.disclosure import DisclosurePermitted, DisclosureRequested
from shared.kernel.messages import AuditIntent, Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

SYSTEM = "system"


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear what case asks."""
    del context
    return [hears(DisclosureRequested, decide, preload=_reads)]


def decide(received: Received[DisclosureRequested], work: UnitOfWork) -> None:
    """Permit or refuse, and say so; nothing of it is kept of whoever was erased."""
    asked = _as_refused(received.event, work)
    if not PersonStore(work).try_turn(asked.survivor_id):
        say_refused(work, replace(asked, reason=ERASED), sequence=1)
        return
    if PermitStore(work).is_answered(asked.id):
        return
    answered = _weighed(asked, work)
    PermitStore(work).add(answered)
    _say(work, answered)


def _as_refused(event: DisclosureRequested, work: UnitOfWork) -> Permit:
    """Begin with a no."""
    return Permit(
        id=event.permit_id,
        disclosure_id=event.disclosure_id,
        survivor_id=event.survivor_id,
        purpose=event.purpose,
        recipient_class=event.recipient_class,
        data_classes=event.data_classes,
        binds=event.binds,
        state=REFUSED,
        reason=NOT_OF_PURPOSE,
        decided_at=work.now,
    )


def _weighed(asked: Permit, work: UnitOfWork) -> Permit:
    wanted = Wanted(purpose=asked.purpose, recipient_class=asked.recipient_class, data_classes=asked.data_classes)
    if of_purpose(wanted) is not None:
        return asked
    people = PersonStore(work)
    stopped, (restricted_at, _) = people.is_stopped(asked.survivor_id), people.restriction_of(asked.survivor_id)
    consent = ConsentStore(work).of(asked.survivor_id, asked.purpose, asked.recipient_class)
    reason = refusal(wanted, consent, stopped=stopped, restricted=restricted_at is not None, at=work.now)
    said = consent.standing.permission
    if reason is not None or said is None:
        return replace(asked, reason=reason)
    return replace(
        asked,
        state=PERMITTED,
        reason=None,
        consent_id=consent.id,
        consent_sequence=consent.version,
        text_hash=said.text_hash,
        said_at=said.said_at,
        until=lasts_until(consent, work.now),
    )


def _say(work: UnitOfWork, permit: Permit) -> None:
    if (
        permit.state == PERMITTED
        and permit.consent_id is not None
        and permit.text_hash is not None
        and permit.said_at is not None
        and permit.until is not None
    ):
        permitted = DisclosurePermitted(
            permit_id=permit.id,
            disclosure_id=permit.disclosure_id,
            survivor_id=permit.survivor_id,
            binds=permit.binds,
            consent_id=permit.consent_id,
            consent_sequence=permit.consent_sequence,
            said_at=permit.said_at,
            text_hash=permit.text_hash,
            decided_at=permit.decided_at,
            until=permit.until,
        )
        work.record(permitted, sequence=1)
    else:
        say_refused(work, permit, sequence=1)
    work.audit(
        AuditIntent(
            action="consent:disclosure:decide",
            actor_id=SYSTEM,
            role="CONSENT",
            object_id=permit.survivor_id,
            outcome=permit.state,
            at=work.now,
        )
    )


def _reads(event: DisclosureRequested) -> Iterable[tuple[str, str]]:
    yield PEOPLE, event.survivor_id
    yield PERMITS, event.permit_id
