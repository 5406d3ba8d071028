"""Case's HTTP routes: parse, call, answer."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request

from services.case import handlers
from services.case.acting import ADVOCATE, advocates_at_registration, check_may_act
from services.case.commands import (
    AssignAdvocates,
    CloseEpisode,
    ExcludeEpisode,
    OpenEpisode,
    RegisterSurvivor,
    StartImport,
)
from services.case.entries import add_entry
from services.case.errors import NotTheirAdvocateError, SourceNeededError
from services.case.schemas import (
    AdvocatesSchema,
    AssignSchema,
    CloseEpisodeSchema,
    ContactSchema,
    EntryListSchema,
    EpisodeListSchema,
    EpisodeSchema,
    ExcludeSchema,
    GoalSchema,
    ImportQuerySchema,
    ImportSchema,
    OpenEpisodeSchema,
    OutcomeSchema,
    RegisterSurvivorSchema,
    SurvivorRowSchema,
    TaskListSchema,
)
from services.case.store import Sealer
from services.case.strongroom import EmptyUploadError, Strongroom
from services.case.uploads import Upload
from services.case.views import CaseViews
from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.telemetry.traces import current_traceparent
from shared.web.bodies import Blueprint
from shared.web.gateway import Gateway, etagged
from shared.web.openapi import IF_MATCH
from shared.web.paging import PageQuerySchema, PageRequest, paged
from shared.web.schemas import AnswerSchema

_CASEWORK = ("IMSA", "SUPERVISOR")
_IMPORTERS = ("HOST_ADMIN", "HOST_DPO", "HOST_DATA_LEAD")
_CSV_BODY = {"required": True, "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}


def build_blueprints(
    web: Gateway, views: CaseViews, strongroom: Strongroom, context: ServiceContext
) -> list[Blueprint]:
    """Build the routes over a gateway, case's views and the strongroom of uploads."""
    return [build_cases(web, views, context), build_imports(web, views, strongroom)]


