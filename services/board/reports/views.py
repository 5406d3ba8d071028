"""What the board sees of a host: its punctuality, and nothing more."""

from collections.abc import Callable, Mapping
from typing import Any

from pymongo.database import Database

from services.board.reports.documents import JUDGEMENTS
from services.board.reports.rules import NOT_SENT, WAITING, punctuality
from services.board.tasks.documents import TASKS
from services.board.tasks.task import OPEN, PROPOSED, REFUSED_DRAFT
from shared.kernel.clock import Now


class HostViews:
    """Reads from the board's own database."""

    def __init__(self, database: Database[dict[str, Any]], now: Now, names: Callable[[], Mapping[str, str]]) -> None:
        """Take the database, the clock, and the hosts' names by id; a host without one is called by its id."""
        self._database = database
        self._now = now
        self._names = names

    def hosts(self) -> list[dict[str, Any]]:
        """Give each rostered host of the newest task: on time, late, not sent, needs attention, or still waited for."""
        task = self._database[TASKS].find_one({"state": {"$ne": REFUSED_DRAFT}}, sort=[("seal_at", -1)])
        if task is None:
            return []
        judged = {j["host"]: j for j in self._database[JUDGEMENTS].find({"task_id": task["_id"]})}
        waiting = task["state"] in (PROPOSED, OPEN) and self._now() < task["closes_at"]
        unheard = WAITING if waiting else NOT_SENT
        names = self._names()
        return [
            {
                "host": host,
                "name": names.get(host, host),
                "period": task["period"],
                "status": punctuality(judged[host]["outcome"], judged[host]["reason"]) if host in judged else unheard,
            }
            for host in task["roster"]
        ]
