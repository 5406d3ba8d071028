"""What two people of a host state, and what the operator's export notes of itself.

Shown by tests/integration/case/test_leaving.py.
"""

from dataclasses import dataclass
from typing import ClassVar

from services.case.leaving.documents import THE_LEAVING, LeavingStore
from services.case.leaving.rules import ASKED, HOLDS, Leaving, check_recipient, refuse_unasked
from shared.kernel.messages import AuditIntent
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork

EXPORT_BEGUN, EXPORT_DONE = "case:leaving:export", "case:leaving:exported"
DELETION_BEGUN = "case:leaving:delete"


@dataclass(frozen=True, kw_only=True)
class _OnLeaving(DomainCommand):
    """Base: there is one for the whole host."""

    actor_id: str

    @property
    def object_id(self) -> str:
        """The one statement of the host."""
        return THE_LEAVING


@dataclass(frozen=True, kw_only=True)
class AskLeaving(_OnLeaving):
    """A data protection officer asks that everything is written out for the host, to a key that it holds."""

    action: ClassVar[str] = "case:leaving:ask"
    recipient: str
    deletes: bool = False


@dataclass(frozen=True, kw_only=True)
class AgreeLeaving(_OnLeaving):
    """An administrator agrees to exactly that key."""

    action: ClassVar[str] = "case:leaving:agree"
    version: int


@dataclass(frozen=True, kw_only=True)
class TakeLeavingBack(_OnLeaving):
    """Either takes it back."""

    action: ClassVar[str] = "case:leaving:take-back"
    version: int


def ask_leaving(command: AskLeaving, work: UnitOfWork) -> Answer:
    """Keep that somebody asks; nothing is written out before a second person agrees.

    Raises:
        NotARecipientError, LeavingStateError: Nothing changes.
    """
    recipient, store = check_recipient(command.recipient), LeavingStore(work)
    known = store.find()
    if known is not None:
        known.check_may_be_asked_anew(work.now)
    asked = Leaving(
        id=THE_LEAVING,
        recipient=recipient,
        deletes=command.deletes,
        state=ASKED,
        asked_by=command.actor_id,
        asked_at=work.now,
        holds_until=work.now + HOLDS,
        updated_at=work.now,
    )
    return Answer(status=201, ids={"id": THE_LEAVING, "version": store.save(asked)})


def agree_leaving(command: AgreeLeaving, work: UnitOfWork) -> Answer:
    """Let everything be written out to that key.

    Raises:
        DocumentMissingError, StaleVersionError, LeavingStateError, SecondOfTheHostError: Nothing changes.
    """
    store = LeavingStore(work)
    version = store.save(store.at_version(command.version).agreed(command.actor_id, work.now))
    return Answer(status=200, ids={"id": THE_LEAVING, "version": version})


def take_leaving_back(command: TakeLeavingBack, work: UnitOfWork) -> Answer:
    """Let nothing be written out any more.

    Raises:
        DocumentMissingError, StaleVersionError, LeavingStateError: Nothing changes.
    """
    store = LeavingStore(work)
    version = store.save(store.at_version(command.version).taken_back(command.actor_id, work.now))
    return Answer(status=200, ids={"id": THE_LEAVING, "version": version})


def begin_export(work: UnitOfWork, recipient: str) -> None:
    """Check, for the operator, that it may begin, and let audit know before anything is read.

    Raises:
        NotAgreedError: Nothing may be read.
    """
    leaving = LeavingStore(work).find()
    if leaving is None:
        raise refuse_unasked()
    leaving.check_may_export(recipient, work.now)
    _audit(work, EXPORT_BEGUN)


def end_export(work: UnitOfWork, recipient: str, manifest: str) -> None:
    """Note, for the operator, what was written out.

    Raises:
        NotAgreedError: It was taken back meanwhile; what was written is to be deleted again.
    """
    store = LeavingStore(work)
    leaving = store.find()
    if leaving is None:
        raise refuse_unasked()
    leaving.check_may_export(recipient, work.now)
    store.save(leaving.exported(manifest, work.now))
    _audit(work, EXPORT_DONE)


def begin_deletion(work: UnitOfWork, *, without_package: bool) -> Leaving:
    """Check, for the operator, that everything may be deleted, and let audit know; give what the two people stated.

    Raises:
        NotAgreedError: Nothing may be deleted.
    """
    leaving = LeavingStore(work).find()
    if leaving is None:
        raise refuse_unasked()
    leaving.check_may_delete(work.now, without_package=without_package)
    _audit(work, DELETION_BEGUN)
    return leaving


def _audit(work: UnitOfWork, action: str) -> None:
    work.audit(
        AuditIntent(
            action=action, actor_id="system", role="SYSTEM", object_id=THE_LEAVING, outcome="ALLOWED", at=work.now
        )
    )
