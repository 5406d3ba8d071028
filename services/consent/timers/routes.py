"""Whom to talk with again, and the policy that says so, over HTTP."""

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields

from services.consent.ledger.acting import WRITERS
from services.consent.timers.policy import lines, version
from services.consent.timers.views import TalkViews
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup


class TalkSchema(Schema):
    """A talk that is due."""

    id = fields.String(metadata={"description": "The consent's"})
    survivor_id = fields.String()
    purpose = fields.String()
    recipient_class = fields.String(allow_none=True)
    why = fields.String(metadata={"description": "ENDS_SOON, GIVEN_WITH_SUPPORT or CAPACITY_AGAIN"})
    due_at = fields.AwareDateTime()
    until = fields.AwareDateTime(allow_none=True, metadata={"description": "When the yes ends"})
    not_before = fields.AwareDateTime(
        allow_none=True, metadata={"description": "The first instant at which one may ask; none for now"}
    )
    never = fields.Boolean(metadata={"description": "Asked as often as may be; only they may raise it"})
    version = fields.Integer()


class TalkListSchema(Schema):
    """A page of them."""

    items = fields.List(fields.Nested(TalkSchema))
    next = fields.String(allow_none=True)


class PolicyLineSchema(Schema):
    """One line of the policy."""

    key = fields.String()
    nation = fields.String()
    value = fields.Raw(metadata={"description": "Days, hours or the name of a law"})
    valid_from = fields.Date()
    source = fields.String()
    verify = fields.Boolean(metadata={"description": "A lawyer of the nation has still to confirm it"})


class PolicySchema(Schema):
    """The policy."""

    version = fields.Integer()
    items = fields.List(fields.Nested(PolicyLineSchema))


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes; they stand among the consents'."""
    views, now = TalkViews(context.client[context.database_name]), context.clock.now

    def policy(_asked: Asked) -> dict[str, Any]:
        return {"version": version(), "items": [asdict(line) for line in lines()]}

    return [
        RouteGroup(
            name="consents",
            about="What survivors decided",
            routes=[
                Route(
                    method="GET",
                    path="/v1/consents/to-talk-about",
                    says="List whom to talk with again now, the longest due first; an advocate sees their own.",
                    roles=WRITERS,
                    query=PageQuerySchema,
                    gives=TalkListSchema,
                    view=lambda asked: views.due(asked.who, PageRequest.of(asked.query), now()),
                    action="consent:consent:to-talk-about",
                ),
                Route(
                    method="GET",
                    path="/v1/consent-policy",
                    says="Read when people are talked with again: by nation, each line with its source.",
                    roles=(*WRITERS, "HOST_DATA_LEAD"),
                    gives=PolicySchema,
                    view=policy,
                    action="consent:policy:read",
                ),
            ],
        )
    ]
