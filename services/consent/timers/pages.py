"""The page of those whom to talk with again before a yes ends, or since they may decide by now.

Promise: the same rights and audited reads as the API's. Shown by tests/integration/pages/test_talk_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template

from services.consent.ledger.acting import WRITERS
from services.consent.talking.asking import PATH as PEOPLE
from services.consent.talking.names import names_of
from services.consent.timers.policy import LAW, lines
from services.consent.timers.rules import CAPACITY_AGAIN, ENDS_SOON, GIVEN_WITH_SUPPORT
from services.consent.timers.views import TalkViews
from shared.codelists.lists import get
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part

PATH = "/consents/talk-again"
REASONS = {
    ENDS_SOON: "Their yes ends soon. Talk about it again; what they do not say yes to again ends by itself.",
    GIVEN_WITH_SUPPORT: "They decided this with support. Ask once more whether they still want it.",
    CAPACITY_AGAIN: "They could not decide this then. Ask whether they can now; nobody has to.",
}


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the page."""
    views, now = TalkViews(context.client[context.database_name]), context.clock.now
    blueprint = Blueprint("timers", __name__, template_folder=str(Path(__file__).parent / "templates"))

    @blueprint.get(PATH)
    def show() -> str:
        """Show whom to talk with."""
        who, part = web.require(*WRITERS), wanted_part()
        page = web.read("consent:consent:to-talk-about", "list", lambda: views.due(who, part, now()))
        names = names_of(who, list(dict.fromkeys(row["survivor_id"] for row in page.items)))
        return render_template(
            "consent/talk_again.html",
            rows=[_shown(row, names) for row in page.items],
            laws=[(get("nation").label(one.nation), one.value) for one in lines() if one.key == LAW],
            next=page.next,
            first=part.after is None,
            sees=who.role != "HOST_DPO",
            path=PATH,
        )

    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=WRITERS,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=PATH,
                words="Talk again",
                part=Part.CONSENT,
                does="Whose yes soon ends, or who may decide by now.",
                roles=WRITERS,
            ),
        ),
    )


def _shown(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {
        **row,
        "name": names.get(row["survivor_id"]),
        "words": get("consent_purpose").label(row["purpose"]),
        "reason": REASONS.get(row["why"], row["why"]),
        "target": f"{PEOPLE}/{row['survivor_id']}",
    }
