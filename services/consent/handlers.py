"""One function for each fact heard and each command; each is one transaction.

Each takes the survivor's turn (``PersonStore.take_turn``) before it reads what another one may write (ADR 0017).
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.consent.commands import RecordDecision, WithdrawConsent
from services.consent.domain import EFFECTIVE, Statement, Wording
from services.consent.errors import WordingNotRegisteredError
from services.consent.gate import state_episode
from services.consent.keeping import SYSTEM, entry_of, keep
from services.consent.ledger import CLOCK, DIRECT, IMPORT
from services.consent.registering import register_wording
from services.consent.store import ConsentStore, GateStore, PersonStore, WordingStore
from services.consent.wordings import covering
from shared.codelists.lists import get
from shared.contracts.case import EpisodeOpened, ImportConsentStated, StatisticsFactsChanged, SurvivorAssigned
from shared.kernel.messages import Received
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import UnitOfWork

__all__ = (
    "expire", "keep_facts", "note_assignment", "note_episode", "record_decision", "register_wording", "weigh_statement",
    "withdraw_consent",
)  # fmt: skip


def note_episode(received: Received[EpisodeOpened], work: UnitOfWork) -> None:
    """Learn that there is such a survivor, and whose advocate may record their decisions."""
    event = received.event
    people = PersonStore(work)
    people.take_turn(event.survivor_id)
    # Once case states the whole set, an episode's advocate adds nothing: its message may be older than the set.
    if event.advocate_id is not None and not people.is_assigned(event.survivor_id):
        known = people.advocates_of(event.survivor_id)
        people.set_advocates(event.survivor_id, known | {event.advocate_id}, assigned=False)


def note_assignment(received: Received[SurvivorAssigned], work: UnitOfWork) -> None:
    """Learn that there is such a survivor, and who may record their decisions from now on."""
    event = received.event
    people = PersonStore(work)
    people.take_turn(event.survivor_id)
    people.set_advocates(event.survivor_id, event.advocate_ids, assigned=True)


def keep_facts(received: Received[StatisticsFactsChanged], work: UnitOfWork) -> None:
    """Keep an episode's latest facts and state it anew."""
    event = received.event
    facts: dict[str, Any] = {
        "referral_month": event.referral_month,
        "gender": event.gender,
        "exploitation_types": list(event.exploitation_types),
        "region_of_nationality": event.region_of_nationality,
        "transfer_in": event.transfer_in,
        "excluded": event.excluded,
        "excluded_by": event.excluded_by,
        "recorded_in_error": event.recorded_in_error,
        "facts_recorded_at": event.facts_recorded_at,
    }
    PersonStore(work).take_turn(event.survivor_id)
    document = GateStore(work).keep(event.episode_id, event.survivor_id, facts)
    state_episode(work, document)


def weigh_statement(received: Received[ImportConsentStated], work: UnitOfWork) -> None:
    """Weigh what an imported row says of a consent."""
    event = received.event
    PersonStore(work).take_turn(event.survivor_id)
    statement = Statement(
        stated=event.stated,
        said_at=event.said_at,
        wording_code=event.wording_code,
        language=event.language,
        method=event.method,
        setting_private=event.setting_private,
    )
    before = ConsentStore(work).of(event.survivor_id, event.purpose)
    words = WordingStore(work)
    entry = entry_of(IMPORT, event.stated_recorded_at, SYSTEM)
    after = before.weighed(statement, words.of(statement.wording_code), entry)
    if after.waits and after.statement is not None and after.statement.wording_code is not None:
        words.await_words(after.statement.wording_code)
    keep(work, before, after, actor_id=SYSTEM)


def record_decision(command: RecordDecision, *, work: UnitOfWork) -> Answer:
    """Record what a survivor decided, present or on the telephone.

    Raises:
        WordingNotRegisteredError: A yes, first or renewed, to words that are not registered for these recipients
            and this day, or without method or private setting; nothing is recorded.
        SaidInFutureError, TransitionRefusedError, UnknownCodeError, AskedTooSoonError, AskedTooOftenError: Nothing
            is recorded.
    """
    get("consent_purpose").require(command.purpose)
    get("consent_status").require(command.decision)
    said_at = command.said_at or work.now
    words = _words_for(command, work, said_at=said_at) if command.decision in EFFECTIVE else None
    before = ConsentStore(work).of(command.survivor_id, command.purpose)
    entry = replace(
        entry_of(DIRECT, work.now, command.actor_id),
        status=command.decision,
        said_at=said_at,
        wording_code=command.wording_code,
        language=command.language,
        method=command.method,
        setting_private=command.setting_private,
        witness_role=command.witness_role,
        text_hash=words.text_hash if words is not None else None,
        recipient_class=words.recipient_class if words is not None else command.recipient_class,
    )
    saved = keep(work, before, before.decided(entry), actor_id=command.actor_id)
    return Answer(status=201, ids={"id": saved.id, "version": saved.version, "status": saved.status})


def withdraw_consent(command: WithdrawConsent, *, work: UnitOfWork) -> Answer:
    """End a permission; as easy as giving it.

    Raises:
        DocumentMissingError, NothingToWithdrawError, SaidInFutureError: Nothing changes.
    """
    before = ConsentStore(work).get(command.consent_id)
    entry = replace(
        entry_of(DIRECT, work.now, command.actor_id), said_at=command.said_at or work.now, method=command.method
    )
    saved = keep(work, before, before.withdrawn(entry), actor_id=command.actor_id)
    return Answer(status=200, ids={"id": saved.id, "version": saved.version, "status": saved.status})


def expire(consent_id: str, *, work: UnitOfWork) -> Answer:
    """Note that a permission ran out, if it has."""
    before = ConsentStore(work).get(consent_id)
    until = before.until()
    if until is None:
        # Its state was written by an older rule, which took a no dated before the yes for none.
        ConsentStore(work).save(before)
        return Answer(status=200)
    if until > work.now:
        return Answer(status=200)
    entry = replace(entry_of(CLOCK, work.now, SYSTEM), said_at=until)
    keep(work, before, before.expired(entry), actor_id=SYSTEM)
    return Answer(status=200)


def _words_for(command: RecordDecision, work: UnitOfWork, *, said_at: datetime) -> Wording:
    words = covering(
        WordingStore(work).of(command.wording_code),
        purpose=command.purpose,
        language=command.language,
        said_at=said_at,
        recipient_class=command.recipient_class,
    )
    if words is None or command.method is None or command.setting_private is not True:
        raise WordingNotRegisteredError
    return words
