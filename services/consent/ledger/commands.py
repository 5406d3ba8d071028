"""What may be asked of a ledger, and how it is carried out; each is one transaction.

Each takes the survivor's turn (``PersonStore.take_turn``) before it reads what another one may write (ADR 0017).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from services.consent.drafts.documents import DRAFTS, draft_key
from services.consent.ledger.documents import ConsentStore
from services.consent.ledger.errors import WordingNotRegisteredError, YesTooEarlyError
from services.consent.ledger.keeping import entry_of, keep
from services.consent.ledger.keys import consent_key
from services.consent.ledger.people import PersonStore
from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import DIRECT, EFFECTIVE, REQUESTED
from services.consent.ledger.terms import NOTHING_TOLD, Terms, check_terms
from services.consent.stops.errors import EverythingStoppedError
from services.consent.timers.policy import timers_of
from services.consent.timers.rules import too_early_until
from services.consent.wordings.documents import WordingStore
from services.consent.wordings.rules import Wording, covering
from shared.codelists.lists import get
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class RecordDecision(DomainCommand):
    """A survivor decided; said_at None means now.

    Attributes:
        recipient_class: For whom the words are; None for the purpose's own recipients.
        terms: How they were asked, and the bounds that they set.
    """

    action: ClassVar[str] = "consent:consent:record"

    survivor_id: str
    purpose: str
    decision: str
    said_at: datetime | None
    wording_code: str | None
    language: str | None
    method: str | None
    setting_private: bool | None
    witness_role: str | None
    actor_id: str
    recipient_class: str | None = None
    terms: Terms = NOTHING_TOLD

    @property
    def object_id(self) -> str:
        """The consent's own id, which stands before there is one."""
        return consent_key(self.survivor_id, self.purpose, self.recipient_class)

    @property
    def aggregates(self) -> frozenset[str]:
        """The survivor, whose turn is taken."""
        return frozenset({self.survivor_id})


def record_decision(command: RecordDecision, work: UnitOfWork) -> Answer:
    """Record what a survivor decided, present or on the telephone.

    Raises:
        WordingNotRegisteredError: A yes, first or renewed, to words that are not registered for these recipients
            and this day, or without method or private setting; nothing is recorded.
        SaidInFutureError, TransitionRefusedError, UnknownCodeError, AskedTooSoonError, AskedTooOftenError: Nothing
            is recorded.
        YesTooEarlyError: A yes on the heels of a moment in which they could not decide; nothing is recorded.
        EverythingStoppedError: They said that everything is to stop, and this asks, or is a yes of before that was
            lifted; nothing is recorded.
        InvalidInputError, CapacityFirstError: Of its terms, as ``terms.check_terms`` has them; nothing is recorded.
    """
    get("consent_purpose").require(command.purpose)
    get("consent_status").require(command.decision)
    if command.recipient_class is not None:
        get("recipient_class").require(command.recipient_class)
    said_at = command.said_at or work.now
    _check_not_stopped(command, work, said_at=said_at)
    in_private = check_terms(
        command.terms,
        purpose=command.purpose,
        decision=command.decision,
        said_at=said_at,
        setting_private=command.setting_private,
    )
    command = replace(command, setting_private=in_private)
    words = _words_for(command, work, said_at=said_at) if command.decision in EFFECTIVE else None
    before = ConsentStore(work).of(command.survivor_id, command.purpose, command.recipient_class)
    if command.decision in EFFECTIVE:
        _check_cooled_off(work, before, said_at)
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
        terms=command.terms,
    )
    saved = keep(work, before, before.decided(entry), actor_id=command.actor_id)
    # How they were going to be asked is of no more use.
    work.delete(DRAFTS, draft_key(command.survivor_id, command.purpose, command.actor_id))
    return Answer(status=201, ids={"id": saved.id, "version": saved.version, "status": saved.status})


@dataclass(frozen=True, kw_only=True)
class WithdrawConsent(DomainCommand):
    """A survivor changed their mind; no reason is asked."""

    action: ClassVar[str] = "consent:consent:withdraw"

    consent_id: str
    survivor_id: str
    said_at: datetime | None
    method: str | None
    actor_id: str

    @property
    def object_id(self) -> str:
        """The consent's id."""
        return self.consent_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The survivor, whose turn is taken."""
        return frozenset({self.survivor_id})


def withdraw_consent(command: WithdrawConsent, work: UnitOfWork) -> Answer:
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


def _check_not_stopped(command: RecordDecision, work: UnitOfWork, *, said_at: datetime) -> None:
    people, survivor_id = PersonStore(work), command.survivor_id
    asks = command.decision == REQUESTED and people.is_stopped(survivor_id)
    if asks or (command.decision in EFFECTIVE and people.is_stopped_for(survivor_id, said_at)):
        raise EverythingStoppedError


def _check_cooled_off(work: UnitOfWork, consent: Consent, said_at: datetime) -> None:
    nation = PersonStore(work).nation_of(consent.survivor_id)
    too_early = too_early_until(consent.entries, timers_of(nation, work.now.date()))
    if too_early is not None and said_at < too_early:
        raise YesTooEarlyError(too_early)


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
