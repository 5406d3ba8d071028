"""The pages of the words that are read out: which are registered, which a file's yeses wait for, and the registering.

Promise: the same rights, command and audited reads as the API's; what was typed stays when something is to be mended.
Shown by tests/integration/pages/test_consent_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.consent.again.views import AskingViews
from services.consent.wordings.commands import RegisterWording, register_wording
from services.consent.wordings.forms import TypedWords, place_of
from services.consent.wordings.views import WordingViews
from shared.codelists.lists import get
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH = "/consents/wordings"
READERS = ("HOST_DPO", "HOST_DATA_LEAD", "IMSA", "SUPERVISOR")
REGISTRAR = "HOST_DPO"


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    database = context.client[context.database_name]
    views, asking = WordingViews(database), AskingViews(database)
    here = Path(__file__).parent
    blueprint = Blueprint("wordings", __name__, url_prefix=PATH, template_folder=str(here / "templates"))

    @blueprint.get("")
    def wordings() -> str:
        """Show which words are registered, and which are waited for."""
        who, part = web.require(*READERS), wanted_part()
        page, waiting, weighing = web.read(
            "consent:wording:list",
            "list",
            lambda: (views.wordings(part), asking.waiting_words(), frozenset(views.being_weighed())),
        )
        return render_template(
            "consent/wordings.html",
            wordings=[_shown(row, weighing) for row in page.items],
            waiting=waiting,
            next=page.next,
            first=part.after is None,
            registers=who.role == REGISTRAR,
            done=request.args.get("done", "")[:80],
        )

    @blueprint.get("/register")
    def ask_for_words() -> str:
        """Ask for words to register; a link may name their code."""
        web.require(REGISTRAR)
        return _form(TypedWords(code=request.args.get("code", "")[:80]), {})

    @blueprint.post("/register")
    def register() -> Any:
        """Register words."""
        who = web.require(REGISTRAR)
        typed = TypedWords.of(request.form)
        body, wrong = typed.read()
        if not request.form.get("checked"):
            wrong = {**wrong, "checked": "Tick the box to say that these are exactly the words that are read out."}
        if body is None or wrong:
            return ask_again(_form(typed, wrong))
        command = RegisterWording(**{**body, "languages": tuple(body["languages"])}, actor_id=who.actor_id)
        web.carry_out(command, lambda work: register_wording(command, work, live=not context.settings.demo))
        return go_to(f"{PATH}?done={command.code}")

    def _form(typed: TypedWords, wrong: dict[str, str]) -> str:
        lists = {name: get(name) for name in ("consent_purpose", "recipient_class", "language")}
        return render_template(
            "consent/register.html",
            typed=typed,
            wrong=wrong,
            place_of=place_of,
            waiting={row["code"]: row["people"] for row in asking.waiting_words()},
            **{name: [(code, codes.label(code)) for code in codes.codes] for name, codes in lists.items()},
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
                words="Wordings",
                part=Part.CONSENT,
                does="The words with which people are asked, word for word.",
                roles=READERS,
            ),
        ),
    )


def _shown(row: dict[str, Any], weighing: frozenset[str]) -> dict[str, Any]:
    """Give a code's registrations, the newest first, each with its own text and in words."""
    purposes, recipients, languages = get("consent_purpose"), get("recipient_class"), get("language")
    texts = row["texts"]
    beside = texts if len(texts) == len(row["registrations"]) else [{}] * len(row["registrations"])
    shown = [
        {
            **one,
            "purpose": purposes.label(one["purpose"]),
            "recipients": recipients.label(one["recipient_class"]),
            "languages": [languages.label(code) for code in one["languages"]],
            "text": text.get("text"),
            "registered_at": text.get("registered_at"),
        }
        for one, text in zip(row["registrations"], beside, strict=True)
    ]
    return {"code": row["code"], "registrations": shown[::-1], "weighing": row["code"] in weighing}
