"""The page of what imports left to find out: who is gone at the source, and which no still waits to be heard.

Promise: the same rights, command and audited reads as the API's; an own reference stands there for whoever may read
it. Shown by tests/integration/pages/test_data_task_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.data_tasks.commands import CloseDataTask, close_data_task
from services.case.data_tasks.documents import DATA_TASK, DATA_TASKS
from services.case.data_tasks.rules import GONE_AT_SOURCE, NO_NOT_HEARD, OPEN
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.listing import find_page
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, go_to

PATH = "/to-find-out"
LEADS = ("HOST_DATA_LEAD", "HOST_DPO", "HOST_ADMIN")

_GONE = (
    "Somebody is supported here, and the newest file of their system no longer has them. Were they closed there, moved "
    "to another reference, or deleted? Nothing is deleted here by itself: do here what was done there, then close this."
)
_UNHEARD = (
    "A file in which somebody says no was looked through more than a day ago, and nobody has decided about it. Until "
    "then this person stays counted. Open the import, look at it, and carry it out."
)
WORDS = {GONE_AT_SOURCE: ("No longer in the file", _GONE), NO_NOT_HEARD: ("A no that waits", _UNHEARD)}


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
        web.require(*LEADS)
        part = wanted_part()
        page, every = web.read(
            "case:data_task:list",
            "list",
            lambda: (find_page(tasks, part, where={"state": OPEN}, row=row), tasks.count_documents({"state": OPEN})),
        )
        return render_template(
            "case/to_find_out.html",
            tasks=page.items,
            every=every,
            next=page.next,
            first=part.after is None,
            done=request.args.get("done") == "closed",
        )

    @blueprint.post("/<uuid:task_id>/close")
    def close(task_id: object) -> Any:
        """Close one that was looked into."""
        web.require(*LEADS)
        command = CloseDataTask(task_id=str(task_id))
        web.carry_out(command, lambda work: close_data_task(command, work))
        return go_to(f"{PATH}?done=closed")

    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=LEADS,
        home=PATH,
        begins=(),
        links=(Link(path=PATH, words="To find out", roles=LEADS),),
    )
