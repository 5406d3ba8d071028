"""The page of unusual access: what is open, which entries, and closing it.

Promise: the same rights, commands and audited reads as the API's; nobody meets what concerns themself. Shown by
tests/integration/pages/test_unusual_pages.py.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.audit.unusual.commands import CloseFinding, close_finding
from services.audit.unusual.finding import CLOSED, OPEN, READERS
from services.audit.unusual.routes import LIST
from services.audit.unusual.rules import Bounds
from services.audit.unusual.sealing import LONGEST, ClosingWords
from services.audit.unusual.views import FindingViews
from shared.codelists.lists import get
from shared.kernel.errors import NotTheirsError, RuleViolationError
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.forms import version_in
from shared.web.pages.lists import wanted_part
from shared.web.pages.page_sets import Link, PageSet, Part
from shared.web.pages.site import go_to
from shared.web.pages.words import role_words

PATH = "/unusual"
_WRONG = "Choose what it was, and write in a sentence what you found."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the page."""
    built = _Pages(context, web)
    blueprint = Blueprint("unusual_pages", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(PATH)(built.every)
    blueprint.post(f"{PATH}/<uuid:finding_id>")(built.close)
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=READERS,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=PATH,
                words="Unusual access",
                part=Part.LOOKS,
                daily=("HOST_DPO",),
                does="Uses of records that are unusual, for you to look into and to close.",
                roles=READERS,
            ),
        ),
    )


class _Pages:
    """The views."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        self._web, self._views = web, FindingViews(context)
        self._words = ClosingWords(context.tenant_key, context.tenant_id)

    def every(self) -> str:
        """Show what is open, or what was closed."""
        return self._page(self._web.require(*READERS))

    def close(self, finding_id: Any) -> Any:
        """Close one."""
        who, said = self._web.require(*READERS), request.form
        reason, words, version = said.get("reason", ""), said.get("words", "").strip(), version_in(said)
        if not get("unusual_reason").has(reason) or not 0 < len(words) <= LONGEST or version is None:
            return ask_again(self._page(who, fault=_WRONG, of=str(finding_id), said=said))
        command = CloseFinding(
            finding_id=str(finding_id),
            version=version,
            reason=reason,
            words=words,
            actor_id=who.actor_id,
            role=who.role,
        )
        try:
            self._web.carry_out(command, lambda work: close_finding(command, work, words=self._words))
        except NotTheirsError:
            self._web.refuse(command.object_id, action=command.action)
        except RuleViolationError as error:
            return ask_again(self._page(who, fault=str(error), of=command.finding_id, said=said))
        return go_to(f"{PATH}?done=closed")

    def _page(
        self, who: Principal, *, fault: str | None = None, of: str = "", said: Mapping[str, str] | None = None
    ) -> str:
        part, state = wanted_part(), CLOSED if request.args.get("state") == CLOSED else OPEN
        page = self._web.read(LIST, "list", lambda: self._views.findings(part, who, state=state))
        looking = self._views.standing()
        return render_template(
            "audit/unusual.html",
            rows=[_in_words(row) for row in page.items],
            next=page.next,
            first=part.after is None,
            state=state,
            closed=CLOSED,
            looking=looking,
            looked_at=[one["looked_at"] for one in looking["passes"]],
            not_understood=sum(one["not_understood"] for one in looking["passes"]),
            not_known=looking["passes"][0]["not_known"],
            bounds=Bounds.of(looking["people"]),
            reasons=[(code, get("unusual_reason").label(code)) for code in get("unusual_reason").codes],
            fault=fault,
            of=of,
            said=said or {},
            done="done" in request.args,
            path=PATH,
            longest=LONGEST,
        )


def _in_words(row: Mapping[str, Any]) -> dict[str, Any]:
    closings = [{**one, "why": get("unusual_reason").label(one["reason"])} for one in row["closings"]]
    return {
        **row,
        "what": get("unusual_rule").label(row["rule"]),
        "role_words": role_words(row["role"]),
        "closings": closings[::-1],
    }
