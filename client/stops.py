"""Commands for stops: somebody said that everything is to stop; as the supervisor."""

from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

stops = typer.Typer(help="Stops: everything ends for a person, until somebody spoke with them.", no_args_is_help=True)
Stop = Annotated[str, typer.Argument(help="The stop's id, as `alongside stops list` shows it.")]
_PATH = "/v1/stops"
_COLUMNS = ("id", "asked_at", "due_at", "late", "ended", "waiting", "dropped", "state")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    stops.command("everything")(everything)
    stops.command("list")(list_stops)
    stops.command("show")(show)
    stops.command("lift")(lift)
    app.add_typer(stops, name="stops")


def everything(
    survivor: Annotated[str, typer.Argument(help="Who said it: their id here.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Stop everything for a person: each permission ends at once, and none is taken. It erases nothing."""
    made = host_client(tenant, "supervisor").post(_PATH, {"survivor_id": survivor})
    _say(
        made, f"Everything is stopped: {made['id']}. Contact them by no way before you have spoken in private.", output
    )


def list_stops(tenant: Tenant, output: Output = "text") -> None:
    """List the stops that stand."""
    rows = host_client(tenant, "supervisor").items(_PATH, state="OPEN")
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, _COLUMNS)
    else:
        out.print("None stands.")


def show(stop: Stop, tenant: Tenant, output: Output = "text") -> None:
    """Show what a stop ended, and who has still to answer."""
    row = host_client(tenant, "supervisor").get(f"{_PATH}/{stop}")
    if output == "json":
        show_json(row)
        return
    show_rows([row], _COLUMNS)
    show_rows(row["withdrawals"], ("id", "purpose", "state", "open"), title="What it ended")


def lift(
    stop: Stop,
    why: Annotated[str, typer.Option(help="What came of speaking with them: a code of stop_lifted.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Lift a stop after somebody spoke with the person in private; no permission comes back by it."""
    made = host_client(tenant, "supervisor").post(f"{_PATH}/{stop}/lift", {"why": why})
    _say(made, "It is lifted. No permission came back.", output)


def _say(made: dict[str, Any], sentence: str, output: str) -> None:
    if output == "json":
        show_json(made)
    else:
        out.print(sentence)
