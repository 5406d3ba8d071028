"""Leaving over HTTP: a data protection officer asks, an administrator agrees, either takes it back."""

from services.case.leaving.commands import (
    AgreeLeaving,
    AskLeaving,
    TakeLeavingBack,
    agree_leaving,
    ask_leaving,
    take_leaving_back,
)
from services.case.leaving.documents import THE_LEAVING
from services.case.leaving.schemas import AskLeavingSchema, LeavingSchema
from services.case.leaving.views import LeavingViews
from shared.runtime.context import ServiceContext
from shared.web.routes import Route, RouteGroup
from shared.web.schemas import AnswerSchema, EmptySchema

ASKS, AGREES = "HOST_DPO", "HOST_ADMIN"
BOTH = (ASKS, AGREES)
READ = "case:leaving:read"
_PATH = "/v1/leaving"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    views = LeavingViews(context)
    return [
        RouteGroup(
            name="leaving",
            about="When a host leaves the pilot, and takes everything with it",
            routes=[
                Route(
                    method="GET",
                    path=_PATH,
                    says="Read where it stands; the ETag is the version that agreeing and taking back name.",
                    roles=BOTH,
                    view=lambda _: views.leaving(),
                    action=READ,
                    object_id=lambda _: THE_LEAVING,
                    gives=LeavingSchema,
                ),
                Route(
                    method="POST",
                    path=_PATH,
                    says="Ask that everything this host keeps is written out to a key of its own. Nothing is, before "
                    "an administrator agrees to that very key; then the operator may, for thirty days. With `deletes` "
                    "they state too that everything here is deleted for good after that.",
                    roles=(ASKS,),
                    body=AskLeavingSchema,
                    command=lambda asked: AskLeaving(**asked.body, actor_id=asked.who.actor_id),
                    by=ask_leaving,
                    status=201,
                    gives=AnswerSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/agree",
                    says="Agree, as a second person, to the key that stands there.",
                    roles=(AGREES,),
                    body=EmptySchema,
                    if_match=True,
                    command=lambda asked: AgreeLeaving(version=asked.version, actor_id=asked.who.actor_id),
                    by=agree_leaving,
                    gives=AnswerSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/take-back",
                    says="Take it back: nothing is written out any more. What was written before is with the host.",
                    roles=BOTH,
                    body=EmptySchema,
                    if_match=True,
                    command=lambda asked: TakeLeavingBack(version=asked.version, actor_id=asked.who.actor_id),
                    by=take_leaving_back,
                    gives=AnswerSchema,
                ),
            ],
        )
    ]
