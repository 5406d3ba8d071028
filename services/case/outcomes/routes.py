"""The HTTP routes of outcomes and entitlements."""

from typing import Any

from services.case.episodes.acting import whose_episode
from services.case.episodes.views import EpisodeViews
from services.case.outcomes.commands import (
    CorrectEntitlement,
    CorrectRating,
    RateOutcomes,
    RecordEntitlement,
    TakeEntitlementBack,
    TakeRatingBack,
)
from services.case.outcomes.documents import RATING_KIND
from services.case.outcomes.schemas import (
    CorrectEntitlementSchema,
    CorrectOutcomeSchema,
    EntitlementListSchema,
    EntitlementSchema,
    OutcomeChangesSchema,
    OutcomeListSchema,
    OutcomeSchema,
)
from services.case.outcomes.serving import CASEWORK, Served, kept_routes
from services.case.outcomes.views import KeptViews, change_rows
from services.case.survivors.views import SurvivorViews
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup

OUTCOMES = Served(
    name="outcomes",
    one="outcome",
    writes=RateOutcomes,
    corrects=CorrectRating,
    takes_back=TakeRatingBack,
    body=OutcomeSchema,
    correction=CorrectOutcomeSchema,
    gives=OutcomeListSchema,
    write_says="Record how far an outcome is reached, as the survivor says; or that they did not say.",
    list_says="List an episode's ratings of outcomes, each correction beside what it corrects.",
    correct_says="Correct a rating that one wrote wrongly; what stood there stays to be seen.",
    back_says="Take back a rating that nobody gave; what stood there stays to be seen.",
)
ENTITLEMENTS = Served(
    name="entitlements",
    one="entitlement",
    writes=RecordEntitlement,
    corrects=CorrectEntitlement,
    takes_back=TakeEntitlementBack,
    body=EntitlementSchema,
    correction=CorrectEntitlementSchema,
    gives=EntitlementListSchema,
    write_says="Record a right or an entitlement that the survivor gained.",
    list_says="List what a survivor gained during an episode, each correction beside what it corrects.",
    correct_says="Correct an entitlement that one wrote wrongly; what stood there stays to be seen.",
    back_says="Take back an entitlement that they did not gain; what stood there stays to be seen.",
)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes of outcomes and entitlements."""
    survivors = SurvivorViews(context)
    ratings = KeptViews(context, RATING_KIND)

    def changed(asked: Asked) -> dict[str, Any]:
        row = asked.about.row
        return {"items": change_rows(ratings.of_person(row["survivor_id"], [row["id"]]))}

    changes = Route(
        method="GET",
        path="/v1/episodes/<uuid:episode_id>/outcomes/changes",
        says="Give each outcome from the survivor's first to their newest answer, and how it changed.",
        roles=CASEWORK,
        whose=whose_episode(EpisodeViews(context, survivors), survivors),
        view=changed,
        action="case:outcome:changes",
        gives=OutcomeChangesSchema,
    )
    every = [*kept_routes(context, OUTCOMES), changes, *kept_routes(context, ENTITLEMENTS)]
    return [RouteGroup(name="case", about="Whom a host supports", routes=every)]
