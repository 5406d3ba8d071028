"""The forms of learnings on the page of those who sign.

Promise: the same commands under the same rights as the API (``tests/integration/board/test_board_pages.py``).
"""

from functools import partial
from typing import Any

from flask import Blueprint, request

from services.board.desk import PATH, Desk
from services.board.edge import APPROVERS, SIGNERS, WORKERS
from services.board.learnings.commands import ApproveLearning, WriteLearning, approve_learning, write_learning
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.site import PageSet


def pages(context: ServiceContext, gateway: Gateway) -> PageSet:
    """Build the forms over a gateway."""
    desk = Desk(gateway, context)
    blueprint = Blueprint("board_learning_pages", __name__)

    @blueprint.post("/releasing/learning")
    def write() -> Any:
        """Write a key learning as a statistician."""
        who = gateway.require(*SIGNERS)
        command = WriteLearning(learning_id=new_id(), text=request.form.get("text", ""), actor_id=who.actor_id)
        return desk.carry_out(command, partial(write_learning, command))

    @blueprint.post("/releasing/learning/approve")
    def approve() -> Any:
        """Approve a learning as another person."""
        who = gateway.require(*APPROVERS)
        command = ApproveLearning(learning_id=request.form.get("learning_id", ""), actor_id=who.actor_id)
        return desk.carry_out(command, partial(approve_learning, command))

    return PageSet(blueprint=blueprint, prefixes=(PATH,), roles=WORKERS, home=PATH)
