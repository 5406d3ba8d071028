"""Writing a key learning, and approving it as another person."""

from dataclasses import dataclass
from typing import ClassVar

from services.board.learnings.documents import learnings
from services.board.learnings.errors import LearningApprovedError
from services.board.learnings.rules import Learning, in_words
from services.board.two_people import check_two_people
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class WriteLearning(DomainCommand):
    """A statistician says what was learned."""

    action: ClassVar[str] = "board:learning:write"
    learning_id: str
    text: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The learning."""
        return self.learning_id


def write_learning(command: WriteLearning, work: UnitOfWork) -> Answer:
    """Keep a learning until another person approves it.

    Raises:
        LearningRefusedError: It is empty, too long, or has a digit.
    """
    text = in_words(command.text)
    learnings(work).add(Learning(id=command.learning_id, text=text, by=command.actor_id, at=work.now))
    return Answer(status=201, ids={"id": command.learning_id})


@dataclass(frozen=True, kw_only=True)
class ApproveLearning(DomainCommand):
    """Another person read it and it may be public."""

    action: ClassVar[str] = "board:learning:approve"
    learning_id: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The learning."""
        return self.learning_id


def approve_learning(command: ApproveLearning, work: UnitOfWork) -> Answer:
    """Show a learning on the open page.

    Raises:
        SamePersonError, LearningApprovedError: Nothing changes.
    """
    learning = learnings(work).get(command.learning_id)
    if learning.approved_by is not None:
        raise LearningApprovedError
    check_two_people(learning.by, command.actor_id)
    learnings(work).change(learning.id, approved_by=command.actor_id)
    return Answer(status=200, ids={"id": command.learning_id})
