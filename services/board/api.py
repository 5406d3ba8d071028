"""The board's HTTP routes and its first page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Response, render_template, send_from_directory
from flask_smorest import Blueprint
from marshmallow import fields, validate

from services.board import handlers
from services.board.handlers import KeysOf, ProposeTask, PublishRelease
from services.board.views import BoardViews
from shared.kernel.ids import new_id
from shared.web.gateway import Gateway
from shared.web.schemas import AnswerSchema, StrictSchema, listed

_READERS = ("BOARD_MEMBER", "STATISTICIAN", "RELEASE_APPROVER", "DATA_GUARDIAN", "PLATFORM_OPERATOR")
_CODE = validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")


class TaskSchema(StrictSchema):
    """A period to count."""

    period = fields.String(required=True, validate=_CODE)
    plan = fields.String(required=True, validate=_CODE)
    roster = fields.List(fields.String(validate=_CODE), required=True)


class ReleaseSchema(StrictSchema):
    """The task whose tables go out."""

    task_id = fields.UUID(required=True)


def build_blueprint(web: Gateway, views: BoardViews, *, keys_of: KeysOf) -> Blueprint:
    """Build the routes over a gateway and the board's views."""
    here = Path(__file__).parent
    blueprint = Blueprint("board", __name__, template_folder=str(here / "templates"), description="What the board sees")

    @blueprint.get("/")
    def page() -> str:
        """Show the board's page: released figures only, so it needs no token."""
        return render_template("board.html", releases=views.releases(), hosts=views.hosts())

    @blueprint.get("/static/board.css")
    def style() -> Response:
        """Give the page's style."""
        return send_from_directory(here / "templates", "board.css")

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
            lambda work: handlers.propose_task(command, work=work, keys_of=keys_of),
            object_id=command.task_id,
            aggregates=(f"period:{command.period}",),
        )

    @blueprint.post("/v1/releases")
    @blueprint.arguments(ReleaseSchema)
    @blueprint.response(201, AnswerSchema)
    def publish(body: Mapping[str, Any]) -> Response:
        """Publish a task's protected tables."""
        web.require("STATISTICIAN")
        command = PublishRelease(release_id=new_id(), task_id=str(body["task_id"]))
        return web.command(
            "board:release:publish",
            lambda work: handlers.publish_release(command, work=work),
            object_id=command.release_id,
            aggregates=(command.task_id,),
        )

    return blueprint
