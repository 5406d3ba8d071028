"""Questions about two records, one document each: ids and codes alone."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from pymongo import IndexModel

from services.case.duplicates.rules import CLOSED, MOST_AT_ONCE, OPEN, Duplicate, pair_id
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

DUPLICATES = "possible_duplicates"
DUPLICATE = DocumentType(
    collection=DUPLICATES,
    fields=(
        Field(name="state", holds=Holds.CODE, shown=False),
        Field(name="survivor_ids", holds=Holds.ID, write=list, read=tuple),
        Field(name="matched", holds=Holds.CODE, write=list, read=tuple),
        Field(name="answer", holds=Holds.CODE, missing=None, sparse=True, shown=False),
        Field(name="opened_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]), IndexModel([("survivor_ids", 1)])),
)
TYPES = (DUPLICATE,)


class DuplicateStore:
    """Questions about two records."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def open(self, survivor_id: str, alike: Mapping[str, Collection[str]]) -> None:
        """Ask about somebody and each of those who are alike; what was asked once is not asked again."""
        # Those who are alike in most ways first.
        for other in sorted(alike, key=lambda one: (-len(alike[one]), one))[:MOST_AT_ONCE]:
            duplicate_id = pair_id(survivor_id, other)
            if self._work.find(DUPLICATES, duplicate_id) is not None:
                continue
            asked = Duplicate(
                id=duplicate_id,
                state=OPEN,
                survivor_ids=tuple(sorted((survivor_id, other))),
                matched=tuple(sorted(alike[other])),
                opened_at=self._work.now,
                updated_at=self._work.now,
            )
            self._work.insert(DUPLICATES, DUPLICATE.document(asked))

    def close(self, duplicate_id: str, answer: str) -> int:
        """Keep what a supervisor found out; give its version.

        Raises:
            DocumentMissingError: There is no such question.
        """
        known = Duplicate(**DUPLICATE.values(self._work.get(DUPLICATES, duplicate_id)))
        if known.state == CLOSED and known.answer == answer:
            return known.version
        closed = replace(known, state=CLOSED, answer=answer, updated_at=self._work.now)
        self._work.replace(DUPLICATES, {**DUPLICATE.document(closed), "version": known.version})
        return known.version + 1

    def forget(self, survivor_id: str) -> None:
        """Delete every question about somebody who was erased."""
        for document in self._work.find_where(DUPLICATES, {"survivor_ids": survivor_id}):
            self._work.delete(DUPLICATES, document["_id"])
