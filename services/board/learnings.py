"""Key learnings in words: written by a statistician, shown once another person approved them.

A learning has no digit: a figure belongs into a table, where it is protected. Limit: words can still describe one
person; that is what the second person reads for.
"""

from dataclasses import dataclass

from services.board.errors import LearningApprovedError, LearningRefusedError, SamePersonError
from services.board.store import LEARNINGS
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import UnitOfWork

MAX_LENGTH = 400


@dataclass(frozen=True, kw_only=True)
class WriteLearning:
    """A statistician says what was learned."""

    learning_id: str
    text: str
    actor_id: str


@dataclass(frozen=True, kw_only=True)
class ApproveLearning:
    """Another person read it and it may be public."""

    learning_id: str
    actor_id: str


def write_learning(command: WriteLearning, *, work: UnitOfWork) -> Answer:
    """Keep a learning until another person approves it.

    Raises:
        LearningRefusedError: It is empty, too long, or has a digit.
    """
    text = " ".join(command.text.split())
    if not 0 < len(text) <= MAX_LENGTH or any(character.isdigit() for character in text):
        raise LearningRefusedError(MAX_LENGTH)
    work.insert(
        LEARNINGS,
        {"_id": command.learning_id, "text": text, "by": command.actor_id, "at": work.now, "approved_by": None},
    )
    return Answer(status=201, ids={"id": command.learning_id})


def approve_learning(command: ApproveLearning, *, work: UnitOfWork) -> Answer:
    """Show a learning on the open page.

    Raises:
        SamePersonError, LearningApprovedError: Nothing changes.
    """
    learning = work.get(LEARNINGS, command.learning_id)
    if learning["approved_by"] is not None:
        raise LearningApprovedError
    if learning["by"] == command.actor_id:
        raise SamePersonError
    work.replace(LEARNINGS, {**learning, "approved_by": command.actor_id})
    return Answer(status=200, ids={"id": command.learning_id})
