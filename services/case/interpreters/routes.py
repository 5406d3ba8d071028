"""The HTTP routes of the register of interpreters."""

from typing import Any

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
from services.case.interpreters.rules import KEEPERS
from services.case.interpreters.schemas import (
    ChangeInterpreterSchema,
    EndTieSchema,
    InterpreterListSchema,
    InterpreterRowSchema,
    InterpreterSchema,
    TieSchema,
)
from services.case.interpreters.views import InterpreterViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema

_PATH = "/v1/interpreters"
_ONE = f"{_PATH}/<uuid:interpreter_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    views = InterpreterViews(context)
    closed = ClosedWords.of(context)

    def closing(_: OnInterpreter) -> dict[str, Any]:
        return {"closed": closed}

    post: dict[str, Any] = {"method": "POST", "roles": KEEPERS, "gives": AnswerSchema, "needs": closing}
    writes = [
        Route(
            **post,
            path=_PATH,
            says="Add an interpreter: languages, dialects, gender as they state it, and from when to when.",
            body=InterpreterSchema,
            command=lambda asked: AddInterpreter(interpreter_id=new_id(), who=asked.who, said=asked.body),
            by=add_interpreter,
            status=201,
            location=f"{_PATH}/{{id}}",
        ),
        Route(
            **post,
            path=f"{_ONE}/change",
            says="Change what is written of an interpreter; what is left out stays as it is.",
            body=ChangeInterpreterSchema,
            command=_change,
            by=change_interpreter,
        ),
        Route(
            **post,
            path=f"{_ONE}/ties",
            says="Note to whom an interpreter is tied; whoever named that person is not given this interpreter.",
            body=TieSchema,
            command=lambda asked: NoteTie(**_about(asked), tie_id=new_id(), **asked.body),
            by=note_tie,
        ),
        Route(
            **post,
            path=f"{_ONE}/ties/end",
            says="Say that a tie does not hold any more; it stays to be seen.",
            body=EndTieSchema,
            command=lambda asked: EndTie(**_about(asked), tie_id=str(asked.body["tie_id"])),
            by=end_tie,
        ),
    ]
    reads = [
        Route(
            method="GET",
            path=_PATH,
            says="List the host's interpreters, oldest change first.",
            roles=KEEPERS,
            query=PageQuerySchema,
            view=lambda asked: views.listed(PageRequest.of(asked.query)),
            action="case:interpreter:list",
            gives=InterpreterListSchema,
        ),
        Route(
            method="GET",
            path=_ONE,
            says="Read an interpreter of the register, with whom they are tied to.",
            roles=KEEPERS,
            view=lambda asked: views.one(asked.path["interpreter_id"]),
            action="case:interpreter:read",
            gives=InterpreterRowSchema,
        ),
    ]
    return [RouteGroup(name="interpreters", about="Who interprets, and for whom", routes=[*writes, *reads])]


def _change(asked: Asked) -> ChangeInterpreter:
    said = {name: value for name, value in asked.body.items() if name != "clear"}
    return ChangeInterpreter(**_about(asked), said=said, cleared=frozenset(asked.body["clear"]))


def _about(asked: Asked) -> dict[str, Any]:
    return {"interpreter_id": asked.path["interpreter_id"], "who": asked.who}
