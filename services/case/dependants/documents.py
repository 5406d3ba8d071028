"""Answers whether children depend on somebody, one document each, and nobody can write over one.

The code is sealed with the survivor's own key. The day to ask again stands in clear, as any day of the host's plan.
"""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from services.case.days import read_day, write_day
from services.case.dependants.errors import TooManyAnswersError
from services.case.dependants.rules import MOST, Answer
from services.case.survivors.sealing import Sealer
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

ANSWERS = "dependant_answers"
ANSWER = DocumentType(
    collection=ANSWERS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID, shown=False),
        Field(name="answer", holds=Holds.CODE, sealed=True),
        Field(name="ask_again_on", holds=Holds.INSTANT, write=write_day, read=read_day),
        Field(name="step_id", holds=Holds.ID),
        Field(name="actor_id", holds=Holds.ID),
        Field(name="role", holds=Holds.CODE),
        Field(name="recorded_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(IndexModel([("survivor_id", 1), ("recorded_at", -1), ("_id", -1)]),),
    append_only=True,
)
TYPES = (ANSWER,)
NEWEST = (("recorded_at", -1), ("_id", -1))
"""The order in which the first is the one that stands."""


def answer_from(document: Mapping[str, Any], sealer: Sealer) -> Answer:
    """Read an answer's document."""
    return Answer(**ANSWER.values(document, opened=sealer.opening(document["survivor_id"])))


class AnswerStore:
    """Answers of one survivor, in whose turn they are written."""

    def __init__(self, work: UnitOfWork, sealer: Sealer, survivor_id: str) -> None:
        """Work inside one transaction."""
        self._work = work
        self._sealer = sealer
        self._survivor_id = survivor_id
        self._theirs = {"survivor_id": survivor_id}

    def newest(self) -> Answer | None:
        """Give what was answered last; None where nobody has asked."""
        found = self._work.find_where(ANSWERS, self._theirs, sort=NEWEST, limit=1)
        return answer_from(found[0], self._sealer) if found else None

    def add(self, answer: Answer) -> None:
        """Keep a new answer.

        Raises:
            TooManyAnswersError: As many are kept as may be.
        """
        if len(self._work.find_where(ANSWERS, self._theirs, limit=MOST)) >= MOST:
            raise TooManyAnswersError(MOST)
        self._work.insert(ANSWERS, ANSWER.document(answer, seal=self._sealer.sealing(self._survivor_id)))
