"""Asking, step by step: how somebody is asked, then the words and what would be shared, then their answer.

Promise: no answer stands there before they gave one; the words that were shown are those that are recorded; what was
typed so far is kept closed on the server, never in the browser.
Shown by tests/integration/pages/test_talking_pages.py.
"""

from datetime import datetime
from typing import Any

from flask import abort, render_template, request
from werkzeug.datastructures import MultiDict

from services.consent.drafts.commands import DropDraft, KeepDraft, drop_draft, keep_draft
from services.consent.drafts.documents import draft_key
from services.consent.drafts.views import DraftViews
from services.consent.ledger.commands import RecordDecision, record_decision
from services.consent.notices.views import NoticeViews
from services.consent.purposes.register import PURPOSES
from services.consent.purposes.views import PurposeViews
from services.consent.talking.admission import Admission
from services.consent.talking.forms import ANSWERS, MONTHS, Answered, Prepared
from services.consent.talking.views import TalkingViews, Words
from services.consent.timers.views import TalkViews
from shared.codelists.lists import get
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.site import go_to

PATH = "/consents/people"
_LISTS = ("language", "consent_method", "interpreter", "consent_setting", "consent_capacity")


class Asking:
    """The two steps of asking about one purpose."""

    def __init__(self, context: ServiceContext, web: Gateway, admission: Admission) -> None:
        """Take consent's context, the way to its committer, and who may ask whom."""
        database = context.client[context.database_name]
        self._views, self._shared = TalkingViews(database), PurposeViews(database)
        self._drafts = DraftViews(context)
        self._talks, self._notices = TalkViews(database), NoticeViews(database)
        self._now, self._web, self._admission = context.clock.now, web, admission

    def prepare(self, survivor_id: Any, purpose: str) -> str:
        """Begin to ask: how, in which language, and who can hear."""
        who, key = self._admission.about(survivor_id, "consent:consent:preview")
        _known(purpose)
        begun = self._web.read("consent:draft:read", key, lambda: self._drafts.said(key, purpose, who, self._now()))
        typed = MultiDict({**begun, **request.args.to_dict()})
        return _prepare(key, Prepared.of(purpose, typed), {}, begun=bool(begun))

    def go_on(self, survivor_id: Any, purpose: str) -> Any:
        """Show the words, or record the answer."""
        who, key = self._admission.about(survivor_id, RecordDecision.action)
        _known(purpose)
        prepared = Prepared.of(purpose, request.form)
        wrong = prepared.wrong()
        if wrong:
            return ask_again(_prepare(key, prepared, wrong))
        words = self._views.words(purpose, prepared.recipient_class, prepared.language, self._now())
        if request.form.get("step") != "answer":
            begun = MultiDict(self._drafts.said(key, purpose, who, self._now()))
            answered = Answered.begun(begun)
            self._keep(who, key, prepared, answered)
            return self._words(key, prepared, words, answered, {})
        answered = Answered.of(request.form)
        if request.form.get("later"):
            self._keep(who, key, prepared, answered)
            return go_to(f"{PATH}/{key}?done=kept")
        # Where other words were registered meanwhile than those that were shown, also under their code, the answer was
        # to something else: a yes is asked for anew, and a no is taken without naming words that nobody read out.
        shown = words is not None and request.form.get("text_hash") == words.text_hash
        may_say_yes = prepared.may_say_yes and shown and self._too_early(key, prepared) is None
        wrong = answered.wrong(may_say_yes=may_say_yes, holds=self._holds(key, prepared) is not None)
        if wrong:
            return ask_again(self._words(key, prepared, words, answered, wrong))
        self._record(who, key, prepared, answered, words if shown else None)
        return go_to(f"{PATH}/{key}?done=recorded")

    def drop(self, survivor_id: Any, purpose: str) -> Any:
        """Throw away what was begun."""
        who, key = self._admission.about(survivor_id, DropDraft.action)
        _known(purpose)
        command = DropDraft(draft_id=draft_key(key, purpose, who.actor_id), actor_id=who.actor_id)
        self._admission.carry_out(who, key, command, lambda work: drop_draft(command, work))
        return go_to(f"{PATH}/{key}?done=dropped")

    def _keep(self, who: Principal, key: str, prepared: Prepared, answered: Answered) -> None:
        """Keep what was typed so far, but never what they answer."""
        closed = self._drafts.close(key, {**prepared.hidden(), **answered.hidden()})
        command = KeepDraft(survivor_id=key, purpose=prepared.purpose, closed=closed, actor_id=who.actor_id)
        # Whoever goes back and chooses otherwise sends the same form again.
        self._admission.carry_out(who, key, command, lambda work: keep_draft(command, work), once=False)

    def _record(self, who: Principal, key: str, prepared: Prepared, answered: Answered, words: Words | None) -> None:
        terms = prepared.terms(
            explained=answered.explained, months=answered.months, yes=answered.decision == "GIVEN", now=self._now()
        )
        command = RecordDecision(
            survivor_id=key,
            purpose=prepared.purpose,
            recipient_class=prepared.recipient_class,
            decision=answered.decision,
            said_at=None,
            wording_code=words.code if words is not None else None,
            language=prepared.language,
            method=prepared.method,
            setting_private=None,
            witness_role=None,
            actor_id=who.actor_id,
            terms=terms,
        )
        self._admission.carry_out(who, key, command, lambda work: record_decision(command, work))

    def _words(
        self, key: str, prepared: Prepared, words: Words | None, answered: Answered, wrong: dict[str, str]
    ) -> str:
        purpose, recipients = prepared.purpose, prepared.recipient_class
        told = self._web.read("consent:consent:preview", key, lambda: self._shared.shared(key, purpose, recipients))
        too_early, holds = self._too_early(key, prepared), self._holds(key, prepared)
        may_say_yes = prepared.may_say_yes and words is not None and too_early is None
        return render_template(
            "consent/answer.html",
            words=get("consent_purpose").label(purpose),
            text=words,
            easy=self._notices.easy(words.code, words.text_hash) if words is not None else None,
            notice=words is not None and self._notices.is_notice(words.code),
            told=told,
            data=[get("data_class").label(code) for code in told["data_classes"]],
            recipients=get("recipient_class").label(recipients),
            may_say_yes=may_say_yes,
            too_early=too_early,
            hidden=prepared.hidden(),
            holds=holds,
            answers=[
                (code, label)
                for code, label in ANSWERS.items()
                if (may_say_yes or code != "GIVEN") and (holds is None or code != "DEFERRED")
            ],
            explained=[(code, get("consent_explained").label(code)) for code in get("consent_explained").codes],
            months=MONTHS,
            typed=answered,
            wrong=wrong,
            back=f"{PATH}/{key}/{purpose}",
            target=f"{PATH}/{key}/{purpose}",
        )

    def _holds(self, key: str, prepared: Prepared) -> datetime | None:
        return self._talks.yes_until(key, prepared.purpose, prepared.recipient_class, self._now())

    def _too_early(self, key: str, prepared: Prepared) -> datetime | None:
        return self._talks.too_early_until(key, prepared.purpose, prepared.recipient_class, self._now())


def _prepare(key: str, prepared: Prepared, wrong: dict[str, str], *, begun: bool = False) -> str:
    return render_template(
        "consent/ask.html",
        words=get("consent_purpose").label(prepared.purpose),
        typed=prepared,
        wrong=wrong,
        begun=begun,
        back=f"{PATH}/{key}",
        target=f"{PATH}/{key}/{prepared.purpose}",
        recipients=[(code, get("recipient_class").label(code)) for code in PURPOSES[prepared.purpose].recipients],
        **{name: [(code, get(name).label(code)) for code in get(name).codes] for name in _LISTS},
    )


def _known(purpose: str) -> None:
    if purpose not in PURPOSES:
        abort(404)
