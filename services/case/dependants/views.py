"""What case shows of the question whether children depend on somebody."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from services.case.dependants.documents import ANSWERS, NEWEST, answer_from
from services.case.dependants.rules import MOST, Answer, is_due
from services.case.survivors.sealing import Sealer
from shared.codelists.periods import london_day
from shared.runtime.context import ServiceContext


class DependantViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._context = context
        self._answers = context.client[context.database_name][ANSWERS]

    def of_person(self, survivor_id: str) -> dict[str, Any]:
        """Give everything; ``KeyDestroyedError`` where they were erased."""
        answers = self._read(survivor_id, MOST)
        return {**self._stands(answers), "answers": [asdict(one) for one in answers]}

    def now(self, survivor_id: str) -> dict[str, Any]:
        """Give what stands, and whether it is time to ask, by one document."""
        return self._stands(self._read(survivor_id, 1))

    def _read(self, survivor_id: str, most: int) -> list[Answer]:
        sealer = Sealer.of_known(self._context, [survivor_id])
        found = self._answers.find({"survivor_id": survivor_id}).sort(list(NEWEST)).limit(most)
        return [answer_from(one, sealer) for one in found]

    def _stands(self, answers: Sequence[Answer]) -> dict[str, Any]:
        now = answers[0] if answers else None
        return {
            "now": None if now is None else asdict(now),
            "due": is_due(now, london_day(self._context.clock.now())),
        }
