"""The pages of the paper: asking whether they are safe, the paper itself to print, and what is left out for a time.

Promise: the same rights, commands and audited reads as the API's; on the paper stands no id, and on a copy to keep
neither this software nor the organisation. Shown by tests/integration/pages/test_paper_pages.py.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.datastructures import MultiDict

from services.audit.history.rules import ROLES_IN_WORDS
from services.audit.papers.commands import StateNames, ask_withholding, state_names
from services.audit.papers.errors import NotSafeNowError
from services.audit.papers.forms import WRONG, asked_withholding, change_of
from services.audit.papers.routes import MAKE, MAKERS, OFFICER, SECOND, reads_names, stands_to
from services.audit.papers.texts import ENGLISH, all_languages
from services.audit.papers.views import PaperViews
from shared.codelists.lists import get
from shared.codelists.periods import month_words
from shared.kernel.errors import InvalidInputError, NotFoundError, RuleViolationError
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages import edge
from shared.web.pages.answers import ask_again
from shared.web.pages.lists import wanted_part
from shared.web.pages.page_sets import Link, PageSet, Part
from shared.web.pages.site import go_to
from shared.web.pages.words import role_words

PATH, LEFT_OUT, NAMES = "/who-saw", "/who-saw/left-out", "/who-saw/names"
_NO_NUMBER = "Write their number here, as it stands in the address of their page."
_NOBODY = "Nobody with this number is one of your people. Look at it again."
_NOT_SAID = "Answer both questions first."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built = _Pages(context, web)
    blueprint = Blueprint("paper_pages", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(PATH)(built.form)
    blueprint.post(PATH)(built.paper)
    blueprint.get(LEFT_OUT)(built.left_out)
    blueprint.post(LEFT_OUT)(built.ask)
    blueprint.post(f"{LEFT_OUT}/<uuid:withholding_id>")(built.change)
    blueprint.post(NAMES)(built.names)
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=MAKERS,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=PATH,
                words="Who saw my record",
                part=Part.LOOKS,
                does="Make a paper for somebody: who opened what is written about them, and why.",
                roles=MAKERS,
            ),
            Link(
                path=LEFT_OUT,
                words="Left out for a time",
                part=Part.LOOKS,
                does="What two people leave out of a paper for a time, why, and until when.",
                roles=SECOND,
            ),
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._web, self._views, self._demo = web, PaperViews(context), context.settings.demo

    def form(self) -> str:
        """Ask whose paper, and whether it is safe to show it."""
        self._web.require(*MAKERS)
        return self._form_page({"survivor": request.args.get("survivor", "")[:36]})

    def paper(self) -> Any:
        """Show a paper; who is not alone and safe is shown none."""
        who, said = self._web.require(*MAKERS), request.form
        survivor_id = _id_in(said)
        if survivor_id is None:
            return ask_again(self._form_page(said, fault=_NO_NUMBER, at="survivor"))
        if any(said.get(question) not in {"yes", "no"} for question in ("in_private", "safe")):
            return ask_again(self._form_page(said, fault=_NOT_SAID, at="in_private"))
        standing = stands_to(self._views, who, survivor_id)
        if standing is None:
            self._web.refuse(survivor_id, action=MAKE)
        self._web.stands(standing)
        if said["in_private"] == "no" or said["safe"] == "no":
            return ask_again(self._form_page(said, fault=str(NotSafeNowError()), at="in_private"))
        nameless, language = said.get("nameless") == "yes", said.get("language", ENGLISH)
        named = reads_names(who)
        try:
            made = self._web.read(
                MAKE,
                survivor_id,
                lambda: self._views.paper(survivor_id, language=language, nameless=nameless, named=named),
            )
        except NotFoundError:
            return ask_again(self._form_page(said, fault=_NOBODY, at="survivor"))
        names = _names() if any("staff_id" in line for line in made["lines"]) else {}
        lines = [{**line, "name": names.get(line.get("staff_id", ""))} for line in made["lines"]]
        return render_template("audit/paper.html", paper={**made, "lines": lines}, back=PATH, nameless=nameless)

    def left_out(self) -> str:
        """Show what is, was or may be left out."""
        self._web.require(*SECOND)
        return self._left_out_page({"entries": request.args.get("entry", "")[:80]})

    def ask(self) -> Any:
        """Ask that entries be left out."""
        who = self._web.require(OFFICER)
        command = asked_withholding(request.form, who)
        if command is None:
            return ask_again(self._left_out_page(request.form, fault=WRONG))
        try:
            self._web.carry_out(command, lambda work: ask_withholding(command, work))
        except (RuleViolationError, InvalidInputError, NotFoundError) as error:
            return ask_again(self._left_out_page(request.form, fault=str(error)))
        return go_to(f"{LEFT_OUT}?done=asked")

    def change(self, withholding_id: Any) -> Any:
        """Agree, or show the entries again."""
        who = self._web.require(*SECOND)
        made = change_of(request.form, withholding_id=str(withholding_id), who=who)
        if made is None:
            return ask_again(self._left_out_page({}, fault=WRONG))
        command, by = made
        try:
            self._web.carry_out(command, lambda work: by(command, work))
        except RuleViolationError as error:
            return ask_again(self._left_out_page({}, fault=str(error)))
        return go_to(f"{LEFT_OUT}?done=changed")

    def names(self) -> Any:
        """State whether papers may name staff."""
        who, said = self._web.require(OFFICER), request.form.get("names_shown")
        if said not in {"yes", "no"}:
            return ask_again(self._left_out_page({}, fault=WRONG))
        command = StateNames(names_shown=said == "yes", actor_id=who.actor_id)
        self._web.carry_out(command, lambda work: state_names(command, work))
        return go_to(f"{LEFT_OUT}?done=stated")

    def _form_page(self, said: Mapping[str, str], *, fault: str | None = None, at: str = "survivor") -> str:
        languages = [
            (code, get("language").label(code))
            for code, words in all_languages().items()
            if self._demo or words["review"] != "NONE"
        ]
        return render_template("audit/paper_form.html", said=said, languages=languages, fault=fault, at=at, target=PATH)

    def _left_out_page(self, said: Mapping[str, str], *, fault: str | None = None) -> str:
        part, who = wanted_part(), self._web.caller
        page = self._web.read("audit:withholding:list", "list", lambda: self._views.withholdings(part))
        return render_template(
            "audit/left_out.html",
            rows=[_in_words(row) for row in page.items],
            next=page.next,
            first=part.after is None,
            asks=who.role == OFFICER,
            names_shown=self._views.policy()["names_shown"],
            reasons=[(code, get("withholding_reason").label(code)) for code in get("withholding_reason").codes],
            said=said,
            fault=fault,
            done="done" in request.args,
            path=LEFT_OUT,
            names=NAMES,
        )


def _id_in(form: MultiDict[str, str]) -> str | None:
    try:
        return str(UUID(form.get("survivor", "").strip()[:80]))
    except ValueError:
        return None


def _names() -> Mapping[str, str]:
    """Give the advocates' names, as identity tells them to whoever asks."""
    told = edge.ask("/v1/advocates")
    return {one["id"]: one["display_name"] for one in (told or {"items": []})["items"]}


def _in_words(row: Mapping[str, Any]) -> dict[str, Any]:
    words = all_languages()[ENGLISH]["acts"]
    entries = [
        {
            "month": month_words(one["month"]),
            "role": ROLES_IN_WORDS.get(one["role"]) or role_words(one["role"]),
            "did": words[one["act"]],
        }
        for one in row["entries"]
    ]
    return {**row, "why": get("withholding_reason").label(row["reason"]), "entries": entries}
