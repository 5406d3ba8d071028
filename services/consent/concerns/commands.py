"""A concern is taken, in the survivor's turn, and closed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from services.consent.concerns.documents import CLOSED, CONCERN, CONCERNS, OPEN, Concern
from services.consent.ledger.people import PersonStore
from shared.codelists.lists import get
from shared.kernel.errors import RuleViolationError
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork

ANSWERED_WITHIN = timedelta(days=30)
TAKERS = ("SUPERVISOR", "HOST_DPO", "SAFEGUARDING_LEAD", "HOST_ADMIN")
"""Everybody here but the advocates, about whom it may be."""


class ConcernClosedError(RuleViolationError):
    """It is closed already."""

    code = "concern-closed"

    def __init__(self) -> None:
        """Say what to do with a new one."""
        super().__init__("This concern is closed. If they raise it again, take it as a new one.")


@dataclass(frozen=True, kw_only=True)
class TakeConcern(DomainCommand):
    """A survivor complains, or asks for another advocate."""

    action: ClassVar[str] = "consent:concern:take"

    survivor_id: str
    kind: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The survivor; the concern has no id yet."""
        return self.survivor_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The survivor, whose turn is taken."""
        return frozenset({self.survivor_id})


def take_concern(command: TakeConcern, work: UnitOfWork) -> Answer:
    """Take a concern; nothing else changes by it.

    Raises:
        UnknownCodeError: There is no such kind; nothing is kept.
    """
    get("concern_kind").require(command.kind)
    PersonStore(work).take_turn(command.survivor_id)
    concern = Concern(
        id=new_id(),
        survivor_id=command.survivor_id,
        kind=command.kind,
        taken_by=command.actor_id,
        taken_at=work.now,
        due_at=work.now + ANSWERED_WITHIN,
        updated_at=work.now,
    )
    work.insert(CONCERNS, CONCERN.document(concern))
    return Answer(status=201, ids={"id": concern.id})


@dataclass(frozen=True, kw_only=True)
class CloseConcern(DomainCommand):
    """The survivor was told how it ended."""

    action: ClassVar[str] = "consent:concern:close"

    concern_id: str
    outcome: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The concern."""
        return self.concern_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The concern."""
        return frozenset({self.concern_id})


def close_concern(command: CloseConcern, work: UnitOfWork) -> Answer:
    """Close a concern with what the survivor was told.

    Raises:
        DocumentMissingError, ConcernClosedError, UnknownCodeError: Nothing changes.
    """
    get("concern_outcome").require(command.outcome)
    known = work.get(CONCERNS, command.concern_id)
    if known["state"] != OPEN:
        raise ConcernClosedError
    closed = CONCERN.changed(
        known,
        state=CLOSED,
        outcome=command.outcome,
        closed_by=command.actor_id,
        closed_at=work.now,
        updated_at=work.now,
    )
    work.replace(CONCERNS, closed)
    return Answer(status=200, ids={"id": command.concern_id})
