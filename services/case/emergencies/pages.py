"""The pages of emergency access: open, read for an hour, look at it afterwards, name who never opens whose record.

Promise: the same rights, bounds, commands and audited reads as the API's; nobody who is not let in learns whether
somebody is known. Shown by tests/integration/pages/test_emergency_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.advocates import names_of_advocates
from services.case.emergencies.commands import (
    OpenInEmergency,
    ReviewEmergency,
    open_in_emergency,
    review_emergency,
)
from services.case.emergencies.door import Door
from services.case.emergencies.naming import NEVER, NUMBER, PATH, NamingPages
from services.case.emergencies.roles import NAMERS, OPENERS, REVIEWERS, TOLD
from services.case.emergencies.routes import READ
from services.case.emergencies.rules import LONGEST, OPEN, WHYS, standing_for
from services.case.emergencies.views import EmergencyViews
from services.case.rights.registers import change_one
from services.case.rights.views import sealer_of
from services.case.rights.words import choices
from services.case.survivors.views import SurvivorViews
from shared.codelists.lists import get
from shared.kernel.errors import NotTheirsError, RuleViolationError, TemporarilyUnavailableError
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.edge import ask
from shared.web.pages.forms import version_in
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

EVERY = "/emergencies"
_WRONG = "Choose an answer to each question of this form. Nothing was changed."
_WORDS = f"Say in a few words what happened, in at most {LONGEST} letters."
_WHO = "Type their number here, or your organisation's own reference."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built = _Pages(context, web)
    blueprint = Blueprint("emergency_pages", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(PATH)(built.form)
    blueprint.post(PATH)(built.open)
    blueprint.get(f"{PATH}/<uuid:emergency_id>/record")(built.record)
    blueprint.get(EVERY)(built.every)
    blueprint.get(f"{EVERY}/<uuid:emergency_id>")(built.one)
    blueprint.post(f"{EVERY}/<uuid:emergency_id>")(built.review)
    naming = NamingPages(context, web)
    blueprint.get(NEVER)(naming.nevers)
    blueprint.post(NEVER)(naming.name)
    blueprint.post(f"{NEVER}/<uuid:never_id>/end")(naming.end)
    opens = "Somebody whom you do not support is in danger: see for an hour how to reach them safely."
    shows = "What was opened in an emergency, and what was found when somebody else looked at it."
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH, EVERY),
        roles=tuple(dict.fromkeys((*OPENERS, *TOLD, *NAMERS))),
        home=PATH,
        begins=(),
        links=(
            Link(path=PATH, words="Emergency", part=Part.RIGHTS, does=opens, roles=OPENERS),
            Link(path=EVERY, words="Opened in an emergency", part=Part.RIGHTS, does=shows, roles=TOLD),
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._context = context
        self._web = web
        self._survivors = SurvivorViews(context)
        self._views = EmergencyViews(context, self._survivors)
        self._door = Door(context, self._survivors)

    def form(self) -> str:
        """Ask of whom, and why."""
        self._web.require(*OPENERS)
        return _form_page()

    def open(self) -> Any:
        """Open what keeps somebody safe."""
        who, form = self._web.require(*OPENERS), request.form
        person, why = form.get("person", "").strip()[:200], form.get("why", "")
        words = form.get("words", "").strip()[: LONGEST + 1]
        wrong = _wrong_with(person, why, words)
        if wrong is not None:
            return ask_again(_form_page(fault=wrong, why=why, words=words))
        number = person.casefold() if NUMBER.fullmatch(person.casefold()) else None
        try:
            key = self._door.whom(who, survivor_id=number, reference=None if number is not None else person)
        except TemporarilyUnavailableError as error:
            return ask_again(_form_page(fault=str(error), why=why, words=words))
        if not self._door.lets_in(who, key):
            self._door.note_missed(who)
            self._web.refuse(key, action=OpenInEmergency.action)
        self._web.stands(standing_for(why))
        command = OpenInEmergency(
            emergency_id=new_id(),
            survivor_id=key,
            why=why,
            words=words,
            nation=self._context.settings.nation,
            actor_id=who.actor_id,
            role=who.role,
        )
        sealer = sealer_of(self._context, key)
        try:
            told = self._web.carry_out(command, lambda work: open_in_emergency(command, work, sealer=sealer))
        except NotTheirsError:
            self._web.refuse(key, action=command.action)
        except (RuleViolationError, TemporarilyUnavailableError) as error:
            return ask_again(_form_page(fault=str(error), why=why, words=words))
        return go_to(f"{PATH}/{told.get_json()['id']}/record")

    def record(self, emergency_id: Any) -> str:
        """Show it to whoever opened it."""
        who = self._web.require(*OPENERS)
        one = self._views.closed(str(emergency_id))
        if one.actor_id != who.actor_id or self._door.is_named(who, one.survivor_id):
            self._web.refuse(one.survivor_id, action=READ)
        self._web.stands(standing_for(one.why))
        row = self._web.read(READ, one.survivor_id, lambda: self._views.record(one))
        about, level = get("risk_type"), get("risk_level")
        names = names_of_advocates() or {}
        return render_template(
            "case/emergency_record.html",
            one=row,
            risks=[f"{about.label(risk['about'])}: {level.label(risk['level']).lower()}" for risk in row["risks"]],
            advocates=[names[each] for each in row["advocate_ids"] if each in names],
            several=len(row["advocate_ids"]),
            stop=ask("/v1/stops/search", body={"survivor_id": one.survivor_id}),
        )

    def every(self) -> str:
        """Show what waits for a review, and what was reviewed."""
        who, part = self._web.require(*TOLD), wanted_part()
        state = "REVIEWED" if "reviewed" in request.args else OPEN
        page = self._web.read(
            "case:emergency:list",
            "list",
            lambda: self._views.emergencies(part, who, state=state, overdue=False),
        )
        why, outcomes = get("vital_interest"), get("emergency_outcome")
        rows = [
            {**row, "words": why.label(row["why"]), "found": outcomes.label(row["outcome"]) if row["outcome"] else ""}
            for row in page.items
        ]
        return render_template(
            "case/emergencies.html",
            rows=rows,
            next=page.next,
            first=part.after is None,
            waits=state == OPEN,
            reviews=who.role in REVIEWERS,
            done="done" in request.args,
        )

    def one(self, emergency_id: Any) -> str:
        """Show one to whoever looks at it afterwards."""
        self._web.require(*REVIEWERS)
        return self._page(str(emergency_id))

    def review(self, emergency_id: Any) -> Any:
        """Say what was found."""
        who, key, form = self._web.require(*REVIEWERS), str(emergency_id), request.form
        version, outcome, words = version_in(form), form.get("outcome", ""), form.get("words", "").strip()
        if version is None or not get("emergency_outcome").has(outcome) or len(words) > LONGEST:
            return ask_again(self._page(key, fault=_WRONG))
        survivor_id = self._views.closed(key).survivor_id
        command = ReviewEmergency(
            emergency_id=key,
            survivor_id=survivor_id,
            version=version,
            outcome=outcome,
            words=words or None,
            actor_id=who.actor_id,
            role=who.role,
        )
        sealer = sealer_of(self._context, survivor_id)
        return change_one(
            self._web,
            command,
            lambda work: review_emergency(command, work, sealer=sealer),
            path=f"{EVERY}/{key}",
            again=lambda fault: self._page(key, fault=fault),
        )

    def _page(self, key: str, *, fault: str | None = None) -> str:
        who = self._web.principal
        row = self._web.read("case:emergency:read", key, lambda: self._views.emergency(key, who))
        return render_template(
            "case/emergency.html",
            one=row,
            why=get("vital_interest").label(row["why"]),
            found=None if row["outcome"] is None else get("emergency_outcome").label(row["outcome"]),
            outcomes=choices("emergency_outcome"),
            own=row["actor_id"] == who.actor_id,
            target=f"{EVERY}/{key}",
            fault=fault,
            done="done" in request.args,
        )


def _wrong_with(person: str, why: str, words: str) -> str | None:
    if not person:
        return _WHO
    if why not in WHYS:
        return _WRONG
    return _WORDS if not words or len(words) > LONGEST else None


def _form_page(*, fault: str | None = None, why: str = "", words: str = "") -> str:
    reasons = [(code, words_of) for code, words_of in choices("vital_interest") if code in WHYS]
    return render_template(
        "case/emergency_open.html", why=reasons, chosen=why, words=words[:LONGEST], target=PATH, fault=fault
    )
