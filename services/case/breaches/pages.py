"""The pages of breaches: anybody says what happened, and the data protection officer deals with it in 72 hours.

Promise: the same rights, commands and audited reads as the API's. Shown by
tests/integration/pages/test_breach_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import render_template, request

from services.case.breaches.commands import TakeBreach, take_breach
from services.case.breaches.forms import WRONG, WRONG_DAY, aware_at_of, change_of, contents_of
from services.case.breaches.rules import OPEN
from services.case.breaches.views import BreachViews
from services.case.rights.finding import PersonFinder
from services.case.rights.registers import change_one, register_pages
from services.case.rights.roles import DECIDES, TAKERS
from services.case.rights.words import choices
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH, TAKE = "/breaches", "/breaches/new"
_NOBODY = "Nobody with this number or reference is supported here. Look at it again."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    return register_pages(
        "breach_pages",
        Path(__file__).parent,
        _Pages(context, web),
        every=Link(
            path=PATH,
            words="Breaches",
            part=Part.RIGHTS,
            daily=("HOST_DPO",),
            does="What went where it should not, who has to be told, and by when.",
            roles=(DECIDES,),
        ),
        take=Link(
            path=TAKE,
            words="Something went wrong",
            part=Part.RIGHTS,
            daily=("SAFEGUARDING_LEAD",),
            does="Data went to somebody else, or is lost: say so at once, nobody is blamed for it.",
            roles=TAKERS,
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._web = web
        self._views = BreachViews(context)
        self._finder = PersonFinder(context, web)

    def every(self) -> str:
        """Show what is open."""
        self._web.require(DECIDES)
        part = wanted_part()
        page = self._web.read("case:breach:list", "list", lambda: self._views.breaches(part, state=OPEN))
        return render_template(
            "case/breaches.html",
            rows=[_in_words(row) for row in page.items],
            next=page.next,
            first=part.after is None,
        )

    def form(self) -> str:
        """Show the form."""
        self._web.require(*TAKERS)
        return _form_page()

    def take(self) -> Any:
        """Write a breach down."""
        who = self._web.require(*TAKERS)
        kind, contents = request.form.get("kind", ""), contents_of(request.form)
        if not get("breach_kind").has(kind) or contents is None:
            return ask_again(_form_page(fault="Choose what happened."))
        try:
            aware_at = aware_at_of(request.form)
        except ValueError:
            return ask_again(_form_page(fault=WRONG_DAY))
        command = TakeBreach(
            breach_id=new_id(),
            kind=kind,
            aware_at=aware_at,
            contents=contents,
            actor_id=who.actor_id,
            role=who.role,
        )
        try:
            self._web.carry_out(command, lambda work: take_breach(command, work))
        except InvalidInputError as error:
            return ask_again(_form_page(fault=str(error)))
        return go_to(f"{TAKE}?done=taken")

    def one(self, one_id: Any) -> str:
        """Show one to the data protection officer."""
        self._web.require(DECIDES)
        return self._page(str(one_id))

    def change(self, one_id: Any) -> Any:
        """Do one thing about it."""
        who, key = self._web.require(DECIDES), str(one_id)
        person = self._person(who)
        if person == "":
            return ask_again(self._page(key, fault=_NOBODY))
        made = change_of(request.form, breach_id=key, person=person, who=who)
        if made is None:
            return ask_again(self._page(key, fault=WRONG))
        command, by = made
        return change_one(
            self._web,
            command,
            lambda work: by(command, work),
            path=f"{PATH}/{key}",
            again=lambda fault: self._page(key, fault=fault),
        )

    def _person(self, who: Principal) -> str | None:
        """Give whom the form names; empty where that is nobody, None where it names none."""
        typed = request.form.get("person", "").strip()[:200]
        return (self._finder.find(typed, who) or "") if typed else None

    def _page(self, key: str, *, fault: str | None = None) -> str:
        row = self._web.read("case:breach:read", key, lambda: self._views.breach(key))
        return render_template(
            "case/breach.html",
            one=_in_words(row),
            target=f"{PATH}/{key}",
            contents=choices("breach_content"),
            risks=choices("breach_risk"),
            told=choices("breach_told"),
            late=choices("breach_late"),
            also=choices("breach_also_told"),
            remedies=choices("breach_remedy"),
            fault=fault,
            done="done" in request.args,
        )


def _form_page(*, fault: str | None = None) -> str:
    return render_template(
        "case/breach_new.html",
        kinds=choices("breach_kind"),
        contents=choices("breach_content"),
        fault=fault,
        done=request.args.get("done") == "taken",
    )


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    told = get("breach_told")
    return {
        **row,
        "what": get("breach_kind").label(row["kind"]),
        "risk_words": get("breach_risk").label(row["stands_at"]),
        "holds": [get("breach_content").label(code) for code in row["contents"]],
        "done_about_it": [get("breach_remedy").label(code) for code in row["remedies"]],
        "touched": [{**one, "told_words": told.label(one["told"])} for one in row.get("touched", ())],
    }
