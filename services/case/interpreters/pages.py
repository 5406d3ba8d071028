"""The pages of the register of interpreters: who there is, and to whom each is tied.

Promise: the same rights, commands and audited reads as the API's; what was typed stays when something is to be mended.
Shown by tests/integration/pages/test_interpreter_pages.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.interpreters.commands import (
    AddInterpreter,
    ChangeInterpreter,
    EndTie,
    NoteTie,
    OnInterpreter,
    add_interpreter,
    change_interpreter,
    end_tie,
    note_tie,
)
from services.case.interpreters.documents import ClosedWords
from services.case.interpreters.forms import TypedInterpreter, mended, tie_of
from services.case.interpreters.rules import KEEPERS
from services.case.interpreters.views import InterpreterViews
from services.case.rights.words import choices
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError, RuleViolationError
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.site import Link, PageSet, Part, go_to

REGISTER = "/interpreters"
_ONE = f"{REGISTER}/<uuid:interpreter_id>"


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built = _Pages(context, web)
    blueprint = Blueprint("interpreter_pages", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(REGISTER)(built.listed)
    blueprint.post(REGISTER)(built.add)
    blueprint.get(_ONE)(built.show)
    blueprint.post(f"{_ONE}/change")(built.change)
    blueprint.post(f"{_ONE}/tie")(built.tie)
    blueprint.post(f"{_ONE}/ties/<uuid:tie_id>/end")(built.untie)
    does = "Who interprets for you, what they speak, and to whom they are tied."
    return PageSet(
        blueprint=blueprint,
        prefixes=(REGISTER,),
        roles=KEEPERS,
        home=REGISTER,
        begins=(),
        links=(Link(path=REGISTER, words="Interpreters", part=Part.PEOPLE, does=does, roles=KEEPERS),),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._web = web
        self._views = InterpreterViews(context)
        self._closed = ClosedWords.of(context)

    def listed(self) -> str:
        """Show everybody of the register, and a form for somebody new."""
        self._web.require(*KEEPERS)
        return self._list(TypedInterpreter(), {})

    def add(self) -> Any:
        """Add somebody."""
        who = self._web.require(*KEEPERS)
        typed = TypedInterpreter.of(request.form)
        said, wrong = typed.added()
        if not wrong:
            command = AddInterpreter(interpreter_id=new_id(), who=who, said=said)
            wrong = self._tried(command, add_interpreter, "name")
        return ask_again(self._list(typed, wrong)) if wrong else go_to(f"{REGISTER}?done=added")

    def show(self, interpreter_id: Any) -> str:
        """Show one."""
        self._web.require(*KEEPERS)
        return self._one(str(interpreter_id), None, {})

    def change(self, interpreter_id: Any) -> Any:
        """Write what is new of them."""
        who, key = self._web.require(*KEEPERS), str(interpreter_id)
        typed = TypedInterpreter.of(request.form)
        said, wrong = typed.changed()
        if not wrong:
            cleared = frozenset(said.pop("clear"))
            command = ChangeInterpreter(interpreter_id=key, who=who, said=said, cleared=cleared)
            wrong = self._tried(command, change_interpreter, "name")
        return self._answered(key, typed, wrong, "changed")

    def tie(self, interpreter_id: Any) -> Any:
        """Note to whom they are tied."""
        who, key = self._web.require(*KEEPERS), str(interpreter_id)
        said, wrong = tie_of(request.form)
        if not wrong:
            wrong = self._tried(NoteTie(interpreter_id=key, who=who, tie_id=new_id(), **said), note_tie, "who")
        return self._answered(key, None, wrong, "tied")

    def untie(self, interpreter_id: Any, tie_id: Any) -> Any:
        """Say that a tie holds no more."""
        who, key = self._web.require(*KEEPERS), str(interpreter_id)
        wrong = self._tried(EndTie(interpreter_id=key, who=who, tie_id=str(tie_id)), end_tie, "ties")
        return self._answered(key, None, wrong, "untied")

    def _answered(self, key: str, typed: TypedInterpreter | None, wrong: dict[str, str], done: str) -> Any:
        return ask_again(self._one(key, typed, wrong)) if wrong else go_to(f"{REGISTER}/{key}?done={done}")

    def _tried(self, command: OnInterpreter, by: Callable[..., Answer], place: str) -> dict[str, str]:
        try:
            self._web.carry_out(command, lambda work: by(command, work, closed=self._closed))
        except InvalidInputError as error:
            return mended(error.problems[0]["pointer"].removeprefix("#/"))
        except RuleViolationError as error:
            return {place: str(error)}
        return {}

    def _list(self, typed: TypedInterpreter, wrong: dict[str, str]) -> str:
        rows = self._web.read("case:interpreter:list", "list", self._views.rows)
        return render_template(
            "case/interpreters.html",
            rows=[_in_words(row) for row in rows],
            **_asked(typed, wrong),
        )

    def _one(self, key: str, typed: TypedInterpreter | None, wrong: dict[str, str]) -> str:
        row = self._web.read("case:interpreter:read", key, lambda: self._views.one(key))
        return render_template(
            "case/interpreter.html",
            one=_in_words(row),
            base=f"{REGISTER}/{key}",
            kinds=choices("interpreter_conflict"),
            who=request.form.get("who", "")[:201],
            kind=request.form.get("kind", "")[:80],
            **_asked(typed or TypedInterpreter.known(row), wrong),
        )


def _asked(typed: TypedInterpreter, wrong: dict[str, str]) -> dict[str, Any]:
    return {
        "typed": typed,
        "wrong": wrong,
        "languages": choices("language"),
        "genders": choices("gender"),
        "modes": choices("interpreter_mode"),
        "done": request.args.get("done", "")[:20],
    }


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    kinds = get("interpreter_conflict")
    return {
        **row,
        "called": row["name"] or "Cannot be read",
        "speaks": ", ".join(get("language").label(code) for code in row["languages"]),
        "works": ", ".join(get("interpreter_mode").label(code).lower() for code in row["modes"]),
        "states": get("gender").label(row["gender"]),
        "ties": [{**tie, "what": kinds.label(tie["kind"])} for tie in row["ties"]],
    }
