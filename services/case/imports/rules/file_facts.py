"""What is known of a file before any of its rows is judged."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """What is known of a file before its rows are read; nothing of it says what a row says.

    Attributes:
        fingerprint: Of the header.
        columns: The file's own names of the columns of each field.
        unread: Letters of dropped columns whose name may speak of a consent.
    """

    encoding: str
    delimiter: str
    kind: str
    sheet: str | None
    other_sheets: tuple[str, ...]
    hidden_sheets: tuple[str, ...]
    merged: tuple[str, ...]
    header_row: int
    fingerprint: str
    profile: str
    columns: Mapping[str, tuple[str, ...]]
    dropped: tuple[str, ...]
    unread: tuple[str, ...]
