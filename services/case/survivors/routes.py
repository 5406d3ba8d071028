"""The survivors' HTTP routes."""

from typing import Any

from services.case.finding.keys import MarkKeys
from services.case.survivors.acting import whose_survivor
from services.case.survivors.commands import (
    AssignAdvocates,
    AssignMany,
    RegisterSurvivor,
    assign_advocates,
    assign_many,
    register_survivor,
)
from services.case.survivors.rules import ADVOCATE, advocates_at_registration
from services.case.survivors.schemas import (
    AdvocatesSchema,
    AssignedSchema,
    AssignManySchema,
    AssignSchema,
    NamedSurvivorListSchema,
    ReferencesSchema,
    RegisterSurvivorSchema,
    SurvivorListSchema,
    SurvivorQuerySchema,
    SurvivorRowSchema,
)
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import Page, PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema

_CASEWORK = ("IMSA", "SUPERVISOR")


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the survivors' routes."""
    views, keys = SurvivorViews(context), MarkKeys(context)

    def sealing(command: RegisterSurvivor) -> dict[str, Any]:
        return {"sealer": Sealer.of_new(context, command.survivor_id), "marker": keys.newest()}

    def listed_survivors(asked: Asked) -> Page:
        named = asked.query["advocate_id"]
        own = [asked.who.actor_id] if asked.who.role == ADVOCATE else []
        return views.survivors(
            PageRequest.of(asked.query), advocate_ids=[*own, *([str(named)] if named is not None else [])]
        )

    return [
        RouteGroup(
            name="case",
            about="Whom a host supports",
            routes=[
                Route(
                    method="POST",
                    path="/v1/survivors",
                    says="Register a survivor; every field is sealed. An advocate may act on whom they register.",
                    roles=_CASEWORK,
                    body=RegisterSurvivorSchema,
                    command=_register,
                    in_batch=True,
                    by=register_survivor,
                    needs=sealing,
                    status=201,
                    gives=AnswerSchema,
                    location="/v1/survivors/{id}",
                ),
                Route(
                    method="GET",
                    path="/v1/survivors",
                    says="List survivors, oldest change first, a page at a time; an advocate sees their own.",
                    roles=_CASEWORK,
                    query=SurvivorQuerySchema,
                    view=listed_survivors,
                    action="case:survivor:list",
                    gives=SurvivorListSchema,
                ),
                Route(
                    method="GET",
                    path="/v1/survivors/unassigned",
                    says="List the survivors on whom no advocate may act, by the host's own reference.",
                    roles=("SUPERVISOR",),
                    query=PageQuerySchema,
                    view=lambda asked: views.unassigned(PageRequest.of(asked.query)),
                    action="case:survivor:list",
                    gives=NamedSurvivorListSchema,
                ),
                Route(
                    method="POST",
                    path="/v1/survivors/references",
                    says="Give the host's own references of survivors, up to 100; who is nobody is left out.",
                    roles=("SUPERVISOR",),
                    body=ReferencesSchema,
                    view=lambda asked: views.named(str(one) for one in asked.body["survivor_ids"]),
                    action="case:survivor:references",
                    gives=NamedSurvivorListSchema,
                ),
                Route(
                    method="POST",
                    path="/v1/survivors/assign",
                    says="Give an advocate to survivors who have none, up to 100; who has one already is left alone.",
                    roles=("SUPERVISOR",),
                    body=AssignManySchema,
                    command=_assign_many,
                    in_batch=True,
                    by=assign_many,
                    gives=AssignedSchema,
                ),
                Route(
                    method="GET",
                    path="/v1/survivors/<uuid:survivor_id>",
                    says="Read a survivor; the ETag is the version.",
                    roles=_CASEWORK,
                    whose=whose_survivor(views, _in_path),
                    view=lambda asked: views.survivor(asked.about.id),
                    action="case:survivor:read",
                    gives=SurvivorRowSchema,
                ),
                Route(
                    method="GET",
                    path="/v1/survivors/<uuid:survivor_id>/advocates",
                    says="Say which advocates may act on a survivor.",
                    roles=("SUPERVISOR",),
                    view=lambda asked: views.advocates_of(_in_path(asked)),
                    action="case:survivor:advocates",
                    gives=AdvocatesSchema,
                ),
                Route(
                    method="POST",
                    path="/v1/survivors/<uuid:survivor_id>/advocates",
                    says="Say which advocates may act on a survivor from now on; the whole set, by a supervisor.",
                    roles=("SUPERVISOR",),
                    body=AssignSchema,
                    command=_assign,
                    in_batch=True,
                    by=assign_advocates,
                    gives=AnswerSchema,
                ),
            ],
        )
    ]


def _in_path(asked: Asked) -> str:
    return asked.path["survivor_id"]


def _register(asked: Asked) -> RegisterSurvivor:
    named = str(asked.body["advocate_id"]) if asked.body["advocate_id"] is not None else None
    return RegisterSurvivor(
        survivor_id=new_id(),
        advocate_ids=advocates_at_registration(asked.who, named),
        **{name: asked.body[name] for name in ("reference", "name", "safe_contact")},
    )


def _assign_many(asked: Asked) -> AssignMany:
    return AssignMany(
        survivor_ids=tuple(str(one) for one in asked.body["survivor_ids"]),
        advocate_id=str(asked.body["advocate_id"]),
        actor_id=asked.who.actor_id,
        role=asked.who.role,
    )


def _assign(asked: Asked) -> AssignAdvocates:
    ids = tuple(str(one) for one in asked.body["advocate_ids"])
    return AssignAdvocates(survivor_id=_in_path(asked), advocate_ids=ids)
