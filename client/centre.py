"""Commands of the board: releases."""

from typing import Annotated, Any

import typer

from client.acting import acting
from client.shown import Output, out, show_json, show_release
from client.stacks import board_client
from shared.kernel.errors import NotFoundError

_Period = Annotated[str, typer.Argument(help="Such as 2026 or 2026-Q3.")]

releases = typer.Typer(help="Releases of the board.", no_args_is_help=True)


class NothingReleasedError(NotFoundError):
    """There is no release, or no task, of that period."""

    code = "nothing-released"

    def __init__(self) -> None:
        """Say what to look at."""
        super().__init__("The board has nothing for that period. See which releases there are: alongside release show")


class NothingDraftedError(NotFoundError):
    """Nobody has signed a draft that another person could approve."""

    code = "nothing-drafted"

    def __init__(self) -> None:
        """Say who does what."""
        super().__init__(
            "Nobody has signed that period's tables yet. A statistician does, and must be another person: alongside "
            "release draft"
        )


def register(app: typer.Typer) -> None:
    """Add the commands."""
    releases.command("draft")(draft)
    releases.command("publish")(publish)
    releases.command("show")(show)
    app.add_typer(releases, name="release")


def draft(period: _Period, output: Output = "text") -> None:
    """Sign a period's protected tables, as a statistician; a different person approves them."""
    answer = _sign_as_statistician(period)
    if output == "json":
        show_json(answer)
    else:
        out.print(f"Signed. A different person must now approve it: alongside release publish {period}")


def publish(period: _Period, output: Output = "text") -> None:
    """Approve a period's release as a different person; with --demo it is first drafted if nobody has."""
    board = board_client("approver")
    waiting = [d for d in board.get("/v1/releases/drafts")["items"] if d["period"] == period]
    if not waiting and not acting().demo:
        raise NothingDraftedError
    if not waiting:
        _sign_as_statistician(period)
        waiting = [d for d in board.get("/v1/releases/drafts")["items"] if d["period"] == period]
    answer = board.post(f"/v1/releases/{waiting[-1]['id']}/approve", {"digest": waiting[-1]["digest"]})
    content = board.get(f"/v1/releases/{answer['id']}")
    show_json(content) if output == "json" else show_release(content)


def _sign_as_statistician(period: str) -> dict[str, Any]:
    board = board_client("statistician")
    tasks = [t for t in board.get("/v1/tasks")["items"] if t["period"] == period]
    if not tasks:
        raise NothingReleasedError
    return dict(board.post("/v1/releases", {"task_id": tasks[-1]["id"]}))


def show(
    period: Annotated[str | None, typer.Argument(help="Such as 2026 or 2026-Q3; all if not given.")] = None,
    output: Output = "text",
) -> None:
    """Show releases as the board sees them."""
    items = board_client("board").get("/v1/releases")["items"]
    chosen = [r for r in items if period is None or r["period"] == period]
    if output == "json":
        show_json({"releases": chosen})
        return
    if not chosen:
        out.print("Nothing has been published yet.")
    for release in chosen:
        show_release(release)
