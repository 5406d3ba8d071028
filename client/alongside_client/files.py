"""Files as they are sent: a block at a time, each under the kind that its name says.

Shown by tests/unit/client/test_api_client.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CSV = "text/csv"
READ_WITHIN_S = 600.0
"""Seconds without a byte of an answer: a large file is read there while its sender waits."""

_KINDS = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}
_BLOCK_BYTES = 256 * 1024


@dataclass(frozen=True)
class Blocks:
    """A file in blocks, from its beginning each time that it is sent."""

    path: Path

    def __iter__(self) -> Iterator[bytes]:
        """Read it."""
        with self.path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                yield block


def sent(content: bytes | Path, kind: str | None) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    """Give the headers of a file, and what is sent.

    Args:
        content: The file, or where it is.
        kind: Its Content-Type; None for what its name says, which without a known end is CSV.
    """
    if isinstance(content, bytes):
        return {"Content-Type": kind or CSV}, {"content": content, "timeout": READ_WITHIN_S}
    headers = {
        "Content-Type": kind or _KINDS.get(content.suffix.lower(), CSV),
        "Content-Length": str(content.stat().st_size),
    }
    return headers, {"content": Blocks(content), "timeout": READ_WITHIN_S}
