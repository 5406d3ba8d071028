"""The register's HTTP routes: taken down by many, judged and answered by the data protection officer."""

from functools import partial
from typing import Any

from services.case.information_requests.commands import (
    AnswerInformationRequest,
    ChangeInformationRequest,
    JudgeInformationRequest,
    NoteNotice,
    TakeInformationRequest,
    answer_information_request,
    judge_information_request,
    note_notice,
    take_information_request,
)
from services.case.information_requests.rules import InformationAnswer
from services.case.information_requests.schemas import (
    InformationAnsweredSchema,
    InformationAnswerSchema,
    InformationQuerySchema,
    InformationRequestListSchema,
    InformationRequestSchema,
    JudgedSchema,
    NoticeSchema,
    TakeInformationRequestSchema,
)
from services.case.information_requests.views import InformationViews
from services.case.rights import registers
from services.case.rights.roles import DECIDES, TAKERS
from services.case.survivors.acting import check_may_act
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.paging import PageRequest
from shared.web.routes import Asked, Route, RouteGroup, Subject, Whose

_PATH = "/v1/information-requests"
_ONE = f"{_PATH}/<uuid:request_id>"
NOBODY = "nobody"
"""The subject of a request that names no survivor."""


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    survivors, views = SurvivorViews(context), InformationViews(context)

    def take(asked: Asked) -> TakeInformationRequest:
        survivor_id = None if asked.about.id == NOBODY else asked.about.id
        return TakeInformationRequest(
            **{**asked.body, "survivor_id": survivor_id},
            request_id=new_id(),
            actor_id=asked.who.actor_id,
            role=asked.who.role,
        )

    def sealing(command: TakeInformationRequest) -> dict[str, Any]:
        known = [] if command.survivor_id is None else [command.survivor_id]
        return {"sealer": Sealer.of_known(context, known)}

    def sealing_if_known(command: ChangeInformationRequest) -> dict[str, Any]:
        return {"sealer": views.sealer(command.request_id)}

    def about(asked: Asked) -> dict[str, Any]:
        return {
            "request_id": asked.path["request_id"],
            "version": asked.version,
            "actor_id": asked.who.actor_id,
        }

    def answered(asked: Asked) -> AnswerInformationRequest:
        lists = {name: tuple(dict.fromkeys(asked.body[name])) for name in ("refusals", "left")}
        return AnswerInformationRequest(**about(asked), answer=InformationAnswer(**{**asked.body, **lists}))

    changing = partial(registers.changing, of=_ONE, needs=sealing_if_known, gives=InformationAnswerSchema)
    return [
        RouteGroup(
            name="information requests",
            about="What others ask to be told about survivors",
            routes=[
                Route(
                    method="POST",
                    path=_PATH,
                    says="Take down that police, Home Office, a court or somebody else asks for a survivor's "
                    "information.\n\nNothing is answered by it: a request is referred to counsel until the data "
                    "protection officer decides.",
                    roles=TAKERS,
                    whose=_whose(survivors),
                    body=TakeInformationRequestSchema,
                    command=take,
                    by=take_information_request,
                    needs=sealing,
                    status=201,
                    location=f"{_PATH}/{{id}}",
                    gives=InformationAnswerSchema,
                ),
                Route(
                    method="GET",
                    path=_PATH,
                    says="List the requests for survivors' information, the longest untouched first.",
                    roles=(DECIDES,),
                    query=InformationQuerySchema,
                    view=lambda asked: views.requests(PageRequest.of(asked.query), state=asked.query["state"]),
                    action="case:information_request:list",
                    gives=InformationRequestListSchema,
                ),
                Route(
                    method="GET",
                    path=_ONE,
                    says="Read one, with how to reach the survivor safely; the ETag is its version.",
                    roles=(DECIDES,),
                    view=lambda asked: views.request(asked.path["request_id"]),
                    action="case:information_request:read",
                    gives=InformationRequestSchema,
                ),
                changing(
                    "judge",
                    "Keep what was judged with counsel: power, relevance, necessity, proportionality, counselling.",
                    JudgedSchema,
                    lambda asked: JudgeInformationRequest(**about(asked), judged=asked.body),
                    judge_information_request,
                ),
                changing(
                    "notice",
                    "Keep whether the survivor was told, by safe contact, or a law forbids it.",
                    NoticeSchema,
                    lambda asked: NoteNotice(**about(asked), notice=asked.body["notice"]),
                    note_notice,
                ),
                changing(
                    "answer",
                    "End it with what was answered. Nothing may leave before counsel was heard, every test of the law "
                    "is met, and the survivor was told or a law forbids it.",
                    InformationAnsweredSchema,
                    answered,
                    answer_information_request,
                ),
            ],
        )
    ]


def _whose(survivors: SurvivorViews) -> Whose:
    """Say whose a request is: an advocate's only about their own people, or about nobody in particular."""

    def find(asked: Asked) -> Subject:
        named = asked.body["survivor_id"]
        return Subject(id=NOBODY if named is None else str(named))

    def allows(who: Principal, subject: Subject) -> bool:
        return subject.id == NOBODY or who.role != ADVOCATE or survivors.may_act(subject.id, who.actor_id)

    def check(work: UnitOfWork, subject: Subject, who: Principal) -> None:
        if subject.id != NOBODY:
            check_may_act(work, subject.id, who)

    return Whose(find=find, allows=allows, check=check, in_body=True)
