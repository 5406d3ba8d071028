"""The pages of rights: anybody may take a request down, and the data protection officer answers it.

Promise: the same rights, commands and audited reads as the API's; what was asked is shown to the data protection
officer alone. Shown by tests/integration/pages/test_rights_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import render_template, request

from services.case.rights.decisions import NOT_SAFE_YET
from services.case.rights.finding import PersonFinder
from services.case.rights.forms import WRONG, Typed, change_of, typed_request
from services.case.rights.registers import change_one, register_pages
from services.case.rights.roles import DECIDES, TAKERS
from services.case.rights.rules import OPEN
from services.case.rights.taking import TakeRightsCase, take_rights_case
from services.case.rights.views import RightsViews, sealer_of
from services.case.rights.words import choices, in_words
from services.case.survivors.acting import check_may_act
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.errors import InvalidInputError, NotFoundError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH, TAKE = "/rights", "/rights/new"
_NOBODY = (
    "Nobody with this number or reference is supported here, or they are not yours to speak for. Look at it again."
)


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    return register_pages(
        "rights_pages",
        Path(__file__).parent,
        _Pages(context, web),
        every=Link(
            path=PATH,
            words="Rights",
            part=Part.RIGHTS,
            daily=("HOST_DPO",),
            does="Who asked for their right, or complained, and by when you answer.",
            roles=(DECIDES,),
        ),
        take=Link(
            path=TAKE,
            words="Take down a request",
            part=Part.RIGHTS,
            does="Somebody asks to see, correct or erase what is kept about them, or complains: write it down.",
            roles=TAKERS,
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._context = context
        self._web = web
        self._survivors = SurvivorViews(context)
        self._views = RightsViews(context, self._survivors)
        self._finder = PersonFinder(context, web)

    def every(self) -> str:
        """Show what waits for an answer, the overdue first."""
        self._web.require(DECIDES)
        part = wanted_part()
        page, late, counts = self._web.read(
            "case:rights:list",
            "list",
            lambda: (
                self._views.cases(part, state=OPEN, only_overdue=False),
                self._views.overdue(),
                self._views.counts(),
            ),
        )
        shown_first = {row["id"] for row in late}
        return render_template(
            "case/rights.html",
            late=[in_words(row) for row in late],
            rows=[in_words(row) for row in page.items if row["id"] not in shown_first],
            open=counts[0],
            overdue=counts[1],
            next=page.next,
            first=part.after is None,
        )

    def form(self) -> str:
        """Show the form on which a request is written down, and what somebody took down before."""
        who = self._web.require(*TAKERS)
        return self._form_page(who, Typed())

    def take(self) -> Any:
        """Write a request down."""
        who = self._web.require(*TAKERS)
        typed = typed_request(request.form)
        if typed.wrong:
            return ask_again(self._form_page(who, typed))
        survivor_id = self._finder.find(typed.person, who)
        if survivor_id is None:
            return ask_again(self._form_page(who, typed.with_fault("person", _NOBODY)))
        command = TakeRightsCase(
            rights_case_id=new_id(),
            survivor_id=survivor_id,
            kind=typed.kind,
            channel=typed.channel,
            received_on=typed.received_on,
            nation=self._context.settings.nation,
            words=typed.words,
            actor_id=who.actor_id,
            role=who.role,
        )

        try:
            sealer = Sealer.of_known(self._context, [survivor_id])

            def run(work: UnitOfWork) -> Answer:
                check_may_act(work, survivor_id, who)
                return take_rights_case(command, work, sealer=sealer)

            self._web.carry_out(command, run)
        except NotFoundError:
            return ask_again(self._form_page(who, typed.with_fault("person", _NOBODY)))
        except InvalidInputError as error:
            return ask_again(self._form_page(who, typed.with_fault("received_day", str(error))))
        return go_to(f"{TAKE}?done=taken")

    def one(self, one_id: Any) -> str:
        """Show a case to the data protection officer."""
        self._web.require(DECIDES)
        return self._case_page(str(one_id))

    def change(self, one_id: Any) -> Any:
        """Do one thing about a case."""
        who = self._web.require(DECIDES)
        key = str(one_id)
        survivor_id = self._views.survivor_of(key)
        command, by = change_of(request.form, rights_case_id=key, survivor_id=survivor_id, who=who)
        if command is None or by is None:
            return ask_again(self._case_page(key, fault=WRONG))
        sealer = sealer_of(self._context, survivor_id)
        return change_one(
            self._web,
            command,
            lambda work: by(command, work, sealer=sealer),
            path=f"{PATH}/{key}",
            again=lambda fault: self._case_page(key, fault=fault),
        )

    def _form_page(self, who: Principal, typed: Typed) -> str:
        page = self._web.read(
            "case:rights:list-taken", "list", lambda: self._views.taken_by(who.actor_id, wanted_part())
        )
        return render_template(
            "case/rights_new.html",
            typed=typed,
            kinds=choices("rights_request"),
            channels=choices("rights_channel"),
            taken=[in_words(row) for row in page.items],
            next=page.next,
            done=request.args.get("done") == "taken",
        )

    def _case_page(self, key: str, *, fault: str | None = None) -> str:
        row = in_words(self._web.read("case:rights:read", key, lambda: self._views.case(key)))
        return render_template(
            "case/rights_case.html",
            case=row,
            target=f"{PATH}/{key}",
            stops=choices("rights_clock_stop"),
            extensions=choices("rights_extension"),
            outcomes=choices("rights_outcome", without=("MET", "PARTLY_MET") if row["kind"] == "ERASURE" else ()),
            refusals=choices("rights_refusal"),
            heard=choices("rights_told", without=(NOT_SAFE_YET,)),
            told=choices("rights_told"),
            fault=fault,
            done="done" in request.args,
        )
