"""The board's HTTP routes."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import fields, validate

from services.board import handlers, learnings, releases
from services.board.handlers import ProposeTask
from services.board.learnings import ApproveLearning, WriteLearning
from services.board.releases import ApproveRelease, DelayRelease, DraftRelease, EraseTable
from services.board.reports import KeysOf
from services.board.views import BoardViews
from shared.codelists.lists import get
from shared.kernel.ids import new_id
from shared.keys.signing import Trust
from shared.web.bodies import Blueprint
from shared.web.gateway import Gateway
from shared.web.schemas import AnswerSchema, StrictSchema, listed

_READERS = ("BOARD_MEMBER", "STATISTICIAN", "RELEASE_APPROVER", "DATA_GUARDIAN", "PLATFORM_OPERATOR")
_APPROVERS = ("RELEASE_APPROVER", "DATA_GUARDIAN")
_CODE = validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")


class TaskSchema(StrictSchema):
    """A period to count."""

    period = fields.String(required=True, validate=_CODE)
    plan = fields.String(required=True, validate=_CODE)
    roster = fields.List(fields.String(validate=_CODE), required=True)


class ReleaseSchema(StrictSchema):
    """The task whose tables go out."""

    task_id = fields.UUID(required=True)


class ApproveSchema(StrictSchema):
    """The digest of the release that was looked at."""

    digest = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))


class DelaySchema(StrictSchema):
    """Until when, and why."""

    until = fields.AwareDateTime(required=True)
    reason = fields.String(required=True, validate=validate.OneOf(get("delay_reason").codes))


class LearningSchema(StrictSchema):
    """What was learned, in words."""

    text = fields.String(required=True)


class EmptySchema(StrictSchema):
    """Nothing needs to be said."""


class EraseSchema(StrictSchema):
    """By whose order a table goes."""

    reason = fields.String(required=True, validate=validate.OneOf(get("erasure_reason").codes))


def build_blueprint(web: Gateway, views: BoardViews, *, keys_of: KeysOf, trust: Trust) -> Blueprint:
    """Build the routes over a gateway and the board's views."""
    blueprint = Blueprint("board", __name__, description="What the board sees")

    @blueprint.get("/v1/releases")
    def read_releases() -> dict[str, Any]:
        """List releases."""
        web.require(*_READERS)
        return listed(web.read("board:release:list", "list", views.releases))

    @blueprint.get("/v1/releases/<uuid:release_id>")
    def read_release(release_id: Any) -> dict[str, Any]:
        """Read a release."""
        web.require(*_READERS)
        return web.read("board:release:read", str(release_id), lambda: views.release(str(release_id)))

    @blueprint.get("/v1/releases/<uuid:release_id>/tables/<table_id>")
    def read_table(release_id: Any, table_id: str) -> dict[str, Any]:
        """Read one table of a release."""
        web.require(*_READERS)
        return web.read("board:release:read", str(release_id), lambda: views.table(str(release_id), table_id))

    @blueprint.get("/v1/hosts")
    def read_hosts() -> dict[str, Any]:
        """List hosts: on time, not sent, or waited for; nothing more."""
        web.require(*_READERS)
        return listed(web.read("board:host:list", "list", views.hosts))

    @blueprint.get("/v1/tasks")
    def read_tasks() -> dict[str, Any]:
        """List tasks."""
        web.require(*_READERS)
        return listed(web.read("board:task:list", "list", views.tasks))

    @blueprint.post("/v1/tasks")
    @blueprint.arguments(TaskSchema)
    @blueprint.response(201, AnswerSchema)
    def propose(body: Mapping[str, Any]) -> Response:
        """Propose a task for a period."""
        web.require("STATISTICIAN")
        command = ProposeTask(
            task_id=new_id(), period=body["period"], plan_id=body["plan"], roster=tuple(body["roster"])
        )
        return web.command(
            "board:task:propose",
            lambda work: handlers.propose_task(command, work=work, keys_of=keys_of, trust=trust),
            object_id=command.task_id,
            aggregates=(f"period:{command.period}",),
        )

    @blueprint.post("/v1/releases")
    @blueprint.arguments(ReleaseSchema)
    @blueprint.response(201, AnswerSchema)
    def draft(body: Mapping[str, Any]) -> Response:
        """Sign a task's protected tables as a statistician; they wait for another person."""
        who = web.require("STATISTICIAN")
        command = DraftRelease(release_id=new_id(), task_id=str(body["task_id"]), actor_id=who.actor_id)
        return web.command(
            "board:release:draft",
            lambda work: releases.draft_release(command, work=work),
            object_id=command.release_id,
            aggregates=(command.task_id,),
        )

    @blueprint.get("/v1/releases/drafts")
    def read_drafts() -> dict[str, Any]:
        """List releases that wait for approval, with what would be published."""
        web.require("STATISTICIAN", *_APPROVERS)
        return listed(web.read("board:release:drafts", "list", views.drafts))

    @blueprint.post("/v1/releases/<uuid:release_id>/approve")
    @blueprint.arguments(ApproveSchema)
    @blueprint.response(200, AnswerSchema)
    def approve(body: Mapping[str, Any], release_id: Any) -> Response:
        """Approve a release as another person; it is public from now on."""
        who = web.require(*_APPROVERS)
        command = ApproveRelease(release_id=str(release_id), digest=body["digest"], actor_id=who.actor_id)
        return web.command(
            "board:release:approve",
            lambda work: releases.approve_release(command, work=work, trust=trust),
            object_id=command.release_id,
            aggregates=(command.release_id,),
        )

    @blueprint.post("/v1/releases/<uuid:release_id>/delay")
    @blueprint.arguments(DelaySchema)
    @blueprint.response(200, AnswerSchema)
    def delay(body: Mapping[str, Any], release_id: Any) -> Response:
        """Hold a release back for a while."""
        who = web.require(*_APPROVERS)
        command = DelayRelease(
            release_id=str(release_id), until=body["until"], reason=body["reason"], actor_id=who.actor_id
        )
        return web.command(
            "board:release:delay",
            lambda work: releases.delay_release(command, work=work),
            object_id=command.release_id,
            aggregates=(command.release_id,),
        )

    @blueprint.post("/v1/releases/<uuid:release_id>/tables/<table_id>/erase")
    @blueprint.arguments(EraseSchema)
    @blueprint.response(200, AnswerSchema)
    def erase(body: Mapping[str, Any], release_id: Any, table_id: str) -> Response:
        """Take a whole published table out by order; a tombstone stays."""
        who = web.require("DATA_GUARDIAN")
        command = EraseTable(release_id=str(release_id), table=table_id, reason=body["reason"], actor_id=who.actor_id)
        return web.command(
            "board:release:erase",
            lambda work: releases.erase_table(command, work=work, trust=trust),
            object_id=command.release_id,
            aggregates=(command.release_id,),
        )

    @blueprint.get("/v1/learnings")
    def read_learnings() -> dict[str, Any]:
        """List approved learnings."""
        web.require(*_READERS)
        return listed(web.read("board:learning:list", "list", lambda: views.learnings(approved=True)))

    @blueprint.post("/v1/learnings")
    @blueprint.arguments(LearningSchema)
    @blueprint.response(201, AnswerSchema)
    def write(body: Mapping[str, Any]) -> Response:
        """Write a key learning; it waits for another person."""
        who = web.require("STATISTICIAN")
        command = WriteLearning(learning_id=new_id(), text=body["text"], actor_id=who.actor_id)
        return web.command(
            "board:learning:write",
            lambda work: learnings.write_learning(command, work=work),
            object_id=command.learning_id,
        )

    @blueprint.post("/v1/learnings/<uuid:learning_id>/approve")
    @blueprint.arguments(EmptySchema)
    @blueprint.response(200, AnswerSchema)
    def approve_learning(body: Mapping[str, Any], learning_id: Any) -> Response:
        """Approve a learning as another person."""
        del body
        who = web.require(*_APPROVERS)
        command = ApproveLearning(learning_id=str(learning_id), actor_id=who.actor_id)
        return web.command(
            "board:learning:approve",
            lambda work: learnings.approve_learning(command, work=work),
            object_id=command.learning_id,
            aggregates=(command.learning_id,),
        )

    return blueprint
