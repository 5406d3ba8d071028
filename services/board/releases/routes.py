"""The releases over HTTP."""

from functools import partial
from typing import Any

from services.board.edge import APPROVERS, GUARDIANS, READERS, SIGNERS, WORKERS, board_routes
from services.board.releases.commands import (
    ApproveRelease,
    DelayRelease,
    DraftRelease,
    EraseTable,
    approve_release,
    delay_release,
    draft_release,
    erase_table,
)
from services.board.releases.schemas import ApproveSchema, DelaySchema, EraseSchema, ReleaseSchema
from services.board.releases.views import ReleaseViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes of releases."""
    return [board_routes(*_read(context), *_change(context))]


def _read(context: ServiceContext) -> list[Route]:
    views = ReleaseViews(context.client[context.database_name])

    def read_releases(_: Asked) -> list[dict[str, Any]]:
        return views.releases()

    def read_release(asked: Asked) -> dict[str, Any]:
        return views.release(_release_id(asked))

    def read_table(asked: Asked) -> dict[str, Any]:
        return views.table(_release_id(asked), asked.path["table_id"])

    def read_drafts(_: Asked) -> list[dict[str, Any]]:
        return views.drafts()

    return [
        Route(
            method="GET",
            path="/v1/releases",
            says="List releases.",
            roles=READERS,
            view=read_releases,
            action="board:release:list",
        ),
        Route(
            method="GET",
            path="/v1/releases/<uuid:release_id>",
            says="Read a release.",
            roles=READERS,
            view=read_release,
            action="board:release:read",
        ),
        Route(
            method="GET",
            path="/v1/releases/<uuid:release_id>/tables/<table_id>",
            says="Read one table of a release.",
            roles=READERS,
            view=read_table,
            action="board:release:read",
            object_id=_release_id,
        ),
        Route(
            method="GET",
            path="/v1/releases/drafts",
            says="List releases that wait for approval, with what would be published.",
            roles=WORKERS,
            view=read_drafts,
            action="board:release:drafts",
        ),
    ]


def _change(context: ServiceContext) -> list[Route]:
    return [
        Route(
            method="POST",
            path="/v1/releases",
            says="Sign a task's protected tables as a statistician; they wait for another person.",
            roles=SIGNERS,
            body=ReleaseSchema,
            gives=AnswerSchema,
            status=201,
            command=_draft,
            by=draft_release,
        ),
        Route(
            method="POST",
            path="/v1/releases/<uuid:release_id>/approve",
            says="Approve a release as another person; it is public from now on.",
            roles=APPROVERS,
            body=ApproveSchema,
            gives=AnswerSchema,
            command=_approve,
            by=partial(approve_release, trust=context.trust),
        ),
        Route(
            method="POST",
            path="/v1/releases/<uuid:release_id>/delay",
            says="Hold a release back for a while.",
            roles=APPROVERS,
            body=DelaySchema,
            gives=AnswerSchema,
            command=_delay,
            by=delay_release,
        ),
        Route(
            method="POST",
            path="/v1/releases/<uuid:release_id>/tables/<table_id>/erase",
            says="Take a whole published table out by order; a tombstone stays.",
            roles=GUARDIANS,
            body=EraseSchema,
            gives=AnswerSchema,
            command=_erase,
            by=partial(erase_table, trust=context.trust),
        ),
    ]


def _release_id(asked: Asked) -> str:
    return asked.path["release_id"]


def _draft(asked: Asked) -> DraftRelease:
    return DraftRelease(release_id=new_id(), task_id=str(asked.body["task_id"]), actor_id=asked.who.actor_id)


def _approve(asked: Asked) -> ApproveRelease:
    return ApproveRelease(release_id=_release_id(asked), digest=asked.body["digest"], actor_id=asked.who.actor_id)


def _delay(asked: Asked) -> DelayRelease:
    return DelayRelease(
        release_id=_release_id(asked),
        until=asked.body["until"],
        reason=asked.body["reason"],
        actor_id=asked.who.actor_id,
    )


def _erase(asked: Asked) -> EraseTable:
    return EraseTable(
        release_id=_release_id(asked),
        table=asked.path["table_id"],
        reason=asked.body["reason"],
        actor_id=asked.who.actor_id,
    )
