"""Writes a signed audit log as a folder of files, in the places that C2SP tlog-tiles gives them.

Promise: what stands in the folder is complete up to its checkpoint, or there is no folder: it is written beside its
place and moved there at the end. Shown by tests/unit/client/test_audit_verifier.py.
"""

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.kernel.errors import RuleViolationError
from shared.transparency.tiles import WIDTH, bundle, tile_path
from shared.transparency.tree import leaf_hash

Get = Callable[..., Any]
MOST_AT_ONCE = 1_000


class PlaceTakenError(RuleViolationError):
    """Something is at the place of an export already."""

    code = "place-taken"

    def __init__(self, place: Path) -> None:
        """Name it."""
        super().__init__(f"{place} is there already, and nothing was written. Name a folder that is not there yet.")


class NothingSignedError(RuleViolationError):
    """There is no checkpoint yet."""

    code = "nothing-signed"

    def __init__(self) -> None:
        """Say when there will be one."""
        super().__init__("The log was not signed yet, so nothing was written. Try again in a minute.")


class LogShortError(RuleViolationError):
    """The log ends before the place that its checkpoint signs."""

    code = "audit-log-short"

    def __init__(self, size: int, found: int) -> None:
        """Say both."""
        super().__init__(
            f"The checkpoint signs {size:,} entries, and only {found:,} came. Nothing was written. Try again; if it "
            "is so again, the log was cut: tell the host's data protection officer."
        )


def write_export(get: Get, into: Path) -> dict[str, Any]:
    """Read the log up to its newest checkpoint and write it.

    Args:
        get: Reads a path of the API, with a query.
        into: The folder to make.

    Returns:
        ``entries`` and the ``folder``.

    Raises:
        PlaceTakenError: It is there already.
        NothingSignedError: There is no checkpoint yet.
        LogShortError: Fewer entries came than the checkpoint signs.
    """
    if into.exists():
        raise PlaceTakenError(into)
    # First, so that nothing is cosigned that the checkpoint does not reach.
    cosigned = get("/v1/audit/witnesses")["checkpoints"]
    log = get("/v1/audit/log")
    size, note = log["signed_size"], log["checkpoint"]
    if note is None:
        raise NothingSignedError
    draft = into.with_name(f"{into.name}.{secrets.token_hex(4)}.draft")
    draft.mkdir(parents=True, mode=0o700)
    try:
        _write_leaves(get, draft, size)
        (draft / "checkpoint").write_text(note, encoding="utf-8")
        _write_cosigned(draft / "cosigned", cosigned)
        draft.rename(into)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return {"entries": size, "folder": str(into)}


def _write_cosigned(folder: Path, notes: list[str]) -> None:
    """Write what witnesses signed; each file is named by its place in the list, for the note says all else."""
    folder.mkdir(mode=0o700)
    for n, note in enumerate(notes):
        (folder / f"{n}").write_text(note, encoding="utf-8")


def _write_leaves(get: Get, folder: Path, size: int) -> None:
    waiting: list[bytes] = []
    first = 0
    while first < size:
        page = get("/v1/audit/log/leaves", first=first, limit=min(MOST_AT_ONCE, size - first))["items"]
        if not page:
            raise LogShortError(size, first)
        waiting += [leaf.encode() for leaf in page]
        first += len(page)
        done = first - len(waiting)
        while len(waiting) >= WIDTH or (first >= size and waiting):
            _write_tile(folder, done // WIDTH, waiting[:WIDTH])
            done += WIDTH
            del waiting[:WIDTH]


def _write_tile(folder: Path, index: int, leaves: list[bytes]) -> None:
    for level, content in (("entries", bundle(leaves)), ("0", b"".join(map(leaf_hash, leaves)))):
        file = folder / tile_path(level, index, len(leaves))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
