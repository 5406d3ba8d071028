"""The job that brings over goals of the version before, which were entries of an episode with an area alone.

Promise: each becomes one goal of the same id, with no words and without who set it, since nobody said so.
Shown by tests/integration/case/test_goals.py.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.case.entries.bringing import bring, job_of
from services.case.entries.rules import GOALS as OLD_KIND
from services.case.goals.documents import GOAL, GOALS
from services.case.goals.rules import Goal
from shared.outbox.commands import Answer, Command
from shared.runtime.context import Job, ServiceContext

_TOLD = ("id", "episode_id", "area", "recorded_at")


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job."""
    return [job_of(context, "goals-of-before", bring_over)]


def bring_over(execute: Callable[[Command], Answer]) -> int:
    """Bring over what is left; give how many.

    Raises:
        TemporarilyUnavailableError: The database is away; the next run goes on.
    """
    return bring(execute, kind=OLD_KIND, into=GOALS, made=_made)


def _made(entry: Mapping[str, Any], survivor_id: str, now: datetime) -> Mapping[str, Any]:
    goal = Goal(survivor_id=survivor_id, updated_at=now, **{name: entry[name] for name in _TOLD})
    # No word of it is known that would need a key, so also of an erased person nothing more is kept.
    return GOAL.document(goal, seal=dict)
