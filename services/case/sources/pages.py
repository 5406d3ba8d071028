"""The pages of sources: how each stands, adding one, reading it now, trying it out, pausing it, its credentials.

Promise: the same rights, commands and audited reads as the API's; no credential stands on any page, not even in a form
that was refused. Shown by tests/integration/pages/test_source_pages.py.
"""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from services.case.mappings.views import MappingViews
from services.case.sources.asking import Asking, SourceInputError
from services.case.sources.commands import (
    PauseSource,
    PullSource,
    RemoveSource,
    ResumeSource,
    TrySource,
    add_source,
    change_credentials,
    pause_source,
    pull_source,
    remove_source,
    resume_source,
    try_source,
)
from services.case.sources.page_forms import SHOWN_AGAIN, credentials_of, profiles_for, source_of
from services.case.sources.rights import CONNECTORS, SEERS
from services.case.sources.rules.source import KINDS
from services.case.sources.views import SourceViews
from shared.kernel.errors import RuleViolationError
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH = "/sources"
WORDS = {
    "GOOD": ("Read", "good"),
    "READING": ("Being read", "wait"),
    "NEVER_READ": ("Not read yet", "wait"),
    "FAILING": ("Not read", "bad"),
    "OVERDUE": ("Not read for two days", "bad"),
    "PAUSED_BY_FAILURES": ("Paused: it failed five times", "bad"),
    "PAUSED": ("Paused", "plain"),
}
_VERBS: dict[str, tuple[Any, Any]] = {
    "pull": (PullSource, pull_source),
    "test": (TrySource, try_source),
    "pause": (PauseSource, pause_source),
    "resume": (ResumeSource, resume_source),
    "remove": (RemoveSource, remove_source),
}


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built = _Pages(context, web)
    here = Path(__file__).parent
    blueprint = Blueprint("source_pages", __name__, url_prefix=PATH, template_folder=str(here / "templates"))
    blueprint.get("")(built.sources)
    blueprint.get("/add/<kind>")(built.new)
    blueprint.post("/add/<kind>")(built.add)
    blueprint.get("/<uuid:source_id>")(built.source)
    blueprint.post("/<uuid:source_id>/credentials")(built.credentials)
    blueprint.post("/<uuid:source_id>/<verb>")(built.act)
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=SEERS,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=PATH,
                words="Sources",
                part=Part.DATA,
                daily=("HOST_DATA_LEAD",),
                does="Systems and folders that are read by themselves, and whether they were.",
                roles=SEERS,
            ),
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._views = SourceViews(context)
        self._mappings = MappingViews(context)
        self._asking = Asking(context)
        self._web = web

    def sources(self) -> str:
        """List sources and how they stand."""
        self._web.require(*SEERS)
        found = self._web.read("case:source:list", "list", self._views.all)
        connects = self._web.principal.role in CONNECTORS
        return render_template("case/sources.html", sources=found, words=WORDS, connects=connects)

    def new(self, kind: str) -> Response:
        """Ask for a new source."""
        self._web.require(*CONNECTORS)
        return self._form(_kind(kind))

    def add(self, kind: str) -> Any:
        """Add one."""
        who = self._web.require(*CONNECTORS)
        try:
            command = self._asking.add(source_of(request.form, _kind(kind)), actor_id=who.actor_id)
            self._web.carry_out(command, lambda work: add_source(command, work))
        except SourceInputError as error:
            return self._form(kind, error=_told(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
        except RuleViolationError as error:
            return self._form(kind, error=(str(error), "name"), status=HTTPStatus.CONFLICT)
        return go_to(PATH)

    def source(self, source_id: object) -> Response:
        """Show a source."""
        self._web.require(*SEERS)
        return self._source(str(source_id))

    def act(self, source_id: object, verb: str) -> Any:
        """Read it now, try it out, pause, resume or remove it."""
        who = self._web.require(*CONNECTORS)
        if verb not in _VERBS:
            abort(404)
        make, run = _VERBS[verb]
        if verb == "remove" and not request.form.get("sure"):
            return self._source(
                str(source_id),
                error=("Tick the box to say that it is to be removed with its credentials.", "sure"),
                status=HTTPStatus.CONFLICT,
            )
        command = make(source_id=str(source_id), actor_id=who.actor_id)
        try:
            self._web.carry_out(command, lambda work: run(command, work))
        except RuleViolationError as error:
            return self._source(str(source_id), error=(str(error), "main"), status=HTTPStatus.CONFLICT)
        return go_to(PATH if verb == "remove" else f"{PATH}/{source_id}")

    def credentials(self, source_id: object) -> Any:
        """Change its credentials."""
        who = self._web.require(*CONNECTORS)
        try:
            body = credentials_of(request.form)
            command = self._asking.credentials(str(source_id), body, actor_id=who.actor_id)
        except SourceInputError as error:
            return self._source(str(source_id), error=_told(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
        self._web.carry_out(command, lambda work: change_credentials(command, work))
        return go_to(f"{PATH}/{source_id}")

    def _source(
        self, source_id: str, *, error: tuple[str, str] | None = None, status: HTTPStatus = HTTPStatus.OK
    ) -> Response:
        one = self._web.read("case:source:read", source_id, lambda: self._views.one(source_id))
        connects = self._web.principal.role in CONNECTORS
        shown = render_template("case/source.html", one=one, words=WORDS, connects=connects, error=error)
        return Response(shown, status=status, mimetype="text/html")

    def _form(self, kind: str, *, error: tuple[str, str] | None = None, status: HTTPStatus = HTTPStatus.OK) -> Response:
        typed = {name: request.form.get(name, "") for name in SHOWN_AGAIN}
        profiles = profiles_for(kind, self._mappings)
        shown = render_template("case/source_new.html", kind=kind, profiles=profiles, typed=typed, error=error)
        return Response(shown, status=status, mimetype="text/html")


def _kind(kind: str) -> str:
    if kind not in KINDS:
        abort(404)
    return kind


def _told(error: SourceInputError) -> tuple[str, str]:
    field = error.problems[0]["pointer"].removeprefix("#/").partition("/")[0]
    return str(error), "consumer_key" if field == "credentials" else field
