"""What case shows of mappings, and which of them an import may use."""

from typing import Any, BinaryIO

from services.case.imports.rules.opening import open_by_header, open_file
from services.case.imports.rules.profile import Profile, ProfileError, parse_profile, shipped
from services.case.imports.rules.reading import Stated
from services.case.imports.rules.table import MappedFile
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

    def open(
        self,
        source: bytes | BinaryIO,
        *,
        name: str | None = None,
        system: str | None = None,
        stated: Stated | None = None,
    ) -> MappedFile:
        """Open a file for an import: by the mapping that was named, else by the approved one for its header.

        Raises:
            ProfileError: Nothing approved or shipped has that name, or several mappings fit.
            AgeAtExploitationError, HeaderChangedError, UnreadableFileError: See ``open_file``.
        """
        if name is None:
            return open_by_header(source, self.approved(), system, stated)
        profile = self.named(name)
        if profile is None:
            raise ProfileError(
                "There is no approved mapping of this name, and none that comes with the software. Leave the name out, "
                "or see: alongside import profiles list"
            )
        is_own = profile is not shipped().get(name)
        if is_own and system not in {None, profile.source}:
            raise ProfileError(f"This mapping is for files of {profile.source}. Name that system, or another mapping.")
        return open_file(source, profile, stated)

    def named(self, name: str) -> Profile | None:
        """Give the profile of a name: the host's own approved one goes before a shipped one."""
        own = self._mappings.find_one({"state": APPROVED, "name": name})
        return shipped().get(name) if own is None else parse_profile(mapping_from(own).text)

    def source_of(self, name: str) -> str | None:
        """Give the system that the host's own approved mapping of a name is for; None where there is none."""
        own = self._mappings.find_one({"state": APPROVED, "name": name}, {"source": 1})
        return None if own is None else own["source"] or None


def _row(document: dict[str, Any]) -> dict[str, Any]:
    row = MAPPING.row(MAPPING.values(document))
    del row["text"]
    return row
