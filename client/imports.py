"""``alongside import``: a file by itself, and what belongs to importing beside it."""

from typing import Any

import typer
from typer.core import TyperGroup

from client import mappings

FILE = "file"


class ImportGroup(TyperGroup):
    """A group whose name followed by a file means that the file is imported."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take what is no command and no call for help for a file; a file called ``map`` is written ``./map``."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = [FILE, *args]
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed


imports = typer.Typer(cls=ImportGroup, help="Files of a host's own systems, and the mappings by which they are read.")
mappings.register(imports)
