"""The pages of questions: a supervisor acknowledges a contact or asks about it, and whoever works with them answers.

Promise: the same rights, commands and audited reads as the API's; what was typed stays when something is to be mended;
answered questions stay in sight. Shown by tests/integration/pages/test_question_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, abort, render_template, request

from services.case.asking.commands import AnswerQuestion, LookAtContact, answer_question, look_at_contact
from services.case.asking.rules import LONGEST
from services.case.asking.views import LookViews
from services.case.contacts.rules import says_something
from services.case.contacts.views import ContactViews
from services.case.contacts.words import in_words
from services.case.support.admission import CASEWORK, PATH, Admission
from services.case.survivors.sealing import Sealer
from shared.kernel.errors import RuleViolationError
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.site import Link, PageSet, Part, go_to

QUESTIONS = "/questions"
MOST = 50
SUPERVISOR = "SUPERVISOR"
_ONE = f"{PATH}/<uuid:survivor_id>/contacts/<uuid:contact_id>/look"
_SENTENCE = f"Say it in a few words, in at most {LONGEST} letters."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built = _Pages(context, web)
    blueprint = Blueprint("questions", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(QUESTIONS)(built.questions)
    blueprint.get(_ONE)(built.show)
    blueprint.post(f"{_ONE}/<any(acknowledge, ask, answer):what>")(built.act)
    does = "What a supervisor asked about a contact, and what was answered."
    return PageSet(
        blueprint=blueprint,
        prefixes=(QUESTIONS,),
        roles=CASEWORK,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=QUESTIONS,
                words="Questions",
                part=Part.PEOPLE,
                daily=("IMSA", "SUPERVISOR"),
                does=does,
                roles=CASEWORK,
            ),
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._context = context
        self._web = web
        self._admission = Admission(context, web)
        self._views = LookViews(context, self._admission.survivors)
        self._contacts = ContactViews(context)

    def questions(self) -> str:
        """Show what is open, and what was answered last."""
        who = self._web.require(*CASEWORK)
        waiting, answered = self._web.read("case:contact:list-looks", "list", lambda: self._views.questions(who, MOST))
        people = self._admission.survivors.named({row["survivor_id"] for row in (*waiting, *answered)})
        return render_template(
            "case/questions.html",
            waiting=waiting,
            answered=answered,
            most=MOST,
            names={one["id"]: one["name"] or one["reference"] or "" for one in people},
            done=request.args.get("done", "")[:20],
        )

    def show(self, survivor_id: Any, contact_id: Any) -> str:
        """Show a contact with what a supervisor said about it."""
        who, key = self._admission.about(survivor_id, "case:contact:read")
        return self._page(who, key, self._contact(who, key, contact_id), "", {})

    def act(self, survivor_id: Any, contact_id: Any, what: str) -> Any:
        """Acknowledge a contact, ask about it, or answer."""
        who, key = self._admission.about(survivor_id, LookAtContact.action)
        if what != "answer" and who.role != SUPERVISOR:
            self._web.refuse(key, action=LookAtContact.action)
        row, typed = self._contact(who, key, contact_id), request.form.get("words", "").strip()[: LONGEST + 1]
        wrong = {}
        if what != "acknowledge" and not (says_something(typed) and len(typed) <= LONGEST):
            wrong = {"words": _SENTENCE}
        if not wrong:
            wrong = self._tried(who, key, row, what, typed)
        if wrong:
            return ask_again(self._page(who, key, row, typed, wrong))
        return go_to(f"{QUESTIONS}?done=answer" if what == "answer" else f"{PATH}/{key}?done=look")

    def _tried(self, who: Principal, key: str, row: dict[str, Any], what: str, typed: str) -> dict[str, str]:
        about = {
            "episode_id": row["episode_id"],
            "survivor_id": key,
            "contact_id": row["id"],
            "actor_id": who.actor_id,
        }
        sealer = Sealer.of_known(self._context, [key])
        try:
            if what == "answer":
                answer = AnswerQuestion(answer=typed, **about)
                self._admission.carry_out(who, key, answer, lambda work: answer_question(answer, work, sealer=sealer))
            else:
                look = LookAtContact(question=typed if what == "ask" else None, **about)
                self._admission.carry_out(who, key, look, lambda work: look_at_contact(look, work, sealer=sealer))
        except RuleViolationError as error:
            return {"words": str(error)}
        return {}

    def _contact(self, who: Principal, key: str, contact_id: Any) -> dict[str, Any]:
        """Give a contact of a support that they may see; another one's is not there."""
        row = self._contacts.contact(key, str(contact_id))
        if row is None or row["episode_id"] not in {one["id"] for one in self._admission.episodes_of(who, key)}:
            abort(404)
        return row

    def _page(self, who: Principal, key: str, row: dict[str, Any], typed: str, wrong: dict[str, str]) -> str:
        contact, look = self._web.read(
            "case:contact:read", row["id"], lambda: (in_words(row), self._views.of_contact(row["id"]))
        )
        return render_template(
            "case/question.html",
            base=f"{PATH}/{key}",
            target=f"{PATH}/{key}/contacts/{row['id']}/look",
            one=contact,
            look=look,
            asks=who.role == SUPERVISOR,
            typed=typed,
            wrong=wrong,
        )
