"""The ledger's HTTP routes."""

from typing import Any

from services.consent.ledger.acting import WRITERS, check_known, check_may_act, standing_of
from services.consent.ledger.commands import RecordDecision, WithdrawConsent, record_decision, withdraw_consent
from services.consent.ledger.schemas import (
    ConsentAnswerSchema,
    ConsentListSchema,
    ConsentSchema,
    RecordDecisionSchema,
    SearchSchema,
    WithdrawSchema,
)
from services.consent.ledger.views import LedgerViews
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup, Subject, Whose


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the ledger's routes."""
    views = LedgerViews(context.client[context.database_name], context.clock.now)

    def theirs(who: Principal, subject: Subject) -> Standing | None:
        return standing_of(views, who, subject.id)

    def consent_of(asked: Asked) -> Subject:
        row = views.consent(asked.path["consent_id"])
        return Subject(id=row["survivor_id"], row=row)

    def of_survivor(asked: Asked) -> list[dict[str, Any]]:
        check_known(views, asked.who, asked.about.id)
        return views.of_survivor(asked.about.id)

    of_whom_is_told = Whose(find=_named_in_body, allows=theirs, check=check_may_act, in_body=True)
    whose_consent = Whose(find=consent_of, allows=theirs, check=check_may_act)
    return [
        RouteGroup(
            name="consents",
            about="What survivors decided",
            routes=[
                Route(
                    method="POST",
                    path="/v1/consents",
                    says="Record a decision on one purpose.",
                    roles=WRITERS,
                    whose=of_whom_is_told,
                    body=RecordDecisionSchema,
                    gives=ConsentAnswerSchema,
                    status=201,
                    command=_decision,
                    by=record_decision,
                ),
                Route(
                    method="POST",
                    path="/v1/consents/search",
                    says="Find a survivor's consents.",
                    roles=WRITERS,
                    whose=of_whom_is_told,
                    body=SearchSchema,
                    gives=ConsentListSchema,
                    view=of_survivor,
                    action="consent:consent:search",
                ),
                Route(
                    method="GET",
                    path="/v1/consents/<uuid:consent_id>",
                    says="Read a consent with its whole ledger; the ETag is its version.",
                    roles=WRITERS,
                    whose=whose_consent,
                    gives=ConsentSchema,
                    view=lambda asked: asked.about.row,
                    action="consent:consent:read",
                ),
                Route(
                    method="POST",
                    path="/v1/consents/<uuid:consent_id>/withdraw",
                    says="End a permission; no reason is asked.",
                    roles=WRITERS,
                    whose=whose_consent,
                    body=WithdrawSchema,
                    gives=ConsentAnswerSchema,
                    command=_withdrawal,
                    by=withdraw_consent,
                ),
            ],
        )
    ]


def _named_in_body(asked: Asked) -> Subject:
    return Subject(id=str(asked.body["survivor_id"]))


def _decision(asked: Asked) -> RecordDecision:
    return RecordDecision(**{**asked.body, "survivor_id": asked.about.id}, actor_id=asked.who.actor_id)


def _withdrawal(asked: Asked) -> WithdrawConsent:
    return WithdrawConsent(
        consent_id=asked.path["consent_id"], survivor_id=asked.about.id, actor_id=asked.who.actor_id, **asked.body
    )
