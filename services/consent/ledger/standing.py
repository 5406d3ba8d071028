"""The lines of a consent ledger, and what stands when they are read in the order in which they were written down.

Pure, and the one reading of a ledger: the gate, the state machine, the expiry job and the reconciler all call
``standing``. A no wins: a line that ends a permission ends it whatever day it is dated, and a yes counts again only
if it was said after that. Shown by tests/unit/consent/test_gate_rule.py beside a model that shares no code.
Source: domain reference 14.6; decisions 4 and 8.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.consent.ledger.terms import NOTHING_TOLD, Terms
from shared.contracts.consent import VALIDITY, permits

UNKNOWN, REQUESTED, DEFERRED, REFUSED = "UNKNOWN", "REQUESTED", "DEFERRED", "REFUSED"
GIVEN, RENEWED, EXPIRED, WITHDRAWN = "GIVEN", "RENEWED", "EXPIRED", "WITHDRAWN"
INVALIDATED, REVOKED = "INVALIDATED", "REVOKED_BY_CONTROLLER"
RECONFIRM, NO_CAPACITY = "RECONFIRM_REQUIRED", "CAPACITY_NOT_ESTABLISHED"

EFFECTIVE = frozenset({GIVEN, RENEWED})
ENDING = frozenset({REFUSED, WITHDRAWN, INVALIDATED, REVOKED, NO_CAPACITY})
"""Lines that end a permission, whenever they were said or found, and that are taken in every state."""

DIRECT, IMPORT, WORDS, CLOCK = "DIRECT", "IMPORT", "WORDING_REGISTERED", "CLOCK"
IN_ERROR = "IMPORT_RECORDED_IN_ERROR"
"""Source of the line that notes that what a file said was recorded in error."""
OF_FILES = frozenset({IMPORT, WORDS, IN_ERROR})
"""Sources of lines that say what a file said."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One immutable line of a ledger.

    Attributes:
        status: The state that it brings.
        said_at: When the survivor said so, or what it tells was found; effective from then.
        recorded_at: When it was written down.
        source: ``DIRECT``, ``IMPORT``, ``WORDING_REGISTERED``, ``CLOCK`` or ``IMPORT_RECORDED_IN_ERROR``.
        superseded: A corrected file replaced it; it stays readable and no longer counts.
        text_hash: SHA-256 of the text that was read out; a code may have had several texts.
        recipient_class: For whom the words that were read out are registered.
        ends_through: Of a line that ends a permission: no yes said before this counts any more. It is the later
            of the day it was said and the day of the yes that it ended; None in lines older than this field.
        terms: How it was asked for and what it was limited to; nothing in lines older than this field.
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
    text_hash: str | None = None
    recipient_class: str | None = None
    ends_through: datetime | None = None
    terms: Terms = NOTHING_TOLD

    @property
    def until(self) -> datetime:
        """When a yes ends: after a year, or earlier where they said so."""
        year = self.said_at + VALIDITY
        return year if self.terms.valid_until is None else min(year, self.terms.valid_until)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a ledger says.

    Attributes:
        current: The line in force, or None for an empty ledger.
        permission: The yes in force, whether or not its year has passed since; None where there is none.
        ended_at: No yes said before this counts; None where nothing was ever refused or ended.
    """

    current: Entry | None = None
    permission: Entry | None = None
    ended_at: datetime | None = None

    @property
    def status(self) -> str:
        """The state in force, as it was last written down."""
        return self.current.status if self.current is not None else UNKNOWN

    @property
    def until(self) -> datetime | None:
        """When the yes in force runs out."""
        return self.permission.until if self.permission is not None else None

    def is_effective(self, at: datetime) -> bool:
        """Whether a yes is in force at a moment; one whose year has passed by then is not, whoever noticed it."""
        return (
            self.permission is not None and self.until is not None and permits(self.permission.said_at, self.until, at)
        )

    def outlives(self, entry: Entry) -> bool:
        """Whether a yes was said after everything that ended an earlier one.

        A file gives days and no times, so its yes of the very day of a no does not count.
        """
        if self.ended_at is None:
            return True
        return entry.said_at > self.ended_at or (entry.source == DIRECT and entry.said_at == self.ended_at)

    def ending(self, said_at: datetime) -> datetime:
        """Give the moment before which no yes counts once something said then has ended the permission."""
        yes_at = self.permission.said_at if self.permission is not None else None
        return max(moment for moment in (said_at, self.ended_at, yes_at) if moment is not None)


def standing(entries: Iterable[Entry]) -> Standing:
    """Read a ledger's lines in the order in which they were written down."""
    found = Standing()
    for entry in entries:
        if not entry.superseded:
            found = _after(found, entry)
    return found


def _after(before: Standing, entry: Entry) -> Standing:
    if entry.status in ENDING:
        return Standing(current=entry, ended_at=before.ending(entry.ends_through or entry.said_at))
    if entry.status in EFFECTIVE:
        late = before.permission is not None and entry.said_at < before.permission.said_at
        counts = before.outlives(entry) and not late
        return Standing(current=entry, permission=entry, ended_at=before.ended_at) if counts else before
    if entry.status == EXPIRED:
        until = before.until
        passed = until is not None and until <= entry.said_at
    else:
        passed = before.permission is None and _may_show(before, entry)
    return Standing(current=entry, ended_at=before.ended_at) if passed else before


def _may_show(before: Standing, entry: Entry) -> bool:
    """Whether a line that neither permits nor ends says where one is: asked, put off, must be asked again.

    What was said before the line in force does not, nor does a file's yes to be checked stand for a no.
    """
    if before.current is not None and entry.said_at < before.current.said_at:
        return False
    return entry.source == DIRECT or before.ended_at is None or entry.said_at > before.ended_at
