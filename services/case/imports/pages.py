"""The pages of imports: a file, what it will do, the decision, what became of it, and the way back.

Promise: the same rights, commands and audited reads as the API's; no cell of a file stands on any page; a page that
waits loads itself again without a script, a bounded number of times, and can be told not to. Shown by
tests/integration/pages/test_import_pages.py.
"""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, g, render_template, request

from services.case.imports import page_words as say
from services.case.imports.commands import CommitPlan, UndoImport, commit_plan, undo_import
from services.case.imports.errors import (
    NoPlanError,
    NotPlannedError,
    OtherPlanError,
    SourceNeededError,
    TooLateToUndoError,
)
from services.case.imports.errors_file import lines_of
from services.case.imports.page_views import ImportPageViews, next_load_s, registered_codes
from services.case.imports.rules.reading import MAX_BYTES
from services.case.imports.taking import spool_of_a_form
from services.case.imports.views import ImportViews
from services.case.mappings.rights import MAPPERS
from services.case.mappings.views import MappingViews
from shared.kernel.errors import RuleViolationError
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.large_bodies import takes_a_file
from shared.web.pages.edge import send
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH = "/imports"
IMPORTERS = ("HOST_ADMIN", "HOST_DPO", "HOST_DATA_LEAD")
MENDER = "HOST_DATA_LEAD"
ROWS_A_PAGE, HISTORY_A_PAGE = 50, 20

