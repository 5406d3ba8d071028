"""The HTTP routes of the question whether children depend on somebody."""

from typing import Any

from services.case.dependants.commands import AnswerDependants, answer_dependants
from services.case.dependants.schemas import AnswerDependantsSchema, DependantsSchema
from services.case.dependants.views import DependantViews
from services.case.support.admission import CASEWORK
from services.case.survivors.acting import whose_survivor
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema

_PATH = "/v1/survivors/<uuid:survivor_id>/dependants"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    views = DependantViews(context)
    about: dict[str, Any] = {
        "path": _PATH,
        "roles": CASEWORK,
        "whose": whose_survivor(SurvivorViews(context), lambda asked: asked.path["survivor_id"]),
    }
    every = [
        Route(
            **about,
            method="POST",
            says="Say whether children depend on somebody, in a code, and by when it is asked again.",
            body=AnswerDependantsSchema,
            command=_answer,
            by=answer_dependants,
            needs=lambda command: {"sealer": Sealer.of_known(context, [command.survivor_id])},
            status=201,
            gives=AnswerSchema,
        ),
        Route(
            **about,
            method="GET",
            says="Read what was answered to the question whether children depend on somebody.",
            view=lambda asked: views.of_person(asked.about.id),
            action="case:dependants:read",
            gives=DependantsSchema,
        ),
    ]
    return [RouteGroup(name="case", about="Whom a host supports", routes=every)]


def _answer(asked: Asked) -> AnswerDependants:
    who: dict[str, Any] = {"actor_id": asked.who.actor_id, "role": asked.who.role}
    return AnswerDependants(answer_id=new_id(), survivor_id=asked.about.id, **who, **asked.body)
