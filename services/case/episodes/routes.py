"""The episodes' HTTP routes."""

from typing import Any

from services.case.episodes.acting import whose_episode
from services.case.episodes.commands import (
    ChangeEpisode,
    CloseEpisode,
    ExcludeEpisode,
    MoveEpisode,
    OpenEpisode,
    close_episode,
    exclude_episode,
    move_episode,
    open_episode,
)
from services.case.episodes.schemas import (
    CloseEpisodeSchema,
    EpisodeListSchema,
    EpisodeQuerySchema,
    EpisodeSchema,
    ExcludeSchema,
    MoveEpisodeSchema,
    OpenEpisodeSchema,
    SupportStepListSchema,
)
from services.case.episodes.views import EpisodeViews
from services.case.survivors.acting import whose_survivor
from services.case.survivors.rules import ADVOCATE, advocates_at_registration
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import Page, PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema

_CASEWORK = ("IMSA", "SUPERVISOR")


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the episodes' routes."""
    survivors = SurvivorViews(context)
    views = EpisodeViews(context, survivors)
    whose = whose_episode(views, survivors)

    def sealing(command: OpenEpisode | ChangeEpisode) -> dict[str, Any]:
        return {"sealer": Sealer.of_known(context, [command.survivor_id])}

    def read_episodes(asked: Asked) -> Page:
        named, who = asked.query["advocate_id"], asked.who
        return views.episodes(
            PageRequest.of(asked.query),
            only_of=who.actor_id if who.role == ADVOCATE else None,
            filters={
                "status": asked.query["status"],
                "nation": asked.query["nation"],
                "advocate_id": None if named is None else str(named),
            },
            is_machine=who.role not in _CASEWORK,
        )

    return [
        RouteGroup(
            name="case",
            about="Whom a host supports",
            routes=[
                Route(
                    method="POST",
                    path="/v1/episodes",
                    says="Open a support episode.",
                    roles=_CASEWORK,
                    whose=whose_survivor(survivors, _survivor_in_body, in_body=True),
                    body=OpenEpisodeSchema,
                    command=_open,
                    in_batch=True,
                    by=open_episode,
                    needs=sealing,
                    status=201,
                    gives=AnswerSchema,
                    location="/v1/episodes/{id}",
                ),
                Route(
                    method="GET",
                    path="/v1/episodes",
                    says="List episodes, oldest change first, a page at a time; an advocate sees their own, a machine "
                    "neither the day of referral nor the nationality, and no referral of which support has not begun.",
                    roles=_CASEWORK,
                    scope="episodes:read",
                    query=EpisodeQuerySchema,
                    view=read_episodes,
                    action="case:episode:list",
                    gives=EpisodeListSchema,
                ),
                Route(
                    method="GET",
                    path="/v1/episodes/<uuid:episode_id>",
                    says="Read an episode; its ETag is its version.",
                    roles=_CASEWORK,
                    whose=whose,
                    view=lambda asked: asked.about.row,
                    action="case:episode:read",
                    gives=EpisodeSchema,
                ),
                Route(
                    method="POST",
                    path="/v1/episodes/<uuid:episode_id>/close",
                    says="End support.",
                    roles=_CASEWORK,
                    whose=whose,
                    body=CloseEpisodeSchema,
                    if_match=True,
                    command=lambda asked: CloseEpisode(reason=asked.body["reason"], **_as_read(asked)),
                    in_batch=True,
                    by=close_episode,
                    needs=sealing,
                    gives=AnswerSchema,
                ),
                Route(
                    method="POST",
                    path="/v1/episodes/<uuid:episode_id>/move",
                    says="Take the next step of support, such as triage, an offer, a pause or a reopening.",
                    roles=_CASEWORK,
                    whose=whose,
                    body=MoveEpisodeSchema,
                    if_match=True,
                    command=lambda asked: MoveEpisode(**asked.body, **_as_read(asked)),
                    in_batch=True,
                    by=move_episode,
                    needs=sealing,
                    gives=AnswerSchema,
                ),
                Route(
                    method="GET",
                    path="/v1/episodes/<uuid:episode_id>/states",
                    says="List the steps of an episode's support, the oldest first.",
                    roles=_CASEWORK,
                    whose=whose,
                    query=PageQuerySchema,
                    view=lambda asked: views.states(asked.about.id, PageRequest.of(asked.query)),
                    action="case:episode:states",
                    gives=SupportStepListSchema,
                ),
                Route(
                    method="POST",
                    path="/v1/episodes/<uuid:episode_id>/exclude",
                    says="Never count this episode, for somebody's safety; or count it again.",
                    roles=_CASEWORK,
                    whose=whose,
                    body=ExcludeSchema,
                    if_match=True,
                    command=lambda asked: ExcludeEpisode(excluded=asked.body["excluded"], **_as_read(asked)),
                    in_batch=True,
                    by=exclude_episode,
                    needs=sealing,
                    gives=AnswerSchema,
                ),
            ],
        )
    ]


def _survivor_in_body(asked: Asked) -> str:
    return str(asked.body["survivor_id"])


def _open(asked: Asked) -> OpenEpisode:
    named = str(asked.body["advocate_id"]) if asked.body["advocate_id"] is not None else None
    changes = {
        "survivor_id": asked.about.id,
        "advocate_id": next(iter(advocates_at_registration(asked.who, named)), None),
        "exploitation_types": tuple(asked.body["exploitation_types"]),
        "actor_id": asked.who.actor_id,
        "role": asked.who.role,
    }
    return OpenEpisode(episode_id=new_id(), **{**asked.body, **changes})


def _as_read(asked: Asked) -> dict[str, Any]:
    row = asked.about.row
    return {
        "episode_id": row["id"],
        "survivor_id": row["survivor_id"],
        "version": asked.version,
        "actor_id": asked.who.actor_id,
        "role": asked.who.role,
    }
