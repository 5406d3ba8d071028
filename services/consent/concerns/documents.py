"""One document a concern; what it is about stands nowhere: free words of a survivor would have to be sealed."""

from dataclasses import dataclass
from datetime import datetime

from pymongo import IndexModel

from shared.outbox.documents import DocumentType, Field, Holds

CONCERNS = "concerns"
OPEN, CLOSED = "OPEN", "CLOSED"


@dataclass(frozen=True, kw_only=True)
class Concern:
    """One concern.

    Attributes:
        kind: A code of the list ``concern_kind``.
        taken_by: To whom it was said; never the survivor's advocate.
        due_at: By when somebody answers.
    """

    id: str
    survivor_id: str
    kind: str
    taken_by: str
    taken_at: datetime
    due_at: datetime
    state: str = OPEN
    outcome: str | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None
    updated_at: datetime | None = None


CONCERN = DocumentType(
    collection=CONCERNS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="kind", holds=Holds.CODE),
        Field(name="taken_by", holds=Holds.ID),
        Field(name="taken_at", holds=Holds.INSTANT),
        Field(name="due_at", holds=Holds.INSTANT),
        Field(name="state", holds=Holds.CODE),
        Field(name="outcome", holds=Holds.CODE),
        Field(name="closed_by", holds=Holds.ID),
        Field(name="closed_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]), IndexModel([("survivor_id", 1)])),
)
TYPES = (CONCERN,)
