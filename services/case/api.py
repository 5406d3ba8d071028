"""Case's HTTP routes: parse, call, answer."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from services.case import handlers
from services.case.commands import CloseEpisode, ExcludeEpisode, OpenEpisode, RegisterSurvivor
from services.case.entries import add_entry
from services.case.import_job import WAITING, Strongroom
from services.case.schemas import (
    CloseEpisodeSchema,
    EntrySchema,
    EpisodeListSchema,
    EpisodeSchema,
    ExcludeSchema,
    OpenEpisodeSchema,
    SurvivorSchema,
)
from services.case.store import IMPORTS, Sealer
from services.case.views import CaseViews
from services.context import ServiceContext
from shared.kernel.errors import InvalidInputError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.telemetry.traces import current_traceparent
from shared.web.gateway import Gateway, etagged
from shared.web.schemas import AnswerSchema, listed

_CASEWORK = ("IMSA", "SUPERVISOR")
_IMPORTERS = ("HOST_ADMIN", "HOST_DPO", "HOST_DATA_LEAD")
_LIST_PARAMETERS = frozenset({"after", "limit", "updated_since"})


class BadParameterError(InvalidInputError):
    """A query parameter is unknown or cannot be read."""

    code = "bad-parameter"


def build_blueprint(web: Gateway, views: CaseViews, strongroom: Strongroom, context: ServiceContext) -> Blueprint:
    """Build the routes over a gateway, case's views and the strongroom of uploads."""
    blueprint = Blueprint("case", __name__, url_prefix="/v1", description="Whom a host supports")

    def sealer_for(survivor_id: str) -> Sealer:
        return Sealer(tenant=str(context.tenant_id), keys=context.survivor_keys.get_or_create_many({survivor_id}))

    def mine(row: Mapping[str, Any], who: Principal) -> None:
        """Let an advocate see only the episodes that are theirs."""
        if who.role == "IMSA" and row["advocate_id"] != who.actor_id:
            web.refuse(row["id"])

    @blueprint.post("/survivors")
    @blueprint.arguments(SurvivorSchema)
    @blueprint.response(201, AnswerSchema)
    def register_survivor(body: Mapping[str, Any]) -> Response:
        """Register a survivor; every field is sealed."""
        web.require(*_CASEWORK)
        command = RegisterSurvivor(survivor_id=new_id(), **body)
        sealer = sealer_for(command.survivor_id)
        return web.command(
            "case:survivor:register",
            lambda work: handlers.register_survivor(command, work=work, sealer=sealer),
            object_id=command.survivor_id,
        )

    @blueprint.get("/survivors/<uuid:survivor_id>")
    def read_survivor(survivor_id: Any) -> Response:
        """Read a survivor."""
        who = web.require(*_CASEWORK)
        if who.role == "IMSA" and who.actor_id not in views.advocate_of(str(survivor_id)):
            web.refuse(str(survivor_id))
        row = web.read("case:survivor:read", str(survivor_id), lambda: views.survivor(str(survivor_id)))
        return etagged(row, row["version"])

    @blueprint.post("/episodes")
    @blueprint.arguments(OpenEpisodeSchema)
    @blueprint.response(201, AnswerSchema)
    def open_episode(body: Mapping[str, Any]) -> Response:
        """Open a support episode."""
        who = web.require(*_CASEWORK)
        advocate = body["advocate_id"] or (who.actor_id if who.role == "IMSA" else None)
        survivor_id = str(body["survivor_id"])
        changes = {
            "survivor_id": survivor_id,
            "advocate_id": str(advocate) if advocate is not None else None,
            "exploitation_types": tuple(body["exploitation_types"]),
        }
        command = OpenEpisode(episode_id=new_id(), **{**body, **changes})
        sealer = Sealer(tenant=str(context.tenant_id), keys=context.survivor_keys.get_many([survivor_id]))
        return web.command(
            "case:episode:open",
            lambda work: handlers.open_episode(command, work=work, sealer=sealer),
            object_id=command.episode_id,
            aggregates=(survivor_id,),
        )

    @blueprint.get("/episodes")
    @blueprint.response(200, EpisodeListSchema)
    def list_episodes() -> dict[str, Any]:
        """List episodes, oldest change first, a page at a time."""
        who = web.require(*_CASEWORK)
        if set(request.args) - _LIST_PARAMETERS:
            raise BadParameterError(f"This list knows the parameters {', '.join(sorted(_LIST_PARAMETERS))}.")
        limit = _limit(request.args.get("limit", "50"))
        rows = web.read(
            "case:episode:list",
            "list",
            lambda: views.episodes(
                advocate_id=who.actor_id if who.role == "IMSA" else None,
                updated_since=_instant(request.args.get("updated_since")),
                after=_cursor(request.args.get("after")),
                limit=limit,
            ),
        )
        last = rows[-1] if len(rows) == limit else None
        return listed(rows, _make_cursor(last["updated_at"], last["id"]) if last else None)

    @blueprint.get("/episodes/<uuid:episode_id>")
    @blueprint.response(200, EpisodeSchema)
    def read_episode(episode_id: Any) -> tuple[dict[str, Any], int, dict[str, str]]:
        """Read an episode; its ETag is its version."""
        who = web.require(*_CASEWORK)
        row = views.episode(str(episode_id))
        mine(row, who)
        shown = web.read("case:episode:read", str(episode_id), lambda: row)
        return shown, 200, {"ETag": f'"{shown["version"]}"'}

    @blueprint.post("/episodes/<uuid:episode_id>/close")
    @blueprint.arguments(CloseEpisodeSchema)
    @blueprint.response(200, AnswerSchema)
    def close_episode(body: Mapping[str, Any], episode_id: Any) -> Response:
        """End support."""
        who = web.require(*_CASEWORK)
        row = views.episode(str(episode_id))
        mine(row, who)
        command = CloseEpisode(episode_id=str(episode_id), reason=body["reason"], version=web.if_match())
        sealer = sealer_for(row["survivor_id"])
        return web.command(
            "case:episode:close",
            lambda work: handlers.close_episode(command, work=work, sealer=sealer),
            object_id=command.episode_id,
            aggregates=(command.episode_id,),
        )

    @blueprint.post("/episodes/<uuid:episode_id>/exclude")
    @blueprint.arguments(ExcludeSchema)
    @blueprint.response(200, AnswerSchema)
    def exclude_episode(body: Mapping[str, Any], episode_id: Any) -> Response:
        """Never count this episode, for somebody's safety; or count it again."""
        who = web.require(*_CASEWORK)
        row = views.episode(str(episode_id))
        mine(row, who)
        command = ExcludeEpisode(episode_id=str(episode_id), excluded=body["excluded"], version=web.if_match())
        sealer = sealer_for(row["survivor_id"])
        return web.command(
            "case:episode:exclude",
            lambda work: handlers.exclude_episode(command, work=work, sealer=sealer),
            object_id=command.episode_id,
            aggregates=(command.episode_id,),
        )

    @blueprint.post("/episodes/<uuid:episode_id>/<any(goals, contacts, outcomes):kind>")
    @blueprint.arguments(EntrySchema)
    @blueprint.response(201, AnswerSchema)
    def add_to_episode(body: Mapping[str, Any], episode_id: Any, kind: str) -> Response:
        """Add a goal, a contact or an outcome."""
        who = web.require(*_CASEWORK)
        mine(views.episode(str(episode_id)), who)
        entry_id = new_id()
        return web.command(
            f"case:episode:{kind}",
            lambda work: add_entry(str(episode_id), kind, entry_id, body, work=work),
            object_id=str(episode_id),
        )

    @blueprint.post("/imports")
    def start_import() -> Response:
        """Upload a CSV export (Content-Type text/csv); it is carried out in the background."""
        who = web.require(*_IMPORTERS, scope="imports:write")
        import_id, content = new_id(), request.get_data(cache=True)
        if set(request.args) - {"profile", "source"} or not content:
            raise BadParameterError("Send the file as the body; the parameters are profile and source.")
        strongroom.put(import_id, content)
        profile, source = request.args.get("profile"), request.args.get("source")
        caused_by = current_traceparent()

        def start(work: UnitOfWork) -> Answer:
            work.insert(
                IMPORTS,
                {
                    "_id": import_id,
                    "state": WAITING,
                    "why": None,
                    "profile": profile,
                    "source": source,
                    "actor_id": who.actor_id,
                    "received_at": work.now,
                    "done": 0,
                    "counts": {},
                    "problems": [],
                    "held_rows": [],
                    "dropped_columns": [],
                    # The job that carries it out goes on with the request's trace.
                    "traceparent": caused_by,
                },
            )
            return Answer(status=202, ids={"id": import_id})

        response = web.command("case:import:start", start, object_id=import_id)
        if "Idempotent-Replayed" in response.headers:
            strongroom.remove(import_id)
        return response

    @blueprint.get("/imports/<uuid:import_id>")
    def read_import(import_id: Any) -> dict[str, Any]:
        """Read an import's report."""
        web.require(*_IMPORTERS, scope="imports:write")
        return web.read("case:import:read", str(import_id), lambda: views.an_import(str(import_id)))

    @blueprint.get("/safeguarding-tasks")
    def read_tasks() -> dict[str, Any]:
        """List open safeguarding tasks."""
        web.require("SAFEGUARDING_LEAD", "HOST_ADMIN", "SUPERVISOR")
        return listed(web.read("case:safeguarding:list", "list", views.tasks))

    return blueprint


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 200):  # noqa: PLR2004  The API's own limit.
        raise BadParameterError("limit is a whole number from 1 to 200.")
    return int(text)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadParameterError("updated_since is an instant such as 2026-11-23T10:00:00Z.") from error
    if found.tzinfo is None:
        raise BadParameterError("updated_since needs a time zone, such as Z.")
    return found


def _make_cursor(at: datetime, last: str) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{last}".encode()).decode()


def _cursor(text: str | None) -> tuple[datetime, str] | None:
    if text is None:
        return None
    try:
        at, _, last = base64.urlsafe_b64decode(text.encode()).decode().partition("|")
        return datetime.fromisoformat(at), last
    except (ValueError, binascii.Error) as error:
        raise BadParameterError("after is a cursor that an earlier answer gave as next.") from error
