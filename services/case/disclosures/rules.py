"""Something of a person that would be given to a recipient, and what became of it: plain rules, no database, no clock.

Promise: it is given once, under a permission that consent gave to these very things and that lasts; a no ends what is
asked or permitted, in whichever order the two arrive; what was answered before stays. Shown by
tests/unit/case/test_disclosure_rules.py. Source: decisions 4; ADR 0070.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from services.case.disclosures.errors import (
    AskedTooOftenError,
    GivenAlreadyError,
    NobodyToTellError,
    NotPermittedError,
    StillAskedError,
)
from shared.contracts.disclosure import LASTS

ASKED, PERMITTED, REFUSED, GIVEN = "ASKED", "PERMITTED", "REFUSED", "GIVEN"
STATES = (ASKED, PERMITTED, REFUSED, GIVEN)
TO_TELL, TOLD = "TO_TELL", "TOLD"
"""Of what was given under a yes that ended since: somebody tells the recipient, or has."""
WITHDRAWN = "WITHDRAWN"
MOST_ITEMS, MOST_ASKED, LONGEST_NAME, LONGEST_ITEM = 20, 20, 200, 500
ANSWER_WITHIN = timedelta(minutes=2)
"""An answer that has not come by then may be asked for again; it comes within seconds."""
TELL_WITHIN = timedelta(days=14)
"""By when a recipient has answered that they stopped; as long as the proof of a withdrawal gives them."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that would be given: of which kind, and what exactly; the words are sealed."""

    data_class: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What was answered to one asking; of one that was answered by nobody, neither."""

    permit_id: str
    asked_at: datetime
    state: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A yes that ended while this was asked or permitted, and the version of the ledger that says so."""

    consent_id: str
    sequence: int


