"""The copy of one person: whom to ask and how often, what is left out and by whom, and when it may be given; pure.

Promise: a part counts only as the answer to the question that is open now, so none of an earlier collection counts for
a later one; nothing is left out before a second person agreed, and nothing may be given while one is waited for, while
a part is missing or unread, or where nobody asked today whether it is safe. Each change undoes that last check, and a
part that comes again, or shows more again, is read through again. Shown by tests/unit/case/test_access_rules.py.
Source: decisions 3; ADR 0063.
"""

from collections.abc import Collection as Many
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.case.access.errors import (
    AgreedAlreadyError,
    CollectionEndedError,
    CopyGivenError,
    CopyNotReadyError,
    LeftOutMisstatedError,
    NoSuchCopyPartError,
    NotSafeToSendError,
    PartNotThereError,
    SecondReaderNeededError,
    TooMuchLeftOutError,
)
from services.case.access.pieces import ANSWERS_WITHIN, Given, LeftOut, Question, SafeCheck

KEPT = timedelta(days=31)
"""A copy is deleted so long after it was begun; whoever is not done by then collects it again."""
MOST_LEFT_OUT = 500
STATES = COLLECTING, TO_READ, WAITS, READY, GIVEN, GONE = "COLLECTING", "TO_READ", "WAITS", "READY", "GIVEN", "GONE"

_SAME = "You asked for this, so somebody else has to agree: another data protection officer, or a safeguarding lead."
_OWN = "You wrote some of this yourself. Somebody else has to judge whether it is left out."
_NOT_READY = {
    COLLECTING: "Not every part is there yet. Whoever has not answered is asked again by itself.",
    TO_READ: "Read each part through first, and say so: what tells about somebody else, or is between them and their "
    "lawyer, is left out.",
    WAITS: "A second reader has to agree to what is left out, or it is shown again.",
}
_NOT_ASKED = "Ask today whether it is safe for them to have it, and by which way; what was safe yesterday may not be."


