"""Audit's HTTP route."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from services.audit.views import AuditViews
from shared.contracts.fields import CODE_PATTERN
from shared.web.bodies import Blueprint
from shared.web.gateway import Gateway
from shared.web.paging import PageQuerySchema, PageRequest, paged

_READERS = ("HOST_DPO", "HOST_ADMIN", "DATA_GUARDIAN", "PLATFORM_OPERATOR")
_ID = validate.Regexp(CODE_PATTERN, error="This is not an id. Send one as an earlier answer gave it.")


class AuditQuerySchema(PageQuerySchema):
    """Which entries; a misspelt filter would silently show everything, so it is refused."""

    object_id = fields.String(load_default=None, validate=_ID)
    actor_id = fields.String(load_default=None, validate=_ID)


class AuditEntrySchema(Schema):
    """One action; ids and codes only."""

    id = fields.String()
    service = fields.String()
    action = fields.String()
    actor_id = fields.String()
    role = fields.String()
    object_id = fields.String()
    outcome = fields.String()
    count = fields.Integer(metadata={"description": "Where so many of the same are counted, not listed"})
    at = fields.AwareDateTime()


class AuditListSchema(Schema):
    """Entries and the cursor of the next page."""

    items = fields.List(fields.Nested(AuditEntrySchema))
    next = fields.String(allow_none=True)


def build_blueprint(web: Gateway, views: AuditViews) -> Blueprint:
    """Build the route over a gateway and audit's views."""
    blueprint = Blueprint("audit", __name__, url_prefix="/v1", description="What was done and read")

    @blueprint.get("/audit/entries")
    @blueprint.arguments(AuditQuerySchema, location="query")
    @blueprint.response(200, AuditListSchema)
    def read_entries(query: Mapping[str, Any]) -> Response:
        """List audit entries, oldest first; reading them is audited too."""
        web.require(*_READERS)
        wanted, object_id, actor_id = PageRequest.of(query), query["object_id"], query["actor_id"]
        page = web.read(
            "audit:entries:list", "list", lambda: views.entries(wanted, object_id=object_id, actor_id=actor_id)
        )
        return paged(page)

    return blueprint
