"""The imports' HTTP routes."""

from collections.abc import Callable
from typing import Any

from flask import Response, request

from services.case.imports.commands import StartImport, start_import
from services.case.imports.errors import EmptyUploadError, SourceNeededError
from services.case.imports.schemas import ImportQuerySchema, ImportSchema
from services.case.imports.uploads import Upload
from services.case.imports.views import ImportViews
from services.case.strongroom.documents import strongroom_of
from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.telemetry.traces import current_traceparent
from shared.web.gateway import Gateway
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema

_IMPORTERS = ("HOST_ADMIN", "HOST_DPO", "HOST_DATA_LEAD")
_CSV_BODY = {"required": True, "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the imports' routes."""
    views = ImportViews(context)
    return [
        RouteGroup(
            name="imports",
            about="Exports of a host's own systems",
            routes=[
                Route(
                    method="POST",
                    path="/v1/imports",
                    says="Upload a CSV export (Content-Type text/csv); it is read at once and carried out in the "
                    "background.",
                    roles=_IMPORTERS,
                    scope="imports:write",
                    query=ImportQuerySchema,
                    more={"requestBody": _CSV_BODY},
                    answered_by=_taking(context, views),
                    status=202,
                    gives=AnswerSchema,
                ),
                Route(
                    method="GET",
                    path="/v1/imports/<uuid:import_id>",
                    says="Read an import's report.",
                    roles=_IMPORTERS,
                    scope="imports:write",
                    view=lambda asked: views.an_import(asked.path["import_id"]),
                    action="case:import:read",
                    gives=ImportSchema,
                ),
            ],
        )
    ]


def _taking(context: ServiceContext, views: ImportViews) -> Callable[[Asked, Any], Response]:
    """Give what takes an upload: its file is no JSON, and waits in the strongroom before the command is committed."""
    strongroom = strongroom_of(context)

    def take(asked: Asked, web: Gateway) -> Response:
        content = request.get_data(cache=True)
        if not content:
            raise EmptyUploadError
        known = views.sources()
        if asked.query["source"] is None and len(known) > 1:
            raise SourceNeededError(known)
        # The job that carries it out goes on with the request's trace.
        start = StartImport(
            import_id=new_id(), actor_id=asked.who.actor_id, caused_by=current_traceparent(), **asked.query
        )
        command = Upload.read(content, asked.query["profile"]).wait_in(strongroom, start)
        try:
            response = web.carry_out(
                command,
                lambda work: start_import(command, work),
                location=lambda answer: f"/v1/imports/{answer.ids['id']}",
            )
        except AlongsideError as error:
            # Of a database that was away nobody knows whether it took it; the import job sweeps what nobody claims.
            if not isinstance(error, TemporarilyUnavailableError):
                strongroom.remove(command.import_id)
            raise
        if "Idempotent-Replayed" in response.headers:
            strongroom.remove(command.import_id)
        return response

    return take
