"""Stops over HTTP: said by one request, seen by whoever acts on the person, lifted by a supervisor."""

from typing import Any

from services.consent.concerns.commands import TAKERS
from services.consent.ledger.views import LedgerViews
from services.consent.stops.acting import LIFTERS, STOPPERS, of_whom_it_is_said, whose_stop
from services.consent.stops.commands import LiftStop, StopEverything, lift_stop, stop_everything
from services.consent.stops.schemas import (
    LiftSchema,
    StandingSchema,
    StopListSchema,
    StopQuerySchema,
    StopSchema,
    WholeStopSchema,
)
from services.consent.stops.views import StopViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema

_PATH = "/v1/stops"
_ONE = f"{_PATH}/<uuid:stop_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    views = StopViews(context)
    ledger = LedgerViews(context.client[context.database_name], context.clock.now)
    of_person, of_stop = of_whom_it_is_said(ledger), whose_stop(ledger, views)

    def listed(asked: Asked) -> Any:
        return views.stops(PageRequest.of(asked.query), state=asked.query["state"])

    return [
        RouteGroup(
            name="stops",
            about="When a survivor says: stop everything",
            routes=[
                Route(
                    method="POST",
                    path=_PATH,
                    says="Stop everything for a person: every permission ends at once, no new one is taken, and "
                    "nothing more about them goes to other systems. No reason is asked; saying it twice is once. It "
                    "erases nothing.",
                    roles=STOPPERS,
                    whose=of_person,
                    body=StopSchema,
                    command=_stop,
                    by=stop_everything,
                    status=201,
                    location=f"{_PATH}/{{id}}",
                    gives=AnswerSchema,
                ),
                Route(
                    method="GET",
                    path=_PATH,
                    says="List stops, the longest untouched first.",
                    roles=TAKERS,
                    query=StopQuerySchema,
                    view=listed,
                    action="consent:stop:list",
                    gives=StopListSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/search",
                    says="Find whether everything is stopped for a person.",
                    roles=STOPPERS,
                    whose=of_person,
                    body=StopSchema,
                    view=lambda asked: views.standing(asked.about.id),
                    action="consent:stop:search",
                    gives=StandingSchema,
                ),
                Route(
                    method="GET",
                    path=_ONE,
                    says="Read a stop: what it ended, what has gone already and what still waits.",
                    roles=STOPPERS,
                    whose=of_stop,
                    view=lambda asked: views.whole(asked.path["stop_id"]),
                    action="consent:stop:read",
                    gives=WholeStopSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_ONE}/lift",
                    says="Lift a stop after somebody spoke with the person in private. No permission comes back by it; "
                    "each is asked for again, one by one.",
                    roles=LIFTERS,
                    whose=of_stop,
                    body=LiftSchema,
                    command=_lift,
                    by=lift_stop,
                    gives=AnswerSchema,
                ),
            ],
        )
    ]


def _stop(asked: Asked) -> StopEverything:
    return StopEverything(
        stop_id=new_id(), survivor_id=asked.about.id, actor_id=asked.who.actor_id, role=asked.who.role
    )


def _lift(asked: Asked) -> LiftStop:
    return LiftStop(
        stop_id=asked.path["stop_id"],
        survivor_id=asked.about.id,
        why=asked.body["why"],
        actor_id=asked.who.actor_id,
    )
