"""Papers over HTTP: made by a person's advocate or the data protection officer; two people leave something out."""

from collections.abc import Callable
from typing import Any

from services.audit.papers.commands import (
    AgreeWithholding,
    AskWithholding,
    EndWithholding,
    StateNames,
    agree_withholding,
    ask_withholding,
    end_withholding,
    state_names,
)
from services.audit.papers.documents import THE_POLICY
from services.audit.papers.errors import NotSafeNowError
from services.audit.papers.schemas import (
    NamesSchema,
    PaperAskedSchema,
    PaperPolicySchema,
    PaperSchema,
    WithholdingAskedSchema,
    WithholdingListSchema,
)
from services.audit.papers.views import PaperViews
from shared.kernel.ids import new_id
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup, Subject, Whose
from shared.web.schemas import AnswerSchema, EmptySchema

OFFICER, ADVOCATE, SUPERVISOR = "HOST_DPO", "IMSA", "SUPERVISOR"
MAKERS = (OFFICER, ADVOCATE, SUPERVISOR)
"""Who makes a paper; an advocate for their own people alone."""
SECOND = (OFFICER, SUPERVISOR)
"""Who agrees that something is left out, and who shows it again."""
MAKE = "audit:paper:read"
_PATH, _WITHHELD = "/v1/audit/papers", "/v1/audit/withholdings"


def stands_to(views: PaperViews, who: Principal, survivor_id: str) -> Standing | None:
    """Say how somebody stands to the person of a paper; None for who may make none.

    Of a person of whom nothing was heard nobody is the advocate.
    """
    if who.role != ADVOCATE:
        return Standing.ROLE
    return Standing.ASSIGNED if views.whose.may_act(who.actor_id, survivor_id) else None


def reads_names(who: Principal) -> bool:
    """Whether identity tells somebody the advocates' names; to anybody else a line says the role alone."""
    return who.role == SUPERVISOR


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    views = PaperViews(context)

    def paper(asked: Asked) -> dict[str, Any]:
        if not (asked.body["in_private"] and asked.body["safe"]):
            raise NotSafeNowError
        language, nameless = asked.body["language"], asked.body["nameless"]
        return views.paper(asked.about.id, language=language, nameless=nameless, named=reads_names(asked.who))

    def policy(asked: Asked) -> dict[str, Any]:
        del asked
        return views.policy()

    whose = Whose(
        find=lambda asked: Subject(id=str(asked.body["survivor_id"])),
        allows=lambda who, subject: stands_to(views, who, subject.id),
        in_body=True,
    )
    return [
        RouteGroup(
            name="audit",
            about="What was done and read",
            routes=[
                Route(
                    method="POST",
                    path=_PATH,
                    says="Make the paper of who saw a person's record, and why, for that person.\n\nIt has roles, "
                    "sentences and parts of days; no id, no minute. It is made afresh each time and kept nowhere; that "
                    "it was made is audited, and stands on the next one.",
                    roles=MAKERS,
                    whose=whose,
                    body=PaperAskedSchema,
                    gives=PaperSchema,
                    view=paper,
                    action=MAKE,
                ),
                Route(
                    method="GET",
                    path=_WITHHELD,
                    says="List what is, was or may be left out of papers, the longest untouched first.",
                    roles=SECOND,
                    query=PageQuerySchema,
                    gives=WithholdingListSchema,
                    view=lambda asked: views.withholdings(PageRequest.of(asked.query)),
                    action="audit:withholding:list",
                ),
                Route(
                    method="POST",
                    path=_WITHHELD,
                    says="Ask that entries be left out of a person's paper until a day. Nothing is left out before a "
                    "second person agrees.",
                    roles=(OFFICER,),
                    body=WithholdingAskedSchema,
                    command=_ask,
                    by=ask_withholding,
                    status=201,
                    gives=AnswerSchema,
                ),
                _changing("agree", "Agree, as the second person; from now on the entries are left out.",
                          lambda asked: AgreeWithholding(**_about(asked)), agree_withholding),
                _changing("end", "Show the entries again before the end.",
                          lambda asked: EndWithholding(**_about(asked)), end_withholding),
                Route(
                    method="GET",
                    path=f"{_PATH}/policy",
                    says="Read whether papers may name staff. Where the host stated nothing they may not.",
                    roles=MAKERS,
                    gives=PaperPolicySchema,
                    view=policy,
                    action="audit:paper_policy:read",
                    object_id=lambda _: THE_POLICY,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/policy",
                    says="State whether papers may name staff.",
                    roles=(OFFICER,),
                    body=NamesSchema,
                    command=lambda asked: StateNames(
                        names_shown=asked.body["names_shown"], actor_id=asked.who.actor_id
                    ),
                    by=state_names,
                    gives=AnswerSchema,
                ),
            ],
        )
    ]  # fmt: skip


def _ask(asked: Asked) -> AskWithholding:
    return AskWithholding(
        withholding_id=new_id(),
        entry_ids=tuple(dict.fromkeys(asked.body["entry_ids"])),
        reason=asked.body["reason"],
        until=asked.body["until"],
        actor_id=asked.who.actor_id,
    )


def _about(asked: Asked) -> dict[str, Any]:
    return {"withholding_id": asked.path["withholding_id"], "version": asked.version, "actor_id": asked.who.actor_id}


def _changing(verb: str, says: str, command: Callable[[Asked], Any], by: Callable[..., Any]) -> Route:
    return Route(
        method="POST",
        path=f"{_WITHHELD}/<uuid:withholding_id>/{verb}",
        says=says,
        roles=SECOND,
        body=EmptySchema,
        if_match=True,
        command=command,
        by=by,
        gives=AnswerSchema,
    )
