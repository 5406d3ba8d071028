"""The job that chases stops: it ends what could not be ended yet, and measures with whom nobody has spoken.

Each step may be done twice; one person's fault stops no other. Shown by tests/integration/consent/test_stops.py.
"""

from functools import partial

from services.consent.ledger.keeping import SYSTEM
from services.consent.ledger.people import PersonStore
from services.consent.stops.commands import go_on
from services.consent.stops.documents import STOPS, StopStore
from services.consent.stops.rules import OPEN
from services.consent.stops.views import StopViews
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext
from shared.runtime.steps import Steps
from shared.telemetry.metric_names import STOPS_LATE
from shared.telemetry.metrics import gauge

_EVERY_S = 60.0
_MOST = 200


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``stops``."""
    return [Job(name="stops", every_s=_EVERY_S, run=partial(chase, context))]


def chase(context: ServiceContext) -> None:
    """Measure, and try again what could not be ended.

    Raises:
        TemporarilyUnavailableError: The database is away; the next run goes on from here.
    """
    gauge(STOPS_LATE).set(StopViews(context).count_late())
    steps = Steps(execute=context.committer.execute)
    where = {"state": OPEN, "waiting.0": {"$exists": True}}
    stops = context.client[context.database_name][STOPS]
    for found in list(stops.find(where, {"survivor_id": 1}).sort("updated_at", 1).limit(_MOST)):
        run = partial(_again, found["_id"], found["survivor_id"])
        steps.attempt("stops", run, aggregate=found["survivor_id"])


def _again(stop_id: str, survivor_id: str, work: UnitOfWork) -> Answer:
    # Of whoever was erased nothing stands any more.
    if PersonStore(work).try_turn(survivor_id):
        store = StopStore(work)
        stop = store.find(stop_id)
        if stop is not None and stop.state == OPEN:
            store.save(go_on(stop, work, actor_id=SYSTEM))
    return Answer(status=200)
