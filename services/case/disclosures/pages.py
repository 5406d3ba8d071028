"""The pages of disclosures: share something of a person in two steps, and the officer's list of what has left.

Promise: the same rights, commands and audited reads as the API's; nothing is chosen beforehand, what was typed stays
when something is to be mended, and no page sends anything. Shown by tests/integration/pages/test_disclosure_pages.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.datastructures import MultiDict

from services.case.disclosures.commands import (
    ANSWERS,
    AskAgain,
    AskToDisclose,
    GiveOut,
    NoteTold,
    OnDisclosure,
    ask_again,
    ask_to_disclose,
    give_out,
    note_told,
)
from services.case.disclosures.forms import CODES, NOT_OF_A_PERSON, TypedDisclosure
from services.case.disclosures.routes import OVERSEERS, READERS
from services.case.disclosures.views import DisclosureViews
from services.case.disclosures.words import in_words
from services.case.rights.words import choices
from services.case.support.admission import CASEWORK, Admission
from services.case.support.admission import PATH as PEOPLE
from services.case.survivors.acting import check_may_act
from services.case.survivors.sealing import Sealer
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError, NotTheirsError, RuleViolationError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again as show_again
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH = "/disclosures"
_SHARE = f"{PEOPLE}/<uuid:survivor_id>/share"
_ONE = f"{PATH}/<uuid:survivor_id>/<uuid:disclosure_id>"
_UNSAID = "Choose what they answered."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built = _Pages(context, web)
    blueprint = Blueprint("disclosure_pages", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(_SHARE)(built.form)
    blueprint.post(_SHARE)(built.share)
    blueprint.get(_ONE)(built.one)
    blueprint.post(f"{_ONE}/<any('give', 'ask-again', 'told'):verb>")(built.act)
    blueprint.get(PATH)(built.every)
    does = "What of a person was given to whom, and who has still to be told that a yes ended."
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=READERS,
        home=PATH,
        begins=(),
        links=(Link(path=PATH, words="Disclosures", part=Part.CONSENT, does=does, roles=OVERSEERS),),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._context = context
        self._web = web
        self._admission = Admission(context, web)
        self._views = DisclosureViews(context)

    def form(self, survivor_id: Any) -> str:
        """Ask what would be given to whom."""
        _, key = self._admission.about(survivor_id, AskToDisclose.action)
        return self._form(key, TypedDisclosure.of(MultiDict()), {})

    def share(self, survivor_id: Any) -> Any:
        """Ask consent about it."""
        who, key = self._admission.about(survivor_id, AskToDisclose.action)
        typed = TypedDisclosure.of(request.form)
        said, wrong = typed.read()
        if wrong:
            return show_again(self._form(key, typed, wrong))
        command = AskToDisclose(
            disclosure_id=new_id(),
            permit_id=new_id(),
            survivor_id=key,
            actor_id=who.actor_id,
            role=who.role,
            **said,
        )
        sealer = Sealer.of_known(self._context, [key])
        try:
            answer = self._admission.carry_out(
                who, key, command, lambda work: ask_to_disclose(command, work, sealer=sealer)
            )
        except InvalidInputError as error:
            return show_again(self._form(key, typed, {"contact": str(error)}))
        except RuleViolationError as error:
            return show_again(self._form(key, typed, {"purpose": str(error)}))
        return go_to(f"{PATH}/{key}/{answer.get_json()['id']}")

    def one(self, survivor_id: Any, disclosure_id: Any) -> str:
        """Show one: the answer, and what may be done."""
        who, key = self._about(survivor_id, "case:disclosure:read")
        return self._page(who, key, str(disclosure_id))

    def act(self, survivor_id: Any, disclosure_id: Any, verb: str) -> Any:
        """Give it, ask again, or note what the recipient answered."""
        who, key = self._about(survivor_id, GiveOut.action)
        said = request.form.get("answer", "")
        if verb == "told" and said not in ANSWERS:
            return show_again(self._page(who, key, str(disclosure_id), fault=_UNSAID))
        about = {
            "disclosure_id": str(disclosure_id), "survivor_id": key, "actor_id": who.actor_id, "role": who.role,
        }  # fmt: skip
        command, by = self._made(verb, about, said)
        if verb != "told" and who.role not in CASEWORK:
            self._web.refuse(key, action=command.action)

        def run(work: UnitOfWork) -> Answer:
            check_may_act(work, key, who)
            return by(work)

        try:
            self._web.carry_out(command, run)
        except NotTheirsError:
            self._web.refuse(key, action=command.action)
        except RuleViolationError as error:
            return show_again(self._page(who, key, str(disclosure_id), fault=str(error)))
        return go_to(f"{PATH}/{key}/{disclosure_id}?done={verb}")

    def every(self) -> str:
        """Show everybody's."""
        self._web.require(*OVERSEERS)
        part, tell = wanted_part(), "TO_TELL" if request.args.get("show") == "tell" else None
        page, counts = self._web.read(
            "case:disclosure:list",
            "list",
            lambda: (self._views.disclosures(part, state=None, tell=tell), self._views.count()),
        )
        return render_template(
            "case/disclosures.html",
            rows=[in_words(row) for row in page.items],
            given=counts[0],
            to_tell=counts[1],
            only=tell is not None,
            next=page.next,
            first=part.after is None,
        )

    def _made(self, verb: str, about: dict[str, str], said: str) -> tuple[OnDisclosure, Callable[[UnitOfWork], Answer]]:
        if verb == "told":
            told = NoteTold(answer=said, **about)
            return told, lambda work: note_told(told, work)
        sealer = Sealer.of_known(self._context, [about["survivor_id"]])
        if verb == "give":
            given = GiveOut(**about)
            return given, lambda work: give_out(given, work, sealer=sealer)
        again = AskAgain(permit_id=new_id(), **about)
        return again, lambda work: ask_again(again, work, sealer=sealer)

    def _about(self, survivor_id: Any, action: str) -> tuple[Principal, str]:
        """Admit whoever may act on somebody, and the data protection officer."""
        who, key = self._web.require(*READERS), str(survivor_id)
        standing = self._admission.survivors.standing(key, who)
        if standing is None:
            self._web.refuse(key, action=action)
        self._web.stands(standing)
        return who, key

    def _form(self, key: str, typed: TypedDisclosure, wrong: dict[str, str]) -> str:
        person, earlier = self._web.read(
            "case:disclosure:list", key, lambda: (self._admission.survivors.survivor(key), self._views.of_person(key))
        )
        return render_template(
            "case/share.html",
            person=person,
            base=f"{PEOPLE}/{key}",
            path=f"{PATH}/{key}",
            earlier=[in_words(row) for row in earlier],
            typed=typed,
            wrong=wrong,
            codes={name: choices(listed) for name, listed in CODES.items()},
            kinds=choices("data_class", without=NOT_OF_A_PERSON),
        )

    def _page(self, who: Principal, key: str, disclosure_id: str, *, fault: str | None = None) -> str:
        row = self._web.read("case:disclosure:read", key, lambda: self._views.one(key, disclosure_id))
        return render_template(
            "case/disclosure.html",
            one=in_words(row),
            target=f"{PATH}/{key}/{disclosure_id}",
            person=f"{PEOPLE}/{key}",
            gives=who.role in CASEWORK,
            every=who.role in OVERSEERS,
            answers=[(code, get("withdrawal_finding").label(code)) for code in ANSWERS],
            fault=fault,
            done=request.args.get("done", "")[:20],
        )
