"""The imports' HTTP routes."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, BinaryIO

from flask import Response

from services.case.imports.commands import (
    CommitPlan,
    StartImport,
    UndoImport,
    check_invented,
    commit_plan,
    start_import,
    undo_import,
)
from services.case.imports.errors import NoSuchMappingError, SourceNeededError
from services.case.imports.errors_file import lines_of
from services.case.imports.plan_schemas import (
    CommitSchema,
    HistoryQuerySchema,
    HistorySchema,
    PlanRowsQuerySchema,
    PlanRowsSchema,
    PlanSchema,
)
from services.case.imports.rules.reading import MAX_BYTES, Stated
from services.case.imports.schemas import ImportQuerySchema, ImportSchema
from services.case.imports.staged import keeper
from services.case.imports.taking import CSV, SPREADSHEETS, check_kind, with_the_file
from services.case.imports.unheard import Unheard
from services.case.imports.uploads import Upload
from services.case.imports.views import ImportViews
from services.case.mappings.views import MappingViews
from services.case.strongroom.documents import strongroom_of
from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.telemetry.traces import current_traceparent
from shared.web.gateway import Gateway
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema, EmptySchema

_IMPORTERS = ("HOST_ADMIN", "HOST_DPO", "HOST_DATA_LEAD")
_CSV_ANSWER = {"description": "The rows to mend", "content": {"text/csv": {"schema": {"type": "string"}}}}
_FILE_BODY = {
    "required": True,
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (CSV, *SPREADSHEETS)},
}


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
                    says="Upload an export: CSV up to 500 MB and 1,000,000 rows, or XLSX or ODS up to 25 MB and "
                    "100,000 rows, under its own Content-Type. It is read at once, and carried out or planned in the "
                    "background.",
                    roles=_IMPORTERS,
                    scope="imports:write",
                    query=ImportQuerySchema,
                    more={"requestBody": _FILE_BODY},
                    file_bytes=MAX_BYTES,
                    answered_by=_taking(context, views),
                    status=202,
                    gives=AnswerSchema,
                ),
                Route(
                    method="GET",
                    path="/v1/imports",
                    says="List imports, the newest first.",
                    roles=_IMPORTERS,
                    query=HistoryQuerySchema,
                    view=lambda asked: views.history(**asked.query),
                    action="case:import:list",
                    gives=HistorySchema,
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
                Route(
                    method="GET",
                    path="/v1/imports/<uuid:import_id>/plan",
                    says="Read in sum what a planned import will do.",
                    roles=_IMPORTERS,
                    scope="imports:write",
                    view=lambda asked: views.plan(asked.path["import_id"]),
                    action="case:import_plan:read",
                    gives=PlanSchema,
                ),
                Route(
                    method="GET",
                    path="/v1/imports/<uuid:import_id>/plan/rows",
                    says="Read what a planned import will do row by row.",
                    roles=_IMPORTERS,
                    scope="imports:write",
                    query=PlanRowsQuerySchema,
                    view=lambda asked: views.plan_rows(asked.path["import_id"], **asked.query),
                    action="case:import_plan:rows",
                    gives=PlanRowsSchema,
                ),
                Route(
                    method="GET",
                    path="/v1/imports/<uuid:import_id>/errors.csv",
                    says="Download the rows to mend, with their cells; mended, the file is imported by itself.",
                    roles=("HOST_DATA_LEAD",),
                    action="case:import_errors:read",
                    answered_by=_errors_of(views),
                    more={"responses": {"200": _CSV_ANSWER}},
                ),
                Route(
                    method="POST",
                    path="/v1/imports/<uuid:import_id>/commit",
                    says="Carry out a plan exactly. If something changed, nothing is done and there is a new plan.",
                    roles=_IMPORTERS,
                    scope="imports:write",
                    body=CommitSchema,
                    status=202,
                    gives=AnswerSchema,
                    command=lambda asked: CommitPlan(
                        import_id=asked.path["import_id"],
                        plan_hash=asked.body["plan_hash"],
                        actor_id=asked.who.actor_id,
                    ),
                    by=commit_plan,
                ),
                Route(
                    method="POST",
                    path="/v1/imports/<uuid:import_id>/undo",
                    says="Undo a planned import, within 24 hours of its end.",
                    roles=_IMPORTERS,
                    body=EmptySchema,
                    status=202,
                    gives=AnswerSchema,
                    command=lambda asked: UndoImport(import_id=asked.path["import_id"]),
                    by=undo_import,
                ),
            ],
        )
    ]


def _taking(context: ServiceContext, views: ImportViews) -> Callable[[Asked, Any], Response]:
    """Give what takes an upload: its file is no JSON, and waits in the strongroom before the command is committed."""
    strongroom, mappings, unheard = strongroom_of(context), MappingViews(context), Unheard(context)

    def take(asked: Asked, web: Gateway) -> Response:
        query = dict(asked.query)
        # Before a byte of it is read.
        check_invented(context.tenant_id, invented=query["invented"])
        stated = Stated(**{one.name: query.pop(one.name) for one in fields(Stated)})
        check_kind()
        if query["profile"] is not None and mappings.named(query["profile"]) is None:
            raise NoSuchMappingError
        known = views.sources()
        if query["source"] is None and len(known) > 1:
            raise SourceNeededError(known)
        # The job that carries it out goes on with the request's trace.
        start = StartImport(
            import_id=new_id(),
            actor_id=asked.who.actor_id,
            caused_by=current_traceparent(),
            planned=query.pop("mode") == "plan",
            **query,
        )

        def read(file: BinaryIO) -> StartImport:
            keep = keeper(strongroom, start.import_id)
            upload = Upload.read(
                file,
                start.profile,
                mappings=mappings,
                system=start.source,
                stated=stated,
                keep=keep,
                unheard=unheard,
            )
            source = start.source or upload.source_among(known)
            return upload.wait_in(strongroom, replace(start, source=source))

        try:
            command = with_the_file(read)
            response = web.carry_out(
                command,
                lambda work: start_import(command, work),
                location=lambda answer: f"/v1/imports/{answer.ids['id']}",
            )
        except AlongsideError as error:
            # Of a database that was away nobody knows whether it took it; the import job sweeps what nobody claims.
            if not isinstance(error, TemporarilyUnavailableError):
                strongroom.remove(start.import_id)
            raise
        if "Idempotent-Replayed" in response.headers:
            strongroom.remove(command.import_id)
        return response

    return take


def _errors_of(views: ImportViews) -> Callable[[Asked, Any], Response]:
    """Give what answers with the rows to mend: a file, a line at a time."""

    def errors(asked: Asked, web: Gateway) -> Response:
        import_id = asked.path["import_id"]
        stored = views.stored(import_id)
        store, summary = web.read("case:import_errors:read", import_id, lambda: views.plan_of(stored))
        lines = lines_of(store.about(), store.faulty(len(summary.parts)), stored.profile)
        response = Response(lines, mimetype="text/csv")
        response.headers["Content-Disposition"] = f'attachment; filename="errors-{import_id}.csv"'
        response.headers["Cache-Control"] = "no-store"
        return response

    return errors
