"""Commands of what is to be done for survivors: list, add, take, move, finish, drop."""

from typing import Annotated, Any

import typer

from client.casework_words import Words, read_words, tell
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

Step = Annotated[str, typer.Argument(help="The step's id, as `alongside casework steps` shows it.")]
Due = Annotated[str | None, typer.Option("--due", help="The day by which, such as 2026-12-01; without it no day.")]
_WORDS = ("what",)


def register(casework: typer.Typer) -> None:
    """Add the commands."""
    casework.command("steps")(steps)
    casework.command("add-step")(add_step)
    casework.command("take-step")(take_step)
    casework.command("move-step")(move_step)
    casework.command("finish-step")(finish_step)
    casework.command("drop-step")(drop_step)


def steps(
    tenant: Tenant,
    *,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is past its day.")] = False,
    output: Output = "text",
) -> None:
    """List what is open for everybody on whom one may act; the words themselves only with -o json."""
    rows = host_client(tenant, "advocate").items(f"/v1/steps?{'overdue=true' if overdue else 'state=OPEN'}")
    rows.sort(key=lambda row: (row["due_on"] is None, row["due_on"]))
    if output == "json":
        show_json({"items": rows})
    elif rows:
        shown = [{**row, "overdue": "yes" if row["overdue"] else ""} for row in rows]
        show_rows(shown, ("id", "survivor_id", "kind", "due_on", "overdue", "taken_by"))
    else:
        out.print("Nothing is open.")


def add_step(
    *,
    survivor: Annotated[str, typer.Argument(help="The survivor's id.")],
    tenant: Tenant,
    due: Due = None,
    every_weeks: Annotated[
        int | None, typer.Option("--every-weeks", help="Makes it a review, which comes again after so many weeks.")
    ] = None,
    words: Words = None,
    output: Output = "text",
) -> None:
    """Add what is to be done; its words are the JSON field what. A review needs a day and no words."""
    review: dict[str, Any] = {} if every_weeks is None else {"kind": "REVIEW", "every_weeks": every_weeks}
    body = {"due_on": due, **review, **read_words(words, _WORDS)}
    tell(host_client(tenant, "advocate").post(f"/v1/survivors/{survivor}/steps", body), "Added", output)


def take_step(step: Step, tenant: Tenant, output: Output = "text") -> None:
    """Say that one does it."""
    _act(step, tenant, ("take", {}), "Taken", output)


def move_step(step: Step, tenant: Tenant, due: Due = None, output: Output = "text") -> None:
    """Set another day; without --due none."""
    _act(step, tenant, ("move", {"due_on": due}), "Moved", output)


def finish_step(step: Step, tenant: Tenant, output: Output = "text") -> None:
    """Mark it done; a review opens the next one on its rhythm."""
    _act(step, tenant, ("done", {}), "Done", output)


def drop_step(
    step: Step,
    tenant: Tenant,
    why: Annotated[
        str, typer.Option(help="SURVIVOR_DECIDED, NO_LONGER_NEEDED, SOMEBODY_ELSE_DID_IT or ADDED_IN_ERROR.")
    ],
    output: Output = "text",
) -> None:
    """Drop it, and say why."""
    _act(step, tenant, ("drop", {"why": why}), "Dropped", output)


def _act(step: str, tenant: str, asked: tuple[str, dict[str, Any]], done: str, output: str) -> None:
    verb, body = asked
    tell(host_client(tenant, "advocate").post(f"/v1/steps/{step}/{verb}", body), done, output)
