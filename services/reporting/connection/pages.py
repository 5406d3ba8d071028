"""The host's page of its connection: each finding with its cause and its cure.

Promise: no id of anybody stands on it, and each look is audited; how the host's sources, webhooks and queues are comes
from case and integrations under the reader's own rights. Shown by tests/integration/reporting/test_host_pages.py,
tests/integration/pages/test_source_pages.py and tests/integration/pages/test_connection_pages.py.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template

from services.reporting.connection import integrators
from services.reporting.connection.rules import Finding, of_source
from services.reporting.connection.views import Connection
from services.reporting.periods.views import READERS
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.edge import ask
from shared.web.pages.site import Link, PageSet, Part

PATH = "/host/connection"


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the page."""
    connection = Connection(context)
    blueprint = Blueprint("connection", __name__, template_folder=str(Path(__file__).parent / "templates"))

    @blueprint.get(PATH)
    def show() -> str:
        """Show how the connection is, with causes and cures."""
        who = web.require(*READERS)
        findings = list(web.read("reporting:connection:read", "connection", connection.findings))
        findings += _told("/v1/sources", of_source)
        if who.role in integrators.READERS:
            findings += _told("/v1/webhooks", integrators.of_webhook)
            findings += _told("/v1/event-queues", integrators.of_queue)
        return render_template("reporting/connection.html", findings=findings)

    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=READERS,
        home=PATH,
        links=(
            Link(
                path=PATH,
                words="Connection",
                part=Part.DATA,
                daily=("HOST_ADMIN", "HOST_DATA_LEAD"),
                does="Whether your systems still send what they should, and what to do when not.",
                roles=READERS,
            ),
        ),
    )


def _told(path: str, finding: Callable[[Mapping[str, Any]], Finding]) -> list[Finding]:
    """Give what another service tells of each of its ways; nothing where it is not here."""
    told = ask(path)
    return [finding(one) for one in told["items"]] if told is not None else []
