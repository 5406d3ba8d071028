"""The receipt as a page to print, and what became of the copy.

Promise: the same rights, command and audited reads as the API's; on paper it names neither this software nor what kind
of help it is about. Shown by tests/integration/pages/test_purpose_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.consent.ledger.acting import WRITERS, check_may_act, standing_of
from services.consent.ledger.views import LedgerViews
from services.consent.receipts.commands import OfferReceipt, offer_receipt
from services.consent.receipts.views import ReceiptViews
from shared.codelists.lists import get
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.site import PageSet, go_to
from shared.web.routes import Subject

PATH = "/consents/receipts"


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the page."""
    database = context.client[context.database_name]
    views, ledger = ReceiptViews(database), LedgerViews(database, context.clock.now)
    blueprint = Blueprint("receipts", __name__, template_folder=str(Path(__file__).parent / "templates"))

    def row_of(consent_id: str, action: str) -> dict[str, Any]:
        row = ledger.consent(consent_id)
        standing = standing_of(ledger, web.caller, row["survivor_id"])
        if standing is None:
            web.refuse(consent_id, action=action)
        web.stands(standing)
        return row

    @blueprint.get(f"{PATH}/<uuid:consent_id>")
    def receipt(consent_id: Any) -> str:
        """Show a receipt."""
        web.require(*WRITERS)
        key, action = str(consent_id), "consent:receipt:read"
        row = row_of(key, action)
        shown, offers = web.read(action, key, lambda: (views.receipt(key), views.offers(key)))
        processing = shown["consent_record"]["pii_processing"]
        notice, purpose = processing["privacy_notice"], processing["purposes"][0]
        return render_template(
            "consent/receipt.html",
            receipt=shown,
            purpose=purpose,
            words=get("consent_purpose").label(row["purpose"]),
            status=get("consent_status").label(row["status"]),
            until=row["until"],
            recipients=[get("recipient_class").label(code) for code in purpose["recipient_third_parties"]],
            basis=get("lawful_basis").label(purpose["lawful_basis"]),
            text=views.text(notice["code"], notice["text_hash"]),
            events=[
                {"words": get("consent_status").label(line["status"]), "said_at": line["said_at"]}
                for line in row["history"]
                if not line["superseded"]
            ],
            controller=shown["consent_record"]["party_identification"][0],
            offers=[{**one, "words": get("receipt_answer").label(one["answer"])} for one in offers],
            answers=[(code, get("receipt_answer").label(code)) for code in get("receipt_answer").codes],
            target=f"{PATH}/{key}",
            done="done" in request.args,
        )

    @blueprint.post(f"{PATH}/<uuid:consent_id>")
    def offer(consent_id: Any) -> Any:
        """Note what became of a copy."""
        who = web.require(*WRITERS)
        key = str(consent_id)
        row = row_of(key, OfferReceipt.action)
        command = OfferReceipt(
            consent_id=key,
            survivor_id=row["survivor_id"],
            answer=request.form.get("answer", "")[:80],
            actor_id=who.actor_id,
        )

        def run(work: UnitOfWork) -> Answer:
            check_may_act(work, Subject(id=command.survivor_id), who)
            return offer_receipt(command, work)

        web.carry_out(command, run)
        return go_to(f"{PATH}/{key}?done=yes")

    return PageSet(blueprint=blueprint, prefixes=(PATH,), roles=WRITERS, home=PATH, begins=())
