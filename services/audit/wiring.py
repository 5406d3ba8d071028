"""Audit's composition root."""

from typing import Any

from flask import request
from flask_smorest import Blueprint

from services.audit.handlers import keep_actions
from services.audit.store import ENTRIES, entry_row
from services.context import ServiceContext
from shared.bus.topology import topology_of
from shared.contracts.marks import AUDITS
from shared.kernel.errors import InvalidInputError
from shared.outbox.inbox import Hearing
from shared.web.gateway import Gateway

_READERS = ("HOST_DPO", "HOST_ADMIN", "DATA_GUARDIAN", "PLATFORM_OPERATOR")
_PARAMETERS = frozenset({"after", "limit", "object_id", "actor_id"})
_MAX_LIMIT = 200


class UnknownParameterError(InvalidInputError):
    """A misspelt filter would silently show everything, so it is refused."""

    code = "unknown-parameter"

    def __init__(self) -> None:
        """Name what there is."""
        super().__init__(f"This list knows the parameters {', '.join(sorted(_PARAMETERS))}.")


def build_hearings(context: ServiceContext) -> list[Hearing]:
    """Hear every service of the vhost."""
    services = topology_of(context.tenant_id).services
    return [Hearing(event=AUDITS[service], handle=keep_actions) for service in services]


def build_blueprints(context: ServiceContext, gateway: Gateway) -> list[Blueprint]:
    """Build the HTTP routes."""
    blueprint = Blueprint("audit", __name__, url_prefix="/v1", description="What was done and read")
    entries = context.client[context.database_name][ENTRIES]

    def page() -> dict[str, Any]:
        query: dict[str, Any] = {name: request.args[name] for name in ("object_id", "actor_id") if name in request.args}
        if "after" in request.args:
            query["_id"] = {"$gt": request.args["after"]}
        text = request.args.get("limit", "50")
        limit = min(int(text), _MAX_LIMIT) if text.isascii() and text.isdigit() and int(text) > 0 else 50
        rows = [entry_row(d) for d in entries.find(query).sort("_id", 1).limit(limit)]
        return {"items": rows, "next": rows[-1]["id"] if len(rows) == limit else None}

    @blueprint.get("/audit/entries")
    def read_entries() -> dict[str, Any]:
        """List audit entries, oldest first."""
        gateway.require(*_READERS)
        if set(request.args) - _PARAMETERS:
            raise UnknownParameterError
        return gateway.read("audit:entries:list", "list", page)

    return [blueprint]
