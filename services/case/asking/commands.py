"""What may be asked of looks at contacts; each takes the survivor's turn, so that one comes after the other."""

from dataclasses import dataclass
from typing import ClassVar

from services.case.asking.documents import LOOK, LOOKS, look_from
from services.case.asking.errors import LookedAtError, NothingAskedError
from services.case.asking.rules import ACKNOWLEDGED, ASKED, Look, look_of
from services.case.contacts.documents import CONTACTS
from services.case.episodes.documents import of_episode
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OnLook(DomainCommand):
    """Base of what is done about a contact.

    Attributes:
        actor_id: Who does it.
    """

    episode_id: str
    survivor_id: str
    contact_id: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The contact."""
        return self.contact_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The contact, and the survivor whose turn it takes."""
        return frozenset({self.contact_id, self.survivor_id})


@dataclass(frozen=True, kw_only=True)
class LookAtContact(OnLook):
    """A supervisor acknowledges a contact.

    Attributes:
        question: What they ask about it; None where they acknowledge it.
    """

    action: ClassVar[str] = "case:contact:look"
    question: str | None = None


def look_at_contact(command: LookAtContact, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Acknowledge a contact, or ask one question about it.

    Raises:
        DocumentMissingError: That episode has no such contact.
        LookedAtError: A supervisor did either already.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    of_episode(work, CONTACTS, command.contact_id, command.episode_id)
    look = Look(
        id=look_of(command.contact_id),
        survivor_id=command.survivor_id,
        episode_id=command.episode_id,
        contact_id=command.contact_id,
        state=ACKNOWLEDGED if command.question is None else ASKED,
        question=command.question,
        looked_by=command.actor_id,
        looked_at=work.now,
        updated_at=work.now,
    )
    if work.find(LOOKS, look.id) is not None:
        raise LookedAtError
    work.insert(LOOKS, LOOK.document(look, seal=sealer.sealing(command.survivor_id)))
    return Answer(status=201, ids={"id": look.id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class AnswerQuestion(OnLook):
    """Whoever may act on the survivor answers what a supervisor asked."""

    action: ClassVar[str] = "case:contact:answer"
    answer: str


def answer_question(command: AnswerQuestion, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Answer a question; it stays beside its answer.

    Raises:
        DocumentMissingError: That episode has no such contact.
        NothingAskedError: Nothing is open.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    of_episode(work, CONTACTS, command.contact_id, command.episode_id)
    document = work.find(LOOKS, look_of(command.contact_id))
    if document is None:
        raise NothingAskedError
    look = look_from(document, sealer).answered(command.answer, command.actor_id, at=work.now)
    sealed = LOOK.document(look, seal=sealer.sealing(command.survivor_id))
    work.replace(LOOKS, {**sealed, "version": look.version})
    return Answer(status=200, ids={"id": look.id, "version": look.version + 1})
