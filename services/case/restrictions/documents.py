"""Restrictions, and what was opened in spite of one: codes, ids and instants alone, so nothing here is sealed.

That one holds stands in the survivor's own document, which every change of their record writes. Shown by
tests/integration/case/test_restrictions.py.
"""

from typing import Any

from pymongo import IndexModel

from services.case.days import read_day, write_day
from services.case.restrictions.rules import HOLDS, Opening, Restriction
from shared.outbox.documents import DocumentType, Field, Holds, Store
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork

RESTRICTIONS, OPENINGS = "restrictions", "vital_openings"


RESTRICTION = DocumentType(
    collection=RESTRICTIONS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="rights_case_id", holds=Holds.ID),
        Field(name="ground", holds=Holds.CODE),
        Field(name="state", holds=Holds.CODE),
        Field(name="begun_by", holds=Holds.ID),
        Field(name="begun_at", holds=Holds.INSTANT),
        Field(name="told", holds=Holds.CODE),
        Field(name="why", holds=Holds.CODE),
        Field(name="lift_told", holds=Holds.CODE),
        # A day on which somebody here did something, and none of the person's life.
        Field(name="told_on", holds=Holds.INSTANT, write=write_day, read=read_day),
        Field(name="untold", holds=Holds.CODE),
        Field(name="lifted_by", holds=Holds.ID),
        Field(name="lifted_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("survivor_id", 1), ("state", 1)]),
    ),
)
OPENING = DocumentType(
    collection=OPENINGS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="restriction_id", holds=Holds.ID),
        Field(name="why", holds=Holds.CODE),
        Field(name="actor_id", holds=Holds.ID),
        Field(name="role", holds=Holds.CODE),
        Field(name="opened_at", holds=Holds.INSTANT),
        Field(name="until", holds=Holds.INSTANT),
        Field(name="seen_by", holds=Holds.ID),
        Field(name="seen_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("seen_at", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("survivor_id", 1)]),
    ),
)
TYPES = (RESTRICTION, OPENING)


def restrictions(work: UnitOfWork) -> Store[Restriction]:
    """Give the restrictions of a transaction."""
    return Store(work, RESTRICTION, Restriction)


def openings(work: UnitOfWork) -> Store[Opening]:
    """Give what was opened, of a transaction."""
    return Store(work, OPENING, Opening)


def holding(work: UnitOfWork, survivor_id: str) -> Restriction | None:
    """Give the restriction that holds of somebody, or None."""
    found = restrictions(work).where({"survivor_id": survivor_id, "state": HOLDS}, limit=1)
    return found[0] if found else None


def at_version(work: UnitOfWork, restriction_id: str, version: int) -> Restriction:
    """Give a restriction as the caller read it.

    Raises:
        DocumentMissingError, StaleVersionError: There is none, or somebody changed it since.
    """
    found = restrictions(work).get(restriction_id)
    if found.version != version:
        raise StaleVersionError(RESTRICTIONS)
    return found


def save(work: UnitOfWork, kind: DocumentType, thing: Any) -> int:
    """Write the next version of a restriction or an opening; give it."""
    known = work.get(kind.collection, thing.id)
    work.replace(kind.collection, {**known, **kind.document(thing), "updated_at": work.now})
    return int(known["version"]) + 1
