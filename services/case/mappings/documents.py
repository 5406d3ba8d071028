"""Mappings, one document each; a profile's text says how a system writes, and nothing of a person."""

from collections.abc import Mapping as Stored
from typing import Any

from pymongo import IndexModel

from services.case.mappings.rules.mapping import APPROVED, Mapping
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork

MAPPINGS = "import_profiles"
MAPPING = DocumentType(
    collection=MAPPINGS,
    fields=(
        Field(name="name", holds=Holds.TEXT),
        Field(name="title", holds=Holds.TEXT),
        Field(name="number", holds=Holds.COUNT),
        Field(name="source", holds=Holds.TEXT),
        Field(name="kind", holds=Holds.CODE),
        Field(name="fingerprint", holds=Holds.HASH),
        Field(name="state", holds=Holds.CODE),
        Field(name="text", holds=Holds.TEXT),
        Field(name="proposed_by", holds=Holds.ID),
        Field(name="approved_by", holds=Holds.ID),
        Field(name="approved_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT),
    ),
    indexes=(IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]), IndexModel([("updated_at", 1), ("_id", 1)])),
)
TYPES = (MAPPING,)


class MappingStore:
    """Mappings."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def get(self, mapping_id: str) -> Mapping:
        """Give a mapping; ``DocumentMissingError`` if there is none."""
        return mapping_from(self._work.get(MAPPINGS, mapping_id))

    def at_version(self, mapping_id: str, version: int) -> Mapping:
        """Give a mapping as the caller read it.

        Raises:
            DocumentMissingError: There is none.
            StaleVersionError: Somebody changed it since.
        """
        mapping = self.get(mapping_id)
        if mapping.version != version:
            raise StaleVersionError(MAPPINGS)
        return mapping

    def approved(self) -> list[Mapping]:
        """Give every approved mapping."""
        return [mapping_from(found) for found in self._work.find_where(MAPPINGS, {"state": APPROVED})]

    def add(self, one: Mapping) -> None:
        """Add a mapping."""
        self._work.insert(MAPPINGS, MAPPING.document(one))

    def save(self, one: Mapping) -> None:
        """Write the next version; what a newer version of the service keeps there stays."""
        known = self._work.get(MAPPINGS, one.id)
        self._work.replace(MAPPINGS, {**known, **MAPPING.document(one), "version": one.version})


def mapping_from(document: Stored[str, Any]) -> Mapping:
    """Read a mapping's document."""
    return Mapping(**MAPPING.values(document))
