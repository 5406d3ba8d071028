"""Commands of the board: releases."""

from typing import Annotated

import typer

from client.local import this_stack
from client.shown import Output, out, show_json, show_release
from deploy.stack.people import client_of
from shared.kernel.errors import NotFoundError

releases = typer.Typer(help="Releases of the board.", no_args_is_help=True)


class NothingReleasedError(NotFoundError):
    """There is no release, or no task, of that period."""

    code = "nothing-released"

    def __init__(self) -> None:
        """Say what to look at."""
        super().__init__("There is nothing of that period. See: alongside release show")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    releases.command("publish")(publish)
    releases.command("show")(show)
    app.add_typer(releases, name="release")


def publish(period: Annotated[str, typer.Argument(help="Such as 2026-Q3.")], output: Output = "text") -> None:
    """Publish a period's protected tables, as a statistician."""
    board = client_of(this_stack(), "board", "statistician")
    tasks = [t for t in board.get("/v1/tasks")["items"] if t["period"] == period]
    if not tasks:
        raise NothingReleasedError
    answer = board.post("/v1/releases", {"task_id": tasks[-1]["id"]})
    content = board.get(f"/v1/releases/{answer['id']}")
    show_json(content) if output == "json" else show_release(content)


def show(
    period: Annotated[str | None, typer.Argument(help="Such as 2026-Q3; all if not given.")] = None,
    output: Output = "text",
) -> None:
    """Show releases as the board sees them."""
    items = client_of(this_stack(), "board", "board").get("/v1/releases")["items"]
    chosen = [r for r in items if period is None or r["period"] == period]
    if output == "json":
        show_json({"releases": chosen})
        return
    if not chosen:
        out.print("Nothing has been published yet.")
    for release in chosen:
        show_release(release)
