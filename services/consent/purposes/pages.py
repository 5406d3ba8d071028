"""The page of the purposes: what each takes, for whom, on what basis in law, and which basis is not stated yet.

Promise: the same rights, command and audited reads as the API's; what was typed stays when something is to be mended.
Shown by tests/integration/pages/test_purpose_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, abort, render_template, request
from marshmallow import ValidationError

from services.consent.purposes.commands import StateBasis, state_basis
from services.consent.purposes.register import PURPOSES
from services.consent.purposes.routes import READERS, STATES, BasisSchema
from services.consent.purposes.views import PurposeViews, gaps
from shared.codelists.lists import get
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH = "/consents/purposes"
_SENTENCES = {
    "article6": "Choose the lawful basis.",
    "article9": "Choose the condition for special category data, or that there is none.",
    "controller": "Say who the controller is, in at most 300 characters.",
    "contact": "Say how to reach the data protection officer, in at most 300 characters.",
    "keeps_months": "Say for how many months the record is kept: a whole number from 1 to 600.",
}
_LONGEST = 400


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    views = PurposeViews(context.client[context.database_name])
    blueprint = Blueprint("purposes", __name__, template_folder=str(Path(__file__).parent / "templates"))

    @blueprint.get(PATH)
    def purposes() -> str:
        """Show the purposes."""
        who = web.require(*READERS)
        rows = web.read("consent:purpose:list", "list", views.purposes)
        return render_template(
            "consent/purposes.html",
            purposes=[_shown(row) for row in rows],
            gaps=len(gaps(rows)),
            states=who.role == STATES,
            done=request.args.get("done", "")[:80],
        )

    @blueprint.get(f"{PATH}/<purpose>")
    def ask_for_basis(purpose: str) -> str:
        """Ask on what basis a purpose stands; what was stated last stands in the form."""
        web.require(STATES)
        _known(purpose)
        basis = web.read("consent:purpose:read", purpose, lambda: views.basis(purpose))
        typed = {name: getattr(basis, name) for name in _SENTENCES} if basis is not None else {}
        return _form(purpose, typed, {})

    @blueprint.post(f"{PATH}/<purpose>")
    def state(purpose: str) -> Any:
        """State it."""
        who = web.require(STATES)
        _known(purpose)
        typed: dict[str, Any] = {name: request.form.get(name, "").strip()[:_LONGEST] for name in _SENTENCES}
        months = typed["keeps_months"]
        number = int(months) if months.isascii() and months.isdecimal() and len(months) < len("1000") else months
        try:
            body = BasisSchema().load({**typed, "keeps_months": number})
        except ValidationError as error:
            wrong = {name: _SENTENCES.get(name, "Correct this.") for name in error.messages_dict}
            shown = _form(purpose, typed, wrong)
            return ask_again(shown)
        command = StateBasis(**body, purpose=purpose, actor_id=who.actor_id)
        web.carry_out(command, lambda work: state_basis(command, work))
        return go_to(f"{PATH}?done={purpose}")

    def _form(purpose: str, typed: dict[str, Any], wrong: dict[str, str]) -> str:
        lists = {name: get(name) for name in ("lawful_basis", "special_condition")}
        return render_template(
            "consent/basis.html",
            purpose=get("consent_purpose").label(purpose),
            target=f"{PATH}/{purpose}",
            typed=typed,
            wrong=wrong,
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
                words="Purposes",
                part=Part.CONSENT,
                does="What people are asked for: who would receive what, and on which legal basis.",
                roles=READERS,
            ),
        ),
    )


def _known(purpose: str) -> None:
    if purpose not in PURPOSES:
        abort(404)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Give a purpose in words."""
    recipients, data = get("recipient_class"), get("data_class")
    basis = row["basis"]
    if basis is not None:
        basis = {
            **basis,
            "article6": get("lawful_basis").label(basis["article6"]),
            "article9": get("special_condition").label(basis["article9"]),
        }
    return {
        "code": row["code"],
        "words": get("consent_purpose").label(row["code"]),
        "why": row["why"],
        "recipients": [recipients.label(code) for code in row["recipients"]],
        "data": [data.label(code) for code in row["data_classes"]],
        "basis": basis,
    }
