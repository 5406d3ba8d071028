"""The pages of requests for survivors' information: taken down by many, judged and answered by one.

Promise: the same rights, commands and audited reads as the API's; the page that takes one down says what may be said to
whoever asks, and no page sends anything. Shown by tests/integration/pages/test_information_pages.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import render_template, request

from services.case.information_requests.commands import (
    AnswerInformationRequest,
    JudgeInformationRequest,
    NoteNotice,
    TakeInformationRequest,
    answer_information_request,
    judge_information_request,
    note_notice,
    take_information_request,
)
from services.case.information_requests.forms import Typed, answer_of, judged_of, typed_request
from services.case.information_requests.rules import OPEN
from services.case.information_requests.views import InformationViews
from services.case.rights.finding import PersonFinder
from services.case.rights.registers import change_one, register_pages
from services.case.rights.roles import DECIDES, TAKERS
from services.case.rights.words import choices
from services.case.survivors.acting import check_may_act
from services.case.survivors.sealing import Sealer
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError, NotFoundError
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.forms import version_in
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH, TAKE = "/information-requests", "/information-requests/new"
_NOBODY = (
    "Nobody with this number or reference is supported here, or they are not yours to speak for. Look at it again."
)
_WRONG = "Choose an answer to each question of this form. Nothing was changed."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    return register_pages(
        "information_pages",
        Path(__file__).parent,
        _Pages(context, web),
        every=Link(
            path=PATH,
            words="Requests from outside",
            part=Part.RIGHTS,
            daily=("HOST_DPO",),
            does="Who asks for a person's information, on what power, and what you answer.",
            roles=(DECIDES,),
        ),
        take=Link(
            path=TAKE,
            words="Somebody outside asks",
            part=Part.RIGHTS,
            does="Police, Home Office, a court or somebody else asks about a person: what to say.",
            roles=TAKERS,
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._context = context
        self._web = web
        self._views = InformationViews(context)
        self._finder = PersonFinder(context, web)

    def every(self) -> str:
        """Show what waits for an answer."""
        self._web.require(DECIDES)
        part = wanted_part()
        page = self._web.read("case:information_request:list", "list", lambda: self._views.requests(part, state=OPEN))
        return render_template(
            "case/information_requests.html",
            rows=[_in_words(row) for row in page.items],
            next=page.next,
            first=part.after is None,
        )

    def form(self) -> str:
        """Show what may be said to whoever asks, and the form."""
        self._web.require(*TAKERS)
        return self._form_page(Typed())

    def take(self) -> Any:
        """Write a request down."""
        who, typed = self._web.require(*TAKERS), typed_request(request.form)
        if typed.wrong:
            return ask_again(self._form_page(typed))
        survivor_id = self._finder.find(typed.person, who) if typed.person else None
        if typed.person and survivor_id is None:
            return ask_again(self._form_page(typed.with_fault("person", _NOBODY)))
        command = TakeInformationRequest(
            request_id=new_id(),
            survivor_id=survivor_id,
            asked_by=typed.asked_by,
            received_on=typed.received_on,
            words=typed.words,
            actor_id=who.actor_id,
            role=who.role,
        )
        try:
            sealer = Sealer.of_known(self._context, [survivor_id] if survivor_id is not None else [])

            def run(work: UnitOfWork) -> Answer:
                if survivor_id is not None:
                    check_may_act(work, survivor_id, who)
                return take_information_request(command, work, sealer=sealer)

            self._web.carry_out(command, run)
        except NotFoundError:
            return ask_again(self._form_page(typed.with_fault("person", _NOBODY)))
        except InvalidInputError as error:
            return ask_again(self._form_page(typed.with_fault("received_day", str(error))))
        return go_to(f"{TAKE}?done=taken")

    def one(self, one_id: Any) -> str:
        """Show one to the data protection officer."""
        self._web.require(DECIDES)
        return self._page(str(one_id))

    def change(self, one_id: Any) -> Any:
        """Judge it, note whether the survivor was told, or answer it."""
        who, key, form = self._web.require(DECIDES), str(one_id), request.form
        sealer = self._views.sealer(key)
        version = version_in(form)
        if version is None:
            return ask_again(self._page(key, fault=_WRONG))
        about: dict[str, Any] = {"request_id": key, "version": version, "actor_id": who.actor_id}
        verb, notice = form.get("verb", ""), form.get("notice", "")
        judged, answer = judged_of(form), answer_of(form)
        made: tuple[DomainCommand, Callable[..., Answer]] | None = None
        if verb == "judge" and judged is not None:
            made = JudgeInformationRequest(**about, judged=judged), judge_information_request
        elif verb == "notice" and get("survivor_notice").has(notice):
            made = NoteNotice(**about, notice=notice), note_notice
        elif verb == "answer" and answer is not None:
            made = AnswerInformationRequest(**about, answer=answer), answer_information_request
        if made is None:
            return ask_again(self._page(key, fault=_WRONG))
        command, by = made
        return change_one(
            self._web,
            command,
            lambda work: by(command, work, sealer=sealer),
            path=f"{PATH}/{key}",
            again=lambda fault: self._page(key, fault=fault),
        )

    def _form_page(self, typed: Typed) -> str:
        return render_template(
            "case/information_new.html",
            typed=typed,
            wrong=typed.wrong,
            askers=choices("legal_request_type"),
            done=request.args.get("done") == "taken",
        )

    def _page(self, key: str, *, fault: str | None = None) -> str:
        row = self._web.read("case:information_request:read", key, lambda: self._views.request(key))
        return render_template(
            "case/information_request.html",
            one=_in_words(row),
            target=f"{PATH}/{key}",
            powers=choices("legal_power"),
            judgements=choices("judgement"),
            counselling=choices("counselling_content"),
            notices=choices("survivor_notice"),
            outcomes=choices("legal_request_outcome", without=("REFERRED_TO_COUNSEL",)),
            refusals=choices("information_refusal"),
            kinds=choices("data_class"),
            fault=fault,
            done="done" in request.args,
        )


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    judged = row["judged"]
    return {
        **row,
        "who": get("legal_request_type").label(row["asked_by"]),
        "stands": get("legal_request_outcome").label(row["outcome"]),
        "told": get("survivor_notice").label(row["notice"]),
        "why_not": [get("information_refusal").label(code) for code in row["refusals"]],
        "what_left": [get("data_class").label(code) for code in row["left"]],
        "tests": {
            "legal_power": judged.legal_power,
            "relevant": judged.relevant,
            "necessary": judged.necessary,
            "proportionate": judged.proportionate,
            "counselling": judged.counselling,
            "probative": judged.probative,
        },
        "counsel_on": judged.counsel_on,
    }