def build_cases(web: Gateway, views: CaseViews, context: ServiceContext) -> Blueprint:
    """Build the routes for survivors and episodes."""
    blueprint = Blueprint("case", __name__, url_prefix="/v1", description="Whom a host supports")

    def sealer_for(survivor_id: str) -> Sealer:
        return Sealer(tenant=str(context.tenant_id), keys=context.survivor_keys.get_or_create_many({survivor_id}))

    def mine(row: Mapping[str, Any], who: Principal) -> None:
        """Let an advocate see only the episodes that are theirs, of survivors on whom they may act."""
        if who.role == ADVOCATE and not (
            row["advocate_id"] == who.actor_id and views.may_act(row["survivor_id"], who.actor_id)
        ):
            web.refuse(row["id"])

    def command(survivor_id: str, action: str, run: Callable[[UnitOfWork], Answer], **options: Any) -> Response:
        """Carry out a command about a survivor; who may act is checked in its transaction."""
        who = web.principal

        def permitted(work: UnitOfWork) -> Answer:
            check_may_act(work, survivor_id, who)
            return run(work)

        try:
            return web.command(action, permitted, **options)
        except NotTheirAdvocateError:
            web.refuse(survivor_id)

    @blueprint.post("/survivors")
    @blueprint.arguments(RegisterSurvivorSchema)
    @blueprint.response(201, AnswerSchema)
    def register_survivor(body: Mapping[str, Any]) -> Response:
        """Register a survivor; every field is sealed. An advocate may act on whom they register."""
        who = web.require(*_CASEWORK)
        values = {name: body[name] for name in ("reference", "name", "safe_contact")}
        named = str(body["advocate_id"]) if body["advocate_id"] is not None else None
        advocates = advocates_at_registration(who, named)
        registration = RegisterSurvivor(survivor_id=new_id(), advocate_ids=advocates, **values)
        sealer = sealer_for(registration.survivor_id)
        return web.command(
            "case:survivor:register",
            lambda work: handlers.register_survivor(registration, work=work, sealer=sealer),
            object_id=lambda answer: str(answer.ids["id"]),
            location=lambda answer: f"/v1/survivors/{answer.ids['id']}",
        )

    @blueprint.get("/survivors/<uuid:survivor_id>")
    @blueprint.response(200, SurvivorRowSchema)
    def read_survivor(survivor_id: Any) -> Response:
        """Read a survivor; the ETag is the version."""
        who = web.require(*_CASEWORK)
        if who.role == ADVOCATE and not views.may_act(str(survivor_id), who.actor_id):
            web.refuse(str(survivor_id))
        row = web.read("case:survivor:read", str(survivor_id), lambda: views.survivor(str(survivor_id)))
        return etagged(row, row["version"])

    @blueprint.get("/survivors/<uuid:survivor_id>/advocates")
    @blueprint.response(200, AdvocatesSchema)
    def read_advocates(survivor_id: Any) -> dict[str, Any]:
        """Say which advocates may act on a survivor."""
        web.require("SUPERVISOR")
        return web.read("case:survivor:advocates", str(survivor_id), lambda: views.advocates_of(str(survivor_id)))

    @blueprint.post("/survivors/<uuid:survivor_id>/advocates")
    @blueprint.arguments(AssignSchema)
    @blueprint.response(200, AnswerSchema)
    def assign_advocates(body: Mapping[str, Any], survivor_id: Any) -> Response:
        """Say which advocates may act on a survivor from now on; the whole set, by a supervisor."""
        web.require("SUPERVISOR")
        assignment = AssignAdvocates(
            survivor_id=str(survivor_id), advocate_ids=tuple(str(one) for one in body["advocate_ids"])
        )
        return web.command(
            "case:survivor:assign",
            lambda work: handlers.assign_advocates(assignment, work=work),
            object_id=assignment.survivor_id,
            aggregates=(assignment.survivor_id,),
        )

    @blueprint.post("/episodes")
    @blueprint.arguments(OpenEpisodeSchema)
    @blueprint.response(201, AnswerSchema)
    def open_episode(body: Mapping[str, Any]) -> Response:
        """Open a support episode."""
        who = web.require(*_CASEWORK)
        survivor_id = str(body["survivor_id"])
        if who.role == ADVOCATE and not views.may_act(survivor_id, who.actor_id):
            web.refuse(survivor_id)
        named = str(body["advocate_id"]) if body["advocate_id"] is not None else None
        advocate = next(iter(advocates_at_registration(who, named)), None)
        changes = {
            "survivor_id": survivor_id,
            "advocate_id": advocate,
            "exploitation_types": tuple(body["exploitation_types"]),
        }
        opening = OpenEpisode(episode_id=new_id(), **{**body, **changes})
        sealer = Sealer(tenant=str(context.tenant_id), keys=context.survivor_keys.get_many([survivor_id]))
        return command(
            survivor_id,
            "case:episode:open",
            lambda work: handlers.open_episode(opening, work=work, sealer=sealer),
            object_id=lambda answer: str(answer.ids["id"]),
            aggregates=(survivor_id,),
            location=lambda answer: f"/v1/episodes/{answer.ids['id']}",
        )

    @blueprint.get("/episodes")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, EpisodeListSchema)
    def list_episodes(query: Mapping[str, Any]) -> Response:
        """List episodes, oldest change first, a page at a time; an advocate sees their own."""
        who = web.require(*_CASEWORK)
        advocate_id = who.actor_id if who.role == ADVOCATE else None
        wanted = PageRequest.of(query)
        return paged(web.read("case:episode:list", "list", lambda: views.episodes(wanted, advocate_id=advocate_id)))

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
    @blueprint.doc(parameters=[IF_MATCH])
    @blueprint.arguments(CloseEpisodeSchema)
    @blueprint.response(200, AnswerSchema)
    def close_episode(body: Mapping[str, Any], episode_id: Any) -> Response:
        """End support."""
        who = web.require(*_CASEWORK)
        row = views.episode(str(episode_id))
        mine(row, who)
        change = CloseEpisode(episode_id=str(episode_id), reason=body["reason"], version=web.if_match())
        sealer = sealer_for(row["survivor_id"])
        return command(
            row["survivor_id"],
            "case:episode:close",
            lambda work: handlers.close_episode(change, work=work, sealer=sealer),
            object_id=change.episode_id,
            aggregates=(change.episode_id, row["survivor_id"]),
        )

    @blueprint.post("/episodes/<uuid:episode_id>/exclude")
    @blueprint.doc(parameters=[IF_MATCH])
    @blueprint.arguments(ExcludeSchema)
    @blueprint.response(200, AnswerSchema)
    def exclude_episode(body: Mapping[str, Any], episode_id: Any) -> Response:
        """Never count this episode, for somebody's safety; or count it again."""
        who = web.require(*_CASEWORK)
        row = views.episode(str(episode_id))
        mine(row, who)
        change = ExcludeEpisode(episode_id=str(episode_id), excluded=body["excluded"], version=web.if_match())
        sealer = sealer_for(row["survivor_id"])
        return command(
            row["survivor_id"],
            "case:episode:exclude",
            lambda work: handlers.exclude_episode(change, work=work, sealer=sealer),
            object_id=change.episode_id,
            aggregates=(change.episode_id, row["survivor_id"]),
        )

    def add_to_episode(body: Mapping[str, Any], episode_id: str, kind: str) -> Response:
        who = web.require(*_CASEWORK)
        row = views.episode(episode_id)
        mine(row, who)
        entry_id = new_id()
        return command(
            row["survivor_id"],
            f"case:episode:{kind}",
            lambda work: add_entry(episode_id, kind, entry_id, body, work=work),
            object_id=episode_id,
            aggregates=(episode_id, row["survivor_id"]),
        )

    def list_entries(query: Mapping[str, Any], episode_id: str, kind: str) -> Response:
        who = web.require(*_CASEWORK)
        mine(views.episode(episode_id), who)
        load = _loading(views, episode_id, kind, PageRequest.of(query))
        return paged(web.read(f"case:episode:list-{kind}", episode_id, load))

    @blueprint.post("/episodes/<uuid:episode_id>/goals")
    @blueprint.arguments(GoalSchema)
    @blueprint.response(201, AnswerSchema)
    def add_goal(body: Mapping[str, Any], episode_id: Any) -> Response:
        """Add what the survivor wants to reach."""
        return add_to_episode(body, str(episode_id), "goals")

    @blueprint.get("/episodes/<uuid:episode_id>/goals")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, EntryListSchema)
    def list_goals(query: Mapping[str, Any], episode_id: Any) -> Response:
        """List an episode's goals."""
        return list_entries(query, str(episode_id), "goals")

    @blueprint.post("/episodes/<uuid:episode_id>/contacts")
    @blueprint.arguments(ContactSchema)
    @blueprint.response(201, AnswerSchema)
    def add_contact(body: Mapping[str, Any], episode_id: Any) -> Response:
        """Add a contact with the survivor."""
        return add_to_episode(body, str(episode_id), "contacts")

    @blueprint.get("/episodes/<uuid:episode_id>/contacts")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, EntryListSchema)
    def list_contacts(query: Mapping[str, Any], episode_id: Any) -> Response:
        """List an episode's contacts."""
        return list_entries(query, str(episode_id), "contacts")

    @blueprint.post("/episodes/<uuid:episode_id>/outcomes")
    @blueprint.arguments(OutcomeSchema)
    @blueprint.response(201, AnswerSchema)
    def add_outcome(body: Mapping[str, Any], episode_id: Any) -> Response:
        """Add how far something is reached."""
        return add_to_episode(body, str(episode_id), "outcomes")

    @blueprint.get("/episodes/<uuid:episode_id>/outcomes")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, EntryListSchema)
    def list_outcomes(query: Mapping[str, Any], episode_id: Any) -> Response:
        """List an episode's outcomes."""
        return list_entries(query, str(episode_id), "outcomes")

    return blueprint


