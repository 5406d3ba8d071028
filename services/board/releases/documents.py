"""The releases; kept for good, whatever becomes of them."""

from pymongo import IndexModel

from services.board.releases.rules import Release
from shared.outbox.documents import DocumentType, Field, Holds, Store
from shared.outbox.unit_of_work import UnitOfWork

RELEASES = "releases"
RELEASE = DocumentType(
    collection=RELEASES,
    fields=(
        Field(name="task_id", holds=Holds.ID),
        Field(name="task_hash", holds=Holds.HASH, shown=False),
        Field(name="period", holds=Holds.CODE),
        Field(name="covers", holds=Holds.CODE),
        Field(name="plan_id", holds=Holds.CODE),
        Field(name="roster_size", holds=Holds.COUNT),
        Field(name="people", holds=Holds.COUNT),
        Field(name="hosts", holds=Holds.COUNT),
        Field(name="tables", holds=Holds.COUNT),
        Field(name="digest", holds=Holds.HASH),
        Field(name="seal_at", holds=Holds.INSTANT),
        Field(name="received_at", holds=Holds.INSTANT),
        Field(name="state", holds=Holds.CODE, shown=False),
        Field(name="drafted_by", holds=Holds.ID, shown=False),
        Field(name="drafted_at", holds=Holds.INSTANT, shown=False),
        Field(name="lapses_at", holds=Holds.INSTANT, shown=False),
        Field(name="published_at", holds=Holds.INSTANT),
        Field(name="revisions", holds=Holds.CODE),
        Field(name="approved_by", holds=Holds.ID, shown=False, sparse=True),
        Field(name="signature", holds=Holds.HASH, sparse=True),
        Field(name="signing_key", holds=Holds.HASH, sparse=True),
        Field(name="delay", holds=Holds.CODE, shown=False, sparse=True),
    ),
    indexes=(IndexModel([("state", 1), ("published_at", 1)]), IndexModel([("task_id", 1)])),
)
TYPES = (RELEASE,)


def releases(work: UnitOfWork) -> Store[Release]:
    """Give the releases of a transaction."""
    return Store(work, RELEASE, Release)
