"""The board's pages: what is released, for everybody; and the work of releasing, for those who sign.

Promise: an open page shows released figures and each host's punctuality, nothing else; the work pages carry out
the same commands under the same rights as the API, each read noted in the audit record
(``tests/integration/board/test_board_pages.py``).
"""

from datetime import UTC, datetime, time
from functools import partial
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from flask import Blueprint, Response, render_template, request

from services.board.desk import PATH, Desk
from services.board.edge import APPROVERS, SIGNERS, WORKERS
from services.board.learnings.views import LearningViews
from services.board.releases import wording
from services.board.releases.commands import (
    ApproveRelease,
    DelayRelease,
    DraftRelease,
    approve_release,
    delay_release,
    draft_release,
)
from services.board.releases.downloads import FORMATS, METHOD_NOTE, file_name
from services.board.releases.views import ReleaseViews
from services.board.reports.views import HostViews
from services.board.tasks.task import REFUSED_DRAFT
from services.board.tasks.views import TaskViews
from shared.codelists.lists import get
from shared.codelists.periods import LONDON, NOT_PUBLISHED_AFTER_OPENING, days_after
from shared.codelists.plan import Minimums, load_plan
from shared.kernel.errors import NotFoundError
from shared.kernel.ids import new_id
from shared.keys.signing import Trust
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.site import Link, PageSet


class NothingHereError(NotFoundError):
    """There is no release of that period, or no such file."""

    code = "nothing-here"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("There is no release for that period. The first page lists all releases.")


def pages(context: ServiceContext, gateway: Gateway) -> PageSet:
    """Build the pages over a gateway."""
    blueprint = Blueprint("board_pages", __name__, template_folder=str(Path(__file__).parent / "templates"))
    _add_open_pages(blueprint, _Shown(context))
    _add_work_pages(blueprint, gateway, Desk(gateway, context), trust=context.trust)
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        open_paths=("/", "/report", "/release", "/method", "/calendar", "/download"),
        roles=WORKERS,
        home=PATH,
        links=(
            Link(path="/", words="What we know"),
            Link(path="/calendar", words="Calendar"),
            Link(path="/method", words="Method"),
            Link(path="/report", words="Report"),
            Link(
                path=PATH, words="Releasing", does="Draft a release, look at it, and sign or delay it.", roles=WORKERS
            ),
        ),
    )


class _Shown:
    """What the open pages show: released figures, punctuality, and learnings that two people signed."""

    def __init__(self, context: ServiceContext) -> None:
        database = context.client[context.database_name]
        self.releases = ReleaseViews(database)
        self.tasks = TaskViews(database)
        self._learnings = LearningViews(database)
        self._hosts = HostViews(database, context.clock.now, context.trust.hosts.names)

    def of_period(self) -> dict[str, Any]:
        """Give the release that the address names; ``NothingHereError`` if there is none."""
        period = request.args.get("period", "")
        found = [one for one in self.releases.releases() if one["period"] == period]
        if not found:
            raise NothingHereError
        return found[0]

    def page(self, template: str) -> str:
        """Show everything that is known."""
        everything = self.releases.releases()
        year = wording.newest_with_tables(everything)
        changes = wording.changes(year, wording.before(year, everything)) if year is not None else {}
        return render_template(
            template,
            releases=everything,
            year=year,
            changes=changes,
            share=wording.share,
            people=wording.people_to_date(everything),
            planned=wording.PLANNED_PEOPLE,
            hosts=self._hosts.hosts(),
            now=datetime.now(UTC),
            formats=tuple(FORMATS),
            learnings=self._learnings.learnings(approved=True),
        )


def _add_open_pages(blueprint: Blueprint, shown: _Shown) -> None:
    @blueprint.get("/")
    def start() -> str:
        """Show what is known at this size."""
        return shown.page("board/start.html")

    @blueprint.get("/report")
    def report() -> str:
        """Show a funder's report, from released figures only."""
        return shown.page("board/report.html")

    @blueprint.get("/release")
    def release() -> str:
        """Show one period's release."""
        chosen = shown.of_period()
        changes = wording.changes(chosen, wording.before(chosen, shown.releases.releases()))
        return render_template("board/release.html", release=chosen, changes=changes, share=wording.share)

    @blueprint.get("/method")
    def method() -> str:
        """Show how figures are made, the plans, and what is assumed."""
        plans = [load_plan(plan_id) for plan_id in ("quarter-v1", "year-v1")]
        return render_template(
            "board/method.html", plans=plans, minimums=Minimums(), note=METHOD_NOTE, assumptions=_assumptions()
        )

    @blueprint.get("/calendar")
    def calendar() -> str:
        """Show when figures are expected, what was published, and what was taken out."""
        tasks = [
            {**task, "latest": days_after(task["closes_at"], NOT_PUBLISHED_AFTER_OPENING)}
            for task in reversed(shown.tasks.tasks())
            if task["state"] != REFUSED_DRAFT
        ]
        return render_template("board/calendar.html", tasks=tasks, releases=shown.releases.releases())

    @blueprint.get("/download")
    def download() -> Response:
        """Give one release as a file."""
        chosen = shown.of_period()
        if request.args.get("format") not in FORMATS:
            raise NothingHereError
        media_type, ending, write = FORMATS[request.args["format"]]
        headers = {"Content-Disposition": f'attachment; filename="{file_name(chosen, ending)}"'}
        return Response(write(chosen), content_type=media_type, headers=headers)


def _add_work_pages(blueprint: Blueprint, web: Gateway, desk: Desk, *, trust: Trust) -> None:
    @blueprint.get("/releasing")
    def work() -> str:
        """Show what waits for a signature."""
        web.require(*WORKERS)
        return desk.page()

    @blueprint.post("/releasing/draft")
    def draft() -> Any:
        """Sign a task's protected tables as a statistician."""
        who = web.require(*SIGNERS)
        command = DraftRelease(release_id=new_id(), task_id=request.form.get("task_id", ""), actor_id=who.actor_id)
        return desk.carry_out(command, partial(draft_release, command))

    @blueprint.post("/releasing/approve")
    def approve() -> Any:
        """Approve a release as another person."""
        who = web.require(*APPROVERS)
        if not request.form.get("looked"):
            return desk.page("Tick the box to say that you have looked at these tables."), HTTPStatus.BAD_REQUEST
        command = ApproveRelease(
            release_id=request.form.get("release_id", ""),
            digest=request.form.get("digest", ""),
            actor_id=who.actor_id,
        )
        return desk.carry_out(command, partial(approve_release, command, trust=trust))

    @blueprint.post("/releasing/delay")
    def delay() -> Any:
        """Hold a release back for a while."""
        who = web.require(*APPROVERS)
        until, reason = _day(request.form.get("until", "")), request.form.get("reason", "")
        if until is None or not get("delay_reason").has(reason):
            sentence = "Choose a reason, and give the day as year-month-day, such as 2026-11-30."
            return desk.page(sentence), HTTPStatus.BAD_REQUEST
        command = DelayRelease(
            release_id=request.form.get("release_id", ""), until=until, reason=reason, actor_id=who.actor_id
        )
        return desk.carry_out(command, partial(delay_release, command))


def _assumptions() -> list[dict[str, Any]]:
    text = resources.files("shared.codelists").joinpath("data/assumptions.yaml").read_text(encoding="utf-8")
    return list(yaml.safe_load(text))


def _day(text: str) -> datetime | None:
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=LONDON).date()
    except ValueError:
        return None
    return datetime.combine(day, time(), tzinfo=LONDON).astimezone(UTC)
