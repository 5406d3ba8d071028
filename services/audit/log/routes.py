"""Audit's HTTP route."""

from marshmallow import Schema, fields

from services.audit.log.schemas import ID, AuditEntrySchema
from services.audit.log.views import AuditViews
from services.audit.readers import READERS
from shared.runtime.context import ServiceContext
from shared.web.paging import Page, PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup


class AuditQuerySchema(PageQuerySchema):
    """Which entries; a misspelt filter would silently show everything, so it is refused."""

    object_id = fields.String(load_default=None, validate=ID)
    actor_id = fields.String(load_default=None, validate=ID)


class AuditListSchema(Schema):
    """Entries and the cursor of the next page."""

    items = fields.List(fields.Nested(AuditEntrySchema))
    next = fields.String(allow_none=True)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give audit's one route."""
    views = AuditViews(context.client[context.database_name])

    def read_entries(asked: Asked) -> Page:
        wanted, query = PageRequest.of(asked.query), asked.query
        return views.entries(wanted, object_id=query["object_id"], actor_id=query["actor_id"])

    return [
        RouteGroup(
            name="audit",
            about="What was done and read",
            routes=[
                Route(
                    method="GET",
                    path="/v1/audit/entries",
                    says="List audit entries, oldest first; reading them is audited too.",
                    roles=READERS,
                    query=AuditQuerySchema,
                    gives=AuditListSchema,
                    view=read_entries,
                    action="audit:entries:list",
                )
            ],
        )
    ]
