"""The page of those who are to be asked again: by person, with the reason, and the day from which one may ask.

Promise: the same rights and audited reads as the API's; a survivor's own reference stands on it for whoever may read
it in case, and nobody else. Shown by tests/integration/pages/test_consent_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template

from services.consent.again.routes import READERS
from services.consent.again.views import AskingViews
from services.consent.again.words import sentence_of
from shared.codelists.lists import get
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.listing import Page
from shared.web.pages.edge import ask
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part

PATH = "/consents/to-ask-again"


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the page."""
    views = AskingViews(context.client[context.database_name])
    blueprint = Blueprint("again", __name__, template_folder=str(Path(__file__).parent / "templates"))

    @blueprint.get(PATH)
    def show() -> str:
        """Show whom to ask again."""
        who, part = web.require(*READERS), wanted_part()
        page, every = web.read(
            "consent:consent:to-ask-again", "list", lambda: (views.again(part, context.clock.now()), views.count())
        )
        return render_template(
            "consent/again.html",
            people=_by_person(page),
            every=every,
            next=page.next,
            first=part.after is None,
            sees_references=who.role == "SUPERVISOR",
        )

    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=READERS,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=PATH,
                words="Ask again",
                part=Part.CONSENT,
                does="Whose yes does not count any more, or not yet, and why.",
                roles=READERS,
            ),
        ),
    )


def _by_person(page: Page) -> list[dict[str, Any]]:
    """Gather the rows of a page by survivor, with the own reference where the reader may see it."""
    rows: dict[str, list[dict[str, Any]]] = {}
    purposes = get("consent_purpose")
    for row in page.items:
        shown = {**row, "purpose": purposes.label(row["purpose"]), "why": [sentence_of(code) for code in row["why"]]}
        rows.setdefault(row["survivor_id"], []).append(shown)
    told = ask("/v1/survivors/references", body={"survivor_ids": list(rows)}) if rows else None
    known = {one["id"]: one["reference"] or one["name"] for one in (told or {}).get("items", [])}
    return [{"reference": known.get(survivor_id), "consents": shown} for survivor_id, shown in rows.items()]
