"""An upload on its way to the import job: read, cut to the columns that are used, and put into the strongroom."""

from dataclasses import dataclass, replace

from services.case.imports.commands import StartImport
from services.case.imports.rules.profile import choose, shipped
from services.case.imports.rules.reading import read_sheet
from services.case.imports.rules.table import table_of
from services.case.strongroom.documents import Strongroom
from shared.kernel.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What is kept of an uploaded file.

    Attributes:
        staged: Its mapped cells; None for a file that was refused.
        refused: Why it cannot be read, and how to mend it.
    """

    profile: str | None
    staged: bytes | None = None
    refused: str | None = None

    @classmethod
    def read(cls, content: bytes, profile: str | None) -> "Upload":
        """Read a file and keep the cells that a mapping profile maps; nothing else of it is kept anywhere."""
        try:
            sheet = read_sheet(content, [column for p in shipped().values() for column in p.columns])
            chosen = choose(sheet, profile)
            staged = table_of(sheet, chosen.bind(sheet), chosen.id).stage()
        except InvalidInputError as error:
            return cls(profile=profile, refused=str(error))
        return cls(profile=chosen.id, staged=staged)

    def wait_in(self, strongroom: Strongroom, command: StartImport) -> StartImport:
        """Put it into the strongroom, if there is anything to put, and give the command that lets it wait."""
        if self.staged is not None:
            strongroom.put(command.import_id, self.staged)
        return replace(command, profile=self.profile, refused=self.refused)
