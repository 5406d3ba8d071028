"""The page of who looked at a record and who changed what, and its file for a spreadsheet.

Promise: the same right and audited reads as the API's; no name of a survivor stands there, and the file runs nothing
where it is opened. Shown by tests/integration/pages/test_history_pages.py.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, render_template, request
from marshmallow import ValidationError

from services.audit.history.routes import HistoryQuerySchema
from services.audit.history.rules import (
    ACTORS,
    CHANGED,
    LOOKED,
    OBJECTS,
    REFUSED,
    ROLES_IN_WORDS,
    is_record_id,
    plain_words,
    words_of,
)
from services.audit.history.views import HistoryViews, Wanted
from services.audit.witnesses.views import WitnessViews
from shared.codelists.periods import LONDON
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages import edge
from shared.web.pages.lists import wanted_part
from shared.web.pages.page_sets import Link, PageSet, Part
from shared.web.pages.words import role_words

PATH = "/audit"
ROLES = ("HOST_DPO", "HOST_ADMIN")
_KINDS = {LOOKED: "Looked at", CHANGED: "Changed", REFUSED: "Refused"}
_WITNESSES = {"board": "the project board", "custodian": "the custodian"}
_COLUMNS = ("at", "kind", "service", "action", "role", "actor_id", "object_id", "outcome", "count", "id")
_FILTERS = ("kind", "object_id", "actor_id", "day")
_NOT_AN_ID = "Type an id as it stands in this list or in an address: letters, digits and hyphens."
_NOT_A_DAY = "Type a day, such as 2026-11-27."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    views = HistoryViews(context.client[context.database_name])
    witnesses = WitnessViews(context.client[context.database_name])
    blueprint = Blueprint("history_pages", __name__, template_folder=str(Path(__file__).parent / "templates"))

    @blueprint.get(PATH)
    def history() -> Response:
        """Show who did what, newest first."""
        who = web.require(*ROLES)
        given, part = _given(), wanted_part()
        wanted, faults = _wanted(given, after=part.after)
        found: dict[str, Any] = {"items": [], "next": None}
        if not faults:
            about = wanted.object_id or "list"
            found = web.read("audit:history:list", about, lambda: views.page(wanted))
        names = _names(who.role) if found["items"] else {}
        kept = urlencode({name: value for name, value in given.items() if value})
        shown = render_template(
            "audit/history.html",
            rows=[_shown(row, names) for row in found["items"]],
            witnesses=witnesses.witnesses(context.clock.now())["items"],
            witness_words=_WITNESSES,
            next=found["next"],
            first=part.after is None,
            given=given,
            kept=kept,
            kinds=list(_KINDS.items()),
            faults=faults,
            path=PATH,
            may_withhold=who.role == "HOST_DPO",
        )
        return Response(shown, status=422 if faults else 200, mimetype="text/html")

    @blueprint.get(f"{PATH}/history.csv")
    def file() -> Response:
        """Give the same as a file."""
        web.require(*ROLES)
        wanted, faults = _wanted(_given(), after=None)
        if faults:
            abort(400)
        rows = web.read("audit:history:export", wanted.object_id or "list", lambda: list(views.rows(wanted)))
        answer = Response(_csv(rows), mimetype="text/csv")
        answer.headers["Content-Disposition"] = 'attachment; filename="audit-history.csv"'
        return answer

    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=ROLES,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=PATH,
                words="Who saw what",
                part=Part.LOOKS,
                does="Who looked at a record, who changed what, and who was refused.",
                roles=ROLES,
            ),
        ),
    )


def _given() -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:80] for name in _FILTERS}


def _wanted(given: Mapping[str, str], *, after: Any) -> tuple[Wanted, dict[str, str]]:
    """Read the filters; what is wrong with each stands beside its name."""
    faults: dict[str, str] = {}
    asked = {name: value for name, value in given.items() if value and name != "day"}
    try:
        loaded = HistoryQuerySchema(only=("kind", "object_id", "actor_id")).load(asked)
    except ValidationError as error:
        faults |= {name: _NOT_AN_ID for name in error.messages_dict if name in _FILTERS}
        loaded = {}
    since = until = None
    if given["day"]:
        try:
            day = datetime.strptime(given["day"], "%Y-%m-%d").date()  # noqa: DTZ007  A day has no zone.
        except ValueError:
            faults["day"] = _NOT_A_DAY
        else:
            since = datetime.combine(day, time(), tzinfo=LONDON)
            until = datetime.combine(day, time.max, tzinfo=LONDON)
    return Wanted(**loaded, since=since, until=until, after=after), faults


def _names(role: str) -> Mapping[str, str]:
    """Give the names of the host's people, to whom may know them; identity alone keeps them."""
    if role != "HOST_ADMIN":
        return {}
    told = edge.ask("/v1/users", query={"limit": "200"}) or {"items": []}
    return {one["id"]: one["display_name"] for one in told["items"]}


def _shown(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        **row,
        "did": words_of(row["action"]),
        "name": names.get(row["actor_id"]),
        "role_words": ROLES_IN_WORDS.get(row["role"]) or role_words(row["role"]),
        "actor_words": None if is_record_id(row["actor_id"]) else plain_words(row["actor_id"], ACTORS),
        "object_words": None if is_record_id(row["object_id"]) else plain_words(row["object_id"], OBJECTS),
        "kind_words": _KINDS[row["kind"]],
        "colour": {REFUSED: "bad", CHANGED: "wait"}.get(row["kind"], "plain"),
    }


def _csv(rows: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        # Ids and codes only: none of them begins with what a spreadsheet would take for a formula.
        writer.writerow([row["at"].isoformat() if name == "at" else row.get(name, "") for name in _COLUMNS])
    return text.getvalue()
