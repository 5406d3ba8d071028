"""A request for a survivor's information: plain rules, no database and no clock.

Promise: it is "referred to counsel" until somebody decides; nothing leaves before counsel was heard, each test of the
law is judged as met, and the survivor was told or a law forbids it; what nobody judged is a no. Shown by
tests/unit/case/test_information_rules.py.
Source: Police, Crime, Sentencing and Courts Act 2022, part 2 chapter 3A, in force since 12 January 2026; user story 9.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.case.information_requests.errors import (
    AnswerNotAllowedError,
    InformationRequestClosedError,
    NobodyToTellError,
)

OPEN, CLOSED = "OPEN", "CLOSED"
REFERRED, REFUSED, PARTIAL, COMPLIED = "REFERRED_TO_COUNSEL", "REFUSED", "PARTIAL", "COMPLIED"
NOT_JUDGED, MET = "NOT_JUDGED", "MET"
NOT_STATED, NOT_KNOWN, YES = "NOT_STATED", "NOT_KNOWN", "YES"
NOT_TOLD_YET, NOBODY = "NOT_TOLD_YET", "NOBODY_IN_PARTICULAR"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What the host judged of a request, with counsel.

    Attributes:
        legal_power: On what power they ask; a code.
        relevant, necessary, proportionate: The tests of the law; codes of the list ``judgement``.
        counselling: Whether it holds what was said in counselling.
        probative: Of counselling: whether it is likely to have substantial probative value.
        counsel_on: The day on which counsel was heard; None while they were not.
    """

    legal_power: str = NOT_STATED
    relevant: str = NOT_JUDGED
    necessary: str = NOT_JUDGED
    proportionate: str = NOT_JUDGED
    counselling: str = NOT_KNOWN
    probative: str = NOT_JUDGED
    counsel_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class InformationAnswer:
    """What was answered.

    Attributes:
        refusals: Codes of the list ``information_refusal``.
        left: What left, in kinds; codes of the list ``data_class``.
        words: What was answered, in words; sealed.
    """

    outcome: str
    refusals: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    words: str | None = None


@dataclass(frozen=True, kw_only=True)
class InformationRequest:
    """One request by somebody outside.

    Attributes:
        survivor_id: Whom it is about; None where it names nobody, such as "all nationals of X".
        asked_by: What asks; a code of the list ``legal_request_type``.
        outcome: ``REFERRED_TO_COUNSEL`` until it is answered.
        notice: Whether the survivor was told.
        words: What they ask, as it was taken down; sealed.
        answer: What was answered; sealed.
    """

    id: str
    survivor_id: str | None
    asked_by: str
    received_on: date
    taken_by: str
    taken_role: str
    taken_at: datetime
    state: str = OPEN
    outcome: str = REFERRED
    judged: Judged = Judged()
    judged_by: str | None = None
    judged_at: datetime | None = None
    notice: str = NOT_TOLD_YET
    noticed_by: str | None = None
    noticed_at: datetime | None = None
    refusals: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    closed_by: str | None = None
    closed_at: datetime | None = None
    updated_at: datetime
    words: str | None = None
    answer: str | None = None
    version: int = 0

    def judged_as(self, said: Mapping[str, Any], *, by: str, at: datetime, today: date) -> "InformationRequest":
        """Keep what was judged, and what was judged before beside it; it may be judged again until it is answered.

        Raises:
            InformationRequestClosedError, AnswerNotAllowedError: Nothing changes.
        """
        self._check_open()
        judged = replace(self.judged, **said)
        if judged.counsel_on is not None and not self.received_on <= judged.counsel_on <= today:
            raise AnswerNotAllowedError("#/counsel_on", "Counsel is heard after the request arrived, and by today.")
        return replace(self, judged=judged, judged_by=by, judged_at=at)

    def noticed(self, notice: str, *, by: str, at: datetime) -> "InformationRequest":
        """Keep whether the survivor was told.

        Raises:
            InformationRequestClosedError, NobodyToTellError: Nothing changes.
        """
        self._check_open()
        if (notice == NOBODY) != (self.survivor_id is None):
            raise NobodyToTellError
        return replace(self, notice=notice, noticed_by=by, noticed_at=at)

    def answered(self, answer: InformationAnswer, *, by: str, at: datetime) -> "InformationRequest":
        """End it with what was answered.

        Raises:
            InformationRequestClosedError, AnswerNotAllowedError: Nothing changes, and nothing may leave.
        """
        self._check_open()
        missing = self._missing(answer)
        if missing is not None:
            raise AnswerNotAllowedError(*missing)
        return replace(
            self,
            state=CLOSED,
            outcome=answer.outcome,
            refusals=answer.refusals,
            left=answer.left,
            answer=answer.words,
            closed_by=by,
            closed_at=at,
        )

    def _missing(self, answer: InformationAnswer) -> tuple[str, str] | None:
        if answer.outcome not in (REFUSED, PARTIAL, COMPLIED):
            return "#/outcome", "Say how it was answered. Until then it stays referred to counsel by itself."
        if answer.outcome != COMPLIED and not answer.refusals:
            return "#/refusals", "Say why it is not met, or not all of it."
        if answer.outcome == COMPLIED and answer.refusals:
            return "#/refusals", "What is met as a whole has no reasons against it. Leave them out."
        if answer.outcome == REFUSED:
            return ("#/left", "What is refused left nobody. Leave it out.") if answer.left else None
        if not answer.left:
            return "#/left", "Say what left, in kinds."
        return self._holds_back()

    def _holds_back(self) -> tuple[str, str] | None:
        """Give what forbids that anything leaves; None where nothing does."""
        judged = self.judged
        tests = {"relevant": judged.relevant, "necessary": judged.necessary, "proportionate": judged.proportionate}
        if judged.counselling == YES:
            tests["probative"] = judged.probative
        unmet = next((name for name, found in tests.items() if found != MET), None)
        checks: list[tuple[bool, str]] = [
            (self.survivor_id is None, "A request that names nobody is never met: it would be a search for people."),
            (judged.counsel_on is None, "Counsel has not been heard. Nothing leaves before."),
            (judged.legal_power == NOT_STATED, "No power is named on which it could be met. Nothing leaves without."),
            (judged.counselling == NOT_KNOWN, "Find out first whether it holds what was said in counselling."),
            (unmet is not None, f"Nothing leaves before this is judged as met: {unmet}."),
            (self.notice == NOT_TOLD_YET, "Tell the survivor first, by safe contact, unless a law forbids it."),
        ]
        return next((("#/outcome", sentence) for held, sentence in checks if held), None)

    def _check_open(self) -> None:
        if self.state != OPEN:
            raise InformationRequestClosedError
