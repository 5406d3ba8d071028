"""Sources, one document each, and the roll of their names; credentials are sealed, and nothing read is kept here."""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from services.case.sources.rules.source import Source
from shared.kernel.errors import RuleViolationError
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

SOURCES, ROLL = "sources", "source_roll"
MOST_SOURCES = 20
_ALL = "all"
SOURCE = DocumentType(
    collection=SOURCES,
    fields=(
        Field(name="name", holds=Holds.TEXT),
        Field(name="kind", holds=Holds.CODE),
        Field(name="profile", holds=Holds.TEXT),
        Field(name="system", holds=Holds.TEXT),
        Field(name="at", holds=Holds.CODE),
        Field(name="settings", holds=Holds.TEXT, write=dict),
        Field(name="secret", holds=Holds.CIPHERTEXT, shown=False),
        Field(name="state", holds=Holds.CODE),
        Field(name="paused_by", holds=Holds.CODE),
        Field(name="created_by", holds=Holds.ID, shown=False),
        Field(name="created_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT),
        Field(name="asked", holds=Holds.CODE),
        Field(name="asked_by", holds=Holds.ID, shown=False),
        Field(name="asked_at", holds=Holds.INSTANT, shown=False),
        Field(name="next_at", holds=Holds.INSTANT),
        Field(name="fence", holds=Holds.COUNT, shown=False),
        Field(name="held_until", holds=Holds.INSTANT, shown=False),
        Field(name="reading", holds=Holds.ID, shown=False),
        Field(name="began_at", holds=Holds.INSTANT, shown=False),
        Field(name="cut_off", holds=Holds.COUNT, shown=False),
        Field(name="last_good_at", holds=Holds.INSTANT),
        Field(name="last_import_id", holds=Holds.ID),
        Field(name="last_content", holds=Holds.HASH, shown=False),
        Field(name="last_rows", holds=Holds.COUNT),
        Field(name="last_deleted", holds=Holds.COUNT),
        Field(name="last_was_new", holds=Holds.CODE),
        Field(name="last_fault", holds=Holds.CODE),
        Field(name="fault_names", holds=Holds.TEXT, write=list, read=tuple),
        Field(name="fault_at", holds=Holds.INSTANT),
        Field(name="failures", holds=Holds.COUNT),
        Field(name="tries", holds=Holds.COUNT, shown=False),
        Field(name="tested_at", holds=Holds.INSTANT),
        Field(name="test_fault", holds=Holds.CODE),
        Field(name="test_names", holds=Holds.TEXT, shown=False, write=list, read=tuple, missing=()),
        Field(name="red_at", holds=Holds.INSTANT),
    ),
    indexes=(IndexModel([("red_at", 1)]),),
    overdue="red_at",
)
NAMES = DocumentType(collection=ROLL, fields=(Field(name="names", holds=Holds.TEXT, write=list),))
TYPES = (SOURCE, NAMES)


class TooManySourcesError(RuleViolationError):
    """A host has so many sources at most."""

    code = "too-many-sources"

    def __init__(self) -> None:
        """Say the bound."""
        super().__init__(f"A host has {MOST_SOURCES} sources at most. Remove one that is no longer used.")


class SourceNameTakenError(RuleViolationError):
    """Two sources of a host have two names."""

    code = "source-name-taken"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("There is a source of this name already. Choose another name, or remove that source first.")


class SourceStore:
    """Sources."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def get(self, source_id: str) -> Source:
        """Give a source; ``DocumentMissingError`` if there is none."""
        return source_from(self._work.get(SOURCES, source_id))

    def add(self, source: Source) -> None:
        """Add a source; of two that are added at once, both write the roll of names.

        Raises:
            SourceNameTakenError, TooManySourcesError: See there.
        """
        roll = self._roll()
        if source.name in roll["names"]:
            raise SourceNameTakenError
        if len(roll["names"]) >= MOST_SOURCES:
            raise TooManySourcesError
        self._work.save(ROLL, NAMES.changed(roll, names=[*roll["names"], source.name]))
        self._work.insert(SOURCES, SOURCE.document(source))

    def save(self, source: Source) -> None:
        """Write the next version; what a newer version of the service keeps there stays."""
        known = self._work.get(SOURCES, source.id)
        self._work.replace(SOURCES, {**known, **SOURCE.document(source), "version": source.version})

    def remove(self, source: Source) -> None:
        """Remove a source with its credentials; what it made stays."""
        roll = self._roll()
        self._work.save(ROLL, NAMES.changed(roll, names=[one for one in roll["names"] if one != source.name]))
        self._work.delete(SOURCES, source.id)

    def _roll(self) -> dict[str, Any]:
        return self._work.find(ROLL, _ALL) or {"_id": _ALL, "names": []}


def source_from(document: Mapping[str, Any]) -> Source:
    """Read a source's document."""
    return Source(**SOURCE.values(document))
