"""One source and how it stands: waiting, being read, read, failing, paused; plain rules, no database and no clock.

Promise: a source that failed five times in a row in a way that only a person mends is paused and says so; one that was
not read for two of its intervals is red, whatever else is known of it. Shown by tests/unit/case/test_source_rules.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.case.sources.rules.faults import SourceFaultError
from services.case.sources.rules.schedule import MISSED, next_daily, retry_at
from shared.kernel.errors import RuleViolationError

SALESFORCE, FOLDER = "salesforce", "folder"
KINDS = (SALESFORCE, FOLDER)
ACTIVE, PAUSED = "ACTIVE", "PAUSED"
BY_PERSON, BY_FAILURES = "PERSON", "FAILURES"
PULL, TEST = "PULL", "TEST"
MOST_FAILURES = 5
MOST_CUT_OFF = 3
"""Begun readings in a row that told nothing of their end; so many, and the source waits."""

HELD = timedelta(seconds=150)
"""How long a reading waits for its reader, by real time; a reader at work says so more often than that."""


class SourcePausedError(RuleViolationError):
    """A paused source is not read."""

    code = "source-paused"

    def __init__(self) -> None:
        """Say what to do first."""
        super().__init__("This source is paused and is not read. Resume it first: alongside sources resume.")


@dataclass(frozen=True, kw_only=True)
class Source:
    """One system or folder of a host.

    Attributes:
        profile: Name of the mapping by which its columns are read.
        system: Whose references these are.
        at: Time of day in London at which it is read, or a file is expected; None for by hand alone.
        settings: What is no secret: host and object, or the folder's name.
        secret: The sealed credentials.
        asked: ``PULL`` or ``TEST``, what somebody asked for by hand.
        next_at: When it is read next; None for by hand alone.
        fence: Counted up by each reading that begins; only its own reader may write what came of it.
        reading: Id of the import that the present reading will make.
        last_content: HMAC of what was read last, so that nothing new makes no plan.
        last_fault, fault_names: What the last reading failed by, until one succeeds.
        test_fault, test_names: What the last test came to.
        failures: In a row, of the kind that only a person mends.
        tries: In a row, of the kind that may pass.
        cut_off: Readings that were begun since one told of its end.
        red_at: From when on somebody must look after it.
    """

    id: str
    name: str
    kind: str
    profile: str
    system: str
    at: str | None
    settings: Mapping[str, str]
    secret: bytes | None = field(default=None, repr=False)
    state: str = ACTIVE
    paused_by: str | None = None
    created_by: str
    created_at: datetime
    updated_at: datetime
    asked: str | None = None
    asked_by: str | None = None
    asked_at: datetime | None = None
    next_at: datetime | None = None
    fence: int = 0
    held_until: datetime | None = None
    reading: str | None = None
    began_at: datetime | None = None
    cut_off: int = 0
    last_good_at: datetime | None = None
    last_import_id: str | None = None
    last_content: str | None = None
    last_rows: int | None = None
    last_deleted: int | None = None
    last_was_new: bool | None = None
    last_fault: str | None = None
    fault_names: tuple[str, ...] = ()
    fault_at: datetime | None = None
    failures: int = 0
    tries: int = 0
    tested_at: datetime | None = None
    test_fault: str | None = None
    test_names: tuple[str, ...] = ()
    red_at: datetime | None = None
    version: int = 0

    def scheduled(self, now: datetime) -> "Source":
        """Wait for the next day's time, and be red when two of them pass unread."""
        if self.at is None:
            return replace(self, next_at=None, red_at=None)
        return replace(self, next_at=next_daily(self.at, now), red_at=now + MISSED)

    def asked_for(self, what: str, *, by: str, now: datetime) -> "Source":
        """Be read, or tried out, as soon as the job comes; a test takes no reading away that is still waited for.

        Raises:
            SourcePausedError: It is paused; a test is allowed all the same.
        """
        if what == PULL and self.state == PAUSED:
            raise SourcePausedError
        if what == TEST and self.asked == PULL and self.reading is None:
            # It signs in and looks as well.
            return self
        return replace(self, asked=what, asked_by=by, asked_at=now, updated_at=now)

    def paused(self, by: str, now: datetime) -> "Source":
        """Be read no more until somebody resumes it; what a person pauses is nobody's to mend."""
        return replace(
            self,
            state=PAUSED,
            paused_by=by,
            next_at=None,
            asked=None,
            red_at=now if by == BY_FAILURES else None,
            updated_at=now,
        )

    def resumed(self, now: datetime) -> "Source":
        """Be read again, from its next time on."""
        one = replace(self, state=ACTIVE, paused_by=None, failures=0, tries=0, cut_off=0, updated_at=now)
        return one.scheduled(now)

    def with_secret(self, secret: bytes, settings: Mapping[str, str], now: datetime) -> "Source":
        """Sign in by other credentials from now on."""
        return replace(self, secret=secret, settings=settings, updated_at=now)

    def wants(self, now: datetime) -> str | None:
        """Give what is to be done now: ``TEST``, ``PULL``, or nothing."""
        if self.asked == TEST:
            return TEST
        due = self.next_at is not None and self.next_at <= now and self.kind == SALESFORCE
        return PULL if self.state == ACTIVE and (self.asked == PULL or due) else None

    def is_held(self, real_now: datetime) -> bool:
        """Whether somebody reads it now; one who died is waited for until their time is over."""
        return self.held_until is not None and real_now < self.held_until

    def begun(self, import_id: str, *, now: datetime, real_now: datetime) -> "Source":
        """Count a reading before it is made, under a number that no earlier reader has."""
        return replace(
            self,
            fence=self.fence + 1,
            held_until=real_now + HELD,
            reading=import_id,
            began_at=now,
            cut_off=self.cut_off + 1,
        )

    @property
    def was_cut_off(self) -> bool:
        """Whether so many readings told nothing of their end that one more would not either."""
        return self.cut_off > MOST_CUT_OFF

    def held_on(self, real_now: datetime) -> "Source":
        """Say that its reader is at work."""
        return replace(self, held_until=real_now + HELD)

    def read(
        self, *, now: datetime, import_id: str | None, content: str | None, rows: int | None, deleted: int
    ) -> "Source":
        """Note a reading that came to its end.

        Args:
            now: When.
            import_id: The import that it made; None where nothing was new.
            content: HMAC of what was read.
            rows: Records that were read; None where nobody counted.
            deleted: Of these, deleted at the source.
        """
        one = replace(
            self.let_go(),
            last_good_at=now,
            last_import_id=import_id or self.last_import_id,
            last_content=content,
            last_rows=rows,
            last_deleted=deleted,
            last_was_new=import_id is not None,
            last_fault=None,
            fault_names=(),
            fault_at=None,
            failures=0,
            tries=0,
            updated_at=now,
        )
        return one.scheduled(now) if one.state == ACTIVE else one

    def failed(self, fault: SourceFaultError, now: datetime) -> "Source":
        """Note a reading that failed, and when it is tried again."""
        one = replace(self.let_go(), last_fault=fault.code, fault_names=fault.names, fault_at=now, updated_at=now)
        if one.state == PAUSED:
            return one
        daily = next_daily(one.at, now) if one.at is not None else None
        if one.kind == FOLDER:
            # It is looked at all the time, so what is wrong with it is wrong until somebody mends it.
            return replace(one, red_at=now)
        if fault.fault.passes:
            again = retry_at(one.tries + 1, now)
            return replace(one, tries=one.tries + 1 if again is not None else 0, next_at=again or daily)
        one = replace(one, failures=one.failures + 1, tries=0, next_at=daily, red_at=now)
        return one.paused(BY_FAILURES, now) if one.failures >= MOST_FAILURES else one

    def refused_file(self, import_id: str, *, now: datetime) -> "Source":
        """Note that what was read does not fit the mapping; the import says why."""
        return replace(self.failed(SourceFaultError("FILE_REFUSED"), now), last_import_id=import_id)

    def tested(self, fault: SourceFaultError | None, now: datetime) -> "Source":
        """Note what a test came to."""
        code, names = (None, ()) if fault is None else (fault.code, fault.names)
        return replace(self.let_go(), tested_at=now, test_fault=code, test_names=names, updated_at=now)

    def in_order(self, now: datetime) -> "Source":
        """Be a folder that can be looked into, and has nothing new."""
        # Of a file that was expected and has not come nothing is known by that.
        red_at = (self.last_good_at or self.created_at) + MISSED if self.at is not None else None
        return replace(
            self.let_go(), last_fault=None, fault_names=(), fault_at=None, failures=0, red_at=red_at, updated_at=now
        )

    def let_go(self) -> "Source":
        """Be nobody's reading any more."""
        # What was asked for while this was being read is still to be done.
        later = self.asked_at is not None and self.began_at is not None and self.asked_at > self.began_at
        return replace(
            self,
            held_until=None,
            reading=None,
            cut_off=0,
            asked=self.asked if later else None,
            asked_by=self.asked_by if later else None,
        )
