"""The operator's page, ``/running``: of a host for its administrator, of the board for the platform's operator.

Promise: the page holds counts of messages and ages, no id of a person, of a survivor, of a message or of a host;
each look is noted in the audit record. Shown by tests/integration/operator/test_running_page.py.
"""

from collections.abc import Callable
from pathlib import Path

from flask import Blueprint, render_template

from shared.runtime.operator.standing import ServiceStanding, troubled
from shared.web.gateway import Gateway
from shared.web.pages.site import Link, PageSet, Part

READERS = ("HOST_ADMIN", "PLATFORM_OPERATOR")
PATH = "/running"


def build_pages(web: Gateway, look: Callable[[], list[ServiceStanding]], *, service: str, board: bool) -> PageSet:
    """Build the page.

    Args:
        look: Gives how every service of this process stands.
        service: Whose audit record notes each look.
        board: Whether this is the board's; then the page says what it does not know of hosts.
    """
    blueprint = Blueprint("operator", __name__, template_folder=str(Path(__file__).parent / "templates"))

    @blueprint.get(PATH)
    def running() -> str:
        """Show how every service of this process stands."""
        web.require(*READERS)
        standings = web.read(f"{service}:running:read", "running", look)
        return render_template("operator/running.html", standings=standings, troubled=troubled(standings), board=board)

    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=READERS,
        home=PATH,
        links=(
            Link(
                path=PATH,
                words="Running",
                part=Part.HOST,
                daily=("HOST_ADMIN",),
                does="Whether every part of Alongside works, and what to do when one does not.",
                roles=READERS,
            ),
        ),
    )
