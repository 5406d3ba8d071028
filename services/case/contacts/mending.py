"""A contact that was written wrongly is corrected or taken back on a page; what stood there stays to be seen."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, render_template, request

from services.case.contacts.commands import (
    CorrectContact,
    TakeContactBack,
    correct_contact,
    take_contact_back,
)
from services.case.contacts.errors import ContactCorrectedError, ContactInFutureError, OthersContactError
from services.case.contacts.forms import TypedContact, sentence_for
from services.case.contacts.routes import said
from services.case.contacts.rules import WHY_CORRECTED, WHY_TAKEN_BACK
from services.case.contacts.views import ContactViews
from services.case.contacts.words import HEADINGS, in_words, lists
from services.case.support.admission import PATH, Admission
from services.case.survivors.sealing import Sealer
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.site import go_to

Row = dict[str, Any]


class Mending:
    """The forms that mend a contact."""

    def __init__(self, context: ServiceContext, web: Gateway, admission: Admission) -> None:
        """Take case's context, the way to its committer, and who may act."""
        self._context = context
        self._web = web
        self._admission = admission
        self._views = ContactViews(context)

    def show(self, survivor_id: Any, contact_id: Any) -> str:
        """Show a contact that is to be corrected or taken back."""
        who, key = self._admission.about(survivor_id, CorrectContact.action)
        row = self._web.read("case:contact:read", str(contact_id), lambda: self._contact(who, key, contact_id))
        return self._page(who, key, row, TypedContact.known(row), {})

    def correct(self, survivor_id: Any, contact_id: Any) -> Any:
        """Write it as it should have been."""
        who, key = self._admission.about(survivor_id, CorrectContact.action)
        row, typed = self._contact(who, key, contact_id), TypedContact.of(request.form)
        body, wrong = typed.read(needs_day=row["on"] is not None)
        if typed.why not in WHY_CORRECTED:
            wrong = {**wrong, "why": "Choose why you correct it."}
        if not wrong:
            command = CorrectContact(
                said=said(body), cleared=typed.cleared(row), why=typed.why, **_about(who, key, row)
            )
            sealer = Sealer.of_known(self._context, [key])
            wrong = self._tried(
                "why",
                lambda: self._admission.carry_out(
                    who, key, command, lambda work: correct_contact(command, work, sealer=sealer)
                ),
            )
        if wrong:
            return self._refused(who, key, row, typed, wrong)
        return go_to(f"{PATH}/{key}/contacts?done=corrected")

    def take_back(self, survivor_id: Any, contact_id: Any) -> Any:
        """Take it back: there was no such contact with this person."""
        who, key = self._admission.about(survivor_id, TakeContactBack.action)
        row, why = self._contact(who, key, contact_id), request.form.get("why", "")[:80]
        wrong = {"why-back": "Choose why you take it back."} if why not in WHY_TAKEN_BACK else {}
        if not wrong:
            command = TakeContactBack(why=why, **_about(who, key, row))
            sealer = Sealer.of_known(self._context, [key])
            wrong = self._tried(
                "why-back",
                lambda: self._admission.carry_out(
                    who, key, command, lambda work: take_contact_back(command, work, sealer=sealer)
                ),
            )
        if wrong:
            return self._refused(who, key, row, TypedContact.known(row), wrong)
        return go_to(f"{PATH}/{key}/contacts?done=taken-back")

    @staticmethod
    def _tried(place: str, carry_out: Callable[[], Response]) -> dict[str, str]:
        """Carry it out; give what is to be mended."""
        try:
            carry_out()
        except ContactInFutureError:
            return {"on": sentence_for("on")}
        except (ContactCorrectedError, OthersContactError) as error:
            return {place: str(error)}
        return {}

    def _contact(self, who: Principal, key: str, contact_id: Any) -> Row:
        """Give a contact of a support that they may see; another one's is not there."""
        row = self._views.contact(key, str(contact_id))
        if row is None or row["episode_id"] not in {one["id"] for one in self._admission.episodes_of(who, key)}:
            abort(404)
        return row

    def _refused(self, who: Principal, key: str, row: Row, typed: TypedContact, wrong: dict[str, str]) -> Response:
        # It shows the contact's words as the page does that asks.
        read = self._web.read("case:contact:read", row["id"], lambda: row)
        shown = self._page(who, key, read, typed, wrong)
        return ask_again(shown)

    @staticmethod
    def _page(who: Principal, key: str, row: Row, typed: TypedContact, wrong: dict[str, str]) -> str:
        return render_template(
            "case/contact_mend.html",
            base=f"{PATH}/{key}",
            contact=in_words(row),
            theirs=who.role == "SUPERVISOR" or row["actor_id"] in {None, who.actor_id},
            stands=row["corrected_by"] is None and not row["taken_back"],
            typed=typed,
            wrong=wrong,
            why_corrected=[(code, HEADINGS[code]) for code in WHY_CORRECTED],
            why_taken_back=[(code, HEADINGS[code]) for code in WHY_TAKEN_BACK],
            **lists(),
        )


def _about(who: Principal, key: str, row: Row) -> dict[str, str]:
    return {
        "episode_id": row["episode_id"],
        "survivor_id": key,
        "contact_id": row["id"],
        "actor_id": who.actor_id,
        "role": who.role,
    }
