"""What case shows of mappings, and which of them an import may use."""

from typing import Any

from services.case.imports.rules.profile import Profile, parse_profile, shipped
from services.case.mappings.documents import MAPPING, MAPPINGS, mapping_from
from services.case.mappings.rules.mapping import APPROVED
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

MOST_APPROVED = 200


class MappingViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._mappings = context.client[context.database_name][MAPPINGS]

    def mappings(self, wanted: PageRequest) -> Page:
        """Give a page of mappings, oldest change first, without their texts."""
        return find_page(self._mappings, wanted, where={}, row=_row)

    def a_mapping(self, mapping_id: str) -> dict[str, Any]:
        """Give a mapping with its text.

        Raises:
            DocumentMissingError: There is none.
        """
        document = self._mappings.find_one({"_id": mapping_id})
        if document is None:
            raise DocumentMissingError(MAPPINGS)
        return MAPPING.row(MAPPING.values(document))

    def approved(self) -> list[Profile]:
        """Give the profiles that this host has approved, for ``open_by_header`` and by name."""
        found = self._mappings.find({"state": APPROVED}).sort("updated_at", -1).limit(MOST_APPROVED)
        return [parse_profile(mapping_from(document).text) for document in found]

    def named(self, name: str) -> Profile | None:
        """Give the profile of a name: the host's own approved one goes before a shipped one."""
        own = self._mappings.find_one({"state": APPROVED, "name": name})
        return shipped().get(name) if own is None else parse_profile(mapping_from(own).text)


def _row(document: dict[str, Any]) -> dict[str, Any]:
    row = MAPPING.row(MAPPING.values(document))
    del row["text"]
    return row