@dataclass(frozen=True, kw_only=True)
class Copy:
    """What is kept about one person, as it is collected for their one request, whose id it has.

    Attributes:
        public_key: To which every part is sealed, as hexadecimal; another one whenever it is collected again.
        secret_key: The half that opens; sealed under the person's own key, and gone with the copy.
        ended_at: When it was deleted; what stays is who did what, and when.
    """

    id: str
    survivor_id: str
    began_by: str
    began_at: datetime
    expires_at: datetime
    public_key: str
    secret_key: str | None
    questions: tuple[Question, ...]
    left_out: tuple[LeftOut, ...] = ()
    safe: SafeCheck | None = None
    given: Given | None = None
    ended_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    def state_at(self, now: datetime) -> str:
        """Say how far it is; a copy whose days are over is gone, whether or not anybody deleted it yet."""
        if self.ended_at is not None or now >= self.expires_at:
            return GONE
        if self.given is not None:
            return GIVEN
        if any(one.is_open for one in self.questions):
            return COLLECTING
        if any(one.waits for one in self.left_out):
            return WAITS
        return READY if all(one.looked_at is not None for one in self.questions) else TO_READ

    def question(self, party: str) -> Question:
        """Give the question to a party; ``NoSuchCopyPartError`` if nobody asks it."""
        for one in self.questions:
            if one.party == party:
                return one
        raise NoSuchCopyPartError

    def late(self, now: datetime) -> tuple[Question, ...]:
        """Give those who should have answered by now."""
        return tuple(one for one in self.questions if one.is_open and one.due_at <= now)

    def to_ask(self, now: datetime) -> tuple[Question, ...]:
        """Give those who are to be asked again now."""
        due = [(one, one.asks_again_at()) for one in self.questions]
        return tuple(one for one, at in due if at is not None and at <= now)

    def next_step_at(self, now: datetime) -> datetime | None:
        """Say when it is to be looked at again; None where nobody is waited for any more."""
        moments = [one.asks_again_at() for one in self.questions]
        moments += [one.due_at for one in self.questions if one.is_open and one.due_at > now]
        known = [at for at in moments if at is not None]
        return min(known) if known and self.ended_at is None else None

    def asked_again(self, question_ids: Many[str], now: datetime) -> "Copy":
        """Note who was asked again."""
        return replace(
            self,
            questions=tuple(
                replace(one, asked=one.asked + 1, asked_at=now) if one.id in question_ids else one
                for one in self.questions
            ),
        )

    def answered(self, question_id: str, wrote: Iterable[tuple[str, ...]], at: datetime) -> "Copy":
        """Note that a part came; a second answer to the same question changes nothing."""
        open_now = [one for one in self.questions if one.id == question_id and one.is_open]
        if not open_now or self.state_at(at) != COLLECTING:
            return self
        return self._with(replace(open_now[0], answered_at=at, wrote=tuple(wrote)))

    def collected_anew(self, party: str, question_id: str, at: datetime) -> "Copy":
        """Ask for one part again: what was left out of it and that it was read counts no more.

        Raises:
            NoSuchCopyPartError, CollectionEndedError, CopyGivenError: Nothing changes.
        """
        self._check_goes_on(at)
        asked = self.question(party)
        again = Question(id=question_id, party=asked.party, due_at=at + ANSWERS_WITHIN, asked=1, asked_at=at)
        return replace(self._with(again), left_out=tuple(one for one in self.left_out if one.party != party))

    def looked_through(self, party: str, by: str, at: datetime) -> "Copy":
        """Note that somebody read a part, whole.

        Raises:
            NoSuchCopyPartError, PartNotThereError, CollectionEndedError, CopyGivenError: Nothing changes.
        """
        return self._with(replace(self._there(party, at), looked_by=by, looked_at=at))

    def leaving_out(self, asked: LeftOut) -> "Copy":
        """Ask that things be left out.

        Raises:
            NoSuchCopyPartError, PartNotThereError, CollectionEndedError, CopyGivenError: Nothing changes.
            LeftOutMisstatedError, TooMuchLeftOutError: Nothing changes.
        """
        question = self._there(asked.party, asked.asked_at)
        if any(not 1 <= number <= len(question.wrote) for number in asked.numbers):
            raise LeftOutMisstatedError
        if len(self.left_out) >= MOST_LEFT_OUT:
            raise TooMuchLeftOutError(MOST_LEFT_OUT)
        return replace(self, left_out=(*self.left_out, asked), safe=None)

    def agreed(self, left_out_id: str, by: str, at: datetime) -> "Copy":
        """Let a second person agree; from now on it is left out.

        Raises:
            NoSuchCopyPartError, CollectionEndedError, CopyGivenError: Nothing changes.
            AgreedAlreadyError, SecondReaderNeededError: Nothing changes.
        """
        asked = self._asked(left_out_id, at)
        if not asked.waits:
            raise AgreedAlreadyError
        if by == asked.asked_by:
            raise SecondReaderNeededError(_SAME)
        _check_not_their_own(by, self.question(asked.party), asked)
        agreed = replace(asked, agreed_by=by, agreed_at=at)
        after = tuple(agreed if one.id == left_out_id else one for one in self.left_out)
        return replace(self, left_out=after, safe=None)

    def shown_again(self, left_out_id: str, at: datetime) -> "Copy":
        """Show it after all; the part is read through again.

        Raises:
            NoSuchCopyPartError, CollectionEndedError, CopyGivenError: Nothing changes.
        """
        asked = self._asked(left_out_id, at)
        unread = replace(self.question(asked.party), looked_by=None, looked_at=None)
        return replace(self._with(unread), left_out=tuple(one for one in self.left_out if one.id != left_out_id))

    def found_safe(self, by: str, on: date, at: datetime) -> "Copy":
        """Note that somebody asked, on this day, whether it is safe for them to have it.

        Raises:
            CollectionEndedError, CopyGivenError, CopyNotReadyError: Nothing changes.
        """
        self._check_goes_on(at)
        self.check_ready(at)
        return replace(self, safe=SafeCheck(by=by, on=on, at=at))

    def handed_over(self, how: str, by: str, today: date, at: datetime) -> "Copy":
        """Note that it was given.

        Raises:
            CollectionEndedError, CopyGivenError, CopyNotReadyError, NotSafeToSendError: Nothing changes.
        """
        self._check_goes_on(at)
        self.check_ready(at)
        if self.safe is None or self.safe.on != today:
            raise NotSafeToSendError(_NOT_ASKED)
        return replace(self, given=Given(how=how, by=by, at=at))

    def check_ready(self, now: datetime) -> None:
        """Check that it may be read as the person will read it.

        Raises:
            CollectionEndedError, CopyNotReadyError: It may not.
        """
        state = self.state_at(now)
        if state == GONE:
            raise CollectionEndedError
        if state in _NOT_READY:
            raise CopyNotReadyError(_NOT_READY[state])

    def is_left_out(self, party: str, number: int) -> bool:
        """Whether a thing is left out; also one of which a second person has not been heard yet."""
        return any(one.party == party and one.leaves_out(number) for one in self.left_out)

    def _asked(self, left_out_id: str, at: datetime) -> LeftOut:
        self._check_goes_on(at)
        for one in self.left_out:
            if one.id == left_out_id:
                return one
        raise NoSuchCopyPartError

    def _there(self, party: str, at: datetime) -> Question:
        self._check_goes_on(at)
        question = self.question(party)
        if question.is_open:
            raise PartNotThereError
        return question

    def _check_goes_on(self, now: datetime) -> None:
        state = self.state_at(now)
        if state == GONE:
            raise CollectionEndedError
        if state == GIVEN:
            raise CopyGivenError

    def _with(self, question: Question) -> "Copy":
        others = tuple(question if one.party == question.party else one for one in self.questions)
        return replace(self, questions=others, safe=None)


def _check_not_their_own(who: str, question: Question, asked: LeftOut) -> None:
    """Let nobody judge whether what they wrote themself is hidden."""
    for number, wrote in enumerate(question.wrote, start=1):
        if asked.leaves_out(number) and who in wrote:
            raise SecondReaderNeededError(_OWN)
