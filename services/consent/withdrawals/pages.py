"""The pages of withdrawals: which wait for an answer, and the proof that an advocate can show to the survivor.

Promise: the same rights, command and audited reads as the API's. Shown by
tests/integration/pages/test_withdrawal_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.consent.ledger.acting import WRITERS, standing_of
from services.consent.ledger.views import LedgerViews
from services.consent.withdrawals.commands import FINDINGS, AnswerIncompleteError, NoteAnswer, note_answer
from services.consent.withdrawals.routes import KEEPERS
from services.consent.withdrawals.rules import RECIPIENT, REFUSED
from services.consent.withdrawals.views import WithdrawalViews
from shared.codelists.lists import get
from shared.contracts.withdrawal import DONE
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH = "/consents/withdrawals"
_SERVICES = {
    "case": "The case file here",
    "reporting": "The count for statistics",
    "integrations": "Other systems here",
}
_UNSAID = "Choose what they answered. A refusal needs its reason in law."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    database = context.client[context.database_name]
    views, ledger, now = WithdrawalViews(database), LedgerViews(database, context.clock.now), context.clock.now
    blueprint = Blueprint("withdrawal_pages", __name__, template_folder=str(Path(__file__).parent / "templates"))

    @blueprint.get(PATH)
    def waiting() -> str:
        """Show which withdrawals wait for an answer."""
        web.require(*KEEPERS)
        part = wanted_part()
        page, counts = web.read("consent:withdrawal:list", "list", lambda: (views.waiting(part, now()), views.count()))
        return render_template(
            "consent/withdrawals.html",
            rows=[_shown(row) for row in page.items],
            waiting=counts[0],
            late=counts[1],
            next=page.next,
            first=part.after is None,
        )

    @blueprint.get(f"{PATH}/<uuid:withdrawal_id>")
    def proof(withdrawal_id: Any) -> str:
        """Show the proof of a withdrawal."""
        web.require(*WRITERS)
        return _page(str(withdrawal_id))

    @blueprint.post(f"{PATH}/<uuid:withdrawal_id>")
    def note(withdrawal_id: Any) -> Any:
        """Note what a recipient answered."""
        who = web.require(*KEEPERS)
        key, said = str(withdrawal_id), request.form.get("answer", "")[:80]
        refused = said in get("withdrawal_refusal").codes
        command = NoteAnswer(
            withdrawal_id=key,
            question_id=request.form.get("question", "")[:80],
            answer=REFUSED if refused else DONE,
            finding=None if refused else said or None,
            legal_reason=said if refused else None,
            actor_id=who.actor_id,
        )
        try:
            web.carry_out(command, lambda work: note_answer(command, work))
        except AnswerIncompleteError:
            return ask_again(_page(key, error=_UNSAID))
        return go_to(f"{PATH}/{key}?done=yes")

    def _page(key: str, *, error: str | None = None) -> str:
        action, who = "consent:withdrawal:read", web.caller
        row = views.proof(key, now())
        standing = standing_of(ledger, who, row["survivor_id"])
        if standing is None:
            web.refuse(key, action=action)
        web.stands(standing)
        row = web.read(action, key, lambda: views.proof(key, now()))
        return render_template(
            "consent/withdrawal.html",
            proof=_shown(row),
            target=f"{PATH}/{key}",
            notes=who.role in KEEPERS,
            findings=[(code, get("withdrawal_finding").label(code)) for code in FINDINGS],
            refusals=[(code, get("withdrawal_refusal").label(code)) for code in get("withdrawal_refusal").codes],
            error=error,
            done="done" in request.args,
        )

    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=WRITERS,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=PATH,
                words="Withdrawals",
                part=Part.CONSENT,
                daily=("HOST_DPO",),
                does="Who said no after a yes, and whether everything has been stopped.",
                roles=KEEPERS,
            ),
        ),
    )


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Give a proof in words."""
    findings, refusals, recipients = get("withdrawal_finding"), get("withdrawal_refusal"), get("recipient_class")
    asked = [
        {
            **one,
            "who": recipients.label(one["party"])
            if one["kind"] == RECIPIENT
            else _SERVICES.get(one["party"], one["party"]),
            "found": findings.label(one["finding"]) if one["finding"] is not None else None,
            "reason": refusals.label(one["legal_reason"]) if one["legal_reason"] is not None else None,
            "can_be_noted": one["kind"] == RECIPIENT and one["answer"] != DONE,
        }
        for one in row["questions"]
    ]
    return {
        **row,
        "words": get("consent_purpose").label(row["purpose"]),
        "ended": get("consent_status").label(row["status"]),
        "questions": asked,
        "open": [one for one in asked if one["answer"] is None],
    }
