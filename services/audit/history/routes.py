"""The history over HTTP."""

from typing import Any

from marshmallow import fields, validate

from services.audit.history.rules import KINDS
from services.audit.history.views import HistoryViews, Wanted
from services.audit.log.schemas import ID, AuditEntrySchema
from services.audit.readers import READERS
from shared.runtime.context import ServiceContext
from shared.web.instants import InstantField
from shared.web.paging import LIMIT, MOST, CursorField
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import StrictSchema


class HistoryQuerySchema(StrictSchema):
    """Which entries; all that is given must fit."""

    limit = fields.Integer(load_default=LIMIT, validate=validate.Range(min=1, max=MOST))
    after = CursorField(load_default=None, metadata={"type": "string", "description": "next of an earlier answer"})
    object_id = fields.String(load_default=None, validate=ID)
    actor_id = fields.String(load_default=None, validate=ID)
    service = fields.String(load_default=None, validate=ID)
    action = fields.String(load_default=None, validate=ID)
    role = fields.String(load_default=None, validate=ID)
    kind = fields.String(
        load_default=None,
        validate=validate.OneOf(KINDS),
        metadata={"description": "LOOKED: something was shown. CHANGED: anything else that was allowed. REFUSED"},
    )
    since = InstantField(load_default=None, metadata={"description": "Done at or after this instant"})
    until = InstantField(load_default=None, metadata={"description": "Done before this instant"})


class HistoryEntrySchema(AuditEntrySchema):
    """One action, and what it was."""

    kind = fields.String(validate=validate.OneOf(KINDS))


class HistorySchema(StrictSchema):
    """Entries, newest first, and the cursor of the next page."""

    items = fields.List(fields.Nested(HistoryEntrySchema))
    next = fields.String(allow_none=True)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the history's one route."""
    views = HistoryViews(context.client[context.database_name])

    def history(asked: Asked) -> dict[str, Any]:
        return views.page(Wanted(**asked.query))

    return [
        RouteGroup(
            name="audit",
            about="What was done and read",
            routes=[
                Route(
                    method="GET",
                    path="/v1/audit/history",
                    says="Read who looked at a record and who changed what, newest first.\n\nTo keep a copy up to "
                    "date, use `GET /v1/audit/entries` instead, which gives the oldest first and misses nothing.",
                    roles=READERS,
                    query=HistoryQuerySchema,
                    gives=HistorySchema,
                    view=history,
                    action="audit:history:list",
                    object_id=lambda asked: asked.query["object_id"] or "list",
                )
            ],
        )
    ]
