"""One function for each fact heard and each command; each is one transaction."""

import hashlib
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from services.consent.commands import RecordDecision, RegisterWording, WithdrawConsent
from services.consent.domain import EFFECTIVE, GIVEN, Consent, Entry, Statement, Wording
from services.consent.errors import WordingNotRegisteredError
from services.consent.gate import state_episode, state_survivor
from services.consent.store import CONSENTS, WORDINGS, ConsentStore, GateStore, WordingStore, consent_from
from shared.codelists.lists import get
from shared.contracts.case import EpisodeOpened, ImportConsentStated, StatisticsFactsChanged
from shared.contracts.consent import ConsentStatusChanged
from shared.kernel.messages import AuditIntent, Received
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import UnitOfWork

SYSTEM = "system"


def note_episode(received: Received, work: UnitOfWork) -> None:
    """Learn whose advocate may record a survivor's decisions."""
    event = received.event
    if not isinstance(event, EpisodeOpened):
        raise TypeError(type(event).__name__)
    if event.advocate_id is not None:
        key = f"advocate:{event.survivor_id}"
        work.save("people", {"_id": key, "advocate_id": event.advocate_id, "person_id": None})


def keep_facts(received: Received, work: UnitOfWork) -> None:
    """Keep an episode's latest facts and state it anew."""
    event = received.event
    if not isinstance(event, StatisticsFactsChanged):
        raise TypeError(type(event).__name__)
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
    document = GateStore(work).keep(event.episode_id, event.survivor_id, facts)
    state_episode(work, document)


def weigh_statement(received: Received, work: UnitOfWork) -> None:
    """Weigh what an imported row says of a consent."""
    event = received.event
    if not isinstance(event, ImportConsentStated):
        raise TypeError(type(event).__name__)
    statement = Statement(
        stated=event.stated,
        said_at=event.said_at,
        wording_code=event.wording_code,
        language=event.language,
        method=event.method,
        setting_private=event.setting_private,
    )
    store = ConsentStore(work)
    before = store.of(event.survivor_id, event.purpose)
    entry = _entry("IMPORT", event.stated_recorded_at, SYSTEM)
    after = before.weighed(statement, WordingStore(work).of(statement.wording_code), entry)
    _keep(work, before, after, actor_id=SYSTEM)


def record_decision(command: RecordDecision, *, work: UnitOfWork) -> Answer:
    """Record what a survivor decided, present or on the telephone.

    Raises:
        WordingNotRegisteredError: A yes to words that are not registered; nothing is recorded.
        SaidInFutureError, TransitionRefusedError, UnknownCodeError: Nothing is recorded.
    """
    get("consent_purpose").require(command.purpose)
    get("consent_status").require(command.decision)
    said_at = command.said_at or work.now
    if command.decision == GIVEN:
        wordings = WordingStore(work).of(command.wording_code)
        covered = any(w.covers(purpose=command.purpose, language=command.language, said_at=said_at) for w in wordings)
        if not covered or command.method is None or command.setting_private is not True:
            raise WordingNotRegisteredError
    store = ConsentStore(work)
    before = store.of(command.survivor_id, command.purpose)
    entry = replace(
        _entry("DIRECT", work.now, command.actor_id),
        status=command.decision,
        said_at=said_at,
        wording_code=command.wording_code,
        language=command.language,
        method=command.method,
        setting_private=command.setting_private,
        witness_role=command.witness_role,
    )
    saved = _keep(work, before, before.decided(entry), actor_id=command.actor_id)
    return Answer(status=201, ids={"id": saved.id, "version": saved.version, "status": saved.status})


def withdraw_consent(command: WithdrawConsent, *, work: UnitOfWork) -> Answer:
    """End a permission; as easy as giving it.

    Raises:
        DocumentMissingError, NothingToWithdrawError, SaidInFutureError: Nothing changes.
    """
    before = ConsentStore(work).get(command.consent_id)
    entry = replace(
        _entry("DIRECT", work.now, command.actor_id), said_at=command.said_at or work.now, method=command.method
    )
    saved = _keep(work, before, before.withdrawn(entry), actor_id=command.actor_id)
    return Answer(status=200, ids={"id": saved.id, "version": saved.version, "status": saved.status})


def register_wording(command: RegisterWording, *, work: UnitOfWork) -> Answer:
    """Register words, and weigh again every imported statement that named them.

    What becomes effective by it is recorded now, not when the file was imported.
    """
    get("consent_purpose").require(command.purpose)
    get("recipient_class").require(command.recipient_class)
    for language in command.languages:
        get("language").require(language)
    wording = Wording(
        code=command.code,
        purpose=command.purpose,
        recipient_class=command.recipient_class,
        languages=command.languages,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
    )
    known = work.find(WORDINGS, command.code) or {"_id": command.code, "registrations": [], "texts": []}
    text_hash = hashlib.sha256(command.text.encode()).hexdigest()
    document = {
        **known,
        "registrations": [*known["registrations"], {**asdict(wording), "languages": list(wording.languages)}],
        "texts": [*known["texts"], {"hash": text_hash, "text": command.text, "registered_at": work.now}],
        "updated_at": work.now,
    }
    work.save(WORDINGS, document)
    for waiting in work.find_where(CONSENTS, {"statement.wording_code": command.code}):
        before = consent_from(waiting)
        if before.statement is not None and before.status not in EFFECTIVE:
            entry = _entry("WORDING_REGISTERED", work.now, command.actor_id)
            after = before.weighed(before.statement, WordingStore(work).of(command.code), entry)
            _keep(work, before, after, actor_id=command.actor_id)
    return Answer(status=201, ids={"id": command.code, "text_hash": text_hash})


def expire(consent_id: str, *, work: UnitOfWork) -> Answer:
    """Note that a permission ran out, if it has."""
    before = ConsentStore(work).get(consent_id)
    until = before.until()
    if until is None or until > work.now:
        return Answer(status=200)
    entry = replace(_entry("CLOCK", work.now, SYSTEM), said_at=until)
    _keep(work, before, before.expired(entry), actor_id=SYSTEM)
    return Answer(status=200)


def _keep(work: UnitOfWork, before: Consent, after: Consent, *, actor_id: str) -> Consent:
    """Save a ledger; state the change only where the state or its times changed."""
    if after == before:
        return before
    saved = ConsentStore(work).save(after)
    if after.entries == before.entries:
        return saved
    current = saved.current
    changed = ConsentStatusChanged(
        consent_id=saved.id,
        survivor_id=saved.survivor_id,
        purpose=saved.purpose,
        status=saved.status,
        effective_at=current.said_at if current is not None else work.now,
    )
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
    state_survivor(work, saved)
    return saved


def _entry(source: str, recorded_at: datetime, actor_id: str) -> Entry:
    return Entry(status="UNKNOWN", said_at=recorded_at, recorded_at=recorded_at, actor_id=actor_id, source=source)
