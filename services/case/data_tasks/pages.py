"""The page of what imports left to find out: who is gone at the source, and which no still waits to be heard.

Promise: the same rights, command and audited reads as the API's. A supervisor sees those about people, with the own
references that only they may read; whoever looks after imports sees all, and no reference.
Shown by tests/integration/pages/test_data_task_pages.py.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.data_tasks.commands import CloseDataTask, close_data_task
from services.case.data_tasks.documents import DATA_TASK, DATA_TASKS, open_for
from services.case.data_tasks.rules import GONE_AT_SOURCE, NO_NOT_HEARD, READERS, REFUSED_SAID_NO, SUPERVISOR
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.listing import find_page
from shared.web.pages.edge import ask
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part, go_to

PATH = "/to-find-out"

_GONE = (
    "Somebody is supported here, and the newest file of their system no longer has them. Were they closed there, moved "
    "to another reference, or deleted? Nothing is deleted here by itself: do here what was done there, then close this."
)
_UNHEARD = (
    "A file in which somebody says no was looked through more than a day ago, and nobody has decided about it. Until "
    "then this person stays counted. Open the import, look at it, and carry it out."
)
_REFUSED = (
    "A file was refused as a whole, or stopped on its way, so nobody has heard what it says. Until then these people "
    "stay counted as before. Open the import and read why. Mend the file and send it again today, or ask the "
    "advocate of each of them to record the no. Close this when each is heard."
)
WORDS = {
    GONE_AT_SOURCE: ("No longer in the file", _GONE),
    NO_NOT_HEARD: ("A no that waits", _UNHEARD),
    REFUSED_SAID_NO: ("A refused file says no", _REFUSED),
}


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the page."""
    tasks = context.client[context.database_name][DATA_TASKS]
    blueprint = Blueprint(
        "data_tasks", __name__, url_prefix=PATH, template_folder=str(Path(__file__).parent / "templates")
    )

    def row(document: dict[str, Any]) -> dict[str, Any]:
        shown = DATA_TASK.row(DATA_TASK.values(document))
        title, sentence = WORDS.get(shown["kind"], (shown["kind"].replace("_", " ").capitalize(), ""))
        return {**shown, "title": title, "sentence": sentence}

    @blueprint.get("")
    def show() -> str:
        """Show what is open."""
        who, part = web.require(*READERS), wanted_part()
        where = open_for(who.role)
        page, every = web.read(
            "case:data_task:list",
            "list",
            lambda: (find_page(tasks, part, where=where, row=row), tasks.count_documents(where)),
        )
        return render_template(
            "case/to_find_out.html",
            tasks=page.items,
            # Nobody else is asked for them: each such question would stand in the audit as refused.
            known=_references(page.items) if who.role == SUPERVISOR else {},
            sees_references=who.role == SUPERVISOR,
            every=every,
            next=page.next,
            first=part.after is None,
            done=request.args.get("done") == "closed",
        )

    @blueprint.post("/<uuid:task_id>/close")
    def close(task_id: object) -> Any:
        """Close one that was looked into."""
        who = web.require(*READERS)
        command = CloseDataTask(task_id=str(task_id), role=who.role)
        web.carry_out(command, lambda work: close_data_task(command, work))
        return go_to(f"{PATH}?done=closed")

    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=READERS,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=PATH,
                words="To find out",
                part=Part.DATA,
                daily=("HOST_DATA_LEAD",),
                does="Questions about rows that could not be used as they were.",
                roles=READERS,
            ),
        ),
    )


def _references(tasks: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Give the own references of whom tasks are about."""
    survivors = sorted({task["survivor_id"] for task in tasks if task["survivor_id"]})
    told = ask("/v1/survivors/references", body={"survivor_ids": survivors}) if survivors else None
    return {one["id"]: one["reference"] or one["name"] for one in (told or {}).get("items", ())}
