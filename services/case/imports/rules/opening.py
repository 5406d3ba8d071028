"""Opens a file by a mapping profile: the seam between reading and what is done with the rows.

Promise: nothing here touches a database, and memory does not grow with the rows: ``lines`` of what is given reads them
from the file, as often as they are asked for. A mapping without a name never applies itself: without one, only the
layouts that we suggest are recognised by their columns. Shown by ``tests/unit/case/test_import_systems.py``.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import BinaryIO

from services.case.imports.rules.profile import Profile, ProfileError, choose, shipped
from services.case.imports.rules.reading import Stated, plain, read_sheet
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


def open_by_header(
    source: bytes | BinaryIO, approved: Sequence[Profile], system: str | None, stated: Stated | None = None
) -> MappedFile:
    """Open a file of which nobody named the mapping: by an approved one for exactly its header, else as a known layout.

    Args:
        approved: The profiles that the host has approved.
        system: Whose references the file has, where that was said; only its mappings are asked.

    Raises:
        HeaderChangedError: The host has mappings for this system, and none of them is for this header.
        ProfileError: Several mappings are for it, or none knows it.
    """
    own = [profile for profile in approved if profile.fingerprint and (system is None or profile.source == system)]
    if not own:
        return open_file(source, None, stated)
    layouts = [profile for profile in shipped().values() if profile.applies_itself]
    known = [name for profile in (*own, *layouts) for name in (*profile.columns, *profile.drop)]
    sheet = read_sheet(source, known, stated)
    fitting = [profile for profile in own if profile.fingerprint == sheet.fingerprint]
    if len(fitting) > 1:
        names = ", ".join(sorted(profile.id for profile in fitting))
        raise ProfileError(f"Several mappings are for these columns: {names}. Name the one that is meant.")
    header = {plain(name) for name in sheet.header}
    nearest = max(own, key=lambda profile: sum(plain(name) in header for name in profile.columns))
    if not fitting and system is None:
        return open_file(source, None, stated)
    # Where none fits, the nearest says what is no longer there and what is new.
    chosen = fitting[0] if fitting else nearest
    return open_file(source, chosen, stated)


def _together(said: Stated | None, known: Stated) -> Stated:
    found = {one.name: getattr(said, one.name, None) for one in fields(Stated)}
    return Stated(**{name: getattr(known, name) if value is None else value for name, value in found.items()})
