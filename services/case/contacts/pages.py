"""The pages of contacts: one is written in a minute on a telephone, its history is read, and a mistake is mended.

Promise: the same rights, command and audited reads as the API's; what was typed stays when something is to be mended;
what stood there before a correction stays to be seen. Shown by tests/integration/pages/test_contact_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.contacts.mending import Mending
from services.case.contacts.views import ContactViews
from services.case.contacts.words import in_words
from services.case.contacts.writing import Writing
from services.case.support.admission import CASEWORK, PATH, Admission
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import PageSet

_PERSON = f"{PATH}/<uuid:survivor_id>"
_ONE = f"{_PERSON}/contacts/<uuid:contact_id>"


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    admission, views = Admission(context, web), ContactViews(context)
    writing, mending = Writing(context, web, admission), Mending(context, web, admission)
    blueprint = Blueprint("contacts", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(f"{_PERSON}/contact")(writing.ask)
    blueprint.post(f"{_PERSON}/contact")(writing.record)
    blueprint.get(_ONE)(mending.show)
    blueprint.post(f"{_ONE}/correct")(mending.correct)
    blueprint.post(f"{_ONE}/take-back")(mending.take_back)

    @blueprint.get(f"{_PERSON}/contacts")
    def history(survivor_id: Any) -> str:
        """Show every contact of a person's support, and what was corrected."""
        who, key = admission.about(survivor_id, "case:contact:list")
        part = wanted_part()
        ids = [row["id"] for row in admission.episodes_of(who, key)]
        page, person = web.read(
            "case:contact:list", key, lambda: (views.of_person(key, ids, part), admission.survivors.survivor(key))
        )
        return render_template(
            "case/contacts.html",
            person=person,
            base=f"{PATH}/{key}",
            contacts=[in_words(row) for row in page.items],
            next=page.next,
            first=part.after is None,
            done=request.args.get("done", "")[:20],
        )

    return PageSet(blueprint=blueprint, prefixes=(), roles=CASEWORK, home=PATH, begins=())
