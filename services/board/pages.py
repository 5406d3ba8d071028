"""The board's pages: what is released, for everybody; and the work of releasing, for those who sign.

Promise: an open page shows released figures and each host's punctuality, nothing else; the work pages carry out
the same commands under the same rights as the API, each read noted in the audit record.
"""

from datetime import UTC, datetime, time
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from flask import Blueprint, Response, render_template, request

from services.board import releases as commands
from services.board import wording
from services.board.downloads import FORMATS, METHOD_NOTE, file_name
from services.board.learnings import ApproveLearning, WriteLearning, approve_learning, write_learning
from services.board.releases import ApproveRelease, DelayRelease, DraftRelease
from services.board.store import REFUSED_DRAFT
from services.board.views import BoardViews
from shared.codelists.lists import get
from shared.codelists.periods import LONDON, NOT_PUBLISHED_AFTER_OPENING, days_after
from shared.codelists.plan import Minimums, load_plan
from shared.kernel.errors import InvalidInputError, NotFoundError, RuleViolationError
from shared.kernel.ids import new_id
from shared.keys.signing import Trust
from shared.web.gateway import Gateway
from shared.web.pages.site import Link, PageSet, go_to

SIGNERS = ("STATISTICIAN",)
APPROVERS = ("RELEASE_APPROVER", "DATA_GUARDIAN")
WORKERS = (*SIGNERS, *APPROVERS)


class NothingHereError(NotFoundError):
    """There is no release of that period, or no such file."""

    code = "nothing-here"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("There is no release for that period. The first page lists all releases.")


