"""A key learning: words and no figures, since a figure belongs into a table, where it is protected; pure.

Limit: words can still describe one person; that is what the second person reads for.
"""

from dataclasses import dataclass
from datetime import datetime

from services.board.learnings.errors import LearningRefusedError

MAX_LENGTH = 400


@dataclass(frozen=True, kw_only=True)
class Learning:
    """What was learned, who wrote it, and who read it before it was shown."""

    id: str
    text: str
    by: str
    at: datetime
    approved_by: str | None = None
    version: int = 0


def in_words(text: str) -> str:
    """Give a learning's text with its spaces in order.

    Raises:
        LearningRefusedError: It is empty, too long, or has a digit.
    """
    tidy = " ".join(text.split())
    if not 0 < len(tidy) <= MAX_LENGTH or any(character.isdigit() for character in tidy):
        raise LearningRefusedError(MAX_LENGTH)
    return tidy
