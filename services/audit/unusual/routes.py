"""Unusual access over HTTP: for data protection officers, and an officer's own for the administrator."""

from typing import Any

from services.audit.unusual.commands import A_FINDING, CloseFinding, check_may_judge, close_finding
from services.audit.unusual.finding import READERS
from services.audit.unusual.schemas import (
    FindingCloseSchema,
    FindingListSchema,
    FindingQuerySchema,
    FindingSchema,
    LookingSchema,
)
from services.audit.unusual.sealing import ClosingWords
from services.audit.unusual.views import FindingViews
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.paging import PageRequest
from shared.web.routes import Asked, Route, RouteGroup, Subject, Whose
from shared.web.schemas import AnswerSchema

LIST, READ, LOOKING = "audit:unusual:list", "audit:unusual:read", "audit:unusual-looking:read"
_PATH = "/v1/audit/unusual"


def whose_finding(views: FindingViews) -> Whose:
    """Say who may have a finding; the log names it by no id."""

    def find(asked: Asked) -> Subject:
        return Subject(id=A_FINDING, row=views.finding(asked.path["finding_id"]))

    def allows(who: Principal, subject: Subject) -> bool:
        allowed: bool = subject.row.may_be_judged_by(who.actor_id, who.role)
        return allowed

    def check(work: UnitOfWork, subject: Subject, who: Principal) -> None:
        check_may_judge(work, subject.row.id, who.actor_id, who.role)

    return Whose(find=find, allows=allows, check=check)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    views = FindingViews(context)
    whose = whose_finding(views)

    def sealing(command: CloseFinding) -> dict[str, Any]:
        del command
        return {"words": ClosingWords(context.tenant_key, context.tenant_id)}

    return [
        RouteGroup(
            name="audit",
            about="What was done and read",
            routes=[
                Route(
                    method="GET",
                    path=_PATH,
                    says="List what of the use of records is unusual, the longest untouched first.\n\nNobody sees what "
                    "concerns themself; the administrator sees what concerns a data protection officer, and no more.",
                    roles=READERS,
                    query=FindingQuerySchema,
                    gives=FindingListSchema,
                    view=lambda asked: views.findings(
                        PageRequest.of(asked.query), asked.who, state=asked.query["state"]
                    ),
                    action=LIST,
                ),
                Route(
                    method="GET",
                    path=f"{_PATH}/looking",
                    says="Say when it was looked for unusual access last, how far, and by which bounds.",
                    roles=READERS,
                    gives=LookingSchema,
                    view=lambda _: views.standing(),
                    action=LOOKING,
                    object_id=lambda _: "looking",
                ),
                Route(
                    method="GET",
                    path=f"{_PATH}/<uuid:finding_id>",
                    says="Read one finding; its ETag is its version.",
                    roles=READERS,
                    whose=whose,
                    gives=FindingSchema,
                    view=lambda asked: views.row_of(asked.path["finding_id"]),
                    action=READ,
                    object_id=lambda _: A_FINDING,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/<uuid:finding_id>/close",
                    says="Close a finding and say what it was. The same seen once more opens it again.",
                    roles=READERS,
                    whose=whose,
                    body=FindingCloseSchema,
                    if_match=True,
                    command=_close,
                    by=close_finding,
                    needs=sealing,
                    gives=AnswerSchema,
                ),
            ],
        )
    ]


def _close(asked: Asked) -> CloseFinding:
    return CloseFinding(
        finding_id=asked.path["finding_id"],
        version=asked.version,
        reason=asked.body["reason"],
        words=asked.body["words"].strip(),
        actor_id=asked.who.actor_id,
        role=asked.who.role,
    )
