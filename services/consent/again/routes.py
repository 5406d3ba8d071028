"""The list of those who are to be asked again, over HTTP."""

from marshmallow import Schema, fields

from services.consent.again.views import AskingViews
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Route, RouteGroup

READERS = ("HOST_DPO", "SUPERVISOR")


class AskAgainSchema(Schema):
    """A yes that does not count, and why."""

    id = fields.String()
    survivor_id = fields.String()
    purpose = fields.String()
    status = fields.String()
    since = fields.AwareDateTime(metadata={"description": "When the line that stands now was said"})
    why = fields.List(fields.String(), metadata={"description": "Codes; each gap of the file is one"})
    wording_code = fields.String(allow_none=True)
    not_before = fields.AwareDateTime(
        allow_none=True, metadata={"description": "The first instant at which one may ask; none for now"}
    )
    never = fields.Boolean(metadata={"description": "Asked as often as may be; only they may raise it"})
    version = fields.Integer()


class AskAgainListSchema(Schema):
    """A page of them."""

    items = fields.List(fields.Nested(AskAgainSchema))
    next = fields.String(allow_none=True)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the list's one route; it stands among the consents'."""
    views = AskingViews(context.client[context.database_name])
    return [
        RouteGroup(
            name="consents",
            about="What survivors decided",
            routes=[
                Route(
                    method="GET",
                    path="/v1/consents/to-ask-again",
                    says="List the yeses that do not count, or no longer, with why and from when one may ask again.",
                    roles=READERS,
                    query=PageQuerySchema,
                    gives=AskAgainListSchema,
                    view=lambda asked: views.again(PageRequest.of(asked.query), context.clock.now()),
                    action="consent:consent:to-ask-again",
                )
            ],
        )
    ]
