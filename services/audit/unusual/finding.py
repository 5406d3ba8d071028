"""A finding: one person and one rule, which grows while it is open and is opened again by what comes later; pure.

Promise: the person concerned neither sees nor closes it; an officer's own goes to another officer and the
administrator; a flood of entries is one finding, whose first and last entries stay. Shown by
tests/unit/audit/test_unusual_finding.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.audit.unusual.errors import FindingClosedError
from services.audit.unusual.rules import VERSION, Seen

OFFICER, ADMINISTRATOR = "HOST_DPO", "HOST_ADMIN"
READERS = (OFFICER, ADMINISTRATOR)
OPEN, CLOSED = "OPEN", "CLOSED"
STATES = (OPEN, CLOSED)
MOST_IDS, KEPT_FIRST = 100, 50
"""Ids of entries that a finding keeps: so many of the first, and the newest of the rest. How often is counted on."""
MOST_CLOSINGS = 20


@dataclass(frozen=True, kw_only=True)
class Closing:
    """Somebody judged it.

    Attributes:
        reason: A code of the list ``unusual_reason``.
        words: What they wrote, sealed.
    """

    by: str
    at: datetime
    reason: str
    words: bytes


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is unusual about one person's use of records, by one rule.

    Attributes:
        actor_id: Whom it concerns.
        role: In which they did the last of it.
        of_officer: Whether they ever acted as a data protection officer, as far as the job has read.
        times: How many entries fit since it was opened.
        odd_hours: How many of these at night or on a weekend.
        raised_at: When it was opened, the last time.
        closings: Earlier judgements, the newest last.
    """

    id: str
    actor_id: str
    role: str
    rule: str
    of_officer: bool
    updated_at: datetime
    raised_at: datetime
    first_at: datetime
    last_at: datetime
    rules_version: int = VERSION
    state: str = OPEN
    entry_ids: tuple[str, ...] = ()
    times: int = 0
    odd_hours: int = 0
    closings: tuple[Closing, ...] = ()
    version: int = 0

    @classmethod
    def raised(cls, finding_id: str, rule: str, entries: Sequence[Seen], now: datetime) -> "Finding":
        """Raise one of entries of one person, the oldest first."""
        last = entries[-1]
        empty = cls(
            id=finding_id,
            actor_id=last.actor_id,
            role=last.role,
            rule=rule,
            of_officer=False,
            updated_at=now,
            raised_at=now,
            first_at=entries[0].at,
            last_at=last.at,
        )
        return empty.grown(entries, now)

    def grown(self, entries: Sequence[Seen], now: datetime) -> "Finding":
        """Take more entries in; one that was closed is opened again, and counts from there."""
        if self.state == CLOSED:
            opened = replace(self, state=OPEN, times=0, odd_hours=0, entry_ids=(), raised_at=now)
            return replace(opened, first_at=entries[0].at, last_at=entries[0].at).grown(entries, now)
        ids = tuple(dict.fromkeys((*self.entry_ids, *(one.id for one in entries))))
        if len(ids) > MOST_IDS:
            ids = (*ids[:KEPT_FIRST], *ids[-(MOST_IDS - KEPT_FIRST) :])
        return replace(
            self,
            role=entries[-1].role,
            rules_version=VERSION,
            entry_ids=ids,
            times=self.times + len(entries),
            odd_hours=self.odd_hours + sum(one.at_an_odd_hour for one in entries),
            first_at=min(self.first_at, *(one.at for one in entries)),
            last_at=max(self.last_at, *(one.at for one in entries)),
            of_officer=self.of_officer or any(one.role == OFFICER for one in entries),
            updated_at=now,
        )

    def may_be_judged_by(self, who: str, role: str) -> bool:
        """Whether somebody sees and closes it: an officer, or the administrator an officer's; nobody their own."""
        return who != self.actor_id and (role == OFFICER or (role == ADMINISTRATOR and self.of_officer))

    def closed(self, closing: Closing) -> "Finding":
        """Close it.

        Raises:
            FindingClosedError: It is closed.
        """
        if self.state == CLOSED:
            raise FindingClosedError
        kept = (*self.closings, closing)[-MOST_CLOSINGS:]
        return replace(self, state=CLOSED, closings=kept, updated_at=closing.at)
