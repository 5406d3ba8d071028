"""Opens a file by a mapping profile: the seam between reading and what is done with the rows.

Promise: nothing here touches a database, and memory does not grow with the rows: ``lines`` of what is given reads them
from the file, as often as they are asked for. A mapping without a name never applies itself: without one, only the
layouts that we suggest are recognised by their columns. Shown by ``tests/unit/case/test_import_systems.py``.
"""

import io
from collections.abc import Sequence
from dataclasses import fields
from typing import BinaryIO

from services.case.imports.rules.mended import ADDED, for_mended, looks_mended, mapping_of
from services.case.imports.rules.profile import Profile, ProfileError, choose, shipped
from services.case.imports.rules.reading import Stated, plain, read_sheet
from services.case.imports.rules.table import MappedFile


def open_file(
    source: bytes | BinaryIO, profile: Profile | None, stated: Stated | None = None, approved: Sequence[Profile] = ()
) -> MappedFile:
    """Open a file.

    Args:
        source: The file: its bytes, or a binary file that can be read again from its beginning.
        profile: The mapping that was named or approved; None lets our own suggested layouts be recognised.
        stated: What a person says of the file; it goes before what the profile says.
        approved: Mappings that a file of rows to mend may name, beside those that come with the software.

    Raises:
        AgeAtExploitationError: The age column is of the wrong age.
        HeaderChangedError: The columns are not those that the profile was approved for.
        ProfileError: A needed column is missing, or two columns have one name or are for one field.
        UnreadableFileError: The file cannot be read.
    """
    file: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source
    if profile is None:
        known = [column for one in shipped().values() if one.applies_itself for column in one.columns]
        sheet = read_sheet(file, (*known, *ADDED), stated)
        chosen = mapping_of(sheet, (*approved, *shipped().values())) or choose(sheet, None)
    else:
        said = stated if looks_mended(file) else _together(stated, profile.stated)
        sheet = read_sheet(file, (*profile.columns, *profile.drop, *ADDED), said)
        chosen = profile
    return MappedFile(sheet, for_mended(chosen, sheet).bind(sheet))


def open_by_header(
    source: bytes | BinaryIO, approved: Sequence[Profile], system: str | None, stated: Stated | None = None
) -> MappedFile:
    """Open a file of which nobody named the mapping: by an approved one for exactly its header, else as a known layout.

    A file of rows to mend names the mapping that read them.

    Args:
        approved: The profiles that the host has approved.
        system: Whose references the file has, where that was said; only its mappings are asked.

    Raises:
        HeaderChangedError: The host has mappings for this system, and none of them is for this header.
        ProfileError: Several mappings are for it, or none knows it.
    """
    file: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source
    ours = [profile for profile in approved if system is None or profile.source == system]
    own = [profile for profile in ours if profile.fingerprint]
    if not own or looks_mended(file):
        return open_file(file, None, stated, ours)
    layouts = [profile for profile in shipped().values() if profile.applies_itself]
    known = [name for profile in (*own, *layouts) for name in (*profile.columns, *profile.drop)]
    sheet = read_sheet(file, (*known, *ADDED), stated)
    if mapping_of(sheet, (*ours, *shipped().values())) is not None:
        return open_file(file, None, stated, ours)
    fitting = [profile for profile in own if profile.fingerprint == sheet.fingerprint]
    if len(fitting) > 1:
        names = ", ".join(sorted(profile.id for profile in fitting))
        raise ProfileError(f"Several mappings are for these columns: {names}. Name the one that is meant.")
    header = {plain(name) for name in sheet.header}
    nearest = max(own, key=lambda profile: sum(plain(name) in header for name in profile.columns))
    if not fitting and system is None:
        return open_file(file, None, stated)
    # Where none fits, the nearest says what is no longer there and what is new.
    chosen = fitting[0] if fitting else nearest
    return open_file(file, chosen, stated)


def _together(said: Stated | None, known: Stated) -> Stated:
    found = {one.name: getattr(said, one.name, None) for one in fields(Stated)}
    return Stated(**{name: getattr(known, name) if value is None else value for name, value in found.items()})
