"""The HTTP routes of needs and risks."""

from typing import Any

from marshmallow import Schema

from services.case.episodes.acting import whose_episode
from services.case.episodes.views import EpisodeViews
from services.case.needs.commands import CorrectNeed, CorrectRisk, TakeNeedBack, TakeRiskBack, WeighNeed, WeighRisk
from services.case.needs.rules import histories
from services.case.needs.schemas import (
    CorrectNeedSchema,
    CorrectRiskSchema,
    NeedListSchema,
    NeedSchema,
    NeedsNowSchema,
    RiskListSchema,
    RiskSchema,
    RisksNowSchema,
)
from services.case.outcomes.serving import CASEWORK, Served, kept_routes
from services.case.outcomes.views import KeptViews
from services.case.survivors.views import SurvivorViews
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup

_NEED = Served(
    name="needs",
    one="need",
    writes=WeighNeed,
    corrects=CorrectNeed,
    takes_back=TakeNeedBack,
    body=NeedSchema,
    correction=CorrectNeedSchema,
    gives=NeedListSchema,
    write_says="Weigh what somebody needs in one area; what was weighed before stays to be seen.",
    list_says="List every weighing of an episode's needs, each correction beside what it corrects.",
    correct_says="Correct a need that one wrote wrongly; what stood there stays to be seen.",
    back_says="Take back a need that is not theirs; what stood there stays to be seen.",
)
_RISK = Served(
    name="risks",
    one="risk",
    writes=WeighRisk,
    corrects=CorrectRisk,
    takes_back=TakeRiskBack,
    body=RiskSchema,
    correction=CorrectRiskSchema,
    gives=RiskListSchema,
    write_says="Weigh what endangers somebody; nobody is told by it, so an immediate risk needs your procedure.",
    list_says="List every weighing of an episode's risks, each correction beside what it corrects.",
    correct_says="Correct a risk that one wrote wrongly; what stood there stays to be seen.",
    back_says="Take back a risk that is not theirs; what stood there stays to be seen.",
)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes of needs and risks."""
    every = [
        *kept_routes(context, _NEED),
        _now(context, _NEED, NeedsNowSchema),
        *kept_routes(context, _RISK),
        _now(context, _RISK, RisksNowSchema),
    ]
    return [RouteGroup(name="case", about="Whom a host supports", routes=every)]


def _now(context: ServiceContext, kind: Served, gives: type[Schema]) -> Route:
    survivors = SurvivorViews(context)
    views = KeptViews(context, kind.writes.kind)

    def stands(asked: Asked) -> dict[str, Any]:
        row = asked.about.row
        kept = views.of_person(row["survivor_id"], [row["id"]])
        return {"items": views.rows([one.now for one in histories(kept)])}

    return Route(
        method="GET",
        path=f"/v1/episodes/<uuid:episode_id>/{kind.name}/now",
        says=f"Give each of an episode's {kind.name} as it stands, that which was weighed last first.",
        roles=CASEWORK,
        whose=whose_episode(EpisodeViews(context, survivors), survivors),
        view=stands,
        action=f"case:{kind.one}:now",
        gives=gives,
    )
