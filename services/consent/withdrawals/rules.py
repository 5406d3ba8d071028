"""The proof of one withdrawal: whom to ask, how often, by when, and when it is complete; pure.

Promise: it is proven only when everybody answered; one who is silent holds up nobody else and is asked again, with
growing pauses and a bound; what nobody knows as an answer is none. Shown by tests/unit/consent/test_withdrawals.py.
Source: decisions 4; ADR 0047.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.consent.ledger.standing import EFFECTIVE, ENDING, Entry
from services.consent.purposes.register import PURPOSES
from shared.contracts.withdrawal import DONE

REPORTING = "reporting"
SERVICE, RECIPIENT = "SERVICE", "RECIPIENT"
REFUSED, NOTHING_WAS_SENT = "REFUSED", "NOTHING_WAS_SENT"
OPEN, PROVEN = "OPEN", "PROVEN"
ANSWERS = frozenset({DONE, REFUSED})
SERVICES_WITHIN, RECIPIENTS_WITHIN = timedelta(days=1), timedelta(days=14)
COUNTS_WITHIN = timedelta(days=4)
"""A seal that had passed is carried out within three days; until then what stood at it is needed for it."""
MOST_ASKED = 500
"""How often one service is asked at most; with the pauses, three weeks."""

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A contribution of theirs, and the gate's statement that withheld it."""

    contribution_id: str
    sequence: int


@dataclass(frozen=True, kw_only=True)
class Question:
    """One who holds or may have received something, and what they answered.

    Attributes:
        id: Random, and no other question's: nobody can join two of them.
        party: A service of this host, or a class of recipients.
        asked: How often it was asked.
        answer: ``DONE`` or ``REFUSED``; None while it is open.
        finding: What was found, a code of the list ``withdrawal_finding``.
        legal_reason: Why it was refused, a code of the list ``withdrawal_refusal``.
        periods: Sealed periods in which they were counted before; these stay.
        answered_by: Who noted a recipient's answer; None where a service answered.
    """

    id: str
    party: str
    kind: str
    due_at: datetime
    asked: int
    asked_at: datetime
    answer: str | None = None
    finding: str | None = None
    legal_reason: str | None = None
    periods: tuple[str, ...] = ()
    answered_at: datetime | None = None
    answered_by: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still wants an answer."""
        return self.answer is None

    def asks_again_at(self) -> datetime | None:
        """Say when a service is asked again; None for a recipient, an answer, and after the last time."""
        if self.kind != SERVICE or not self.is_open or self.asked >= MOST_ASKED:
            return None
        pause: timedelta = _FIRST_PAUSE * (1 << min(self.asked - 1, 10))
        return self.asked_at + min(pause, _LONGEST_PAUSE)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What became of one permission that ended.

    Attributes:
        id: Follows from the consent and the line that ended it, so that there is one whoever writes it down twice.
        status: What ended it, such as ``WITHDRAWN``.
        effective_at: When it was said; recorded_at, when it was written down.
        consent_sequence: Version of the consent that says so.
        counted: Their contributions to statistics.
    """

    id: str
    consent_id: str
    survivor_id: str
    purpose: str
    recipient_class: str | None
    status: str
    effective_at: datetime
    recorded_at: datetime
    consent_sequence: int
    counted: tuple[Counted, ...]
    questions: tuple[Question, ...]
    proven_at: datetime | None = None
    version: int = 0

    @property
    def state(self) -> str:
        """Whether everybody answered."""
        return OPEN if any(one.is_open for one in self.questions) else PROVEN

    def late(self, now: datetime) -> tuple[Question, ...]:
        """Give those who should have answered by now."""
        return tuple(one for one in self.questions if one.is_open and one.due_at <= now)

    def to_ask(self, now: datetime) -> tuple[Question, ...]:
        """Give those who are to be asked again now."""
        due = [(one, one.asks_again_at()) for one in self.questions]
        return tuple(one for one, at in due if at is not None and at <= now)

    def next_step_at(self, now: datetime) -> datetime | None:
        """Say when it is to be looked at again; None where it is proven, or everybody left is late and a person."""
        moments = [one.asks_again_at() for one in self.questions]
        moments += [one.due_at for one in self.questions if one.is_open and one.due_at > now]
        known = [at for at in moments if at is not None]
        return min(known) if known else None

    def asked_again(self, question_ids: frozenset[str], now: datetime) -> "Proof":
        """Note who was asked again."""
        return self._with(
            replace(one, asked=one.asked + 1, asked_at=now) if one.id in question_ids else one for one in self.questions
        )

    def answered(
        self,
        question_id: str,
        answer: str,
        *,
        at: datetime,
        finding: str,
        legal_reason: str | None = None,
        periods: tuple[str, ...] = (),
        by: str | None = None,
    ) -> "Proof":
        """Note an answer. A done stays; a refusal may become one, or name another reason; what nobody knows is none."""
        if answer not in ANSWERS:
            return self

        def noted(one: Question) -> Question:
            is_known = (one.answer, one.legal_reason) == (answer, legal_reason)
            if one.id != question_id or one.answer == DONE or is_known:
                return one
            return replace(
                one,
                answer=answer,
                finding=finding,
                legal_reason=legal_reason,
                periods=periods,
                answered_at=at,
                answered_by=by,
            )

        after = self._with(noted(one) for one in self.questions)
        is_whole = after.state == PROVEN and after.proven_at is None
        return replace(after, proven_at=at) if is_whole else after

    def _with(self, questions: Iterable[Question]) -> "Proof":
        return replace(self, questions=tuple(questions))


def ends_a_permission(before: Sequence[Entry], after: Sequence[Entry]) -> bool:
    """Whether the last line of a ledger ended something under which anything may be held.

    It did where somebody ever said yes since the last line that ended one, also a yes that ran out or was replaced by a
    corrected file: something may have been sent while it stood.
    """
    if len(after) <= len(before) or not after or after[-1].status not in ENDING:
        return False
    for line in reversed(after[:-1]):
        if line.status in ENDING:
            return False
        if line.status in EFFECTIVE:
            return True
    return False


def proof_key(consent_id: str, line: int) -> str:
    """Give the one id of the proof of the line that ended a permission."""
    digest = hashlib.sha256(f"withdrawal:{consent_id}:{line}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def parties(purpose: str, recipient_class: str | None, *, counted: bool) -> tuple[tuple[str, str, timedelta], ...]:
    """Give whom to ask when a purpose's permission ends: party, kind and how long they have.

    Args:
        purpose: The purpose.
        recipient_class: For whom it was given; None for the purpose's own recipients.
        counted: Whether anything of theirs was ever stated to the statistics.
    """
    known = PURPOSES[purpose]
    asked = [
        (service, SERVICE, COUNTS_WITHIN if service == REPORTING else SERVICES_WITHIN)
        for service in known.held_by
        if service != REPORTING or counted
    ]
    if known.leaves:
        asked.append((recipient_class or known.recipients[0], RECIPIENT, RECIPIENTS_WITHIN))
    return tuple(asked)
