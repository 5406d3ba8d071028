"""A survivor's consent to one purpose: the steps that may be taken, and what an imported statement is worth; pure.

Two times stand in every line: when it was said (effective) and when it was written down (recorded). Lines are only
ever added; what they amount to is ``ledger.standing``. Source: domain reference 14.6; decisions 4 and 8.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from services.consent.ledger.asking import check_asking
from services.consent.ledger.errors import NothingToWithdrawError, SaidInFutureError, TransitionRefusedError
from services.consent.ledger.standing import (
    DEFERRED,
    DIRECT,
    EFFECTIVE,
    ENDING,
    EXPIRED,
    GIVEN,
    IN_ERROR,
    INVALIDATED,
    NO_CAPACITY,
    OF_FILES,
    RECONFIRM,
    REFUSED,
    RENEWED,
    REQUESTED,
    REVOKED,
    UNKNOWN,
    WITHDRAWN,
    Entry,
    Standing,
    standing,
)
from services.consent.ledger.statements import Statement, completed, weigh
from services.consent.wordings.rules import Wording, covering

STATISTICS = "AGGREGATE_STATISTICS"
"""The purpose behind which the gate stands."""

_UNANSWERED = frozenset({UNKNOWN, REQUESTED, DEFERRED})
_ENDED = frozenset({REFUSED, WITHDRAWN, EXPIRED, RECONFIRM, INVALIDATED, NO_CAPACITY, REVOKED})
_STEPS: dict[str, frozenset[str]] = {
    REQUESTED: _UNANSWERED | _ENDED,
    DEFERRED: _UNANSWERED | _ENDED,
    GIVEN: _UNANSWERED | _ENDED,
    # A renewal that was said in time may be written down after the year has passed.
    RENEWED: EFFECTIVE | {EXPIRED},
    # A no is taken in every state.
    **dict.fromkeys((REFUSED, INVALIDATED, REVOKED, NO_CAPACITY), _UNANSWERED | _ENDED | EFFECTIVE),
}


@dataclass(frozen=True, kw_only=True)
class Consent:
    """One survivor's decisions on one purpose, for one class of recipients.

    Attributes:
        recipient_class: None for the purpose's own recipients, and in ledgers older than this field.
    """

    id: str
    survivor_id: str
    purpose: str
    entries: tuple[Entry, ...] = ()
    statement: Statement | None = None
    version: int = 0
    recipient_class: str | None = None

    @cached_property
    def standing(self) -> Standing:
        """What the ledger says."""
        return standing(self.entries)

    @property
    def current(self) -> Entry | None:
        """The line in force."""
        return self.standing.current

    @property
    def status(self) -> str:
        """The state in force, as it was last written down."""
        return self.standing.status

    @property
    def waits(self) -> bool:
        """Whether an imported yes waits for its words to be registered, or to be asked again."""
        return self.statement is not None and self.status == RECONFIRM

    @property
    def _spoken(self) -> bool:
        return any(line.source == DIRECT for line in self.entries)

    @property
    def until(self) -> datetime | None:
        """When a given permission runs out."""
        return self.standing.until

    def is_effective(self, at: datetime) -> bool:
        """Whether it permits at a moment."""
        return self.standing.is_effective(at)

    def decided(self, entry: Entry) -> "Consent":
        """Add a direct decision.

        Raises:
            SaidInFutureError: It is said later than it is written down.
            TransitionRefusedError: The state machine has no such step.
            AskedTooSoonError, AskedTooOftenError, AskedBeforeTheirDayError: People are left in peace.
        """
        if entry.said_at > entry.recorded_at:
            raise SaidInFutureError
        now = self.standing
        if entry.status == GIVEN and now.status in EFFECTIVE:
            entry = replace(entry, status=RENEWED)
        if now.status not in _STEPS.get(entry.status, frozenset()):
            raise TransitionRefusedError(now.status, entry.status)
        if entry.status == REQUESTED:
            check_asking(self.entries, entry.said_at)
        return self._with(entry)

    def withdrawn(self, entry: Entry) -> "Consent":
        """End a permission, as easily as it was given; effective when said.

        It is kept also where the yes of a file still waits, or ran out: words that are registered later find a no.

        Raises:
            NothingToWithdrawError: A no stands already.
            SaidInFutureError: It is said later than it is written down.
        """
        if entry.said_at > entry.recorded_at:
            raise SaidInFutureError
        if self.status in ENDING:
            raise NothingToWithdrawError
        return self._with(replace(entry, status=WITHDRAWN))

    def weighed(self, statement: Statement, wordings: Iterable[Wording], entry: Entry) -> "Consent":
        """Weigh an imported statement.

        A no ends whatever permission there is, also one that a person recorded. A blank changes nothing. A yes
        never overrides what a person recorded, nor a no of the same day or a later one.

        Args:
            statement: What the row says.
            wordings: Registered words of this code.
            entry: Carries who and when; status and times come from the statement.
        """
        status = weigh(statement, self.purpose, ())
        if status == UNKNOWN:
            return self
        line = replace(
            entry,
            status=status,
            said_at=min(statement.said_at or entry.recorded_at, entry.recorded_at),
            wording_code=statement.wording_code,
            language=statement.language,
            method=statement.method,
            setting_private=statement.setting_private,
        )
        if status in ENDING:
            return self._refused(statement, line)
        return self._allowed(completed(statement, self.statement), list(wordings), line)

    def _refused(self, statement: Statement, line: Entry) -> "Consent":
        now, noted = self.standing, replace(self, statement=statement)
        if now.status == line.status and now.ended_at is not None and now.ended_at >= line.said_at:
            return noted
        return replace(noted, entries=(*noted.entries, self._ending(line)))

    def _allowed(self, statement: Statement, wordings: list[Wording], line: Entry) -> "Consent":
        now, noted = self.standing, replace(self, statement=statement)
        if self._spoken:
            return noted
        # What must be asked again is a question from when it was written down; undated, it never stands for a no.
        said_at = line.recorded_at if now.ended_at is None else min(statement.said_at or now.ended_at, line.recorded_at)
        words = None
        if weigh(statement, self.purpose, wordings) == GIVEN and statement.said_at is not None:
            said_at = min(statement.said_at, line.recorded_at)
            words = covering(
                (w for w in wordings if w.code == statement.wording_code),
                purpose=self.purpose,
                language=statement.language,
                said_at=statement.said_at,
            )
        line = replace(
            line,
            status=GIVEN if words is not None else RECONFIRM,
            said_at=said_at,
            wording_code=statement.wording_code,
            language=statement.language,
            method=statement.method,
            setting_private=statement.setting_private,
            text_hash=words.text_hash if words is not None else None,
            recipient_class=words.recipient_class if words is not None else None,
        )
        same_day = now.permission is not None and now.permission.said_at == line.said_at
        if line.status == now.status and (line.status not in EFFECTIVE or same_day):
            return noted
        # A corrected file may move the day back. What it said before stays readable; what ended stays ended.
        kept = tuple(e if e.status in ENDING else replace(e, superseded=True) for e in self.entries)
        return replace(noted, entries=(*kept, line))

    def retracted(self, statement: Statement, wordings: Iterable[Wording], entry: Entry) -> "Consent":
        """Note that what a file said last was recorded in error, and weigh again what files had said before.

        Its yes no longer counts. Its no stays readable and still ends every earlier yes: instead of standing as a
        refusal it becomes a question, which is asked again. What a person recorded stands as it is, and so does a no
        that files had said before.

        Args:
            statement: What files had said before; ``NOT_STATED`` where this was the first.
            wordings: Registered words of that statement's code.
            entry: Carries who and when.
        """
        kept = tuple(
            replace(e, superseded=True) if e.source in OF_FILES and e.status not in ENDING else e for e in self.entries
        )
        freed = replace(self, entries=kept, statement=statement if statement.stated != "NOT_STATED" else None)
        if statement.stated in (REFUSED, WITHDRAWN):
            return freed.weighed(statement, wordings, replace(entry, source=IN_ERROR))
        now = freed.standing
        if now.ended_at is None:
            # Nobody ever said no: what files had said before counts for what it is worth.
            freed = freed.weighed(statement, wordings, replace(entry, source=IN_ERROR))
            is_open = freed.current is None
        else:
            is_open = now.current is None or now.current.source in OF_FILES
        line = replace(entry, status=RECONFIRM, said_at=entry.recorded_at, source=IN_ERROR)
        return replace(freed, entries=(*freed.entries, line)) if is_open else freed

    def expired(self, entry: Entry) -> "Consent":
        """Note that the permission ran out."""
        return replace(self, entries=(*self.entries, replace(entry, status=EXPIRED)))

    def _with(self, entry: Entry) -> "Consent":
        line = self._ending(entry) if entry.status in ENDING else entry
        return replace(self, entries=(*self.entries, line))

    def _ending(self, entry: Entry) -> Entry:
        """Let a no never lose to the yes that it ends, whatever day it is said to be of."""
        return replace(entry, ends_through=self.standing.ending(entry.said_at))
