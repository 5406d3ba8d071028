"""The pages of mappings: a file is looked at, each column and word is said by a person, and another one approves.

Promise: the same rights, commands and audited reads as the API's. The file is let go of as soon as it was looked at;
words of its rows are shown to the data lead alone, and few of them. Nothing is used before it is approved.
Shown by tests/integration/pages/test_mapping_pages.py.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from flask import Blueprint, Response, abort, request

from services.case.imports.rules.form import read_form
from services.case.imports.rules.reading import MAX_BYTES, Stated
from services.case.imports.taking import with_a_file_of_a_form
from services.case.mappings.commands import (
    ApproveMapping,
    ProposeMapping,
    RetireMapping,
    approve_mapping,
    propose_mapping,
    retire_mapping,
)
from services.case.mappings.page_forms import named_of, stated_of
from services.case.mappings.page_views import MappingPageViews
from services.case.mappings.rights import MAPPERS
from services.case.mappings.rules.draft import fields_of, write
from services.case.mappings.rules.looking import look_at, look_at_mapping, look_for_words, sheet_to_map, stated_in
from services.case.mappings.rules.mapping import MappingStateError
from services.case.mappings.rules.seen import SeenFile, SeenFileError
from services.case.mappings.rules.template import template_csv, template_xlsx
from services.case.mappings.views import MappingViews
from shared.kernel.errors import InvalidInputError
from shared.kernel.ids import new_id
from shared.outbox.unit_of_work import StaleVersionError
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.large_bodies import takes_a_file
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH, TEMPLATE = "/mappings", "/import-template"
SEES_WORDS = "HOST_DATA_LEAD"
"""Who may see what stands in rows, as in the rows to mend."""

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KINDS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", template_csv),
    "xlsx": (_XLSX, template_xlsx),
}
_NOT_NOW = "Somebody has changed this mapping since you looked at it. This is how it stands now."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages, and the empty file as a download."""
    views = MappingViews(context)
    built = _Pages(views, MappingPageViews(context, views), web, str(context.tenant_id))
    here = Path(__file__).parent
    blueprint = Blueprint("mapping_pages", __name__, template_folder=str(here / "templates"))
    blueprint.get(PATH)(built.mappings)
    for step, view in (("columns", built.columns), ("words", built.words)):
        blueprint.post(f"{PATH}/{step}")(takes_a_file(view, roles=MAPPERS, most=MAX_BYTES))
    blueprint.post(f"{PATH}/keep")(built.keep)
    blueprint.get(f"{PATH}/<uuid:mapping_id>")(built.a_mapping)
    blueprint.post(f"{PATH}/<uuid:mapping_id>/change")(built.change)
    blueprint.post(f"{PATH}/<uuid:mapping_id>/approve")(built.approve)
    blueprint.post(f"{PATH}/<uuid:mapping_id>/retire")(built.retire)

    @blueprint.get(f"{TEMPLATE}/<kind>")
    def template(kind: str) -> Response:
        """Give the empty file."""
        web.require(*MAPPERS)
        if kind not in _KINDS:
            abort(404)
        content_type, write_it = _KINDS[kind]
        response = Response(web.read("case:import_template:read", kind, write_it), content_type=content_type)
        response.headers["Content-Disposition"] = f'attachment; filename="alongside-template.{kind}"'
        return response

    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH, TEMPLATE),
        roles=MAPPERS,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=PATH,
                words="Mappings",
                part=Part.DATA,
                daily=("HOST_DATA_LEAD",),
                does="Which of your columns means what, as your imports read them.",
                roles=MAPPERS,
            ),
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, views: MappingViews, shown: MappingPageViews, web: Gateway, tenant: str) -> None:
        self._views = views
        self._shown = shown
        self._web = web
        self._tenant = tenant

    def mappings(self) -> str:
        """Ask for a file to map, and list the host's mappings."""
        self._web.require(*MAPPERS)
        return self._start()

    def columns(self) -> Any:
        """Look at a file, or come back to its columns from their words."""
        self._web.require(*MAPPERS)
        form = request.form
        if "seen" in form:
            try:
                return self._shown.columns(SeenFile.unpack(form["seen"]), form)
            except SeenFileError as error:
                return self._again(str(error))
        file, earlier = request.files.get("file"), self._earlier(form.get("earlier", ""))
        if file is None or not file.filename:
            return self._again("Choose a file that is not empty.")
        # What nobody says of the file is as the earlier mapping says it.
        stated = stated_of(form, stated_in(earlier) if earlier is not None else Stated())
        shows = self._web.principal.role == SEES_WORDS
        try:
            seen = with_a_file_of_a_form(
                file.stream,
                lambda content: look_at(sheet_to_map(content, stated), stated, shows_words=shows, earlier=earlier),
            )
            return self._shown.columns(seen, None)
        except InvalidInputError as error:
            return self._again(str(error))

    def words(self) -> Any:
        """Take which column is what, and ask for days, words and names."""
        self._web.require(*MAPPERS)
        try:
            seen = SeenFile.unpack(request.form.get("seen", ""))
        except SeenFileError as error:
            return self._again(str(error))
        chosen, faults = fields_of(seen, request.form)
        if faults:
            return _page(self._shown.columns(seen, request.form, faults=faults), HTTPStatus.UNPROCESSABLE_ENTITY)
        form = request.form if "name" in request.form else None
        file = request.files.get("file")
        if file is None or self._web.principal.role != SEES_WORDS:
            return self._words(seen, chosen, form, {})
        try:
            stated = Stated(**msgspec.structs.asdict(seen.stated))
            seen = with_a_file_of_a_form(
                file.stream, lambda content: look_for_words(sheet_to_map(content, stated), seen, chosen)
            )
        except InvalidInputError as error:
            return _page(self._words(seen, chosen, form, {"file": str(error)}), HTTPStatus.UNPROCESSABLE_ENTITY)
        return self._words(seen, chosen, form, {})

    def keep(self) -> Any:
        """Keep what was chosen as a mapping that waits for approval."""
        who = self._web.require(*MAPPERS)
        try:
            seen = SeenFile.unpack(request.form.get("seen", ""))
        except SeenFileError as error:
            return self._again(str(error))
        chosen, faults = fields_of(seen, request.form)
        if faults:
            return _page(self._shown.columns(seen, request.form, faults=faults), HTTPStatus.UNPROCESSABLE_ENTITY)
        text, faults = write(seen, chosen, request.form, named_of(request.form))
        if faults:
            return _page(self._words(seen, chosen, request.form, faults), HTTPStatus.UNPROCESSABLE_ENTITY)
        command = ProposeMapping(
            mapping_id=new_id(), text=text, tenant=self._tenant, actor_id=who.actor_id, follows=seen.follows
        )
        answer = self._web.carry_out(command, lambda work: propose_mapping(command, work))
        return go_to(f"{PATH}/{answer.get_json()['id']}")

    def a_mapping(self, mapping_id: object) -> Any:
        """Show what a mapping says, in words."""
        self._web.require(*MAPPERS)
        return self._mapping(str(mapping_id))

    def change(self, mapping_id: object) -> Any:
        """Begin another mapping with what this one says."""
        self._web.require(*MAPPERS)
        name = str(mapping_id)
        row = self._web.read("case:import_profile:read", name, lambda: self._views.a_mapping(name))
        return self._shown.columns(look_at_mapping(read_form(row["text"])[0], follows=name), None)

    def approve(self, mapping_id: object) -> Any:
        """Let imports use a mapping."""
        who = self._web.require(*MAPPERS)
        command = ApproveMapping(mapping_id=str(mapping_id), version=_version(), number=None, actor_id=who.actor_id)
        return self._act(
            command.mapping_id, lambda: self._web.carry_out(command, lambda work: approve_mapping(command, work))
        )

    def retire(self, mapping_id: object) -> Any:
        """Let a mapping be used no more."""
        self._web.require(*MAPPERS)
        command = RetireMapping(mapping_id=str(mapping_id), version=_version(), number=None)
        return self._act(
            command.mapping_id, lambda: self._web.carry_out(command, lambda work: retire_mapping(command, work))
        )

    def _act(self, name: str, act: Callable[[], Any]) -> Any:
        try:
            act()
        except (MappingStateError, StaleVersionError):
            return _page(self._mapping(name, error=_NOT_NOW), HTTPStatus.CONFLICT)
        return go_to(f"{PATH}/{name}")

    def _mapping(self, name: str, *, error: str | None = None) -> str:
        row = self._web.read("case:import_profile:read", name, lambda: self._views.a_mapping(name))
        return self._shown.mapping(row, who=self._web.principal.actor_id, error=error)

    def _words(
        self, seen: SeenFile, chosen: list[str], form: Mapping[str, str] | None, faults: Mapping[str, str]
    ) -> str:
        sources = self._web.read("case:import:list", "list", self._shown.sources)
        sees = self._web.principal.role == SEES_WORDS
        return self._shown.words(seen, chosen, form, sources=sources, sees_words=sees, faults=faults)

    def _earlier(self, mapping_id: str) -> Mapping[str, Any] | None:
        if not mapping_id:
            return None
        row = self._web.read("case:import_profile:read", mapping_id, lambda: self._views.a_mapping(mapping_id))
        return read_form(row["text"])[0]

    def _again(self, sentence: str) -> Response:
        return _page(self._start(error=sentence), HTTPStatus.UNPROCESSABLE_ENTITY)

    def _start(self, *, error: str | None = None) -> str:
        part = wanted_part()
        page = self._web.read("case:import_profile:list", "list", lambda: self._views.mappings(part))
        return self._shown.start(page, is_first=part.after is None, error=error)


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 0  # noqa: PLR2004  Of changes.


def _page(shown: Any, status: HTTPStatus) -> Response:
    return Response(shown, status=status, mimetype="text/html")
