"""Keeps a changed ledger: saves it, says so, audits it, and lets the gate state the survivor's episodes anew."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.consent.gate.documents import GateStore
from services.consent.gate.stating import state_episode
from services.consent.ledger.documents import ConsentStore
from services.consent.ledger.people import PersonStore
from services.consent.ledger.rules import STATISTICS, Consent
from services.consent.ledger.standing import DIRECT, EFFECTIVE, RECONFIRM, UNKNOWN, Entry
from services.consent.permits.ending import end_permits
from services.consent.withdrawals.opening import open_proofs
from shared.contracts.consent import ConsentStatusChanged
from shared.kernel.messages import AuditIntent
from shared.outbox.unit_of_work import UnitOfWork

SYSTEM = "system"
_MAY_PERMIT = EFFECTIVE | {RECONFIRM}
"""What permits, or will once its words are registered."""


def keep(work: UnitOfWork, before: Consent, after: Consent, *, actor_id: str) -> Consent:
    """Save a ledger; state the change only where the lines changed."""
    (saved,) = keep_all(work, [(before, after)], actor_id=actor_id)
    return saved


def keep_all(work: UnitOfWork, changes: Iterable[tuple[Consent, Consent]], *, actor_id: str) -> list[Consent]:
    """Save many ledgers with a handful of queries, whatever their number; give each as it stands now."""
    kept: list[Consent] = []
    stated: list[Consent] = []
    changed = [(before, after) for before, after in changes]
    if len(changed) > 1:
        PersonStore(work).load(before.survivor_id for before, _ in changed)
    for before, after in changed:
        if after == before:
            kept.append(before)
            continue
        saved = ConsentStore(work).save(_unless_stopped(work, after, actor_id))
        kept.append(saved)
        if saved.entries == before.entries:
            continue
        PersonStore(work).take_turn(saved.survivor_id)
        _say(work, saved, actor_id)
        if saved.purpose == STATISTICS:
            stated.append(saved)
    _state(work, stated)
    saved_so = [(before, saved) for (before, _), saved in zip(changed, kept, strict=True)]
    end_permits(work, saved_so)
    open_proofs(work, saved_so)
    return kept


def entry_of(source: str, recorded_at: datetime, actor_id: str) -> Entry:
    """Begin a line: who writes it down, when and from where."""
    return Entry(status=UNKNOWN, said_at=recorded_at, recorded_at=recorded_at, actor_id=actor_id, source=source)


def stands(consent: Consent, at: datetime) -> dict[str, Any]:
    """Say where a decision stands, as its events have it; ``at`` is since when, where no line says so."""
    current = consent.current
    return {
        "consent_id": consent.id,
        "survivor_id": consent.survivor_id,
        "purpose": consent.purpose,
        "status": consent.status,
        "effective_at": current.said_at if current is not None else at,
        "until": consent.until,
        "recipient_class": consent.recipient_class,
    }


def _unless_stopped(work: UnitOfWork, after: Consent, actor_id: str) -> Consent:
    """End what would permit, or come to permit, though everything is stopped, or was when it was said (ADR 0065)."""
    people, permission = PersonStore(work), after.standing.permission
    stopped = after.status in _MAY_PERMIT and people.is_stopped(after.survivor_id)
    if not stopped and after.status in EFFECTIVE and permission is not None:
        stopped = people.is_stopped_for(after.survivor_id, permission.said_at)
    return after.withdrawn(entry_of(DIRECT, work.now, actor_id)) if stopped else after


def _say(work: UnitOfWork, saved: Consent, actor_id: str) -> None:
    changed = ConsentStatusChanged(**stands(saved, work.now))
    work.record(changed, sequence=saved.version)
    work.audit(
        AuditIntent(
            action=f"consent:decision:{saved.status.lower()}",
            actor_id=actor_id,
            role="CONSENT",
            object_id=saved.id,
            outcome="RECORDED",
            at=work.now,
        )
    )


def _state(work: UnitOfWork, consents: Iterable[Consent]) -> None:
    by_survivor = {consent.survivor_id: consent for consent in consents}
    if by_survivor:
        for episode in GateStore(work).of_survivors(by_survivor):
            state_episode(work, episode, by_survivor[episode.survivor_id])
