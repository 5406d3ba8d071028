"""The consent ledger and its state machine; pure.

Two times stand in every entry: when it was said (effective) and when it was written down (recorded).
Entries are only ever added. Source: domain reference 14.6; decisions 4.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.consent.errors import NothingToWithdrawError, SaidInFutureError, TransitionRefusedError

UNKNOWN, REQUESTED, DEFERRED, REFUSED = "UNKNOWN", "REQUESTED", "DEFERRED", "REFUSED"
GIVEN, RENEWED, EXPIRED, WITHDRAWN = "GIVEN", "RENEWED", "EXPIRED", "WITHDRAWN"
INVALIDATED, REVOKED = "INVALIDATED", "REVOKED_BY_CONTROLLER"
RECONFIRM, NO_CAPACITY = "RECONFIRM_REQUIRED", "CAPACITY_NOT_ESTABLISHED"

EFFECTIVE = frozenset({GIVEN, RENEWED})
VALIDITY = timedelta(days=365)
"""A permission is asked for again after a year (domain reference 4.2)."""

_ASKABLE = frozenset({UNKNOWN, REQUESTED, DEFERRED, REFUSED, WITHDRAWN, EXPIRED, RECONFIRM, INVALIDATED, NO_CAPACITY})
_STEPS: dict[str, frozenset[str]] = {
    REQUESTED: _ASKABLE,
    DEFERRED: _ASKABLE,
    REFUSED: _ASKABLE | EFFECTIVE,
    GIVEN: _ASKABLE,
    RENEWED: EFFECTIVE,
    NO_CAPACITY: _ASKABLE | EFFECTIVE,
    INVALIDATED: EFFECTIVE,
    REVOKED: EFFECTIVE,
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One immutable line of a ledger.

    Attributes:
        status: The state that it brings.
        said_at: When the survivor said so; effective from then.
        recorded_at: When it was written down.
        source: ``DIRECT``, ``IMPORT``, ``WORDING_REGISTERED`` or ``CLOCK``.
        superseded: A corrected file replaced it; it stays readable and no longer counts.
    """

    status: str
    said_at: datetime
    recorded_at: datetime
    actor_id: str
    source: str
    wording_code: str | None = None
    language: str | None = None
    method: str | None = None
    setting_private: bool | None = None
    witness_role: str | None = None
    superseded: bool = False


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What an imported row says; it is weighed again when a wording is registered."""

    stated: str
    said_at: datetime | None
    wording_code: str | None
    language: str | None
    method: str | None
    setting_private: bool | None


@dataclass(frozen=True, kw_only=True)
class Wording:
    """Words that the host's data protection officer registered for a purpose, recipients and days."""

    code: str
    purpose: str
    recipient_class: str
    languages: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime | None

    def covers(self, *, purpose: str, language: str | None, said_at: datetime) -> bool:
        """Whether it is the words for this purpose, in this language, on that day."""
        return (
            self.purpose == purpose
            and (not self.languages or language in self.languages)
            and self.valid_from <= said_at
            and (self.valid_to is None or said_at < self.valid_to)
        )


@dataclass(frozen=True, kw_only=True)
class Consent:
    """One survivor's decisions on one purpose."""

    id: str
    survivor_id: str
    purpose: str
    entries: tuple[Entry, ...] = ()
    statement: Statement | None = None
    version: int = 0

    @property
    def current(self) -> Entry | None:
        """The line in force: the one said last, and of those said together the one recorded last."""
        standing = [entry for entry in self.entries if not entry.superseded]
        if not standing:
            return None
        return max(enumerate(standing), key=lambda pair: (pair[1].said_at, pair[1].recorded_at, pair[0]))[1]

    @property
    def status(self) -> str:
        """The state in force."""
        return self.current.status if self.current is not None else UNKNOWN

    def until(self) -> datetime | None:
        """When a given permission runs out."""
        return self.current.said_at + VALIDITY if self.current is not None and self.status in EFFECTIVE else None

    def is_effective(self, at: datetime) -> bool:
        """Whether it permits at a moment."""
        until = self.until()
        return self.current is not None and until is not None and self.current.said_at <= at < until

    def decided(self, entry: Entry) -> "Consent":
        """Add a direct decision.

        Raises:
            SaidInFutureError: It is said later than it is written down.
            TransitionRefusedError: The state machine has no such step.
        """
        if entry.said_at > entry.recorded_at:
            raise SaidInFutureError
        if entry.status == GIVEN and self.status in EFFECTIVE:
            entry = replace(entry, status=RENEWED)
        if self.status not in _STEPS.get(entry.status, frozenset()):
            raise TransitionRefusedError(self.status, entry.status)
        return replace(self, entries=(*self.entries, entry))

    def withdrawn(self, entry: Entry) -> "Consent":
        """End a permission, as easily as it was given; effective when said.

        Raises:
            NothingToWithdrawError: It is not given now.
            SaidInFutureError: It is said later than it is written down.
        """
        if entry.said_at > entry.recorded_at:
            raise SaidInFutureError
        if self.status not in EFFECTIVE or self.current is None:
            raise NothingToWithdrawError
        # A withdrawal never loses to the yes that it ends, whatever day it is said to be of.
        said_at = max(entry.said_at, self.current.said_at)
        return replace(self, entries=(*self.entries, replace(entry, status=WITHDRAWN, said_at=said_at)))

    def weighed(self, statement: Statement, wordings: Iterable[Wording], entry: Entry) -> "Consent":
        """Weigh an imported statement; what a person recorded directly is never overridden by a file.

        Args:
            statement: What the row says.
            wordings: Registered words of this code.
            entry: Carries who and when; status and times come from the statement.
        """
        noted = replace(self, statement=statement)
        if any(line.source == "DIRECT" for line in self.entries):
            return noted
        status = weigh(statement, self.purpose, wordings)
        said_at = statement.said_at if status == GIVEN and statement.said_at else entry.recorded_at
        line = replace(
            entry,
            status=status,
            said_at=min(said_at, entry.recorded_at),
            wording_code=statement.wording_code,
            language=statement.language,
            method=statement.method,
            setting_private=statement.setting_private,
        )
        last = self.entries[-1] if self.entries else None
        if status == self.status and (status not in EFFECTIVE or (last is not None and last.said_at == line.said_at)):
            return noted
        # A corrected file may move the day back; the line in force is then the one recorded last.
        return replace(noted, entries=(*(replace(e, superseded=True) for e in self.entries), line))

    def expired(self, entry: Entry) -> "Consent":
        """Note that the permission ran out."""
        return replace(self, entries=(*self.entries, replace(entry, status=EXPIRED)))


def weigh(statement: Statement, purpose: str, wordings: Iterable[Wording]) -> str:
    """Say what an imported statement is worth.

    Given is effective only with date, registered wording, language, method and a private setting; any
    other yes must be asked again; a blank is nothing said. Source: decisions 4, domain reference 6.2.
    """
    if statement.stated in (REFUSED, WITHDRAWN):
        return statement.stated
    if statement.stated == "NOT_STATED":
        return UNKNOWN
    if (
        statement.stated == "GIVEN"
        and statement.said_at is not None
        and statement.language is not None
        and statement.method is not None
        and statement.setting_private is True
        and any(
            w.code == statement.wording_code
            and w.covers(purpose=purpose, language=statement.language, said_at=statement.said_at)
            for w in wordings
        )
    ):
        return GIVEN
    return RECONFIRM
