"""One's own drafts over HTTP."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.consent.drafts.commands import DropDraft, KeepDraft, drop_draft, keep_draft
from services.consent.drafts.views import DraftViews
from services.consent.ledger.acting import WRITERS, check_may_act, standing_of
from services.consent.ledger.views import LedgerViews
from services.consent.talking.forms import MONTHS
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.codes import code_field
from shared.web.routes import Asked, Route, RouteGroup, Subject, Whose
from shared.web.schemas import AnswerSchema, EmptySchema, StrictSchema


class SaidSchema(StrictSchema):
    """How somebody was going to be asked; what they answer is never kept before they did."""

    recipient_class = code_field("recipient_class")
    language = code_field("language")
    method = code_field("consent_method")
    interpreter = code_field("interpreter")
    setting = code_field("consent_setting")
    capacity = code_field("consent_capacity")
    explained = code_field("consent_explained")
    months = fields.String(validate=validate.OneOf(list(MONTHS)))


class KeepSchema(StrictSchema):
    """A draft to keep."""

    survivor_id = fields.UUID(required=True)
    purpose = code_field("consent_purpose", required=True)
    said = fields.Nested(SaidSchema, required=True)


class DraftSchema(Schema):
    """A draft."""

    id = fields.String()
    survivor_id = fields.String()
    purpose = fields.String()
    actor_id = fields.String()
    kept_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime(metadata={"description": "It is deleted then"})
    said = fields.Dict()
    version = fields.Integer()


class DraftListSchema(Schema):
    """One's own drafts."""

    items = fields.List(fields.Nested(DraftSchema))
    next = fields.String(allow_none=True)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes; they stand among the consents'."""
    views, now = DraftViews(context), context.clock.now
    ledger = LedgerViews(context.client[context.database_name], context.clock.now)

    def theirs(who: Principal, subject: Subject) -> Standing | None:
        return standing_of(ledger, who, subject.id)

    def keep(asked: Asked) -> KeepDraft:
        survivor_id = str(asked.body["survivor_id"])
        return KeepDraft(
            survivor_id=survivor_id,
            purpose=asked.body["purpose"],
            closed=views.close(survivor_id, asked.body["said"]),
            actor_id=asked.who.actor_id,
        )

    def drop(asked: Asked) -> DropDraft:
        return DropDraft(draft_id=asked.path["draft_id"], actor_id=asked.who.actor_id)

    def own(asked: Asked) -> list[dict[str, Any]]:
        return views.own(asked.who, now())

    of_whom = Whose(
        find=lambda asked: Subject(id=str(asked.body["survivor_id"])), allows=theirs, check=check_may_act, in_body=True
    )
    return [
        RouteGroup(
            name="consents",
            about="What survivors decided",
            routes=[
                Route(
                    method="GET",
                    path="/v1/consent-drafts",
                    says="List one's own drafts of conversations, the newest first.",
                    roles=WRITERS,
                    gives=DraftListSchema,
                    view=own,
                    action="consent:draft:list",
                ),
                Route(
                    method="POST",
                    path="/v1/consent-drafts",
                    says="Keep how somebody is going to be asked, for seven days, in the place of what was kept.",
                    roles=WRITERS,
                    whose=of_whom,
                    body=KeepSchema,
                    gives=AnswerSchema,
                    status=201,
                    command=keep,
                    by=keep_draft,
                ),
                Route(
                    method="POST",
                    path="/v1/consent-drafts/<uuid:draft_id>/drop",
                    says="Throw one's own draft away.",
                    roles=WRITERS,
                    body=EmptySchema,
                    gives=AnswerSchema,
                    command=drop,
                    by=drop_draft,
                ),
            ],
        )
    ]
