"""The key learnings."""

from services.board.learnings.rules import Learning
from shared.outbox.documents import DocumentType, Field, Holds, Store
from shared.outbox.unit_of_work import UnitOfWork

LEARNINGS = "learnings"
LEARNING = DocumentType(
    collection=LEARNINGS,
    fields=(
        Field(name="text", holds=Holds.TEXT),
        Field(name="by", holds=Holds.ID, shown=False),
        Field(name="at", holds=Holds.INSTANT),
        Field(name="approved_by", holds=Holds.ID, shown=False),
    ),
)
TYPES = (LEARNING,)


def learnings(work: UnitOfWork) -> Store[Learning]:
    """Give the learnings of a transaction."""
    return Store(work, LEARNING, Learning)
