"""The sources' HTTP routes."""

from typing import Any

from services.case.sources.asking import Asking
from services.case.sources.commands import (
    PauseSource,
    PullSource,
    RemoveSource,
    ResumeSource,
    TrySource,
    add_source,
    change_credentials,
    pause_source,
    pull_source,
    remove_source,
    resume_source,
    try_source,
)
from services.case.sources.rights import CONNECTORS, SEERS
from services.case.sources.schemas import AddSourceSchema, CredentialsSchema, SourceListSchema, SourceSchema
from services.case.sources.views import SourceViews
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema, EmptySchema

_PATH = "/v1/sources/<uuid:source_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the sources' routes; people only, since a machine's source would be read on when its key is long revoked."""
    views, asking = SourceViews(context), Asking(context)

    def about(asked: Asked) -> dict[str, Any]:
        return {"source_id": asked.path["source_id"], "actor_id": asked.who.actor_id}

    return [
        RouteGroup(
            name="sources",
            about="Systems and folders that are read on schedule",
            routes=[
                Route(
                    method="GET",
                    path="/v1/sources",
                    says="List sources and how they stand.",
                    roles=SEERS,
                    gives=SourceListSchema,
                    view=lambda _asked: views.all(),
                    action="case:source:list",
                ),
                Route(
                    method="POST",
                    path="/v1/sources",
                    says="Add a source.\n\nIt is read whole once a day at its time, and by hand. What is read becomes "
                    "a plan; nothing is carried out until somebody commits it.",
                    roles=CONNECTORS,
                    body=AddSourceSchema,
                    gives=AnswerSchema,
                    status=201,
                    location="/v1/sources/{id}",
                    command=lambda asked: asking.add(asked.body, actor_id=asked.who.actor_id),
                    by=add_source,
                ),
                Route(
                    method="GET",
                    path=_PATH,
                    says="Read a source: when it was read last, when it is read next, and what is wrong.",
                    roles=SEERS,
                    gives=SourceSchema,
                    view=lambda asked: views.one(asked.path["source_id"]),
                    action="case:source:read",
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/pull",
                    says="Read a source now; look at the source to see what came of it.",
                    roles=CONNECTORS,
                    body=EmptySchema,
                    gives=AnswerSchema,
                    status=202,
                    command=lambda asked: PullSource(**about(asked)),
                    by=pull_source,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/test",
                    says="Try a source out: sign in and look whether its fields are there; no record is read.",
                    roles=CONNECTORS,
                    body=EmptySchema,
                    gives=AnswerSchema,
                    status=202,
                    command=lambda asked: TrySource(**about(asked)),
                    by=try_source,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/pause",
                    says="Read a source no more until it is resumed; what is being read is thrown away.",
                    roles=CONNECTORS,
                    body=EmptySchema,
                    gives=AnswerSchema,
                    command=lambda asked: PauseSource(**about(asked)),
                    by=pause_source,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/resume",
                    says="Read a source again, from its next time on.",
                    roles=CONNECTORS,
                    body=EmptySchema,
                    gives=AnswerSchema,
                    command=lambda asked: ResumeSource(**about(asked)),
                    by=resume_source,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/credentials",
                    says="Change a source's credentials; they are kept sealed and never shown.",
                    roles=CONNECTORS,
                    body=CredentialsSchema,
                    gives=AnswerSchema,
                    command=lambda asked: asking.credentials(
                        asked.path["source_id"], asked.body, actor_id=asked.who.actor_id
                    ),
                    by=change_credentials,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/remove",
                    says="Remove a source with its credentials; what it brought in stays.",
                    roles=CONNECTORS,
                    body=EmptySchema,
                    gives=AnswerSchema,
                    command=lambda asked: RemoveSource(**about(asked)),
                    by=remove_source,
                ),
            ],
        )
    ]
