"""Permits, one document an asking; each says under which yes it was given, and no word of what or to whom by name."""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from services.consent.permits.rules import Permit
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

PERMITS = "permits"
MOST_OPEN = 500
"""Permissions of one person that are open at once, up to which they are ended; each lasts five minutes."""
PERMIT = DocumentType(
    collection=PERMITS,
    fields=(
        Field(name="disclosure_id", holds=Holds.ID),
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="purpose", holds=Holds.CODE),
        Field(name="recipient_class", holds=Holds.CODE),
        Field(name="data_classes", holds=Holds.CODE, write=list, read=tuple),
        Field(name="binds", holds=Holds.HASH),
        Field(name="state", holds=Holds.CODE),
        Field(name="reason", holds=Holds.CODE),
        Field(name="consent_id", holds=Holds.ID),
        Field(name="consent_sequence", holds=Holds.COUNT),
        Field(name="text_hash", holds=Holds.HASH),
        Field(name="said_at", holds=Holds.INSTANT),
        Field(name="decided_at", holds=Holds.INSTANT),
        Field(name="until", holds=Holds.INSTANT),
    ),
    indexes=(IndexModel([("survivor_id", 1), ("until", 1)]),),
)
TYPES = (PERMIT,)


def permit_from(document: Mapping[str, Any]) -> Permit:
    """Read a permit's document."""
    return Permit(**PERMIT.values(document))


class PermitStore:
    """Permits in one transaction, in the person's turn."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def is_answered(self, permit_id: str) -> bool:
        """Whether this asking was answered."""
        return self._work.find(PERMITS, permit_id) is not None

    def add(self, permit: Permit) -> None:
        """Keep what was answered."""
        self._work.insert(PERMITS, PERMIT.document(permit))

    def open_of(self, survivor_id: str) -> list[Permit]:
        """Give the permissions of a person that still last."""
        where = {"survivor_id": survivor_id, "until": {"$gt": self._work.now}}
        return [permit_from(one) for one in self._work.find_where(PERMITS, where, limit=MOST_OPEN)]

    def save(self, permit: Permit) -> int:
        """Write the next version; give it."""
        self._work.replace(PERMITS, {**self._work.get(PERMITS, permit.id), **PERMIT.document(permit)})
        return permit.version + 1
