"""A visit on which somebody goes alone, and its alarm: plain rules, no database and no clock.

Promise: once the time passes without a word an alarm stands, whether or not anything runs; nothing that whoever is out
says or presses ends it, since they may be made to; only somebody else closes it, with what was found. It goes to more
people once, after a bounded time. Shown by tests/unit/case/test_visit_rules.py. Source: ADR 0064.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.case.visits.errors import (
    NoAlarmError,
    OwnAlarmError,
    VisitEndedError,
    VisitMisplannedError,
    VisitTooLongError,
)

OPEN, ENDED = "OPEN", "ENDED"
OVERDUE, HELP = "OVERDUE", "HELP_ASKED"
ALSO_LEAD = "SUPERVISORS_AND_SAFEGUARDING_LEAD"
STAYS = "SAFE_AND_STAYS"
SUPERVISOR, SAFEGUARDING_LEAD, HOST_ADMIN = "SUPERVISOR", "SAFEGUARDING_LEAD", "HOST_ADMIN"
WATCHERS = (SUPERVISOR, SAFEGUARDING_LEAD, HOST_ADMIN)
"""Who may ever be told of an alarm."""

LONGEST_WITH_ALL = timedelta(hours=24)
SAFE_FOR = timedelta(minutes=30)
"""How long one "I am safe" holds at most, once the visit should be over."""
EXTENSIONS = (15, 30, 60, 120)
UNTAKEN_FOR, UNCLOSED_FOR = timedelta(minutes=15), timedelta(minutes=60)
"""After how long an alarm goes to more people: while nobody has taken it, and while it is taken."""
WORDS_KEPT, VISIT_KEPT = timedelta(hours=24), timedelta(days=30)
"""How long after its end, and that of its alarm, the place and the note are kept, and then the rest."""
MOST_OPEN = 20


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One visit; where it goes is sealed with the survivor's own key.

    Attributes:
        goes_id: Who goes.
        told: Who hears first of an alarm; a code of the list ``visit_told``.
        until_at: When it should be over, with what was added.
        every_minutes: How often they say that they are safe meanwhile; None for only at the end.
        place, what_if: None also where nobody opened them, or where they are no longer kept.
        due_at: By when the next word must come.
        safe_at: When they last said that they are safe.
        help_at: When they asked for help.
        alarm_since: Since when an alarm stands, as it was noted; see ``stands_since``.
        escalated_at: When it was noted that the alarm goes to more people; see ``is_escalated``.
        taken_by, taken_at: Who looks after the alarm that stands, and since when somebody does.
        found: What was found when the last alarm was closed; a code of the list ``visit_found``.
        forget_at: When what is kept becomes less; None before it is all over.
    """

    id: str
    survivor_id: str
    goes_id: str
    told: str
    from_at: datetime
    until_at: datetime
    every_minutes: int | None
    place: str | None
    what_if: str | None
    state: str = OPEN
    due_at: datetime
    safe_at: datetime | None = None
    help_at: datetime | None = None
    alarm_since: datetime | None = None
    escalated_at: datetime | None = None
    taken_by: str | None = None
    taken_at: datetime | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None
    found: str | None = None
    ended_at: datetime | None = None
    words_gone: bool = False
    forget_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    def stands_since(self, now: datetime) -> datetime | None:
        """Since when an alarm stands; None where none does. No note is needed for it: silence is not health."""
        if self.alarm_since is not None:
            return self.alarm_since
        return self.due_at if self.state == OPEN and self.due_at <= now else None

    def is_escalated(self, now: datetime) -> bool:
        """Whether the alarm goes to more people than those who heard of it first."""
        since = self.stands_since(now)
        if since is None:
            return False
        return self.escalated_at is not None or since + (UNCLOSED_FOR if self.taken_at else UNTAKEN_FOR) <= now

    def kind(self, now: datetime) -> str | None:
        """What the alarm is; None where none stands."""
        if self.stands_since(now) is None:
            return None
        return HELP if self.help_at is not None else OVERDUE

    def may_watch(self, role: str, now: datetime) -> bool:
        """Whether somebody of a role hears of the alarm that stands."""
        if self.stands_since(now) is None:
            return False
        if role == SUPERVISOR or (role == SAFEGUARDING_LEAD and self.told == ALSO_LEAD):
            return True
        return role in WATCHERS and self.is_escalated(now)

    def noted(self, now: datetime) -> "Visit":
        """Note what the clock says: that an alarm stands, and that it goes to more people; twice is once."""
        since = self.stands_since(now)
        if since is None:
            return self
        escalated = self.escalated_at or (now if self.is_escalated(now) else None)
        return replace(self, alarm_since=since, escalated_at=escalated)

    def safe(self, now: datetime) -> "Visit":
        """They say that they are safe; an alarm that stands goes on standing.

        Raises:
            VisitEndedError: Nothing changes.
        """
        self._check_open()
        return replace(self.noted(now), safe_at=now, due_at=self._due_after(now))

    def longer(self, minutes: int, now: datetime) -> "Visit":
        """They say that they are safe, and stay longer.

        Raises:
            VisitEndedError, VisitTooLongError: Nothing changes.
        """
        self._check_open()
        until = max(self.until_at, now) + timedelta(minutes=minutes)
        if until > self.from_at + LONGEST_WITH_ALL:
            raise VisitTooLongError(int(LONGEST_WITH_ALL / timedelta(hours=1)))
        # Noted before the time moves: what was overdue stays an alarm.
        return replace(self.noted(now), until_at=until).safe(now)

    def helped(self, now: datetime) -> "Visit":
        """They ask for help; everybody hears of it at once, also where they had said that the visit is over.

        Raises:
            VisitEndedError: It was over and no alarm stood; nothing changes.
        """
        noted = self.noted(now)
        if noted.alarm_since is None:
            self._check_open()
        return replace(
            noted,
            help_at=noted.help_at or now,
            alarm_since=noted.alarm_since or now,
            escalated_at=noted.escalated_at or now,
        )

    def ended(self, now: datetime) -> "Visit":
        """They are back; an alarm that stands goes on standing. Saying it twice is once."""
        if self.state == ENDED:
            return self
        return _forgetting(replace(self.noted(now), state=ENDED, ended_at=now))

    def taken(self, by: str, now: datetime) -> "Visit":
        """Somebody looks after the alarm, perhaps instead of somebody else.

        Raises:
            NoAlarmError, OwnAlarmError: Nothing changes.
        """
        noted = self._alarmed(by, now)
        return replace(noted, taken_by=by, taken_at=noted.taken_at or now)

    def closed(self, found: str, by: str, now: datetime) -> "Visit":
        """Close the alarm with what was found; whoever stays there says again that they are safe.

        Raises:
            NoAlarmError, OwnAlarmError, VisitMisplannedError: Nothing changes.
        """
        noted = self._alarmed(by, now)
        stays = found == STAYS
        if stays and self.state == ENDED:
            raise VisitMisplannedError("found", "They had said that the visit is over. Choose another answer.")
        quiet = replace(
            noted,
            alarm_since=None,
            escalated_at=None,
            taken_by=None,
            taken_at=None,
            help_at=None,
            found=found,
            closed_by=by,
            closed_at=now,
        )
        if stays:
            return replace(quiet, due_at=now + SAFE_FOR)
        return _forgetting(replace(quiet, state=ENDED, ended_at=quiet.ended_at or now))

    def forgotten(self, now: datetime) -> "Visit | None":
        """Give what is left of it: all until its time, then without words, then nothing."""
        if self.forget_at is None or self.forget_at > now or self.state != ENDED or self.alarm_since is not None:
            return self
        if self.words_gone:
            return None
        return replace(self, words_gone=True, forget_at=self.forget_at - WORDS_KEPT + VISIT_KEPT)

    def _alarmed(self, by: str, now: datetime) -> "Visit":
        noted = self.noted(now)
        if noted.alarm_since is None:
            raise NoAlarmError
        if by == self.goes_id:
            raise OwnAlarmError
        return noted

    def _due_after(self, now: datetime) -> datetime:
        last = max(self.until_at, now + SAFE_FOR)
        return (
            last
            if self.every_minutes is None
            else min(last, max(now, self.from_at) + timedelta(minutes=self.every_minutes))
        )

    def _check_open(self) -> None:
        if self.state != OPEN:
            raise VisitEndedError


def _forgetting(visit: Visit) -> Visit:
    """Begin to forget a visit once it is over and no alarm stands."""
    if visit.alarm_since is not None:
        return visit
    over = max(one for one in (visit.ended_at, visit.closed_at) if one is not None)
    return replace(visit, forget_at=over + WORDS_KEPT)