def build_imports(web: Gateway, views: CaseViews, strongroom: Strongroom) -> Blueprint:
    """Build the routes for imports and for the safeguarding tasks that they open."""
    blueprint = Blueprint("imports", __name__, url_prefix="/v1", description="Exports of a host's own systems")

    @blueprint.post("/imports")
    @blueprint.doc(requestBody=_CSV_BODY)
    @blueprint.arguments(ImportQuerySchema, location="query")
    @blueprint.response(202, AnswerSchema)
    def start_import(query: Mapping[str, Any]) -> Response:
        """Upload a CSV export (Content-Type text/csv); it is read at once and carried out in the background."""
        who = web.require(*_IMPORTERS, scope="imports:write")
        content = request.get_data(cache=True)
        if not content:
            raise EmptyUploadError
        known = views.sources()
        if query["source"] is None and len(known) > 1:
            raise SourceNeededError(known)
        # The job that carries it out goes on with the request's trace.
        start = StartImport(import_id=new_id(), actor_id=who.actor_id, caused_by=current_traceparent(), **query)
        command = Upload.read(content, query["profile"]).wait_in(strongroom, start)
        try:
            response = web.command(
                "case:import:start",
                lambda work: handlers.start_import(command, work=work),
                object_id=lambda answer: str(answer.ids["id"]),
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

    @blueprint.get("/imports/<uuid:import_id>")
    @blueprint.response(200, ImportSchema)
    def read_import(import_id: Any) -> dict[str, Any]:
        """Read an import's report."""
        web.require(*_IMPORTERS, scope="imports:write")
        return web.read("case:import:read", str(import_id), lambda: views.an_import(str(import_id)))

    @blueprint.get("/safeguarding-tasks")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, TaskListSchema)
    def read_tasks(query: Mapping[str, Any]) -> Response:
        """List open safeguarding tasks, oldest first."""
        web.require("SAFEGUARDING_LEAD", "HOST_ADMIN", "SUPERVISOR")
        return paged(web.read("case:safeguarding:list", "list", lambda: views.tasks(PageRequest.of(query))))

    return blueprint


def _loading(views: CaseViews, episode_id: str, kind: str, wanted: PageRequest) -> Callable[[], Any]:
    return lambda: views.entries(episode_id, kind, wanted)
