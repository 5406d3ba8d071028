"""Findings, one document for each person and rule, and how far each pass has read the log.

No survivor's id stands in a finding, so an erasure leaves nothing of anybody in it; the entries that it names are
cleared where they stand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from pymongo import IndexModel

from services.audit.unusual.finding import Closing, Finding
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork


def _closings(closings: Iterable[Closing]) -> list[dict[str, Any]]:
    return [asdict(one) for one in closings]


def _read_closings(stored: Iterable[Mapping[str, Any]]) -> tuple[Closing, ...]:
    return tuple(Closing(**{**one, "words": bytes(one["words"])}) for one in stored)


FINDINGS, PASSES = "unusual_findings", "unusual_passes"
FINDING = DocumentType(
    collection=FINDINGS,
    fields=(
        Field(name="actor_id", holds=Holds.ID),
        Field(name="role", holds=Holds.CODE),
        Field(name="rule", holds=Holds.CODE),
        Field(name="rules_version", holds=Holds.CODE),
        Field(name="of_officer", holds=Holds.CODE, shown=False),
        Field(name="state", holds=Holds.CODE),
        Field(name="entry_ids", holds=Holds.ID, write=list, read=tuple),
        Field(name="times", holds=Holds.COUNT),
        Field(name="odd_hours", holds=Holds.COUNT),
        Field(name="first_at", holds=Holds.INSTANT),
        Field(name="last_at", holds=Holds.INSTANT),
        Field(name="raised_at", holds=Holds.INSTANT),
        # What somebody wrote when they closed it is sealed under a key of the tenant's outside the database.
        Field(name="closings", holds=Holds.CIPHERTEXT, write=_closings, read=_read_closings, shown=False),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        # One for each person and rule, whoever looks at once.
        IndexModel([("actor_id", 1), ("rule", 1)], unique=True),
        IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("updated_at", 1), ("_id", 1)]),
    ),
)
PASS = DocumentType(
    collection=PASSES,
    fields=(
        # The place in the log from which the next run reads on.
        Field(name="next", holds=Holds.COUNT, missing=0),
        Field(name="looked_at", holds=Holds.INSTANT, missing=None),
        Field(name="not_known", holds=Holds.COUNT, missing=0),
        Field(name="not_understood", holds=Holds.COUNT, missing=0),
    ),
)
TYPES = (FINDING, PASS)


def finding_from(document: Mapping[str, Any]) -> Finding:
    """Read a finding's document."""
    return Finding(**FINDING.values(document))


class FindingStore:
    """Findings in one transaction."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def get(self, finding_id: str) -> Finding:
        """Give one; ``DocumentMissingError`` if there is none."""
        return finding_from(self._work.get(FINDINGS, finding_id))

    def at_version(self, finding_id: str, version: int) -> Finding:
        """Give one as the caller read it.

        Raises:
            DocumentMissingError: There is none.
            StaleVersionError: It grew, or somebody changed it, since.
        """
        found = self.get(finding_id)
        if found.version != version:
            raise StaleVersionError(FINDINGS)
        return found

    def of(self, actor_id: str, rule: str) -> Finding | None:
        """Give the one of a person and a rule."""
        found = self._work.find_where(FINDINGS, {"actor_id": actor_id, "rule": rule}, limit=1)
        return finding_from(found[0]) if found else None

    def add(self, finding: Finding) -> None:
        """Keep a new one."""
        self._work.insert(FINDINGS, FINDING.document(finding))

    def save(self, finding: Finding) -> int:
        """Write the next version; give it."""
        known = self._work.get(FINDINGS, finding.id)
        self._work.replace(FINDINGS, {**known, **FINDING.document(finding)})
        return finding.version + 1

    def note_officers(self, actor_ids: Iterable[str]) -> None:
        """Let the administrator see what concerns these, who act as officers."""
        for document in self._work.find_where(FINDINGS, {"actor_id": {"$in": list(actor_ids)}, "of_officer": False}):
            self._work.replace(FINDINGS, FINDING.changed(document, of_officer=True))
