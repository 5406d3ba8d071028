"""A safeguarding task: plain, no database."""

from dataclasses import dataclass
from datetime import datetime

OPEN = "OPEN"
CHILD_TASK = "POSSIBLE_CHILD_REFUSED"


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something that the safeguarding lead looks into; nothing is sent to anybody.

    Attributes:
        nation: Whose duty it is; ``NOT_KNOWN`` where the row does not say.
        row: Of the file, where somebody is to look.
    """

    id: str
    kind: str
    state: str
    urgent: bool
    nation: str
    import_id: str
    row: int
    opened_at: datetime
    updated_at: datetime
