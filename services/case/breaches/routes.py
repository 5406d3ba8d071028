"""The breaches' HTTP routes: taken down by many, dealt with by the data protection officer."""

from functools import partial
from typing import Any

from services.case.breaches.commands import (
    CloseBreach,
    JudgeBreach,
    NamePeople,
    NoteTold,
    ReportBreach,
    TakeBreach,
    close_breach,
    judge_breach,
    name_people,
    note_told,
    report_breach,
    take_breach,
)
from services.case.breaches.schemas import (
    BreachListSchema,
    BreachPeopleSchema,
    BreachQuerySchema,
    BreachReportSchema,
    BreachSchema,
    BreachTakenSchema,
    BreachToldSchema,
    CloseBreachSchema,
    JudgeBreachSchema,
    TakeBreachSchema,
)
from services.case.breaches.views import BreachViews
from services.case.rights import registers
from services.case.rights.roles import DECIDES, TAKERS
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema

_PATH = "/v1/breaches"
_ONE = f"{_PATH}/<uuid:breach_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    views = BreachViews(context)
    changing = partial(registers.changing, of=_ONE, gives=AnswerSchema)
    return [
        RouteGroup(
            name="breaches",
            about="When personal data went where it should not, or is gone",
            routes=[
                Route(
                    method="POST",
                    path=_PATH,
                    says="Take a breach down, as soon as anybody notices. The ICO hears of it within 72 hours from "
                    "when the host knew, weekends counted; the answer says by when.",
                    roles=TAKERS,
                    body=TakeBreachSchema,
                    command=_take,
                    by=take_breach,
                    status=201,
                    location=f"{_PATH}/{{id}}",
                    gives=BreachTakenSchema,
                ),
                Route(
                    method="GET",
                    path=_PATH,
                    says="List breaches, the longest untouched first.",
                    roles=(DECIDES,),
                    query=BreachQuerySchema,
                    view=lambda asked: views.breaches(PageRequest.of(asked.query), state=asked.query["state"]),
                    action="case:breach:list",
                    gives=BreachListSchema,
                ),
                Route(
                    method="GET",
                    path=_ONE,
                    says="Read a breach, with how to reach safely whom it touches; the ETag is its version.",
                    roles=(DECIDES,),
                    view=lambda asked: views.breach(asked.path["breach_id"]),
                    action="case:breach:read",
                    gives=BreachSchema,
                ),
                changing(
                    "judge",
                    "Keep what was in it and how great the risk is. Where a survivor is, how to reach them, or who is "
                    "one is a high risk.",
                    JudgeBreachSchema,
                    lambda asked: JudgeBreach(
                        **_about(asked), risk=asked.body["risk"], contents=_set(asked, "contents")
                    ),
                    judge_breach,
                ),
                changing(
                    "people",
                    "Add people whom it touches.",
                    BreachPeopleSchema,
                    lambda asked: NamePeople(**_about(asked), survivor_ids=_set(asked, "survivor_ids")),
                    name_people,
                ),
                changing(
                    "told",
                    "Keep whether somebody whom it touches was told, by a safe way.",
                    BreachToldSchema,
                    lambda asked: NoteTold(
                        **_about(asked), survivor_id=str(asked.body["survivor_id"]), told=asked.body["told"]
                    ),
                    note_told,
                ),
                changing(
                    "report",
                    "Keep when the ICO was told, and who else; after more than 72 hours also why.",
                    BreachReportSchema,
                    lambda asked: ReportBreach(
                        **_about(asked), **{**asked.body, "also_told": _set(asked, "also_told")}
                    ),
                    report_breach,
                ),
                changing(
                    "close",
                    "Close it with what was done. At a high risk everybody whom it touches was told first.",
                    CloseBreachSchema,
                    lambda asked: CloseBreach(**_about(asked), remedies=_set(asked, "remedies")),
                    close_breach,
                ),
            ],
        )
    ]


def _take(asked: Asked) -> TakeBreach:
    return TakeBreach(
        **{**asked.body, "contents": _set(asked, "contents")},
        breach_id=new_id(),
        actor_id=asked.who.actor_id,
        role=asked.who.role,
    )


def _set(asked: Asked, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(one) for one in asked.body[name]))


def _about(asked: Asked) -> dict[str, Any]:
    return {"breach_id": asked.path["breach_id"], "version": asked.version, "actor_id": asked.who.actor_id}
