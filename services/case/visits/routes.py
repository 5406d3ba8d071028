"""The visits' HTTP routes: one press for whoever is out, and the alarms of those who look after them."""

from typing import Any

from services.case.support.admission import CASEWORK
from services.case.survivors.acting import whose_survivor
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from services.case.visits.acting import whose_alarm, whose_visit, whose_words
from services.case.visits.commands import (
    AskForHelp,
    CloseAlarm,
    EndVisit,
    PlanVisit,
    SaySafe,
    StayLonger,
    TakeAlarm,
    ask_for_help,
    close_alarm,
    end_visit,
    plan_visit,
    say_safe,
    stay_longer,
    take_alarm,
)
from services.case.visits.rules import WATCHERS
from services.case.visits.schemas import (
    CloseAlarmSchema,
    LongerSchema,
    PlanVisitSchema,
    VisitAnswerSchema,
    VisitListSchema,
    VisitQuerySchema,
    VisitSchema,
)
from services.case.visits.views import VisitViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import EmptySchema

_OF_SURVIVOR = "/v1/survivors/<uuid:survivor_id>/visits"
_ONE, _ALARM = "/v1/visits/<uuid:visit_id>", "/v1/visit-alarms/<uuid:visit_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    views = VisitViews(context)
    of_survivor = whose_survivor(SurvivorViews(context), lambda asked: asked.path["survivor_id"])
    by_goer: dict[str, Any] = {"method": "POST", "roles": CASEWORK, "whose": whose_visit(views)}
    by_watcher: dict[str, Any] = {"method": "POST", "roles": WATCHERS, "whose": whose_alarm(views)}
    planned = Route(
        method="POST",
        path=_OF_SURVIVOR,
        roles=CASEWORK,
        says="Plan a visit on which one goes alone: where, from when, until when. Without a word by then an alarm "
        "stands for the supervisors. Where one goes is sealed, and is kept until 24 hours after the end.",
        whose=of_survivor,
        body=PlanVisitSchema,
        command=_plan,
        by=plan_visit,
        needs=lambda command: {"sealer": Sealer.of_known(context, [command.survivor_id])},
        status=201,
        location="/v1/visits/{id}",
        gives=VisitAnswerSchema,
    )
    read = [
        Route(
            method="GET",
            path="/v1/visits",
            says="List one's own visits, oldest change first; a supervisor sees everybody's. Where they go stands in "
            "no list.",
            roles=CASEWORK,
            query=VisitQuerySchema,
            view=lambda asked: views.visits(PageRequest.of(asked.query), asked.who, state=asked.query["state"]),
            action="case:visit:list",
            gives=VisitListSchema,
        ),
        Route(
            method="GET",
            path=_ONE,
            says="Read a visit with where it goes: for whoever goes, and for a supervisor while an alarm stands.",
            roles=CASEWORK,
            whose=whose_words(views),
            view=lambda asked: views.whole(asked.about.id),
            action="case:visit:read",
            gives=VisitSchema,
        ),
        Route(
            method="GET",
            path="/v1/visit-alarms",
            says="List the alarms that stand: for supervisors at once; for the safeguarding lead and the administrator "
            "once nobody took one for 15 minutes or closed it within an hour, or somebody asked for help.",
            roles=WATCHERS,
            query=PageQuerySchema,
            view=lambda asked: views.alarms(PageRequest.of(asked.query), asked.who),
            action="case:visit:list-alarms",
            gives=VisitListSchema,
        ),
    ]
    said = [
        Route(
            **by_goer,
            path=f"{_ONE}/safe",
            says="Say that one is safe. It holds until the time agreed, and after that for 30 minutes.",
            body=EmptySchema,
            command=lambda asked: SaySafe(**_about(asked)),
            by=say_safe,
            gives=VisitAnswerSchema,
        ),
        Route(
            **by_goer,
            path=f"{_ONE}/longer",
            says="Say that one is safe and stays longer.",
            body=LongerSchema,
            command=lambda asked: StayLonger(minutes=asked.body["minutes"], **_about(asked)),
            by=stay_longer,
            gives=VisitAnswerSchema,
        ),
        Route(
            **by_goer,
            path=f"{_ONE}/help",
            says="Ask for help: the alarm stands at once, for everybody who may hear of one.",
            body=EmptySchema,
            command=lambda asked: AskForHelp(**_about(asked)),
            by=ask_for_help,
            gives=VisitAnswerSchema,
        ),
        Route(
            **by_goer,
            path=f"{_ONE}/end",
            says="Say that one is back, or does not go. An alarm that stands is closed by somebody else.",
            body=EmptySchema,
            command=lambda asked: EndVisit(**_about(asked)),
            by=end_visit,
            gives=VisitAnswerSchema,
        ),
        Route(
            **by_watcher,
            path=f"{_ALARM}/take",
            says="Say that one looks after an alarm; whoever did so before does not have to any more.",
            body=EmptySchema,
            command=lambda asked: TakeAlarm(role=asked.who.role, **_about(asked)),
            by=take_alarm,
            gives=VisitAnswerSchema,
        ),
        Route(
            **by_watcher,
            path=f"{_ALARM}/close",
            says="Close an alarm with what was found. It ends the visit, unless whoever is out is safe and stays.",
            body=CloseAlarmSchema,
            command=lambda asked: CloseAlarm(role=asked.who.role, found=asked.body["found"], **_about(asked)),
            by=close_alarm,
            gives=VisitAnswerSchema,
        ),
    ]
    about = "Visits on which somebody goes alone, and their alarms"
    return [RouteGroup(name="visits", about=about, routes=[planned, *read, *said])]


def _plan(asked: Asked) -> PlanVisit:
    return PlanVisit(**asked.body, visit_id=new_id(), survivor_id=asked.about.id, actor_id=asked.who.actor_id)


def _about(asked: Asked) -> dict[str, Any]:
    return {"visit_id": asked.path["visit_id"], "actor_id": asked.who.actor_id}
