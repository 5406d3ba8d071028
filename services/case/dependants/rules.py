"""Whether children depend on somebody, and when to ask again: plain rules, no database and no clock.

Promise: an answer is one code and a day, and there is no field into which a name, an age or a word of a child fits;
what was answered stays to be seen. Shown by tests/unit/case/test_dependant_rules.py. Source: ADR 0072.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from services.case.dependants.errors import AskAgainMisplannedError

NOT_ASKED = "NOT_ASKED"
MOST = 500
"""Answers of one person that are kept; one each week for nine years."""
USUALLY, LATEST = timedelta(weeks=12), timedelta(weeks=52)
WHAT = "Ask again in private whether children depend on them"

_STEPS = UUID("5b0a3a6c-51c0-4a2e-9b7b-0f6f3f0c8a11")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer; the newest stands.

    Attributes:
        answer: A code of ``dependant_answer``.
        ask_again_on: By when it is asked again.
        step_id: The step by which it is; None where the list of steps was full.
    """

    id: str
    survivor_id: str
    answer: str
    ask_again_on: date
    step_id: str | None = None
    actor_id: str
    role: str
    recorded_at: datetime
    updated_at: datetime
    version: int = 0


def check_again(on: date, today: date) -> None:
    """Refuse a day on which nobody would ask again.

    Raises:
        AskAgainMisplannedError: It is over, or more than a year ahead.
    """
    if not today <= on <= today + LATEST:
        raise AskAgainMisplannedError


def is_due(answer: Answer | None, today: date) -> bool:
    """Whether it is to be asked now: nobody has, or the day has come."""
    return answer is None or answer.answer == NOT_ASKED or answer.ask_again_on <= today


def step_of(answer_id: str) -> str:
    """Give the id of the step by which it is asked again."""
    return str(uuid5(_STEPS, answer_id))
