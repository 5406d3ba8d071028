"""The page of survivors without an advocate, whom a supervisor gives to advocates many at a time.

Promise: the same rights, command and audited reads as the API's; advocates' names come from identity under the
supervisor's own rights; who was given an advocate meanwhile is left alone. Shown by
tests/integration/pages/test_survivor_pages.py.
"""

import re
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request

from services.case.survivors.commands import AssignMany, assign_many
from services.case.survivors.errors import NotAnAdvocateError
from services.case.survivors.schemas import MOST_AT_ONCE
from services.case.survivors.views import MOST_COUNTED, SurvivorViews
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.listing import MOST
from shared.web.pages.answers import ask_again
from shared.web.pages.edge import ask
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH = "/unassigned"
SUPERVISOR = "SUPERVISOR"

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_GONE = "This advocate may not act any more. Choose another one."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the page."""
    views = SurvivorViews(context)
    blueprint = Blueprint("unassigned", __name__, template_folder=str(Path(__file__).parent / "templates"))

    @blueprint.get(PATH)
    def show() -> str:
        """Show who has no advocate."""
        web.require(SUPERVISOR)
        return _page()

    @blueprint.post(PATH)
    def assign() -> Any:
        """Give an advocate to those who were ticked."""
        who = web.require(SUPERVISOR)
        chosen = tuple(dict.fromkeys(request.form.getlist("survivors")))
        advocate = request.form.get("advocate", "")
        if not _ID.fullmatch(advocate):
            return _refused("Choose an advocate.", "advocate")
        if not chosen or len(chosen) > MOST_AT_ONCE or not all(_ID.fullmatch(one) for one in chosen):
            return _refused("Tick at least one person.", "people")
        command = AssignMany(survivor_ids=chosen, advocate_id=advocate, actor_id=who.actor_id, role=who.role)
        try:
            told = web.carry_out(command, lambda work: assign_many(command, work)).get_json()
        except NotAnAdvocateError:
            return _refused(_GONE, "advocate")
        return go_to(f"{PATH}?assigned={told['assigned']}&left={told['left']}")

    def _page(*, error: tuple[str, str] | None = None) -> str:
        part = wanted_part()
        page, every = web.read("case:survivor:list", "list", lambda: (views.unassigned(part), views.count_unassigned()))
        return render_template(
            "case/unassigned.html",
            people=page.items,
            every=every,
            most=MOST_COUNTED,
            advocates=_advocates(),
            next=page.next,
            first=part.after is None,
            error=error,
            assigned=_number("assigned"),
            left=_number("left"),
        )

    def _refused(sentence: str, target: str) -> Response:
        shown = _page(error=(sentence, target))
        return ask_again(shown)

    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=(SUPERVISOR,),
        home=PATH,
        links=(
            Link(
                path=PATH,
                words="Without an advocate",
                part=Part.PEOPLE,
                does="People who came without an advocate: give each one.",
                roles=(SUPERVISOR,),
            ),
        ),
    )


def _advocates() -> list[dict[str, str]] | None:
    """Give the advocates by name; None where identity does not say."""
    told = ask("/v1/advocates", query={"limit": str(MOST)})
    return sorted(told["items"], key=lambda one: one["display_name"].casefold()) if told is not None else None


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_AT_ONCE)) else None
