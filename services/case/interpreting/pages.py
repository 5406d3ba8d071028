"""The page of one person's interpreters: what they need, who never may, who may, and what is booked.

Promise: the same rights, commands and audited reads as the API's; each who may not stands with every reason. Shown by
tests/integration/pages/test_interpreter_pages.py.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, render_template, request

from services.case.interpreters.documents import ClosedWords
from services.case.interpreters.views import InterpreterViews
from services.case.interpreting.booking import (
    BookInterpreter,
    CancelBooking,
    HoldBooking,
    book_interpreter,
    cancel_booking,
    hold_booking,
)
from services.case.interpreting.commands import (
    EndNever,
    OnInterpreting,
    SayNever,
    StateWish,
    end_never,
    say_never,
    state_wish,
)
from services.case.interpreting.forms import (
    known_wish,
    mended,
    read_never,
    read_wanted,
    read_wish,
    typed_wanted,
    typed_wish,
)
from services.case.interpreting.rules import SAID
from services.case.interpreting.views import InterpretingViews
from services.case.interpreting.words import in_words, reasons
from services.case.rights.words import choices
from services.case.support.admission import CASEWORK, PATH, Admission
from services.case.survivors.sealing import Sealer
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError, NotFoundError, RuleViolationError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.site import PageSet, go_to

_PERSON = f"{PATH}/<uuid:survivor_id>/interpreting"
_LISTS = ("language", "interpreter_gender", "interpreter_mode", "interpreter_community", "interpreting_purpose")


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built = _Pages(context, web)
    blueprint = Blueprint("interpreting", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(_PERSON)(built.show)
    blueprint.post(f"{_PERSON}/wish")(built.wish)
    blueprint.post(f"{_PERSON}/never")(built.never)
    blueprint.post(f"{_PERSON}/nevers/<uuid:never_id>/end")(built.end)
    blueprint.post(f"{_PERSON}/who")(built.who)
    blueprint.post(f"{_PERSON}/book")(built.book)
    blueprint.post(f"{_PERSON}/bookings/<uuid:booking_id>/<any('held', 'cancel'):verb>")(built.act)
    return PageSet(blueprint=blueprint, prefixes=(), roles=CASEWORK, home=PATH, begins=())


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._context = context
        self._web = web
        self._admission = Admission(context, web)
        self._views = InterpretingViews(context, self._admission.survivors)
        self._register = InterpreterViews(context)
        self._closed = ClosedWords.of(context)

    def show(self, survivor_id: Any) -> str:
        """Show everything."""
        _, key = self._admission.about(survivor_id, "case:interpreting:read")
        return self._page(key, {})

    def wish(self, survivor_id: Any) -> Any:
        """Keep what they need."""
        who, key = self._admission.about(survivor_id, StateWish.action)
        typed = typed_wish(request.form)
        said, wrong = read_wish(typed)
        if not wrong:
            command = StateWish(
                **_by(who, key),
                said={name: said[name] for name in SAID},
                cleared=frozenset(said["clear"]),
                why=said["why"],
                replaces=said["replaces"] and str(said["replaces"]),
            )
            wrong = self._tried(who, command, state_wish, "language")
        return self._answered(key, wrong, "wish", wish=typed)

    def never(self, survivor_id: Any) -> Any:
        """Keep that somebody never interprets for them."""
        who, key = self._admission.about(survivor_id, SayNever.action)
        said, wrong = read_never(request.form)
        if not wrong:
            person = said["interpreter_id"] and str(said["interpreter_id"])
            command = SayNever(
                **_by(who, key), never_id=new_id(), name=said["name"], interpreter_id=person, why=said["why"]
            )
            wrong = self._tried(who, command, say_never, "name")
        return self._answered(key, wrong, "never")

    def end(self, survivor_id: Any, never_id: Any) -> Any:
        """Let a never stand no more."""
        who, key = self._admission.about(survivor_id, EndNever.action)
        why = request.form.get("why", "")[:80]
        if not get("interpreter_never_ended").has(why):
            return self._answered(key, {"nevers": "Choose why this stands no more."}, "")
        command = EndNever(**_by(who, key), never_id=str(never_id), why=why)
        return self._answered(key, self._tried(who, command, end_never, "nevers"), "ended")

    def who(self, survivor_id: Any) -> Any:
        """Show who may interpret at a time, and why each other one may not."""
        _, key = self._admission.about(survivor_id, "case:interpreting:search")
        typed = typed_wanted(request.form)
        said, wrong = read_wanted(typed)
        if wrong:
            return ask_again(self._page(key, wrong, wanted=typed))
        return self._page(key, {}, wanted=typed, asked=said)

    def book(self, survivor_id: Any) -> Any:
        """Book somebody who may."""
        who, key = self._admission.about(survivor_id, BookInterpreter.action)
        typed = typed_wanted(request.form)
        said, wrong = read_wanted(typed)
        if wrong:
            return ask_again(self._page(key, wrong, wanted=typed))
        command = BookInterpreter(
            **_by(who, key),
            booking_id=new_id(),
            interpreter_id=request.form.get("interpreter", "")[:80],
            agreed=request.form.get("agreed") == "yes",
            **said,
        )
        wrong = self._tried(who, command, book_interpreter, "on")
        if wrong:
            return ask_again(self._page(key, wrong, wanted=typed, asked=said))
        return go_to(f"{PATH}/{key}/interpreting?done=booked")

    def act(self, survivor_id: Any, booking_id: Any, verb: str) -> Any:
        """Say that a booking took place, or cancel it."""
        who, key = self._admission.about(survivor_id, f"case:interpreting:{verb}")
        about = {**_by(who, key), "booking_id": str(booking_id)}
        if verb == "held":
            wrong = self._tried(who, HoldBooking(**about), hold_booking, "bookings")
        else:
            wrong = self._tried(who, CancelBooking(**about), cancel_booking, "bookings")
        return self._answered(key, wrong, verb)

    def _answered(self, key: str, wrong: dict[str, str], done: str, *, wish: dict[str, Any] | None = None) -> Any:
        if wrong:
            return ask_again(self._page(key, wrong, wish=wish))
        return go_to(f"{PATH}/{key}/interpreting?done={done}")

    def _tried(self, who: Principal, command: OnInterpreting, by: Callable[..., Answer], place: str) -> dict[str, str]:
        sealer = Sealer.of_known(self._context, [command.survivor_id])
        try:
            self._admission.carry_out(
                who, command.survivor_id, command, lambda work: by(command, work, sealer=sealer, closed=self._closed)
            )
        except InvalidInputError as error:
            return mended({"at": "on"}.get(name := error.problems[0]["pointer"].removeprefix("#/"), name))
        except RuleViolationError as error:
            return {place: str(error)}
        except NotFoundError:
            # A form that no page of ours made.
            abort(404)
        return {}

    def _page(
        self,
        key: str,
        wrong: dict[str, str],
        *,
        wish: dict[str, Any] | None = None,
        wanted: dict[str, Any] | None = None,
        asked: dict[str, Any] | None = None,
    ) -> str:
        person = self._web.read("case:survivor:read", key, lambda: self._admission.survivors.survivor(key))
        row = self._web.read("case:interpreting:read", key, lambda: self._views.of_person(key))
        found = None
        if asked is not None:
            load = partial(self._views.candidates, key, asked["at"], asked["mode"])
            found = self._web.read("case:interpreting:search", key, load)["items"]
        names = sorted(((one, name) for one, name in self._register.names().items() if name), key=lambda one: one[1])
        return render_template(
            "case/interpreting.html",
            person=person,
            base=f"{PATH}/{key}",
            target=f"{PATH}/{key}/interpreting",
            it=in_words(row),
            wish=wish or known_wish(row["wish"]),
            wanted=wanted or typed_wanted(request.form),
            found=None if found is None else [{**one, "because": reasons(one["refusals"])} for one in found],
            names=names,
            nevers=choices("interpreter_never"),
            ended=choices("interpreter_never_ended"),
            lists={name: choices(name) for name in _LISTS},
            wrong=wrong,
            done=request.args.get("done", "")[:20],
        )


def _by(who: Principal, key: str) -> dict[str, Any]:
    return {"survivor_id": key, "actor_id": who.actor_id, "role": who.role}
