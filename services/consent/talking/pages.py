"""The pages of the conversation: whom somebody may ask, where each purpose stands, asking, and taking back in two taps.

Promise: a no is taken in every state and from a page of its own; each form carries out the API's own command. Shown by
tests/integration/pages/test_talking_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.consent.concerns.commands import TAKERS
from services.consent.drafts.views import DraftViews
from services.consent.ledger.acting import WRITERS
from services.consent.ledger.commands import WithdrawConsent, withdraw_consent
from services.consent.ledger.views import LedgerViews
from services.consent.talking.admission import Admission
from services.consent.talking.asking import PATH, Asking
from services.consent.talking.names import names_of
from services.consent.talking.views import TalkingViews
from services.consent.withdrawals.views import WithdrawalViews
from shared.codelists.lists import get
from shared.codelists.periods import month_words
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.site import Link, PageSet, Part, go_to

_ID_LENGTH = 36


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    database, now = context.client[context.database_name], context.clock.now
    views, withdrawals, drafts = TalkingViews(database), WithdrawalViews(database), DraftViews(context)
    admission = Admission(LedgerViews(database, context.clock.now), web)
    asking = Asking(context, web, admission)
    blueprint = Blueprint("talking", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.add_app_template_filter(month_words, "month")

    @blueprint.get(PATH)
    def people() -> str:
        """Show whom somebody may ask."""
        who, after = web.require(*WRITERS), request.args.get("after", "")[:_ID_LENGTH]
        ids, following = web.read("consent:person:list", "list", lambda: views.people(who, after, context.clock.now()))
        begun = drafts.own(who, now())
        names = names_of(who, list(dict.fromkeys([*ids, *(one["survivor_id"] for one in begun)])))
        return render_template(
            "consent/people.html",
            people=[{"id": one, "name": names.get(one)} for one in ids],
            begun=[
                {**one, "name": names.get(one["survivor_id"]), "words": get("consent_purpose").label(one["purpose"])}
                for one in begun
            ],
            next=following,
            first=not after,
            sees=who.role != "HOST_DPO",
        )

    @blueprint.get(f"{PATH}/<uuid:survivor_id>")
    def person(survivor_id: Any) -> str:
        """Show where each purpose stands for one person."""
        who, key = admission.about(survivor_id, "consent:consent:search")
        rows, proofs = web.read(
            "consent:consent:search", key, lambda: (views.purposes(key, now()), withdrawals.of_survivor(key, now()))
        )
        return render_template(
            "consent/person.html",
            name=names_of(who, [key]).get(key),
            rows=[_in_words(row) for row in rows],
            proofs=[{**one, "words": get("consent_purpose").label(one["purpose"])} for one in proofs],
            target=f"{PATH}/{key}",
            person=key,
            takes=who.role in TAKERS,
            kinds=[(code, get("concern_kind").label(code)) for code in get("concern_kind").codes],
            done=request.args.get("done", "")[:80],
        )

    blueprint.get(f"{PATH}/<uuid:survivor_id>/<purpose>")(asking.prepare)
    blueprint.post(f"{PATH}/<uuid:survivor_id>/<purpose>")(asking.go_on)
    blueprint.post(f"{PATH}/<uuid:survivor_id>/<purpose>/drop")(asking.drop)

    @blueprint.get(f"{PATH}/<uuid:survivor_id>/withdraw/<uuid:consent_id>")
    def confirm(survivor_id: Any, consent_id: Any) -> str:
        """Ask once whether it is this that they take back."""
        _, key = admission.about(survivor_id, WithdrawConsent.action)
        action = "consent:consent:read"
        row = web.read(action, str(consent_id), lambda: admission.consent_of(key, str(consent_id), action))
        return render_template(
            "consent/withdraw.html",
            words=get("consent_purpose").label(row["purpose"]),
            back=f"{PATH}/{key}",
            target=f"{PATH}/{key}/withdraw/{consent_id}",
        )

    @blueprint.post(f"{PATH}/<uuid:survivor_id>/withdraw/<uuid:consent_id>")
    def withdraw(survivor_id: Any, consent_id: Any) -> Any:
        """Take it back; no reason is asked."""
        who, key = admission.about(survivor_id, WithdrawConsent.action)
        admission.consent_of(key, str(consent_id), WithdrawConsent.action)
        command = WithdrawConsent(
            consent_id=str(consent_id), survivor_id=key, said_at=None, method=None, actor_id=who.actor_id
        )
        admission.carry_out(who, key, command, lambda work: withdraw_consent(command, work))
        return go_to(f"{PATH}/{key}?done=withdrawn")

    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=WRITERS,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=PATH,
                words="Ask and answer",
                part=Part.CONSENT,
                daily=("IMSA",),
                does="Ask somebody what may be shared, write down the answer, or take a yes back.",
                roles=WRITERS,
            ),
        ),
    )


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    status, recipients = row["status"], row["recipient_class"]
    return {
        **row,
        "words": get("consent_purpose").label(row["purpose"]),
        "state": get("consent_status").label(status or "UNKNOWN"),
        "recipients": get("recipient_class").label(recipients) if recipients is not None else None,
    }