def build_pages(web: Gateway, views: BoardViews, *, trust: Trust) -> PageSet:  # noqa: C901, PLR0915  A list of routes; each is short.
    """Build the pages over a gateway and the board's views."""
    here = Path(__file__).parent
    blueprint = Blueprint("board_pages", __name__, template_folder=str(here / "templates"))

    @blueprint.get("/")
    def start() -> str:
        """Show what is known at this size."""
        return _released("board/start.html")

    @blueprint.get("/report")
    def report() -> str:
        """Show a funder's report, from released figures only."""
        return _released("board/report.html")

    @blueprint.get("/release")
    def release() -> str:
        """Show one period's release."""
        chosen = _of_period(request.args.get("period", ""))
        everything = views.releases()
        changes = wording.changes(chosen, wording.before(chosen, everything))
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
            for task in reversed(views.tasks())
            if task["state"] != REFUSED_DRAFT
        ]
        return render_template("board/calendar.html", tasks=tasks, releases=views.releases())

    @blueprint.get("/download")
    def download() -> Response:
        """Give one release as a file."""
        chosen = _of_period(request.args.get("period", ""))
        if request.args.get("format") not in FORMATS:
            raise NothingHereError
        media_type, ending, write = FORMATS[request.args["format"]]
        headers = {"Content-Disposition": f'attachment; filename="{file_name(chosen, ending)}"'}
        return Response(write(chosen), content_type=media_type, headers=headers)

    @blueprint.get("/releasing")
    def work() -> str:
        """Show what waits for a signature."""
        web.require(*WORKERS)
        return _work_page()

    @blueprint.post("/releasing/draft")
    def draft() -> Any:
        """Sign a task's protected tables as a statistician."""
        who = web.require(*SIGNERS)
        command = DraftRelease(release_id=new_id(), task_id=request.form.get("task_id", ""), actor_id=who.actor_id)
        return _carry_out(
            "board:release:draft", command.release_id, lambda work: commands.draft_release(command, work=work)
        )

    @blueprint.post("/releasing/approve")
    def approve() -> Any:
        """Approve a release as another person."""
        who = web.require(*APPROVERS)
        if not request.form.get("looked"):
            return _work_page("Tick the box to say that you have looked at these tables."), HTTPStatus.BAD_REQUEST
        command = ApproveRelease(
            release_id=request.form.get("release_id", ""),
            digest=request.form.get("digest", ""),
            actor_id=who.actor_id,
        )
        return _carry_out(
            "board:release:approve",
            command.release_id,
            lambda work: commands.approve_release(command, work=work, trust=trust),
        )

    @blueprint.post("/releasing/learning")
    def write() -> Any:
        """Write a key learning as a statistician."""
        who = web.require(*SIGNERS)
        command = WriteLearning(learning_id=new_id(), text=request.form.get("text", ""), actor_id=who.actor_id)
        return _carry_out("board:learning:write", command.learning_id, lambda work: write_learning(command, work=work))

    @blueprint.post("/releasing/learning/approve")
    def approve_words() -> Any:
        """Approve a learning as another person."""
        who = web.require(*APPROVERS)
        command = ApproveLearning(learning_id=request.form.get("learning_id", ""), actor_id=who.actor_id)
        return _carry_out(
            "board:learning:approve", command.learning_id, lambda work: approve_learning(command, work=work)
        )

    @blueprint.post("/releasing/delay")
    def delay() -> Any:
        """Hold a release back for a while."""
        who = web.require(*APPROVERS)
        until, reason = _day(request.form.get("until", "")), request.form.get("reason", "")
        if until is None or not get("delay_reason").has(reason):
            sentence = "Choose a reason, and give the day as year-month-day, such as 2026-11-30."
            return _work_page(sentence), HTTPStatus.BAD_REQUEST
        command = DelayRelease(
            release_id=request.form.get("release_id", ""), until=until, reason=reason, actor_id=who.actor_id
        )
        return _carry_out(
            "board:release:delay", command.release_id, lambda work: commands.delay_release(command, work=work)
        )

    def _carry_out(action: str, object_id: str, run: Any) -> Any:
        try:
            web.command(action, run, object_id=object_id, aggregates=(object_id,))
        except (RuleViolationError, InvalidInputError) as error:
            return _work_page(str(error)), HTTPStatus.CONFLICT
        _, subject, verb = action.split(":")
        return go_to(f"/releasing?done={subject}-{verb}")

    def _work_page(error: str | None = None) -> str:
        shown = web.read("board:release:drafts", "list", lambda: (views.drafts(), views.tasks()))
        drafts, tasks = shown
        drafted = {d["task_id"] for d in drafts}
        waiting = [t for t in tasks if t["state"] == "PROTECTED" and t["id"] not in drafted]
        reasons = get("delay_reason")
        return render_template(
            "board/work.html",
            drafts=drafts,
            waiting=waiting,
            previews=views.protected([t["id"] for t in waiting]),
            reasons=[(code, reasons.label(code)) for code in reasons.codes],
            done=request.args.get("done"),
            error=error,
            share=wording.share,
            learnings=views.learnings(approved=False),
            signers=SIGNERS,
            approvers=APPROVERS,
        )

    def _released(template: str) -> str:
        everything = views.releases()
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
            hosts=views.hosts(),
            now=datetime.now(UTC),
            formats=tuple(FORMATS),
            learnings=views.learnings(approved=True),
        )

    def _of_period(period: str) -> dict[str, Any]:
        found = [one for one in views.releases() if one["period"] == period]
        if not found:
            raise NothingHereError
        return found[0]

    return PageSet(
        blueprint=blueprint,
        prefixes=("/releasing",),
        open_paths=("/", "/report", "/release", "/method", "/calendar", "/download"),
        roles=WORKERS,
        home="/releasing",
        links=(
            Link(path="/", words="What we know"),
            Link(path="/calendar", words="Calendar"),
            Link(path="/method", words="Method"),
            Link(path="/report", words="Report"),
            Link(path="/releasing", words="Releasing", roles=WORKERS),
        ),
    )


def _assumptions() -> list[dict[str, Any]]:
    text = resources.files("shared.codelists").joinpath("data/assumptions.yaml").read_text(encoding="utf-8")
    return list(yaml.safe_load(text))


def _day(text: str) -> datetime | None:
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=LONDON).date()
    except ValueError:
        return None
    return datetime.combine(day, time(), tzinfo=LONDON).astimezone(UTC)
