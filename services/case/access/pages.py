"""The pages of copies: collected, read through, judged by a second reader, given, and the copy itself to print.

Promise: the same rights, commands and audited reads as the API's; on the copy stands no id, nothing that is left out,
and not the name of this software. Shown by tests/integration/pages/test_access_pages.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.access.beginning import CollectCopy, collect_copy
from services.case.access.forms import WRONG, Made, about, on_copy, on_left_out, on_part
from services.case.access.roles import COLLECTS, SECOND
from services.case.access.rules import KEPT
from services.case.access.views import CopyViews
from services.case.access.words import PARTS
from services.case.rights.decisions import NOT_SAFE_YET
from services.case.rights.views import RightsViews, person_of, sealer_of
from services.case.rights.words import choices
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.codelists.lists import get
from shared.kernel.errors import GoneError, InvalidInputError, NotFoundError, RuleViolationError
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.forms import version_in
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH, LEFT_OUT = "/copies", "/copies-left-out"
_REFUSED = (RuleViolationError, InvalidInputError, GoneError)


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    built = _Pages(context, web)
    blueprint = Blueprint("copy_pages", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(f"{PATH}/<uuid:copy_id>")(built.copy)
    blueprint.post(f"{PATH}/<uuid:copy_id>")(built.change)
    blueprint.get(f"{PATH}/<uuid:copy_id>/document")(built.document)
    blueprint.get(f"{PATH}/<uuid:copy_id>/<party>")(built.part)
    blueprint.post(f"{PATH}/<uuid:copy_id>/<party>")(built.change_part)
    blueprint.get(LEFT_OUT)(built.left_out)
    blueprint.post(f"{LEFT_OUT}/<uuid:copy_id>/<uuid:left_out_id>")(built.judge)
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH, LEFT_OUT),
        roles=SECOND,
        home=LEFT_OUT,
        begins=(),
        links=(
            Link(
                path=LEFT_OUT,
                words="Left out of copies",
                part=Part.RIGHTS,
                does="What is to be left out of somebody's copy, and why: a second reader agrees, or shows it.",
                roles=SECOND,
            ),
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._context, self._web = context, web
        self._survivors = SurvivorViews(context)
        self._rights, self._views = RightsViews(context, self._survivors), CopyViews(context)

    def copy(self, copy_id: Any) -> str:
        """Show how far a copy is, or that none was collected yet."""
        self._web.require(COLLECTS)
        return self._copy_page(str(copy_id))

    def change(self, copy_id: Any) -> Any:
        """Collect it, note that it is safe, or that they have it."""
        who, key = self._web.require(COLLECTS), str(copy_id)
        if request.form.get("verb") == "begin":
            return self._begin(key, who)
        made = self._made(key, who, on_copy)
        return self._changed(made, f"{PATH}/{key}", lambda fault: self._copy_page(key, fault=fault))

    def part(self, copy_id: Any, party: str) -> str:
        """Show a part, to be read through."""
        self._web.require(COLLECTS)
        return self._part_page(str(copy_id), party)

    def change_part(self, copy_id: Any, party: str) -> Any:
        """Leave something out, note that the part was read, or collect it again."""
        who, key = self._web.require(COLLECTS), str(copy_id)
        if party not in PARTS:
            self._web.refuse(key)
        made = self._made(key, who, lambda form, said: on_part(form, said, party))
        back = f"{PATH}/{key}" if request.form.get("verb") == "collect" else f"{PATH}/{key}/{party}"
        return self._changed(made, back, lambda fault: self._part_page(key, party, fault=fault))

    def document(self, copy_id: Any) -> Any:
        """Show the copy, to print."""
        self._web.require(COLLECTS)
        key = str(copy_id)
        try:
            written = self._web.read("case:access:read-document", key, lambda: self._views.document(key))
        except _REFUSED as error:
            return ask_again(self._copy_page(key, fault=str(error)))
        return render_template("case/copy_document.html", copy=written, back=f"{PATH}/{key}")

    def left_out(self) -> str:
        """Show what waits for a second reader."""
        self._web.require(*SECOND)
        return self._left_out_page()

    def judge(self, copy_id: Any, left_out_id: Any) -> Any:
        """Agree, or show it after all."""
        who = self._web.require(*SECOND)
        made = self._made(str(copy_id), who, lambda form, said: on_left_out(form, said, str(left_out_id)))
        return self._changed(made, LEFT_OUT, lambda fault: self._left_out_page(fault=fault))

    def _begin(self, key: str, who: Principal) -> Any:
        version = version_in(request.form)
        if version is None:
            return ask_again(self._copy_page(key, fault=WRONG))
        survivor_id = self._rights.survivor_of(key)
        command = CollectCopy(
            rights_case_id=key, survivor_id=survivor_id, version=version, actor_id=who.actor_id, role=who.role
        )

        def run(work: UnitOfWork) -> Answer:
            return collect_copy(command, work, sealer=Sealer.of_known(self._context, [survivor_id]))

        try:
            self._web.carry_out(command, run)
        except (*_REFUSED, NotFoundError) as error:
            return ask_again(self._copy_page(key, fault=str(error)))
        return go_to(f"{PATH}/{key}?done=yes")

    def _made(self, key: str, who: Principal, read: Callable[..., Made | None]) -> Made | None:
        said = about(request.form, copy_id=key, survivor_id=self._views.survivor_of(key), who=who)
        return None if said is None else read(request.form, said)

    def _changed(self, made: Made | None, path: str, again: Callable[[str], str]) -> Any:
        if made is None:
            return ask_again(again(WRONG))
        command, by = made
        sealer = sealer_of(self._context, command.survivor_id)
        try:
            self._web.carry_out(command, lambda work: by(command, work, sealer=sealer))
        except _REFUSED as error:
            return ask_again(again(str(error)))
        return go_to(f"{path}?done=yes")

    def _copy_page(self, key: str, *, fault: str | None = None) -> str:
        case = self._web.read("case:rights:read", key, lambda: self._rights.case(key))
        try:
            row = self._web.read("case:access:read", key, lambda: self._views.copy(key))
        except DocumentMissingError:
            row = None
        return render_template(
            "case/copy.html",
            case=case,
            copy=row,
            copy_parts=[{**one, "title": PARTS[one["party"]]} for one in row["parts"]] if row is not None else [],
            left_out=[_in_words(one) for one in row["left_out"]] if row is not None else [],
            person=person_of(self._survivors, case["survivor_id"]),
            kept_days=KEPT.days,
            told=choices("rights_told", without=(NOT_SAFE_YET,)),
            target=f"{PATH}/{key}",
            fault=fault,
            done="done" in request.args,
        )

    def _part_page(self, key: str, party: str, *, fault: str | None = None) -> str:
        try:
            row = self._web.read("case:access:read-part", key, lambda: self._views.part(key, party))
        except _REFUSED as error:
            return self._copy_page(key, fault=fault or str(error))
        return render_template(
            "case/copy_part.html",
            part=row,
            title=PARTS[party],
            reasons=choices("access_left_out"),
            back=f"{PATH}/{key}",
            target=f"{PATH}/{key}/{party}",
            fault=fault,
            done="done" in request.args,
        )

    def _left_out_page(self, *, fault: str | None = None) -> str:
        part, who = wanted_part(), self._web.caller
        page = self._web.read("case:access:list-left-out", "list", lambda: self._views.waiting(part))
        rows = [
            {**_in_words(one), "copy_id": row["id"], "version": row["version"], "mine": one["asked_by"] == who.actor_id}
            for row in page.items
            for one in row["waiting"]
        ]
        return render_template(
            "case/copies_left_out.html",
            rows=rows,
            next=page.next,
            first=part.after is None,
            path=LEFT_OUT,
            fault=fault,
            done="done" in request.args,
        )


def _in_words(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "why": get("access_left_out").label(one["reason"]), "title": PARTS[one["party"]]}
