"""The page of two records that may be one person, for a supervisor; nobody is merged by it.

Promise: the same right, command and audited read as the API's. Shown by tests/integration/pages/test_referral_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.duplicates.commands import AnswerDuplicate, answer_duplicate
from services.case.duplicates.rules import ANSWERS, SUPERVISOR
from services.case.duplicates.views import DuplicateViews
from services.case.survivors.views import SurvivorViews
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH = "/perhaps-the-same"
_WAYS = {"NAME": "name", "TELEPHONE": "telephone number", "REFERENCE": "own reference"}


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the page."""
    views, survivors = DuplicateViews(context), SurvivorViews(context)
    blueprint = Blueprint("duplicates", __name__, template_folder=str(Path(__file__).parent / "templates"))

    def shown(*, fault: str | None = None) -> str:
        part = wanted_part()

        def load() -> tuple[Any, dict[str, str]]:
            page = views.open(part)
            named = survivors.named({one for row in page.items for one in row["survivor_ids"]})
            return page, {one["id"]: one["name"] or one["reference"] or "" for one in named}

        page, names = web.read("case:duplicate:list", "list", load)
        return render_template(
            "case/perhaps_the_same.html",
            pairs=[{**row, "ways": [_WAYS[kind] for kind in row["matched"]]} for row in page.items],
            names=names,
            next=page.next,
            first=part.after is None,
            fault=fault,
            done=request.args.get("done") == "answered",
        )

    @blueprint.get(PATH)
    def show() -> str:
        """Show what is open."""
        web.require(SUPERVISOR)
        return shown()

    @blueprint.post(f"{PATH}/<uuid:duplicate_id>")
    def answer(duplicate_id: object) -> Any:
        """Keep what was found out."""
        web.require(SUPERVISOR)
        said = request.form.get("answer", "")
        if said not in ANSWERS:
            page = shown(fault="Say whether they are one person.")
            return ask_again(page)
        command = AnswerDuplicate(duplicate_id=str(duplicate_id), answer=said)
        web.carry_out(command, lambda work: answer_duplicate(command, work))
        return go_to(f"{PATH}?done=answered")

    does = "Records with one name or telephone number: look whether they are one person."
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=(SUPERVISOR,),
        home=PATH,
        begins=(),
        links=(Link(path=PATH, words="Perhaps the same", part=Part.PEOPLE, does=does, roles=(SUPERVISOR,)),),
    )
