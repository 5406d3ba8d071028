"""What is left out of papers for a time, one document each, and what the host states about names; random ids alone."""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from services.audit.papers.withholding import Withholding
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork

WITHHOLDINGS, POLICIES = "withholdings", "paper_policies"
WITHHOLDING = DocumentType(
    collection=WITHHOLDINGS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="entry_ids", holds=Holds.ID, write=list, read=tuple),
        Field(name="reason", holds=Holds.CODE),
        Field(name="until", holds=Holds.INSTANT),
        Field(name="asked_by", holds=Holds.ID),
        Field(name="asked_at", holds=Holds.INSTANT),
        Field(name="agreed_by", holds=Holds.ID),
        Field(name="agreed_at", holds=Holds.INSTANT),
        Field(name="ended_by", holds=Holds.ID),
        Field(name="ended_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(IndexModel([("survivor_id", 1), ("until", 1)]), IndexModel([("updated_at", 1), ("_id", 1)])),
)
THE_POLICY = "paper"
POLICY = DocumentType(
    collection=POLICIES,
    fields=(
        Field(name="names_shown", holds=Holds.CODE, missing=False),
        Field(name="stated_by", holds=Holds.ID, missing=None),
        Field(name="stated_at", holds=Holds.INSTANT, missing=None),
    ),
)
TYPES = (WITHHOLDING, POLICY)


def withholding_from(document: Mapping[str, Any]) -> Withholding:
    """Read a withholding's document."""
    return Withholding(**WITHHOLDING.values(document))


class WithholdingStore:
    """What is left out of papers."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def add(self, withholding: Withholding) -> None:
        """Keep a new one."""
        self._work.insert(WITHHOLDINGS, WITHHOLDING.document(withholding))

    def at_version(self, withholding_id: str, version: int) -> Withholding:
        """Give one as the caller read it.

        Raises:
            DocumentMissingError: There is none.
            StaleVersionError: Somebody changed it since.
        """
        found = withholding_from(self._work.get(WITHHOLDINGS, withholding_id))
        if found.version != version:
            raise StaleVersionError(WITHHOLDINGS)
        return found

    def save(self, withholding: Withholding) -> int:
        """Write the next version; give it."""
        known = self._work.get(WITHHOLDINGS, withholding.id)
        self._work.replace(WITHHOLDINGS, {**known, **WITHHOLDING.document(withholding), "updated_at": self._work.now})
        return withholding.version + 1
