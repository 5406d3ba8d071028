"""An upload on its way to the import job: read, cut to the columns that are used, and put into the strongroom."""

from dataclasses import dataclass, field, replace

from services.case.imports.commands import StartImport
from services.case.imports.errors_file import ROW_COLUMN
from services.case.imports.plans import About, PlanStore
from services.case.imports.rules.opening import open_file
from services.case.imports.rules.profile import shipped
from services.case.imports.staged import keep, pieces_of
from services.case.mappings.views import MappingViews
from services.case.strongroom.documents import Strongroom
from shared.kernel.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What is kept of an uploaded file.

    Attributes:
        staged: Its mapped cells in pieces; none for a file that was refused.
        refused: Why it cannot be read, and how to mend it.
        about: What the file calls the columns that are read.
        is_of_errors: Whether it is a file of rows to mend that this software gave out.
    """

    profile: str | None
    staged: tuple[bytes, ...] = ()
    refused: str | None = None
    about: About = field(default_factory=About)
    is_of_errors: bool = False

    @classmethod
    def read(
        cls, content: bytes, profile: str | None, *, mappings: MappingViews | None = None, system: str | None = None
    ) -> "Upload":
        """Read a file and keep the cells that a mapping profile maps; nothing else of it is kept anywhere.

        Args:
            profile: The mapping that was named; None for the one that is for the file's header.
            mappings: The host's own; without them only what comes with the software is known.
            system: Whose references the file has, where that was said.
        """
        try:
            if mappings is not None:
                mapped = mappings.open(content, name=profile, system=system)
            else:
                mapped = open_file(content, None if profile is None else shipped()[profile])
            pieces, rows = pieces_of(mapped)
        except InvalidInputError as error:
            return cls(profile=profile, refused=str(error))
        return cls(
            profile=mapped.facts.profile,
            staged=tuple(pieces),
            about=About(
                names=dict(zip(reversed(mapped.fields), reversed(mapped.columns), strict=True)),
                columns=mapped.columns,
                pieces=len(pieces),
                rows=rows,
            ),
            is_of_errors=mapped.has_column(ROW_COLUMN),
        )

    def wait_in(self, strongroom: Strongroom, command: StartImport) -> StartImport:
        """Put it into the strongroom, if there is anything to put, and give the command that lets it wait."""
        if self.staged:
            keep(strongroom, command.import_id, list(self.staged))
            if command.planned or len(self.staged) > 1:
                PlanStore(strongroom, command.import_id, "").keep_about(self.about)
        is_part = command.is_part or self.is_of_errors
        return replace(command, profile=self.profile, is_part=is_part, refused=self.refused)
