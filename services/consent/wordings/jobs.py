"""The job that goes on with registered words, chunk after chunk, until nobody waits for them any more."""

from collections.abc import Callable
from functools import partial

from services.consent.wordings.commands import go_on, wording_aggregate
from services.consent.wordings.views import WordingViews
from shared.runtime.context import Job, ServiceContext
from shared.runtime.steps import Steps

_EVERY_S = 2.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``wordings``."""
    views = WordingViews(context.client[context.database_name])
    steps = Steps(execute=context.committer.execute)
    return [Job(name="wordings", every_s=_EVERY_S, run=lambda: weigh_all(steps, views.being_weighed), rung=True)]


def weigh_all(steps: Steps, being_weighed: Callable[[], list[str]]) -> None:
    """Weigh those who wait for words that were registered; a code whose step fails waits for the next run."""
    for code in being_weighed():
        while code in being_weighed() and steps.attempt(
            "wordings", partial(go_on, code), aggregate=wording_aggregate(code)
        ):
            pass
