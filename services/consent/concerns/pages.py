"""The page of concerns: which are open, and how each ended; no advocate sees it.

Promise: the same rights, commands and audited reads as the API's. Shown by
tests/integration/pages/test_concern_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.consent.concerns.commands import TAKERS, CloseConcern, TakeConcern, close_concern, take_concern
from services.consent.concerns.documents import CONCERN, CONCERNS, OPEN
from services.consent.ledger.views import LedgerViews
from shared.codelists.lists import get
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.listing import find_page
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH = "/consents/concerns"


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the page."""
    database, now = context.client[context.database_name], context.clock.now
    ledger = LedgerViews(database, context.clock.now)
    blueprint = Blueprint("concern_pages", __name__, template_folder=str(Path(__file__).parent / "templates"))

    def row(document: dict[str, Any]) -> dict[str, Any]:
        shown = CONCERN.row(CONCERN.values(document))
        return {**shown, "words": get("concern_kind").label(shown["kind"]), "late": shown["due_at"] <= now()}

    @blueprint.get(PATH)
    def concerns() -> str:
        """Show which concerns are open."""
        web.require(*TAKERS)
        part = wanted_part()
        page = web.read(
            "consent:concern:list", "list", lambda: find_page(database[CONCERNS], part, where={"state": OPEN}, row=row)
        )
        return render_template(
            "consent/concerns.html",
            rows=page.items,
            outcomes=[(code, get("concern_outcome").label(code)) for code in get("concern_outcome").codes],
            next=page.next,
            first=part.after is None,
            done=request.args.get("done", "")[:80],
        )

    @blueprint.post(PATH)
    def take() -> Any:
        """Take a concern."""
        who = web.require(*TAKERS)
        command = TakeConcern(
            survivor_id=request.form.get("survivor", "")[:80],
            kind=request.form.get("kind", "")[:80],
            actor_id=who.actor_id,
        )
        if not ledger.is_known(command.survivor_id):
            web.refuse(action=TakeConcern.action)
        web.carry_out(command, lambda work: take_concern(command, work))
        return go_to(f"{PATH}?done=taken")

    @blueprint.post(f"{PATH}/<uuid:concern_id>")
    def close(concern_id: Any) -> Any:
        """Close one."""
        who = web.require(*TAKERS)
        command = CloseConcern(
            concern_id=str(concern_id), outcome=request.form.get("outcome", "")[:80], actor_id=who.actor_id
        )
        web.carry_out(command, lambda work: close_concern(command, work))
        return go_to(f"{PATH}?done=closed")

    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=TAKERS,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=PATH,
                words="Concerns",
                part=Part.CONSENT,
                daily=("SAFEGUARDING_LEAD",),
                does="Withdrawals, complaints and wishes for another advocate that somebody else took down.",
                roles=TAKERS,
            ),
        ),
    )
