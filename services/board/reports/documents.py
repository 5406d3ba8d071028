"""The hosts' halves, sealed as they came and gone when their task ends, and what became of each report."""

from pymongo import IndexModel

from services.board.reports.rules import HeldShare, Judgement
from shared.outbox.documents import DocumentType, Field, Holds, Store
from shared.outbox.unit_of_work import UnitOfWork

SHARES, JUDGEMENTS = "shares", "judgements"
SHARE = DocumentType(
    collection=SHARES,
    fields=(
        Field(name="task_id", holds=Holds.ID),
        Field(name="host", holds=Holds.ID),
        Field(name="report_id", holds=Holds.ID),
        Field(name="provenance", holds=Holds.HASH),
        Field(name="task_signature", holds=Holds.HASH),
        # To the board's key of the task, not to a survivor's: there is nobody in it whom one could name.
        Field(name="sealed", holds=Holds.COUNT),
    ),
    indexes=(IndexModel([("task_id", 1)]),),
)
JUDGEMENT = DocumentType(
    collection=JUDGEMENTS,
    fields=(
        Field(name="task_id", holds=Holds.ID),
        Field(name="host", holds=Holds.ID),
        Field(name="outcome", holds=Holds.CODE),
        Field(name="reason", holds=Holds.CODE),
    ),
    indexes=(IndexModel([("task_id", 1)]),),
)
TYPES = (SHARE, JUDGEMENT)


def shares(work: UnitOfWork) -> Store[HeldShare]:
    """Give the shares of a transaction."""
    return Store(work, SHARE, HeldShare)


def judgements(work: UnitOfWork) -> Store[Judgement]:
    """Give the judgements of a transaction."""
    return Store(work, JUDGEMENT, Judgement)
