"""Copies over HTTP: the data protection officer collects, reads, judges and gives; a second reader agrees."""

from functools import partial
from typing import Any

from services.case.access.beginning import CollectCopy, collect_copy
from services.case.access.commands import (
    AgreeLeftOut,
    CollectPart,
    FindSafe,
    GiveCopy,
    LeaveOut,
    LookThrough,
    OnCopy,
    ShowAgain,
    agree_left_out,
    collect_part,
    find_safe,
    give_copy,
    leave_out,
    look_through,
    show_again,
)
from services.case.access.roles import COLLECTS, SECOND
from services.case.access.schemas import (
    CopyAnswerSchema,
    CopyPartSchema,
    CopySchema,
    CopyWaitingListSchema,
    GiveCopySchema,
    LeaveOutSchema,
    SafeToSendSchema,
    WrittenCopySchema,
)
from services.case.access.views import CopyViews
from services.case.rights.registers import changing
from services.case.rights.views import RightsViews, sealer_of
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import EmptySchema

_COPY = "/v1/rights-cases/<uuid:rights_case_id>/copy"
_PART = f"{_COPY}/parts/<party>"
_LEFT_OUT = f"{_COPY}/left-out/<uuid:left_out_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    views, rights = CopyViews(context), RightsViews(context, SurvivorViews(context))

    def sealing(command: CollectCopy | OnCopy) -> dict[str, Any]:
        return {"sealer": Sealer.of_known(context, [command.survivor_id])}

    def sealing_if_known(command: OnCopy) -> dict[str, Any]:
        return {"sealer": sealer_of(context, command.survivor_id)}

    def about(asked: Asked, survivor_id: str) -> dict[str, Any]:
        return {
            "rights_case_id": asked.path["rights_case_id"],
            "survivor_id": survivor_id,
            "version": asked.version,
            "actor_id": asked.who.actor_id,
            "role": asked.who.role,
        }

    def collecting(asked: Asked) -> CollectCopy:
        return CollectCopy(**about(asked, rights.survivor_of(asked.path["rights_case_id"])))

    def on_copy(asked: Asked) -> dict[str, Any]:
        return about(asked, views.survivor_of(asked.path["rights_case_id"]))

    def of_part(asked: Asked) -> dict[str, Any]:
        return {**on_copy(asked), "party": asked.path["party"]}

    def of_left_out(asked: Asked) -> dict[str, Any]:
        return {**on_copy(asked), "left_out_id": asked.path["left_out_id"]}

    def leaving(asked: Asked) -> LeaveOut:
        said = {**asked.body, "numbers": tuple(asked.body["numbers"])}
        return LeaveOut(**of_part(asked), left_out_id=new_id(), **said)

    on_part = partial(changing, of=_PART, needs=sealing_if_known, gives=CopyAnswerSchema)
    on_whole = partial(changing, of=_COPY, needs=sealing_if_known, gives=CopyAnswerSchema)
    return [
        RouteGroup(
            name="rights",
            about="What people ask for under data protection law, and by when it is answered",
            routes=[
                Route(
                    method="POST",
                    path=_COPY,
                    says="Collect what is kept about whoever asked to see it. Every service answers with its part or "
                    "that nothing is held.\n\nCollected again, nothing of an earlier collection is left.",
                    roles=(COLLECTS,),
                    body=EmptySchema,
                    if_match=True,
                    command=collecting,
                    by=collect_copy,
                    needs=sealing,
                    status=201,
                    location="/v1/rights-cases/{id}/copy",
                    gives=CopyAnswerSchema,
                ),
                Route(
                    method="GET",
                    path=_COPY,
                    says="Read how far a copy is: which parts are there, were read through, what is left out. Nothing "
                    "of what stands in it. The ETag is its version.",
                    roles=(COLLECTS,),
                    view=lambda asked: views.copy(asked.path["rights_case_id"]),
                    action="case:access:read",
                    gives=CopySchema,
                ),
                Route(
                    method="GET",
                    path=_PART,
                    says="Read a part through: each thing with its number, also what is left out.",
                    roles=(COLLECTS,),
                    view=lambda asked: views.part(asked.path["rights_case_id"], asked.path["party"]),
                    action="case:access:read-part",
                    object_id=lambda asked: asked.path["rights_case_id"],
                    gives=CopyPartSchema,
                ),
                on_part(
                    "collect",
                    "Collect one part again. What was left out of it, and that it was read, counts no more.",
                    EmptySchema,
                    lambda asked: CollectPart(**of_part(asked)),
                    collect_part,
                    status=202,
                ),
                on_part(
                    "look-through",
                    "Note that you read this part, whole, and that what is not left out may be given.",
                    EmptySchema,
                    lambda asked: LookThrough(**of_part(asked)),
                    look_through,
                ),
                on_part(
                    "leave-out",
                    "Ask that things of a part be left out, or the whole part, with a reason in law. A second reader "
                    "has to agree.",
                    LeaveOutSchema,
                    leaving,
                    leave_out,
                    status=201,
                ),
                Route(
                    method="GET",
                    path="/v1/copies-left-out",
                    says="List what waits for a second reader: these things, and nothing else of a copy.",
                    roles=SECOND,
                    query=PageQuerySchema,
                    view=lambda asked: views.waiting(PageRequest.of(asked.query)),
                    action="case:access:list-left-out",
                    gives=CopyWaitingListSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_LEFT_OUT}/agree",
                    says="Agree, as the second reader; never whoever asked, and nobody to what they wrote themself.",
                    roles=SECOND,
                    body=EmptySchema,
                    if_match=True,
                    command=lambda asked: AgreeLeftOut(**of_left_out(asked)),
                    by=agree_left_out,
                    needs=sealing_if_known,
                    gives=CopyAnswerSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_LEFT_OUT}/show",
                    says="Show it after all. Its part is read through again.",
                    roles=SECOND,
                    body=EmptySchema,
                    if_match=True,
                    command=lambda asked: ShowAgain(**of_left_out(asked)),
                    by=show_again,
                    needs=sealing_if_known,
                    gives=CopyAnswerSchema,
                ),
                on_whole(
                    "safe-to-send",
                    "Note that somebody asked today whether it is safe for them to have it. A no to any question is "
                    "refused, with what to do instead.",
                    SafeToSendSchema,
                    lambda asked: FindSafe(**on_copy(asked), **asked.body),
                    find_safe,
                ),
                on_whole(
                    "give",
                    "Note that they have it, and how. It has to have been found safe on the same day.",
                    GiveCopySchema,
                    lambda asked: GiveCopy(**on_copy(asked), **asked.body),
                    give_copy,
                ),
                Route(
                    method="GET",
                    path=f"{_COPY}/document",
                    says="Read the copy as the person has it: without an id, and without what is left out. There is "
                    "none while anything is waited for.",
                    roles=(COLLECTS,),
                    view=lambda asked: views.document(asked.path["rights_case_id"]),
                    action="case:access:read-document",
                    object_id=lambda asked: asked.path["rights_case_id"],
                    gives=WrittenCopySchema,
                ),
            ],
        )
    ]