_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    views = ImportViews(context)
    built = _Pages(views, ImportPageViews(views, MappingViews(context), context.clock), web)
    here = Path(__file__).parent
    blueprint = Blueprint("import_pages", __name__, url_prefix=PATH, template_folder=str(here / "templates"))
    blueprint.get("")(built.imports)
    blueprint.post("")(takes_a_file(built.upload, roles=IMPORTERS, most=MAX_BYTES))
    for rule, view in (
        ("", built.an_import),
        ("/rows", built.rows),
        ("/errors.csv", built.errors),
    ):
        blueprint.get(f"/<uuid:import_id>{rule}")(view)
    blueprint.post("/<uuid:import_id>/commit")(built.commit)
    blueprint.post("/<uuid:import_id>/undo")(built.undo)
    blueprint.add_app_template_filter(say.row_list, "row_list")
    blueprint.add_app_template_filter(say.change_words, "change_words")
    blueprint.add_app_template_filter(say.system_words, "system_words")
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=IMPORTERS,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=PATH,
                words="Imports",
                part=Part.DATA,
                daily=("HOST_ADMIN", "HOST_DATA_LEAD"),
                does="Bring in a file, see what it would do.",
                roles=IMPORTERS,
            ),
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, views: ImportViews, shown: ImportPageViews, web: Gateway) -> None:
        self._views = views
        self._shown = shown
        self._web = web

    def imports(self) -> str:
        """Ask for a file, and list what was imported."""
        self._web.require(*IMPORTERS)
        return self._start()

    def upload(self) -> Any:
        """Take a file, to be planned; it goes the API's own way, as its sender."""
        self._web.require(*IMPORTERS)
        file = request.files.get("file")
        content = spool_of_a_form(file.stream) if file is not None else None
        if file is None or content is None or not content.size:
            return _page(
                self._start(error=("Choose a file that is not empty.", "file")), HTTPStatus.UNPROCESSABLE_ENTITY
            )
        told = send(
            "/v1/imports",
            content,
            _TYPES.get(Path(file.filename or "").suffix.lower(), "text/csv"),
            query=_query(),
            key=g.get("idempotency_key") or new_id(),
        )
        if told.status == HTTPStatus.ACCEPTED:
            return go_to(f"{PATH}/{told.body['id']}")
        error = (str(told.body.get("detail", "The file could not be taken. Try again.")), "file")
        if told.body.get("code") == SourceNeededError.code:
            error = (say.WHICH_SYSTEM, "source")
        return _page(self._start(error=error), HTTPStatus(told.status))

    def an_import(self, import_id: object) -> Response:
        """Show an import: how far it is, what it will do, or what became of it."""
        self._web.require(*IMPORTERS)
        seen = _number("seen")
        one = self._read(str(import_id))
        again_s = next_load_s(seen) if one["busy"] and "still" not in request.args else None
        response = _page(self._import_page(one, again_s=again_s), HTTPStatus.OK)
        if again_s is not None:
            # A header, not a script: each browser obeys it, and the page says so and offers to stop it.
            response.headers["Refresh"] = f"{again_s}; url={PATH}/{one['id']}?seen={seen + 1}"
        return response

    def rows(self, import_id: object) -> Any:
        """Show what a plan says of each row."""
        self._web.require(*IMPORTERS)
        wanted, after = request.args.get("will", ""), _number("after")
        will, name = (wanted if wanted in say.WILLS else None), str(import_id)
        try:
            page = self._web.read(
                "case:import_plan:rows",
                name,
                lambda: self._views.plan_rows(name, will=will, after=after, limit=ROWS_A_PAGE),
            )
        except NoPlanError:
            return go_to(f"{PATH}/{name}")
        return render_template(
            "case/import_rows.html", id=name, page=page, will=will, wills=say.WILLS, first=after == 0
        )

    def errors(self, import_id: object) -> Any:
        """Give the rows to mend as a file, with their cells: to the data lead alone."""
        self._web.require(MENDER)
        name = str(import_id)
        try:
            stored = self._views.stored(name)
            store, summary = self._web.read("case:import_errors:read", name, lambda: self._views.plan_of(stored))
        except NoPlanError:
            return go_to(f"{PATH}/{name}")
        lines = lines_of(store.about(), store.faulty(len(summary.parts)), stored.profile)
        response = Response(lines, mimetype="text/csv")
        response.headers["Content-Disposition"] = f'attachment; filename="errors-{name}.csv"'
        return response

    def commit(self, import_id: object) -> Any:
        """Carry out exactly the plan that was looked at."""
        who, name = self._web.require(*IMPORTERS), str(import_id)
        if not request.form.get("looked"):
            return self._refused(name, "Tick the box to say that you have looked at what this file will do.", "looked")
        digest = request.form.get("plan_hash", "")[:64]
        command = CommitPlan(import_id=name, plan_hash=digest, actor_id=who.actor_id)
        words: dict[type[RuleViolationError], str] = {OtherPlanError: say.PLAN_CHANGED, NotPlannedError: say.NOT_NOW}
        return self._act(name, lambda: self._web.carry_out(command, lambda work: commit_plan(command, work)), words)

    def undo(self, import_id: object) -> Any:
        """Undo an import."""
        self._web.require(*IMPORTERS)
        command = UndoImport(import_id=str(import_id))
        return self._act(
            command.import_id,
            lambda: self._web.carry_out(command, lambda work: undo_import(command, work)),
            {TooLateToUndoError: say.TOO_LATE_TO_UNDO},
        )

    def _act(self, name: str, act: Callable[[], Any], words: dict[type[RuleViolationError], str]) -> Any:
        try:
            act()
        except tuple(words) as error:
            return self._refused(name, words[type(error)], "main")
        return go_to(f"{PATH}/{name}")

    def _read(self, name: str) -> dict[str, Any]:
        return self._web.read("case:import:read", name, lambda: self._shown.an_import(name))

    def _refused(self, name: str, sentence: str, target: str) -> Response:
        return _page(self._import_page(self._read(name), error=(sentence, target)), HTTPStatus.CONFLICT)

    def _import_page(
        self, one: dict[str, Any], *, again_s: int | None = None, error: tuple[str, str] | None = None
    ) -> str:
        plan = registered = None
        if one["has_plan"]:
            plan = self._web.read("case:import_plan:read", one["id"], lambda: self._shown.plan(one["id"]))
            registered = registered_codes() if plan["wordings"] else frozenset()
        return render_template(
            "case/import.html",
            one=one,
            plan=plan,
            registered=registered,
            again_s=again_s,
            error=error,
            mends=self._web.principal.role == MENDER,
            maps=self._web.principal.role in MAPPERS,
        )

    def _start(self, *, error: tuple[str, str] | None = None) -> str:
        part = wanted_part(HISTORY_A_PAGE)
        history, sources, mappings = self._web.read(
            "case:import:list",
            "list",
            lambda: (
                self._shown.history(limit=HISTORY_A_PAGE, after=part.after),
                self._shown.sources(),
                self._shown.mappings(),
            ),
        )
        return render_template(
            "case/imports.html",
            history=history,
            sources=sources,
            mappings=mappings,
            wanted=request.form.get("profile") or request.args.get("profile", ""),
            error=error,
            first=part.after is None,
            maps=self._web.principal.role in MAPPERS,
            typed=request.form,
        )


def _query() -> dict[str, str]:
    """Give what the form says of the file, as the API's query takes it."""
    form = request.form
    source = form.get("source_new", "").strip() or form.get("source", "")
    query = {"mode": "plan", "source": source[:200], "profile": form.get("profile", "")[:200]}
    query["known_rows"] = "correct" if form.get("known_rows") == "correct" else "ask"
    query |= {name: "true" for name in ("is_part", "exact_references", "invented") if form.get(name)}
    return {name: value for name, value in query.items() if value}


def _number(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 0  # noqa: PLR2004  Of a file's rows.


def _page(shown: str, status: HTTPStatus) -> Response:
    return Response(shown, status=status, mimetype="text/html")
