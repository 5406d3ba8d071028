"""The HTTP routes of hand-overs."""

from typing import Any

from services.case.handing_over.commands import ReadHandover, WriteNote, read_handover, write_note
from services.case.handing_over.packs import PackViews
from services.case.handing_over.schemas import (
    HandoverListSchema,
    HandoverNoteSchema,
    HandoverPackSchema,
    HandoverQuerySchema,
)
from services.case.handing_over.views import HandoverViews
from services.case.survivors.acting import whose_survivor
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.runtime.context import ServiceContext
from shared.web.paging import Page, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema, EmptySchema

CASEWORK, ADVOCATES = ("IMSA", "SUPERVISOR"), ("IMSA",)
_OF_SURVIVOR = "/v1/survivors/<uuid:survivor_id>/handover"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    survivors = SurvivorViews(context)
    packs, views = PackViews(context, survivors), HandoverViews(context, survivors)
    whose = whose_survivor(survivors, lambda asked: asked.path["survivor_id"])

    def sealing(command: WriteNote) -> dict[str, Any]:
        return {"sealer": Sealer.of_known(context, [command.survivor_id])}

    def listed(asked: Asked) -> Page:
        return views.handovers(PageRequest.of(asked.query), asked.who, state=asked.query["state"])

    return [
        RouteGroup(
            name="case",
            about="Whom a host supports",
            routes=[
                Route(
                    method="GET",
                    path=_OF_SURVIVOR,
                    says="Show what whoever takes over must know of a person: safe contact first.",
                    roles=CASEWORK,
                    whose=whose,
                    view=lambda asked: packs.pack(asked.who, asked.about.id).row,
                    action="case:handover:read",
                    gives=HandoverPackSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_OF_SURVIVOR}/notes",
                    says="Write what one would tell whoever works with this person next; replace it, or take it back.",
                    roles=CASEWORK,
                    whose=whose,
                    body=HandoverNoteSchema,
                    command=_note,
                    by=write_note,
                    needs=sealing,
                    in_batch=True,
                    status=201,
                    gives=AnswerSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_OF_SURVIVOR}/<uuid:handover_id>/read",
                    says="Say that one has read what there is to know, as whoever takes over.",
                    roles=ADVOCATES,
                    whose=whose,
                    body=EmptySchema,
                    command=lambda asked: ReadHandover(handover_id=asked.path["handover_id"], **_about(asked)),
                    by=read_handover,
                    in_batch=True,
                    gives=AnswerSchema,
                ),
                Route(
                    method="GET",
                    path="/v1/handovers",
                    says="List who was handed over to whom, and whether they have read it, oldest change first.",
                    roles=CASEWORK,
                    query=HandoverQuerySchema,
                    view=listed,
                    action="case:handover:list",
                    gives=HandoverListSchema,
                ),
            ],
        )
    ]


def _about(asked: Asked) -> dict[str, Any]:
    return {"survivor_id": asked.about.id, "actor_id": asked.who.actor_id, "role": asked.who.role}


def _note(asked: Asked) -> WriteNote:
    replaces = asked.body["replaces"]
    return WriteNote(words=asked.body["words"], replaces=None if replaces is None else str(replaces), **_about(asked))
