"""A file of rows to mend that comes back: how it is known, and by which mapping it is read.

Promise: it is read by the mapping that read its rows first, whatever header that one was approved for; it may have
no other columns than those that were given out, and has all that speak of a consent. Shown by
``tests/integration/case/test_import_errors_file.py``. Limit: kept as CSV; saved as a spreadsheet, what a profile says
of sheet and header row has to fit it too.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import BinaryIO

from services.case.imports.rules.binding import Profile
from services.case.imports.rules.columns import HeaderChangedError, ProfileError, is_withdrawal, letter
from services.case.imports.rules.reading import Sheet, plain

ROW_COLUMN = "Alongside: row"
ADDED = (
    ROW_COLUMN,
    "Alongside: column",
    "Alongside: code",
    "Alongside: what is wrong",
    "Alongside: how to mend it",
    "Alongside: accepted words",
)
_MAPPING = "Alongside: mapping "
_PEEK_BYTES = 64 * 1024
_OF_CONSENT = frozenset({"consent", "consent_withdrawn"})


def added_columns(mapping: str | None) -> tuple[str, ...]:
    """Give the columns that stand beside the file's own; the last one's name says how the file was read."""
    return ADDED if mapping is None else (*ADDED, f"{_MAPPING}{mapping}")


def looks_mended(source: BinaryIO) -> bool:
    """Whether a file begins like one of ours, so that nothing that is known of the first file holds for it."""
    source.seek(0)
    begin = source.read(_PEEK_BYTES)
    return any(ROW_COLUMN.encode(encoding) in begin for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def mapping_named_in(sheet: Sheet) -> str | None:
    """Give the name of the mapping by which the rows of a file of ours were read."""
    names = [plain(name) for name in sheet.header]
    if plain(ROW_COLUMN) not in names:
        return None
    begin = plain(_MAPPING) + " "
    found = [name.strip()[len(_MAPPING) :] for name in sheet.header if plain(name).startswith(begin)]
    return found[0] if len(found) == 1 else None


def mapping_of(sheet: Sheet, known: Iterable[Profile]) -> Profile | None:
    """Give the mapping that a file of ours names; None for any other file.

    Raises:
        ProfileError: It is none that may be used any more.
    """
    name = mapping_named_in(sheet)
    if name is None:
        return None
    for profile in known:
        if profile.id == name:
            return profile
    raise ProfileError(
        "The mapping by which these rows were read is approved no more. Name the one that follows it, for a file with "
        "the columns that it is for."
    )


def for_mended(profile: Profile, sheet: Sheet) -> Profile:
    """Give the mapping as a file of ours is read by it; any other file is read by it as it is.

    Raises:
        HeaderChangedError: The file has columns that were not given out, or lacks one that speaks of a consent.
    """
    if mapping_named_in(sheet) != profile.id:
        return profile
    added = added_columns(profile.id)
    known = {plain(name) for name in (*profile.columns, *added)}
    new = [letter(at) for at, n in enumerate(sheet.header) if n and plain(n) not in known and not is_withdrawal(n)]
    header = {plain(name) for name in sheet.header}
    # Only a mapping for one header says that each of its columns was there.
    needed = [name for name, field in profile.columns.items() if profile.fingerprint and field in _OF_CONSENT]
    gone = [name for name in needed if plain(name) not in header]
    if new or gone:
        raise HeaderChangedError(
            "This file of rows to mend has other columns than it was given out with"
            + (f"; new: column {', '.join(new[:10])}" if new else "")
            + (f"; no longer there: {', '.join(gone[:10])}" if gone else "")
            + ". Download it again, and change cells only."
        )
    return replace(profile, fingerprint=None, kind="any", drop=(*profile.drop, *added))
