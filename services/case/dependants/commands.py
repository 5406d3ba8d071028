"""What may be answered; the day's list asks again, and an answer ends what it asked.

Shown by tests/integration/case/test_dependants.py.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from services.case.dependants.documents import AnswerStore
from services.case.dependants.rules import WHAT, check_again, step_of
from services.case.dependants.rules import Answer as Answered
from services.case.steps.documents import StepStore
from services.case.steps.rules import FOLLOW_UP, Step
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.on_survivor import OnSurvivor
from services.case.survivors.sealing import Sealer
from shared.codelists.periods import london_day
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class AnswerDependants(OnSurvivor):
    """Somebody asked, or says that nobody could.

    Attributes:
        answer: A code of ``dependant_answer``.
        ask_again_on: By when it is asked again.
    """

    action: ClassVar[str] = "case:dependants:answer"
    answer_id: str
    answer: str
    ask_again_on: date


def answer_dependants(command: AnswerDependants, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Keep the answer, and let the day's list ask again by its day.

    Raises:
        DocumentMissingError, AskAgainMisplannedError, TooManyAnswersError: Nothing is kept.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    check_again(command.ask_again_on, london_day(work.now))
    store, steps = AnswerStore(work, sealer, command.survivor_id), StepStore(work, sealer)
    before = store.newest()
    steps.finish(before.step_id if before is not None else None, command.actor_id)
    step = Step(
        id=step_of(command.answer_id),
        survivor_id=command.survivor_id,
        kind=FOLLOW_UP,
        what=WHAT,
        due_on=command.ask_again_on,
        opened_by=command.actor_id,
        opened_at=work.now,
        updated_at=work.now,
    )
    answer = Answered(
        id=command.answer_id,
        survivor_id=command.survivor_id,
        answer=command.answer,
        ask_again_on=command.ask_again_on,
        step_id=steps.add_if_room(step),
        actor_id=command.actor_id,
        role=command.role,
        recorded_at=work.now,
        updated_at=work.now,
    )
    store.add(answer)
    return Answer(status=201, ids={"id": answer.id, "version": 1})
