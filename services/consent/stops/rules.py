"""A stop of everything: plain rules, no database and no clock.

Promise: saying it twice is once; only a person lifts it, with a reason, and nothing comes back by that: each permission
is asked for anew. Shown by tests/unit/consent/test_stop_rules.py. Source: domain reference 14, US11; ADR 0065.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.consent.stops.errors import StopLiftedError, StopNotDoneError

OPEN, LIFTED = "OPEN", "LIFTED"
SPEAK_WITHIN = timedelta(hours=24)
"""By when a supervisor has spoken with the person, in private."""


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One stop.

    Attributes:
        asked_by, asked_role: To whom it was said.
        due_at: By when somebody spoke with the person.
        ended: Permissions that it ended, by the id of their consent.
        waiting: Those that could not be ended yet.
        dropped: How many conversations that were prepared it dropped.
        why: Why it was lifted; a code of the list ``stop_lifted``.
    """

    id: str
    survivor_id: str
    asked_by: str
    asked_role: str
    asked_at: datetime
    due_at: datetime
    ended: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    dropped: int = 0
    state: str = OPEN
    why: str | None = None
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    def went_on(self, *, ended: tuple[str, ...], waiting: tuple[str, ...], dropped: int = 0) -> "Stop":
        """Keep what was ended now and what could not be."""
        known = dict.fromkeys((*self.ended, *ended))
        return replace(self, ended=tuple(known), waiting=waiting, dropped=self.dropped + dropped)

    def is_late(self, now: datetime) -> bool:
        """Whether nobody spoke with the person in time."""
        return self.state == OPEN and self.due_at <= now

    def lifted(self, why: str, by: str, now: datetime) -> "Stop":
        """Lift it; no permission comes back by that.

        Raises:
            StopLiftedError, StopNotDoneError: Nothing changes.
        """
        if self.state == LIFTED:
            raise StopLiftedError
        if self.waiting:
            raise StopNotDoneError
        return replace(self, state=LIFTED, why=why, lifted_by=by, lifted_at=now)
