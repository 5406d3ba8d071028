"""What case shows of the question whether children depend on somebody."""

from dataclasses import asdict
from typing import Any

from services.case.dependants.documents import ANSWERS, answer_from
from services.case.dependants.rules import MOST, is_due, standing
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
        sealer = Sealer.of_known(self._context, [survivor_id])
        found = self._answers.find({"survivor_id": survivor_id}).sort("recorded_at", -1).limit(MOST)
        answers = [answer_from(one, sealer) for one in found]
        now = standing(answers)
        return {
            "now": None if now is None else asdict(now),
            "due": is_due(now, london_day(self._context.clock.now())),
            "answers": [asdict(one) for one in answers],
        }
