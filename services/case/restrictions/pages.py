"""The pages of restrictions: the officer begins and lifts one; others open what keeps somebody safe.

Promise: the same rights, commands and audited reads as the API's. Shown by
tests/integration/pages/test_restriction_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.restrictions.commands import (
    LiftRestriction,
    NoteSeen,
    OpenForLife,
    Restrict,
    lift_restriction,
    note_seen,
    open_for_life,
    restrict,
)
from services.case.restrictions.roles import DECIDES, OPENERS
from services.case.restrictions.rules import AN_ALARM, HOLDS, Lifting
from services.case.restrictions.views import RestrictionViews
from services.case.rights.finding import PersonFinder
from services.case.rights.registers import change_one
from services.case.rights.schemas import MOST_WORDS
from services.case.rights.views import RightsViews, sealer_of
from services.case.rights.words import choices
from services.case.survivors.acting import check_may_act
from services.case.survivors.views import SurvivorViews
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError, RuleViolationError
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.dates import day_of, typed_day
from shared.web.pages.edge import ask
from shared.web.pages.forms import version_in
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH, LIFE = "/restrictions", "/restrictions/life"
_WRONG = "Choose an answer to each question of this form. Nothing was changed."
_NOBODY = "Nobody with this number or reference is supported here, or they are not yours to speak for. Look again."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built = _Pages(context, web)
    blueprint = Blueprint("restriction_pages", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(PATH)(built.every)
    blueprint.get(f"{PATH}/new/<uuid:rights_case_id>")(built.form)
    blueprint.post(f"{PATH}/new/<uuid:rights_case_id>")(built.restrict)
    blueprint.get(f"{PATH}/<uuid:restriction_id>")(built.one)
    blueprint.post(f"{PATH}/<uuid:restriction_id>")(built.lift)
    blueprint.post(f"{PATH}/seen/<uuid:opening_id>")(built.seen)
    blueprint.get(LIFE)(built.ask)
    blueprint.post(LIFE)(built.open)
    blueprint.get(f"{LIFE}/<uuid:opening_id>")(built.opened)
    does = "Whose record is frozen for all but you, and what was opened in spite of it."
    opens = "A record is restricted, and somebody's life or safety depends on it: see how to reach them safely."
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=(DECIDES, *OPENERS),
        home=PATH,
        begins=(),
        links=(
            Link(path=PATH, words="Restrictions", part=Part.RIGHTS, does=does, roles=(DECIDES,)),
            Link(path=LIFE, words="Restrictions", part=Part.RIGHTS, does=opens, roles=OPENERS),
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._context = context
        self._web = web
        self._survivors = SurvivorViews(context)
        self._views = RestrictionViews(context, self._survivors)
        self._rights = RightsViews(context, self._survivors)
        self._finder = PersonFinder(context, web)

    def every(self) -> str:
        """Show what was opened and not seen yet, and whose record is restricted."""
        self._web.require(DECIDES)
        part = wanted_part()
        page, opened = self._web.read(
            "case:restriction:list",
            "list",
            lambda: (self._views.restrictions(part, state=HOLDS), self._views.openings(wanted_part(), unseen=True)),
        )
        grounds, why = get("restriction_ground"), get("vital_interest")
        return render_template(
            "case/restrictions.html",
            rows=[{**row, "words": grounds.label(row["ground"])} for row in page.items],
            opened=[{**row, "words": why.label(row["why"])} for row in opened.items],
            next=page.next,
            first=part.after is None,
        )

    def form(self, rights_case_id: Any) -> str:
        """Show what is judged before a record is restricted."""
        self._web.require(DECIDES)
        return self._form_page(str(rights_case_id))

    def restrict(self, rights_case_id: Any) -> Any:
        """Restrict it."""
        who, key, form = self._web.require(DECIDES), str(rights_case_id), request.form
        version, ground, told = version_in(form), form.get("ground", ""), form.get("told", "")
        known = get("restriction_ground").has(ground) and get("rights_told").has(told)
        answer = form.get("words", "").strip() or None
        if version is None or not known or len(answer or "") > MOST_WORDS:
            return ask_again(self._form_page(key, fault=_WRONG))
        survivor_id = self._rights.survivor_of(key)
        command = Restrict(
            restriction_id=new_id(),
            rights_case_id=key,
            survivor_id=survivor_id,
            version=version,
            ground=ground,
            told=told,
            answer=answer,
            actor_id=who.actor_id,
            role=who.role,
        )
        sealer = sealer_of(self._context, survivor_id)
        try:
            told_of = self._web.carry_out(command, lambda work: restrict(command, work, sealer=sealer)).get_json()
        except (RuleViolationError, InvalidInputError) as error:
            return ask_again(self._form_page(key, fault=str(error)))
        return go_to(f"{PATH}/{told_of['id']}?done=yes")

    def one(self, restriction_id: Any) -> str:
        """Show one to the officer."""
        self._web.require(DECIDES)
        return self._page(str(restriction_id))

    def lift(self, restriction_id: Any) -> Any:
        """Lift it."""
        who, key, form = self._web.require(DECIDES), str(restriction_id), request.form
        version = version_in(form)
        why, told, untold = (form.get(name, "") for name in ("why", "told", "untold"))
        known = get("restriction_lifted").has(why) and told in ("", *get("rights_told").codes)
        if version is None or not known or untold not in ("", *get("restriction_untold").codes):
            return ask_again(self._page(key, fault=_WRONG))
        try:
            on = day_of(typed_day(form, "told_on"))
        except ValueError:
            return ask_again(self._page(key, fault="Write the day on which they were told as day, month and year."))
        command = LiftRestriction(
            restriction_id=key,
            survivor_id=self._views.survivor_of(key),
            version=version,
            lifting=Lifting(why=why, told=told or None, told_on=on, untold=untold or None),
            actor_id=who.actor_id,
        )
        return change_one(
            self._web,
            command,
            lambda work: lift_restriction(command, work),
            path=f"{PATH}/{key}",
            again=lambda fault: self._page(key, fault=fault),
        )

    def seen(self, opening_id: Any) -> Any:
        """Note that the officer has seen what was opened."""
        who = self._web.require(DECIDES)
        command = NoteSeen(opening_id=str(opening_id), actor_id=who.actor_id)
        self._web.carry_out(command, lambda work: note_seen(command, work))
        return go_to(PATH)

    def ask(self) -> str:
        """Ask of whom, and why."""
        self._web.require(*OPENERS)
        return _life_page()

    def open(self) -> Any:
        """Open what keeps somebody safe."""
        who, form = self._web.require(*OPENERS), request.form
        person, why = form.get("person", "").strip()[:200], form.get("why", "")
        if not get("vital_interest").has(why):
            return ask_again(_life_page(fault=_WRONG))
        survivor_id = self._finder.find(person, who) if person else None
        if survivor_id is None:
            return ask_again(_life_page(fault=_NOBODY))
        said = {"survivor_id": survivor_id, "why": why, "actor_id": who.actor_id, "role": who.role}
        command = OpenForLife(opening_id=new_id(), **said)

        def run(work: UnitOfWork) -> Answer:
            check_may_act(work, survivor_id, who)
            return open_for_life(command, work)

        try:
            told = self._web.carry_out(command, run).get_json()
        except RuleViolationError as error:
            return ask_again(_life_page(fault=str(error)))
        return go_to(f"{LIFE}/{told['id']}")

    def opened(self, opening_id: Any) -> str:
        """Show it to whoever opened it."""
        who, key = self._web.require(*OPENERS), str(opening_id)
        opening = self._views.opening(key)
        if opening.actor_id != who.actor_id:
            self._web.refuse(key, action="case:restriction:read-opened")
        row = self._web.read("case:restriction:read-opened", key, lambda: self._views.vital(opening))
        about, level = get("risk_type"), get("risk_level")
        return render_template(
            "case/vital.html",
            one=row,
            risks=[f"{about.label(risk['about'])}: {level.label(risk['level']).lower()}" for risk in row["risks"]],
            stop=ask("/v1/stops/search", body={"survivor_id": opening.survivor_id}),
        )

    def _form_page(self, key: str, *, fault: str | None = None) -> str:
        row = self._web.read("case:rights:read", key, lambda: self._rights.case(key))
        return render_template(
            "case/restriction_new.html",
            case=row,
            grounds=choices("restriction_ground"),
            told=choices("rights_told"),
            fault=fault,
        )

    def _page(self, key: str, *, fault: str | None = None) -> str:
        row = self._web.read("case:restriction:read", key, lambda: self._views.restriction(key))
        return render_template(
            "case/restriction.html",
            one=row,
            words=get("restriction_ground").label(row["ground"]),
            why_words=None if row["why"] is None else get("restriction_lifted").label(row["why"]),
            why=choices("restriction_lifted"),
            told=choices("rights_told", without=("NOT_SAFE_YET",)),
            untold=choices("restriction_untold"),
            target=f"{PATH}/{key}",
            fault=fault,
            done="done" in request.args,
        )


def _life_page(*, fault: str | None = None) -> str:
    return render_template(
        "case/restriction_life.html", why=choices("vital_interest", without=(AN_ALARM,)), target=LIFE, fault=fault
    )
