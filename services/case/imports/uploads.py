"""An upload on its way to the import job: read as it comes, cut to the columns that are used, and put away in pieces.

Promise: no more of a file stands in memory than a piece of 4,000 rows, however large it is; what cannot be read leaves
nothing behind. Shown by ``tests/integration/case/test_import_uploads.py``.
"""

import io
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from services.case.imports.commands import StartImport
from services.case.imports.errors import SourceNeededError
from services.case.imports.plans import About, PlanStore
from services.case.imports.rules.mended import ROW_COLUMN
from services.case.imports.rules.opening import open_file
from services.case.imports.rules.profile import shipped
from services.case.imports.rules.reading import Stated
from services.case.imports.staged import Keep, stage
from services.case.imports.unheard import Unheard
from services.case.mappings.views import MappingViews
from services.case.strongroom.documents import Strongroom
from shared.kernel.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What is kept of an uploaded file.

    Attributes:
        staged: Its mapped cells in pieces, where they were kept nowhere else; none for a file that was refused.
        refused: Why it cannot be read, and how to mend it.
        unheard: The survivors for whom it says no, if it was refused.
        source: The system that the host's own mapping is for, where one read it.
        about: What the file calls the columns that are read.
        is_of_errors: Whether it is a file of rows to mend that this software gave out.
    """

    profile: str | None
    staged: tuple[bytes, ...] = ()
    refused: str | None = None
    about: About = field(default_factory=About)
    is_of_errors: bool = False
    source: str | None = None
    unheard: frozenset[str] = frozenset()

    @classmethod
    def read(
        cls,
        content: bytes | BinaryIO,
        profile: str | None,
        *,
        mappings: MappingViews | None = None,
        system: str | None = None,
        stated: Stated | None = None,
        keep: Keep | None = None,
        unheard: Unheard | None = None,
    ) -> "Upload":
        """Read a file and keep the cells that a mapping profile maps; nothing else of it is kept anywhere.

        Args:
            profile: The mapping that was named; None for the one that is for the file's header.
            mappings: The host's own; without them only what comes with the software is known.
            system: Whose references the file has, where that was said.
            stated: What was said of the file itself.
            keep: Where its pieces go; without it they stand in ``staged``.
            unheard: Finds whom it says no for, if it is refused.
        """
        here: dict[int, bytes] = {}
        try:
            if mappings is not None:
                mapped = mappings.open(content, name=profile, system=system, stated=stated)
            else:
                mapped = open_file(content, None if profile is None else shipped()[profile], stated)
            pieces, rows = stage(mapped, keep or here.__setitem__)
        except InvalidInputError as error:
            file: BinaryIO = io.BytesIO(content) if isinstance(content, bytes) else content
            people = frozenset[str]() if unheard is None else unheard.of_file(file, source=system, stated=stated)
            return cls(profile=profile, refused=str(error), unheard=people)
        # Of several columns of one field the first gives its name.
        backwards = (reversed(mapped.fields), reversed(mapped.columns))
        return cls(
            profile=mapped.facts.profile,
            staged=tuple(here[number] for number in sorted(here)),
            about=About(
                names={field: name for field, name in zip(*backwards, strict=True) if name},
                columns=mapped.columns,
                births=mapped.has_births,
                pieces=pieces,
                rows=rows,
            ),
            is_of_errors=mapped.has_column(ROW_COLUMN),
            source=None if mappings is None else mappings.source_of(mapped.facts.profile),
        )

    def source_among(self, known: Collection[str]) -> str | None:
        """Give whose references the file has, where nobody said it: those of the system that its mapping is for.

        Raises:
            SourceNeededError: Files of another system alone were imported so far: nobody may mix the two unasked.
        """
        # Files that were imported before mappings told their system went under the mapping's own name, and stay there.
        if self.source is None or self.profile in known:
            return None
        if known and self.source not in known:
            raise SourceNeededError([*known, self.source])
        return self.source

    def wait_in(self, strongroom: Strongroom, command: StartImport) -> StartImport:
        """Let it wait in the strongroom, where its pieces are already, and give the command that says so."""
        if self.refused is not None:
            strongroom.remove(command.import_id)
        elif command.planned or self.about.pieces > 1:
            PlanStore(strongroom, command.import_id, "").keep_about(self.about)
        is_part = command.is_part or self.is_of_errors
        return replace(command, profile=self.profile, is_part=is_part, refused=self.refused, unheard=self.unheard)
