"""A draft is kept, in the survivor's turn, and thrown away; each by whoever typed it."""

from dataclasses import dataclass
from typing import ClassVar

from services.consent.drafts.documents import DRAFT, DRAFTS, KEPT, draft_key
from services.consent.drafts.sealing import Closed
from services.consent.ledger.people import PersonStore
from shared.codelists.lists import get
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork


@dataclass(frozen=True, kw_only=True)
class KeepDraft(DomainCommand):
    """Somebody began to ask, and may go on later."""

    action: ClassVar[str] = "consent:draft:keep"

    survivor_id: str
    purpose: str
    closed: Closed
    actor_id: str

    @property
    def object_id(self) -> str:
        """The draft."""
        return draft_key(self.survivor_id, self.purpose, self.actor_id)

    @property
    def aggregates(self) -> frozenset[str]:
        """The survivor, whose turn is taken."""
        return frozenset({self.survivor_id})


def keep_draft(command: KeepDraft, work: UnitOfWork) -> Answer:
    """Keep a draft in the place of the one before.

    Raises:
        SurvivorUnknownError: They were erased; nothing is kept.
        UnknownCodeError: There is no such purpose; likewise.
    """
    get("consent_purpose").require(command.purpose)
    PersonStore(work).take_turn(command.survivor_id)
    known = work.find(DRAFTS, command.object_id) or {"_id": command.object_id}
    document = DRAFT.changed(
        known,
        survivor_id=command.survivor_id,
        purpose=command.purpose,
        actor_id=command.actor_id,
        generation=command.closed.generation,
        key=command.closed.key,
        content=command.closed.content,
        kept_at=work.now,
        ends_at=work.now + KEPT,
    )
    work.save(DRAFTS, document)
    return Answer(status=201, ids={"id": command.object_id})


@dataclass(frozen=True, kw_only=True)
class DropDraft(DomainCommand):
    """Whoever began does not go on."""

    action: ClassVar[str] = "consent:draft:drop"

    draft_id: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The draft."""
        return self.draft_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The draft."""
        return frozenset({self.draft_id})


def drop_draft(command: DropDraft, work: UnitOfWork) -> Answer:
    """Throw one's own draft away.

    Raises:
        DocumentMissingError: There is none, or it is somebody else's.
    """
    if work.get(DRAFTS, command.draft_id)["actor_id"] != command.actor_id:
        raise DocumentMissingError(DRAFTS)
    work.delete(DRAFTS, command.draft_id)
    return Answer(status=200, ids={"id": command.draft_id})
