"""The erasures' HTTP routes: asked for on a rights case, confirmed by a second person, and certified."""

from typing import Any

from services.case.erasures.commands import (
    AskErasure,
    ConfirmErasure,
    NoteBackupsClosed,
    OnErasure,
    TakeBackErasure,
    ask_erasure,
    confirm_erasure,
    note_backups_closed,
    take_back_erasure,
)
from services.case.erasures.roles import ASKS, CONFIRMS
from services.case.erasures.schemas import (
    AskErasureSchema,
    ErasureCertificateSchema,
    ErasureListSchema,
    ErasureQuerySchema,
)
from services.case.erasures.views import ErasureViews
from services.case.rights.views import RightsViews
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.runtime.context import ServiceContext
from shared.web.paging import PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema, EmptySchema

_PATH = "/v1/person-erasures"
_ONE = f"{_PATH}/<uuid:rights_case_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    views = ErasureViews(context)
    rights = RightsViews(context, SurvivorViews(context))

    def sealing(command: OnErasure) -> dict[str, Any]:
        return {"sealer": Sealer.of_known(context, [command.survivor_id])}

    def about(asked: Asked, survivor_id: str) -> dict[str, Any]:
        return {
            "rights_case_id": asked.path["rights_case_id"],
            "survivor_id": survivor_id,
            "version": asked.version,
            "actor_id": asked.who.actor_id,
            "role": asked.who.role,
        }

    def asking(asked: Asked) -> AskErasure:
        said = {**asked.body, "holds": tuple(asked.body["holds"])}
        return AskErasure(**about(asked, rights.survivor_of(asked.path["rights_case_id"])), **said)

    def on_erasure(asked: Asked) -> dict[str, Any]:
        return about(asked, views.survivor_of(asked.path["rights_case_id"]))

    return [
        RouteGroup(
            name="rights",
            about="What people ask for under data protection law, and by when it is answered",
            routes=[
                Route(
                    method="POST",
                    path="/v1/rights-cases/<uuid:rights_case_id>/erasure",
                    says="Ask for the erasure of a person who asked for it. Nothing is erased before a second person "
                    "confirms it.\n\nAnything that holds it back refuses it, and so does another rights case in which "
                    "they wait for an answer.",
                    roles=(ASKS,),
                    body=AskErasureSchema,
                    if_match=True,
                    command=asking,
                    by=ask_erasure,
                    needs=sealing,
                    status=201,
                    location=f"{_PATH}/{{id}}",
                    gives=AnswerSchema,
                ),
                Route(
                    method="GET",
                    path=_PATH,
                    says="List erasures; `state=ASKED` gives those that wait for a second person.",
                    roles=CONFIRMS,
                    query=ErasureQuerySchema,
                    view=lambda asked: views.erasures(PageRequest.of(asked.query), state=asked.query["state"]),
                    action="case:erasure:list",
                    gives=ErasureListSchema,
                ),
                Route(
                    method="GET",
                    path=_ONE,
                    says="Read an erasure: while it waits, whose it is; when it is done, its certificate with three "
                    "dates, and what stays and why.",
                    roles=CONFIRMS,
                    view=lambda asked: views.certificate(asked.path["rights_case_id"]),
                    action="case:erasure:read",
                    gives=ErasureCertificateSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_ONE}/confirm",
                    says="Confirm an erasure as the second person. It begins at once, and what is erased never comes "
                    "back.",
                    roles=CONFIRMS,
                    body=EmptySchema,
                    if_match=True,
                    command=lambda asked: ConfirmErasure(**on_erasure(asked)),
                    by=confirm_erasure,
                    needs=sealing,
                    status=202,
                    gives=AnswerSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_ONE}/take-back",
                    says="Take an erasure back before a second person confirms it.",
                    roles=(ASKS,),
                    body=EmptySchema,
                    if_match=True,
                    command=lambda asked: TakeBackErasure(**on_erasure(asked)),
                    by=take_back_erasure,
                    needs=sealing,
                    gives=AnswerSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_ONE}/backups-closed",
                    says="Note that no keys file of a backup from before is left: the certificate's third date.",
                    roles=(ASKS,),
                    body=EmptySchema,
                    if_match=True,
                    command=lambda asked: NoteBackupsClosed(**on_erasure(asked)),
                    by=note_backups_closed,
                    gives=AnswerSchema,
                ),
            ],
        )
    ]
