"""Withdrawals over HTTP: which wait for an answer, the proof of each, and what recipients answered."""

from typing import Any

from services.consent.ledger.acting import WRITERS, check_known, check_may_act, standing_of
from services.consent.ledger.schemas import SearchSchema
from services.consent.ledger.views import LedgerViews
from services.consent.withdrawals.commands import NoteAnswer, note_answer
from services.consent.withdrawals.schemas import AnswerForSchema, NotedSchema, ProofListSchema, ProofSchema
from services.consent.withdrawals.views import WithdrawalViews
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup, Subject, Whose

KEEPERS = ("HOST_DPO", "SUPERVISOR")
"""Who watches over withdrawals and notes what recipients answered."""


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    database = context.client[context.database_name]
    views, ledger, now = WithdrawalViews(database), LedgerViews(database, context.clock.now), context.clock.now

    def theirs(who: Principal, subject: Subject) -> Standing | None:
        return standing_of(ledger, who, subject.id)

    def proof_of(asked: Asked) -> Subject:
        row = views.proof(asked.path["withdrawal_id"], now())
        return Subject(id=row["survivor_id"], row=row)

    def of_survivor(asked: Asked) -> list[dict[str, Any]]:
        check_known(ledger, asked.who, asked.about.id)
        return views.of_survivor(asked.about.id, now())

    def noted(asked: Asked) -> NoteAnswer:
        said: dict[str, Any] = {**asked.body, "question_id": str(asked.body["question_id"])}
        return NoteAnswer(**said, withdrawal_id=asked.path["withdrawal_id"], actor_id=asked.who.actor_id)

    of_whom = Whose(
        find=lambda asked: Subject(id=str(asked.body["survivor_id"])), allows=theirs, check=check_may_act, in_body=True
    )
    return [
        RouteGroup(
            name="withdrawals",
            about="What became of permissions that ended",
            routes=[
                Route(
                    method="GET",
                    path="/v1/withdrawals",
                    says="List the withdrawals of which somebody has not answered yet.",
                    roles=KEEPERS,
                    query=PageQuerySchema,
                    gives=ProofListSchema,
                    view=lambda asked: views.waiting(PageRequest.of(asked.query), now()),
                    action="consent:withdrawal:list",
                ),
                Route(
                    method="POST",
                    path="/v1/withdrawals/search",
                    says="Find a survivor's withdrawals, proven ones too.",
                    roles=WRITERS,
                    whose=of_whom,
                    body=SearchSchema,
                    gives=ProofListSchema,
                    view=of_survivor,
                    action="consent:withdrawal:search",
                ),
                Route(
                    method="GET",
                    path="/v1/withdrawals/<uuid:withdrawal_id>",
                    says="Read the proof of a withdrawal: who was asked, and what each answered.",
                    roles=WRITERS,
                    whose=Whose(find=proof_of, allows=theirs, check=check_may_act),
                    gives=ProofSchema,
                    view=lambda asked: asked.about.row,
                    action="consent:withdrawal:read",
                ),
                Route(
                    method="POST",
                    path="/v1/withdrawals/<uuid:withdrawal_id>/answers",
                    says="Note what a recipient answered: done, or refused with a reason in law.",
                    roles=KEEPERS,
                    body=AnswerForSchema,
                    gives=NotedSchema,
                    command=noted,
                    by=note_answer,
                ),
            ],
        )
    ]
