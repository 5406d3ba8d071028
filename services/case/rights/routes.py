"""The rights cases' HTTP routes: taken down by many, read and decided by the data protection officer."""

from functools import partial
from typing import Any

from services.case.rights import registers
from services.case.rights.commands import (
    AcknowledgeRightsCase,
    ChangeRightsCase,
    DecideRightsCase,
    ExtendRightsCase,
    NoteProgress,
    ResumeClock,
    StopClock,
    acknowledge,
    decide,
    extend,
    note_progress,
    resume_clock,
    stop_clock,
)
from services.case.rights.decisions import Decision
from services.case.rights.roles import DECIDES, TAKERS
from services.case.rights.schemas import (
    RightsAcknowledgedSchema,
    RightsAnswerSchema,
    RightsCaseListSchema,
    RightsCaseSchema,
    RightsClockResumeSchema,
    RightsClockStopSchema,
    RightsDecisionSchema,
    RightsExtensionSchema,
    RightsNoteSchema,
    RightsQuerySchema,
    TakenRightsCaseListSchema,
    TakeRightsCaseSchema,
)
from services.case.rights.taking import TakeRightsCase, take_rights_case
from services.case.rights.views import RightsViews, sealer_of
from services.case.survivors.acting import whose_survivor
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup

_PATH = "/v1/rights-cases"
_ONE = f"{_PATH}/<uuid:rights_case_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    survivors = SurvivorViews(context)
    views = RightsViews(context, survivors)

    def sealing(command: TakeRightsCase) -> dict[str, Any]:
        return {"sealer": Sealer.of_known(context, [command.survivor_id])}

    def sealing_if_known(command: ChangeRightsCase) -> dict[str, Any]:
        return {"sealer": sealer_of(context, command.survivor_id)}

    def take(asked: Asked) -> TakeRightsCase:
        return TakeRightsCase(
            **{**asked.body, "survivor_id": asked.about.id},
            rights_case_id=new_id(),
            nation=context.settings.nation,
            actor_id=asked.who.actor_id,
            role=asked.who.role,
        )

    def about(asked: Asked) -> dict[str, Any]:
        case_id = asked.path["rights_case_id"]
        return {
            "rights_case_id": case_id,
            "survivor_id": views.survivor_of(case_id),
            "version": asked.version,
            "actor_id": asked.who.actor_id,
            "role": asked.who.role,
        }

    def decided(asked: Asked) -> DecideRightsCase:
        said = {**asked.body, "refusals": tuple(dict.fromkeys(asked.body["refusals"]))}
        return DecideRightsCase(**about(asked), decision=Decision(**said))

    changing = partial(registers.changing, of=_ONE, needs=sealing_if_known, gives=RightsAnswerSchema)
    return [
        RouteGroup(
            name="rights",
            about="What people ask for under data protection law, and by when it is answered",
            routes=[
                Route(
                    method="POST",
                    path=_PATH,
                    says="Take down what a person asks for, or complains of, by whatever channel it came. An advocate "
                    "does so for their own people.\n\nThe clock runs from the day on which it arrived, by the "
                    "calendar of the host's nation; the answer says the last day.",
                    roles=TAKERS,
                    whose=whose_survivor(survivors, lambda asked: str(asked.body["survivor_id"]), in_body=True),
                    body=TakeRightsCaseSchema,
                    command=take,
                    by=take_rights_case,
                    needs=sealing,
                    status=201,
                    location=f"{_PATH}/{{id}}",
                    gives=RightsAnswerSchema,
                ),
                Route(
                    method="GET",
                    path=_PATH,
                    says="List rights cases, the longest untouched first; `overdue` gives those that are late.",
                    roles=(DECIDES,),
                    query=RightsQuerySchema,
                    view=lambda asked: views.cases(
                        PageRequest.of(asked.query), state=asked.query["state"], only_overdue=asked.query["overdue"]
                    ),
                    action="case:rights:list",
                    gives=RightsCaseListSchema,
                ),
                Route(
                    method="GET",
                    path=f"{_PATH}/taken",
                    says="List the rights cases that you took down: how each goes, and nothing of what was said.",
                    roles=TAKERS,
                    query=PageQuerySchema,
                    view=lambda asked: views.taken_by(asked.who.actor_id, PageRequest.of(asked.query)),
                    action="case:rights:list-taken",
                    gives=TakenRightsCaseListSchema,
                ),
                Route(
                    method="GET",
                    path=_ONE,
                    says="Read a rights case: what was asked, whose it is, how to reach them safely, what happened. "
                    "The ETag is its version.",
                    roles=(DECIDES,),
                    view=lambda asked: views.case(asked.path["rights_case_id"]),
                    action="case:rights:read",
                    gives=RightsCaseSchema,
                ),
                changing(
                    "acknowledge",
                    "Note that the person was told that it has arrived: of a complaint within 30 days.",
                    RightsAcknowledgedSchema,
                    lambda asked: AcknowledgeRightsCase(**about(asked), **asked.body),
                    acknowledge,
                ),
                changing(
                    "stop-clock",
                    "Stop the clock while the person's identity is made sure of, or what they mean is asked.",
                    RightsClockStopSchema,
                    lambda asked: StopClock(**about(asked), **asked.body),
                    stop_clock,
                ),
                changing(
                    "resume-clock",
                    "Let the clock go on; the days that it stood are added.",
                    RightsClockResumeSchema,
                    lambda asked: ResumeClock(**about(asked), **asked.body),
                    resume_clock,
                ),
                changing(
                    "extend",
                    "Take up to two months more, once and within the first month; the person was told, and why.",
                    RightsExtensionSchema,
                    lambda asked: ExtendRightsCase(**about(asked), **asked.body),
                    extend,
                ),
                changing(
                    "notes",
                    "Keep a note of progress.",
                    RightsNoteSchema,
                    lambda asked: NoteProgress(**about(asked), **asked.body),
                    note_progress,
                ),
                changing(
                    "decide",
                    "End it with what the person was told; what is not done needs a reason in law and the way to the "
                    "ICO.",
                    RightsDecisionSchema,
                    decided,
                    decide,
                ),
            ],
        )
    ]
