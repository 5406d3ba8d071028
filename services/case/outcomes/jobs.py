"""The job that brings over ratings of the version before, which were entries of an episode.

Promise: each becomes one rating of the same id, without a day, an author or how it was asked, since nobody said so; of
somebody who was erased none does, since there is no key to seal it with.
Shown by tests/integration/case/test_outcomes.py.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from services.case.entries.bringing import bring, job_of
from services.case.entries.rules import OUTCOMES as OLD_KIND
from services.case.outcomes.documents import RATING, RATINGS
from services.case.outcomes.rules import Rating
from services.case.survivors.sealing import Sealer
from shared.keys.survivor_keys import KeyDestroyedError
from shared.outbox.commands import Answer, Command
from shared.runtime.context import Job, ServiceContext

_TOLD = ("id", "episode_id", "outcome", "rating", "rated_by", "point", "recorded_at")


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job."""
    return [job_of(context, "outcomes-of-before", partial(bring_over, context))]


def bring_over(context: ServiceContext, execute: Callable[[Command], Answer]) -> int:
    """Bring over what is left; give how many.

    Raises:
        TemporarilyUnavailableError: The database is away; the next run goes on.
    """
    return bring(execute, kind=OLD_KIND, into=RATINGS, made=partial(_made, context))


def _made(
    context: ServiceContext, entry: Mapping[str, Any], survivor_id: str, now: datetime
) -> Mapping[str, Any] | None:
    try:
        sealer = Sealer.of_known(context, [survivor_id])
    except KeyDestroyedError:
        return None
    told = {name: entry[name] for name in _TOLD}
    rating = Rating(survivor_id=survivor_id, first_recorded_at=entry["recorded_at"], updated_at=now, **told)
    return RATING.document(rating, seal=sealer.sealing(survivor_id))
