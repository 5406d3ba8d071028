"""The team's HTTP routes: for a supervisor, and the limit also for an administrator."""

from typing import Any

from services.case.caseload.commands import (
    CoverPeople,
    EndCover,
    GivePeople,
    cover_people,
    end_cover,
    give_people,
)
from services.case.caseload.limiting import StateLimit, state_limit
from services.case.caseload.making import covering, giving
from services.case.caseload.schemas import (
    CoverSchema,
    GiveSchema,
    LimitRowSchema,
    LimitSchema,
    MoveListSchema,
    MoveRowSchema,
    PeopleMovedSchema,
    TeamSchema,
)
from services.case.caseload.views import TeamViews
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema, EmptySchema

SUPERVISOR = ("SUPERVISOR",)
STATES_LIMIT = ("SUPERVISOR", "HOST_ADMIN")
_PATH = "/v1/caseload"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the team's routes."""
    views = TeamViews(context)

    def give(asked: Asked) -> GivePeople:
        return giving(views, asked.who, **_said(asked))

    def cover(asked: Asked) -> CoverPeople:
        days = {name: asked.body[name] for name in ("first_on", "last_on")}
        return covering(views, asked.who, **_said(asked), **days)

    return [
        RouteGroup(
            name="case",
            about="Whom a host supports",
            routes=[
                Route(
                    method="GET",
                    path=_PATH,
                    says="Show the team: how many each advocate supports against the limit, and who covers for whom.",
                    roles=SUPERVISOR,
                    view=lambda _: views.team(),
                    action="case:caseload:read",
                    gives=TeamSchema,
                ),
                Route(
                    method="GET",
                    path=f"{_PATH}/limit",
                    says="Read how many people an advocate of this host supports at most.",
                    roles=STATES_LIMIT,
                    view=lambda _: views.limit(),
                    action="case:caseload:read-limit",
                    gives=LimitRowSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/limit",
                    says="State how many people an advocate of this host supports at most; it stops nobody.",
                    roles=STATES_LIMIT,
                    body=LimitSchema,
                    command=lambda asked: StateLimit(people=asked.body["people"], actor_id=asked.who.actor_id),
                    in_batch=True,
                    by=state_limit,
                    gives=AnswerSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/give",
                    says="Give people of one advocate to another one, up to 100 at a time; each is judged alone.",
                    roles=SUPERVISOR,
                    body=GiveSchema,
                    command=give,
                    in_batch=True,
                    by=give_people,
                    status=201,
                    gives=PeopleMovedSchema,
                    location=f"{_PATH}/moves/{{id}}",
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/cover",
                    says="Let another advocate act on people of one who is absent, from a first day to a last one.",
                    roles=SUPERVISOR,
                    body=CoverSchema,
                    command=cover,
                    in_batch=True,
                    by=cover_people,
                    status=201,
                    gives=PeopleMovedSchema,
                    location=f"{_PATH}/moves/{{id}}",
                ),
                Route(
                    method="GET",
                    path=f"{_PATH}/moves",
                    says="List who was given to whom, for good or for an absence, oldest change first.",
                    roles=SUPERVISOR,
                    query=PageQuerySchema,
                    view=lambda asked: views.moves(PageRequest.of(asked.query)),
                    action="case:caseload:list-moves",
                    gives=MoveListSchema,
                ),
                Route(
                    method="GET",
                    path=f"{_PATH}/moves/<uuid:move_id>",
                    says="Read what came of each person.",
                    roles=SUPERVISOR,
                    view=lambda asked: views.move(asked.path["move_id"]),
                    action="case:caseload:read-move",
                    gives=MoveRowSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/moves/<uuid:move_id>/end",
                    says="End a cover before its last day; from this moment on whoever covered may act no more.",
                    roles=SUPERVISOR,
                    body=EmptySchema,
                    command=lambda asked: EndCover(move_id=asked.path["move_id"], actor_id=asked.who.actor_id),
                    in_batch=True,
                    by=end_cover,
                    gives=AnswerSchema,
                ),
            ],
        )
    ]


def _said(asked: Asked) -> dict[str, Any]:
    ids = asked.body["survivor_ids"]
    return {
        "from_id": str(asked.body["from_id"]),
        "to_id": str(asked.body["to_id"]),
        "survivor_ids": None if ids is None else tuple(str(one) for one in ids),
    }