@dataclass(frozen=True, kw_only=True)
class Permission:
    """What consent said: under which yes, to which words, how long."""

    permit_id: str
    binds: str
    consent_id: str
    consent_sequence: int
    said_at: datetime
    text_hash: str
    decided_at: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """What somebody would give of a person, or gave.

    Attributes:
        recipient: To whom, by name; sealed.
        items: What, one by one; sealed. ``data_classes`` says their kinds.
        salt: Random and sealed, so that ``binds`` tells nobody what is bound by it.
        means: By which means.
        contact: What they are told of how to reach the person.
        permit_id: Of the asking that stands.
        binds: The hash of all of it, to which the permission was given.
        before: What was answered to earlier askings.
        ended: Yeses that ended meanwhile.
        tell: Whether the recipient is to be told that the yes ended, or was.
        told_answer: What the recipient answered then; a code of ``withdrawal_finding``.
    """

    id: str
    survivor_id: str
    purpose: str
    recipient_class: str
    data_classes: tuple[str, ...]
    means: str
    contact: str
    recipient: str | None
    items: tuple[Item, ...]
    salt: str | None
    binds: str
    state: str = ASKED
    permit_id: str
    asked_by: str
    asked_role: str
    asked_at: datetime
    before: tuple[Answered, ...] = ()
    ended: tuple[Ended, ...] = ()
    reason: str | None = None
    consent_id: str | None = None
    consent_sequence: int = 0
    said_at: datetime | None = None
    text_hash: str | None = None
    decided_at: datetime | None = None
    until: datetime | None = None
    given_by: str | None = None
    given_at: datetime | None = None
    tell: str | None = None
    tell_by: datetime | None = None
    told_answer: str | None = None
    told_by: str | None = None
    told_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    def lasts(self, now: datetime) -> bool:
        """Whether there is a permission that lasts."""
        return self.state == PERMITTED and self.until is not None and now < self.until

    def permitted(self, said: Permission) -> "Disclosure":
        """Take a permission, where it answers the asking that stands and binds these very things.

        Under a yes that is known to have ended since it is a no.
        """
        if self.state != ASKED or (said.permit_id, said.binds) != (self.permit_id, self.binds):
            return self
        if any(one.consent_id == said.consent_id and one.sequence > said.consent_sequence for one in self.ended):
            return self.refused(said.permit_id, WITHDRAWN, at=said.decided_at)
        return replace(
            self,
            state=PERMITTED,
            reason=None,
            consent_id=said.consent_id,
            consent_sequence=said.consent_sequence,
            said_at=said.said_at,
            text_hash=said.text_hash,
            decided_at=said.decided_at,
            # Whoever else may have said a longer time: it is minutes.
            until=min(said.until, said.decided_at + LASTS),
        )

    def refused(self, permit_id: str, reason: str, *, at: datetime) -> "Disclosure":
        """Take a no to the asking that stands, also to one that was permitted; what was given stays given."""
        if permit_id != self.permit_id or self.state not in (ASKED, PERMITTED):
            return self
        return replace(self, state=REFUSED, reason=reason, decided_at=at, until=None)

    def after_the_end_of(self, ended: Ended, *, at: datetime) -> "Disclosure":
        """Take it that a yes ended: nothing goes out under it any more, and whoever has something is told."""
        under = self.consent_id == ended.consent_id and self.consent_sequence < ended.sequence
        if self.state == GIVEN:
            return replace(self, tell=TO_TELL, tell_by=at + TELL_WITHIN) if under and self.tell is None else self
        if self.state == PERMITTED and under:
            return self.refused(self.permit_id, WITHDRAWN, at=at)
        # A permission that was given before may still be on its way.
        known = ended in self.ended or self.state != ASKED
        return self if known else replace(self, ended=(*self.ended, ended))

    def asked_again(self, permit_id: str, *, by: str, role: str, at: datetime) -> "Disclosure":
        """Ask again about the same things.

        Raises:
            GivenAlreadyError, StillAskedError, AskedTooOftenError: Nothing is asked.
        """
        if self.state == GIVEN:
            raise GivenAlreadyError
        if self.lasts(at) or (self.state == ASKED and at < self.asked_at + ANSWER_WITHIN):
            raise StillAskedError
        if len(self.before) >= MOST_ASKED - 1:
            raise AskedTooOftenError
        before = Answered(permit_id=self.permit_id, asked_at=self.asked_at, state=self.state, reason=self.reason)
        return replace(
            self,
            state=ASKED,
            permit_id=permit_id,
            asked_by=by,
            asked_role=role,
            asked_at=at,
            before=(*self.before, before),
            reason=None,
            consent_id=None,
            consent_sequence=0,
            said_at=None,
            text_hash=None,
            decided_at=None,
            until=None,
        )

    def given(self, *, by: str, at: datetime) -> "Disclosure":
        """Give it; whoever says so twice gave it once.

        Raises:
            NotPermittedError: No permission lasts.
        """
        if self.state == GIVEN:
            return self
        if not self.lasts(at):
            raise NotPermittedError
        return replace(self, state=GIVEN, given_by=by, given_at=at)

    def told(self, answer: str, *, by: str, at: datetime) -> "Disclosure":
        """Note that the recipient was told that the yes ended, and what they answered.

        Raises:
            NobodyToTellError: Nobody has to be told.
        """
        if self.tell != TO_TELL:
            raise NobodyToTellError
        return replace(self, tell=TOLD, told_answer=answer, told_by=by, told_at=at)

    def bound(self) -> str:
        """Give the hash of everything that is asked about; it tells nobody what that is."""
        return bound(self)


def bound(one: Disclosure) -> str:
    """Give the hash that binds an answer to what was asked about."""
    said = [
        one.id, one.survivor_id, one.purpose, one.recipient_class, sorted(one.data_classes), one.means, one.contact,
        one.recipient, [asdict(item) for item in one.items], one.salt,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def kinds_of(items: Iterable[Item]) -> tuple[str, ...]:
    """Give the kinds of things, each once."""
    return tuple(sorted({item.data_class for item in items}))
