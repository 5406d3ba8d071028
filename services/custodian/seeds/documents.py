"""The hosts' seeds, only as sealed as they came, and gone when their task ends."""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from services.custodian.seeds.rules import Seed
from shared.outbox.documents import DocumentType, Field, Holds, Store
from shared.outbox.unit_of_work import UnitOfWork

SEEDS = "seeds"
SEED = DocumentType(
    collection=SEEDS,
    fields=(
        Field(name="task_id", holds=Holds.ID),
        Field(name="host", holds=Holds.ID),
        Field(name="report_id", holds=Holds.ID),
        Field(name="task_signature", holds=Holds.HASH),
        # To this server's key of the task, not to a survivor's: there is nobody in it whom one could name.
        Field(name="sealed", holds=Holds.COUNT),
        # None was kept before reports were proven.
        Field(name="share", holds=Holds.HASH, missing=None),
    ),
    indexes=(IndexModel([("task_id", 1)]),),
)
TYPES = (SEED,)


def seeds(work: UnitOfWork) -> Store[Seed]:
    """Give the seeds of a transaction."""
    return Store(work, SEED, Seed)


def read_seed(document: Mapping[str, Any]) -> Seed:
    """Read a seed outside a transaction."""
    return Seed(**SEED.values(document))
