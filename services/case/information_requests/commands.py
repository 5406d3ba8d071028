"""What may be asked of the register; who takes one down about somebody takes that survivor's turn.

Shown by tests/integration/case/test_information_requests.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from services.case.information_requests.documents import InformationStore
from services.case.information_requests.rules import NOBODY, InformationAnswer, InformationRequest
from services.case.information_requests.rules import NOT_TOLD_YET as NOT_TOLD
from services.case.rights.documents import RightsStore
from services.case.rights.rules import check_received_on
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.codelists.lists import get
from shared.codelists.periods import london_day
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class TakeInformationRequest(DomainCommand):
    """Somebody outside asks for a survivor's information; it is written down, and nothing is answered."""

    action: ClassVar[str] = "case:information_request:take"
    request_id: str
    survivor_id: str | None
    asked_by: str
    received_on: date | None
    words: str | None
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The request."""
        return self.request_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The request, and the survivor whose turn it takes."""
        return frozenset({self.request_id, *([self.survivor_id] if self.survivor_id is not None else [])})


def take_information_request(command: TakeInformationRequest, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Write a request down; its answer is "referred to counsel" until somebody decides.

    Raises:
        DocumentMissingError, KeyDestroyedError: There is no such survivor, or somebody confirmed that they are erased.
        UnknownCodeError, ReceivedOnError, NoWordsError: Nothing is kept.
    """
    get("legal_request_type").require(command.asked_by)
    if command.survivor_id is not None:
        SurvivorStore(work).take_turn(command.survivor_id)
        RightsStore(work, sealer).check_not_erasing(command.survivor_id)
    today = london_day(work.now)
    request = InformationRequest(
        id=command.request_id,
        survivor_id=command.survivor_id,
        asked_by=command.asked_by,
        received_on=check_received_on(command.received_on or today, today),
        taken_by=command.actor_id,
        taken_role=command.role,
        taken_at=work.now,
        notice=NOBODY if command.survivor_id is None else NOT_TOLD,
        updated_at=work.now,
        words=command.words,
    )
    InformationStore(work, sealer).add(request)
    return Answer(status=201, ids={"id": request.id, "version": 1, "outcome": request.outcome})


@dataclass(frozen=True, kw_only=True)
class ChangeInformationRequest(DomainCommand):
    """Base of what changes one request at the version that the caller read."""

    request_id: str
    version: int
    actor_id: str

    @property
    def object_id(self) -> str:
        """The request."""
        return self.request_id


@dataclass(frozen=True, kw_only=True)
class JudgeInformationRequest(ChangeInformationRequest):
    """The host judged it, with counsel.

    Attributes:
        judged: Fields of ``Judged``; what is left out stays as it was.
    """

    action: ClassVar[str] = "case:information_request:judge"
    judged: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class NoteNotice(ChangeInformationRequest):
    """The survivor was told that somebody asked, or a law forbids it."""

    action: ClassVar[str] = "case:information_request:notice"
    notice: str


@dataclass(frozen=True, kw_only=True)
class AnswerInformationRequest(ChangeInformationRequest):
    """It was refused, or met in part or whole."""

    action: ClassVar[str] = "case:information_request:answer"
    answer: InformationAnswer


def judge_information_request(command: JudgeInformationRequest, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Keep what was judged.

    Raises:
        DocumentMissingError, StaleVersionError, InformationRequestClosedError, AnswerNotAllowedError: Nothing changes.
    """
    today = london_day(work.now)

    def judge(request: InformationRequest) -> InformationRequest:
        return request.judged_as(command.judged, by=command.actor_id, at=work.now, today=today)

    return _change(command, work, sealer, judge)


def note_notice(command: NoteNotice, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Keep whether the survivor was told.

    Raises:
        DocumentMissingError, StaleVersionError, InformationRequestClosedError, NobodyToTellError: Nothing changes.
    """
    return _change(command, work, sealer, lambda one: one.noticed(command.notice, by=command.actor_id, at=work.now))


def answer_information_request(command: AnswerInformationRequest, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """End it with what was answered.

    Raises:
        DocumentMissingError, StaleVersionError, InformationRequestClosedError, AnswerNotAllowedError: Nothing changes.
    """
    return _change(command, work, sealer, lambda one: one.answered(command.answer, by=command.actor_id, at=work.now))


def _change(
    command: ChangeInformationRequest,
    work: UnitOfWork,
    sealer: Sealer,
    change: Callable[[InformationRequest], InformationRequest],
) -> Answer:
    store = InformationStore(work, sealer)
    request = change(store.at_version(command.request_id, command.version))
    version = store.save(request)
    return Answer(status=200, ids={"id": request.id, "version": version, "outcome": request.outcome})
