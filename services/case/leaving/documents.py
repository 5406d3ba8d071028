"""One document for the whole host, so that whoever asks, agrees and takes back write the same one."""

from collections.abc import Mapping
from typing import Any

from services.case.leaving.rules import Leaving
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork

LEAVINGS = "leavings"
LEAVING = DocumentType(
    collection=LEAVINGS,
    fields=(
        Field(name="recipient", holds=Holds.HASH),
        Field(name="deletes", holds=Holds.CODE, missing=False),
        Field(name="state", holds=Holds.CODE),
        Field(name="asked_by", holds=Holds.ID),
        Field(name="asked_at", holds=Holds.INSTANT),
        Field(name="holds_until", holds=Holds.INSTANT),
        Field(name="agreed_by", holds=Holds.ID),
        Field(name="agreed_at", holds=Holds.INSTANT),
        Field(name="taken_back_by", holds=Holds.ID),
        Field(name="taken_back_at", holds=Holds.INSTANT),
        Field(name="exported_at", holds=Holds.INSTANT),
        Field(name="manifest", holds=Holds.HASH),
        Field(name="updated_at", holds=Holds.INSTANT),
    ),
)
TYPES = (LEAVING,)
THE_LEAVING = "leaving"
"""The one document."""


def leaving_from(document: Mapping[str, Any]) -> Leaving:
    """Read the document."""
    return Leaving(**LEAVING.values(document))


class LeavingStore:
    """What the host states, in one transaction."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def find(self) -> Leaving | None:
        """Give it; None where nobody ever asked."""
        document = self._work.find(LEAVINGS, THE_LEAVING)
        return None if document is None else leaving_from(document)

    def at_version(self, version: int) -> Leaving:
        """Give it as the caller read it.

        Raises:
            DocumentMissingError: Nobody ever asked.
            StaleVersionError: Somebody changed it since, so another key may stand there.
        """
        leaving = leaving_from(self._work.get(LEAVINGS, THE_LEAVING))
        if leaving.version != version:
            raise StaleVersionError(LEAVINGS)
        return leaving

    def save(self, leaving: Leaving) -> int:
        """Write it; give its next version."""
        known = self._work.find(LEAVINGS, THE_LEAVING) or {"_id": THE_LEAVING}
        # What a newer version of the service keeps there stays.
        self._work.save(LEAVINGS, {**known, **LEAVING.document(leaving), "updated_at": self._work.now})
        return int(known.get("version", 0)) + 1
