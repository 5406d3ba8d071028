"""Opens a file by a mapping profile: the seam between reading and what is done with the rows.

Promise: nothing here touches a database, and memory does not grow with the rows: ``lines`` of what is given reads them
from the file, as often as they are asked for. A mapping without a name never applies itself: without one, only the
layouts that we suggest are recognised by their columns. Shown by ``tests/unit/case/test_import_systems.py``.
"""

from dataclasses import fields
from typing import BinaryIO

from services.case.imports.rules.profile import Profile, choose, shipped
from services.case.imports.rules.reading import Stated, read_sheet
from services.case.imports.rules.table import MappedFile


def open_file(source: bytes | BinaryIO, profile: Profile | None, stated: Stated | None = None) -> MappedFile:
    """Open a file.

    Args:
        source: The file: its bytes, or a binary file that can be read again from its beginning.
        profile: The mapping that was named or approved; None lets our own suggested layouts be recognised.
        stated: What a person says of the file; it goes before what the profile says.

    Raises:
        AgeAtExploitationError: The age column is of the wrong age.
        HeaderChangedError: The columns are not those that the profile was approved for.
        ProfileError: A needed column is missing, or two columns have one name or are for one field.
        UnreadableFileError: The file cannot be read.
    """
    if profile is None:
        known = [column for one in shipped().values() if one.applies_itself for column in one.columns]
        sheet = read_sheet(source, known, stated)
        chosen = choose(sheet, None)
    else:
        sheet = read_sheet(source, (*profile.columns, *profile.drop), _together(stated, profile.stated))
        chosen = profile
    return MappedFile(sheet, chosen.bind(sheet))


def _together(said: Stated | None, known: Stated) -> Stated:
    found = {one.name: getattr(said, one.name, None) for one in fields(Stated)}
    return Stated(**{name: getattr(known, name) if value is None else value for name, value in found.items()})
