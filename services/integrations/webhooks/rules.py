"""When a delivery is tried again, when an endpoint is warned of and disabled, and what an answer means; pure.

Shown by tests/unit/integrations/test_webhook_rules.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

ACTIVE, DISABLED = "ACTIVE", "DISABLED"
WAITING, SENT, GIVEN_UP, NOT_SENT = "WAITING", "SENT", "GIVEN_UP", "NOT_SENT"
"""What became of a delivery. ``NOT_SENT`` is only shown: a waiting one whose endpoint was disabled meanwhile."""
BY_PERSON, GONE, FAILED_FOR_DAYS, RESTORED = "BY_PERSON", "GONE", "FAILED_FOR_DAYS", "RESTORED"
"""Why an endpoint is disabled."""

DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The specification's own retries after the first attempt."""
JITTER = 0.1
WARN_AFTER = timedelta(days=2)
DISABLE_AFTER = timedelta(days=5)
HTTP_GONE = 410
_HTTP_OK, _HTTP_REDIRECT = 200, 300


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one attempt met.

    Attributes:
        status: HTTP status; None where there was no answer.
        reason: ``ANSWERED``, or why there was no answer, such as ``TIMED_OUT``.
        took_ms: Milliseconds.
    """

    status: int | None
    reason: str
    took_ms: int

    @property
    def succeeded(self) -> bool:
        """Whether it was taken: 2xx and nothing else; a redirect is not followed and counts as a failure."""
        return self.status is not None and _HTTP_OK <= self.status < _HTTP_REDIRECT


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One address that is called.

    Attributes:
        url: Sealed, as it may hold a token.
        host: Of the address, which may be shown.
        types: Event types that are sent; None for all.
        kind: Of its signatures.
        key: Sealed; ``former_key`` signs too until ``former_until``.
        position: Every event up to it has its delivery.
        enabled_at: What was queued before this moment is not sent by itself.
        failing_since: First failure after the last success.
        skipped: Positions that were too old before they had a delivery, as the store keeps 90 days.
    """

    id: str
    url: bytes = field(repr=False)
    host: str
    types: tuple[str, ...] | None
    kind: str
    key: bytes = field(repr=False)
    position: int
    enabled_at: datetime
    updated_at: datetime
    former_key: bytes | None = field(default=None, repr=False)
    former_until: datetime | None = None
    status: str = ACTIVE
    disabled_for: str | None = None
    failing_since: datetime | None = None
    warned: bool = False
    succeeded_at: datetime | None = None
    skipped: int = 0
    version: int = 0

    @property
    def disables_at(self) -> datetime | None:
        """When it will be disabled if nothing succeeds before."""
        if self.failing_since is None or self.status != ACTIVE:
            return None
        return self.failing_since + DISABLE_AFTER

    def after(self, outcome: Outcome, at: datetime) -> "Endpoint":
        """Give the endpoint after one attempt; the same where nothing changes but the time of a success."""
        if outcome.status == HTTP_GONE:
            return self.disabled(GONE, at)
        if outcome.succeeded:
            return replace(self, failing_since=None, warned=False, succeeded_at=at, updated_at=at)
        if self.failing_since is None:
            return replace(self, failing_since=at, updated_at=at)
        return self.aged(at)

    def aged(self, at: datetime) -> "Endpoint":
        """Give the endpoint as its failing has aged: warned of after two days, disabled after five."""
        if self.failing_since is None or self.status != ACTIVE:
            return self
        if at - self.failing_since >= DISABLE_AFTER:
            return self.disabled(FAILED_FOR_DAYS, at)
        if at - self.failing_since >= WARN_AFTER and not self.warned:
            return replace(self, warned=True, updated_at=at)
        return self

    def disabled(self, why: str, at: datetime) -> "Endpoint":
        """Give it disabled; the first reason stays."""
        if self.status == DISABLED:
            return self
        return replace(self, status=DISABLED, disabled_for=why, updated_at=at)

    def enabled(self, at: datetime) -> "Endpoint":
        """Give it enabled and well; what waited is not sent by itself."""
        if self.status == ACTIVE:
            return self
        return replace(
            self, status=ACTIVE, disabled_for=None, failing_since=None, warned=False, enabled_at=at, updated_at=at
        )

    def rotated(self, key: bytes, *, at: datetime, overlap: timedelta) -> "Endpoint":
        """Give it with another key; the present one signs too for the overlap, one before it no more."""
        until = at + overlap if overlap else None
        return replace(
            self,
            key=key,
            former_key=self.key if until else None,
            former_until=until,
            version=self.version,
            updated_at=at,
        )

    def signs_with(self, at: datetime) -> list[bytes]:
        """Give the sealed keys that sign at a moment, the newest first."""
        overlaps = self.former_key is not None and self.former_until is not None and at < self.former_until
        return [self.key, self.former_key] if overlaps and self.former_key is not None else [self.key]


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One event for one endpoint, or a test.

    Attributes:
        position: Of the event in the store; None for a test.
        type: Of the event.
        webhook_id: The same in every attempt, and for every endpoint.
        queued_at: When it began to wait, last.
        next_at: When it is due.
        held_until: Until when it is in somebody's hand.
        reason: Of the last attempt, or why it was given up.
    """

    id: str
    endpoint_id: str
    position: int | None
    type: str
    webhook_id: str
    queued_at: datetime
    next_at: datetime
    updated_at: datetime
    expires_at: datetime
    state: str = WAITING
    attempts: int = 0
    held_until: datetime | None = None
    last_status: int | None = None
    reason: str | None = None
    version: int = 0

    @property
    def is_test(self) -> bool:
        """Whether it is a test, which is tried once."""
        return self.position is None

    def after(self, outcome: Outcome, at: datetime, *, draw: Callable[[], float]) -> "Delivery":
        """Give the delivery after one more attempt."""
        tried = replace(
            self,
            attempts=self.attempts + 1,
            held_until=None,
            last_status=outcome.status,
            reason=outcome.reason,
            updated_at=at,
        )
        if outcome.succeeded:
            return replace(tried, state=SENT)
        delay = None if self.is_test else delay_after(tried.attempts, draw=draw)
        if delay is None or outcome.status == HTTP_GONE:
            return replace(tried, state=GIVEN_UP)
        return replace(tried, next_at=at + delay)

    def again(self, at: datetime) -> "Delivery":
        """Give it waiting anew, with all its attempts before it."""
        return replace(self, state=WAITING, attempts=0, queued_at=at, next_at=at, held_until=None, updated_at=at)

    def given_up(self, why: str, at: datetime) -> "Delivery":
        """Give it given up."""
        return replace(self, state=GIVEN_UP, reason=why, held_until=None, updated_at=at)


def delay_after(attempts: int, *, draw: Callable[[], float]) -> timedelta | None:
    """Give how long to wait after so many attempts; None after the last.

    Args:
        attempts: That were made, from 1.
        draw: Gives a number from 0 to 1, so that many endpoints that failed together do not come back together.
    """
    if attempts > len(DELAYS):
        return None
    return DELAYS[attempts - 1] * (1 + JITTER * draw())
