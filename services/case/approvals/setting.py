"""The host says whether support waits for an approval before it ends."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a host stated.

    Attributes:
        closures_wait: Whether support waits for an approval before it ends for a reason of the host's.
    """

    id: str
    closures_wait: bool
    stated_by: str
    updated_at: datetime
    version: int = 0
