"""Commands for events: what the services record, and what the host's own systems may read of it."""

from datetime import datetime
from typing import Annotated, Any

import typer

from client.listeners import listen, trigger
from client.parked import tail
from client.people import As, administrator_of
from client.shown import Output, Tenant, out, show_json, show_rows

events = typer.Typer(help="Events: what services record, and what integrators read.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The consumer's name.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    events.command("tail")(tail)
    events.command("catalogue")(catalogue)
    events.command("key")(make_key)
    events.command("consumers")(list_consumers)
    events.command("seek")(seek)
    events.command("listen")(listen)
    events.command("trigger")(trigger)
    app.add_typer(events, name="events")


def catalogue(tenant: Tenant, by: As = None, output: Output = "text") -> None:
    """List the events that the host's own systems may read, with their fields."""
    rows = administrator_of(tenant, by).get("/v1/event-types")["items"]
    if output == "json":
        show_json({"items": rows})
        return
    for row in rows:
        # Not a table: types are copied from here into queries, and no terminal may cut them.
        out.print(row["type"], style="bold", soft_wrap=True)
        out.print(f"  {row['meaning']}")
        out.print(f"  Fields: {', '.join(row['fields']) or 'none'}. Since {row['since']}.")


def make_key(tenant: Tenant, by: As = None, output: Output = "text") -> None:
    """Make a machine key that may read events; its secret is shown once."""
    body = {"scopes": ["events:read"]}
    key = administrator_of(tenant, by).post("/v1/machine-keys", body)
    if output == "json":
        show_json(key)
        return
    out.print("Keep this secret where your secrets are kept; it is not shown again.")
    out.print(f"  client_id      {key['client_id']}", soft_wrap=True)
    out.print(f"  client_secret  {key['client_secret']}", soft_wrap=True)


def list_consumers(tenant: Tenant, by: As = None, output: Output = "text") -> None:
    """List event consumers with their cursors and how far behind they are."""
    rows = administrator_of(tenant, by).get("/v1/event-consumers")["items"]
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, ("name", "position", "head", "lag", "too_old", "acknowledged_at"))
    else:
        out.print("No consumer reads here yet. See docs/tutorials/consume-events.md.")


def seek(  # noqa: PLR0917  The command line gives each by its name.
    name: Name,
    tenant: Tenant,
    position: Annotated[int | None, typer.Option(help="Read on after this position; 0 for the beginning.")] = None,
    at: Annotated[datetime | None, typer.Option(help="Read on from what was recorded at this instant, UTC.")] = None,
    by: As = None,
    output: Output = "text",
) -> None:
    """Move a consumer's stored cursor, forward or back."""
    if (position is None) == (at is None):
        raise typer.BadParameter("Say --position or --at, and not both.")
    body: dict[str, Any] = {"position": position} if at is None else {"at": f"{at.isoformat()}Z"}
    answer = administrator_of(tenant, by).post(f"/v1/event-consumers/{name}/seek", body)
    if output == "json":
        show_json(answer)
    else:
        out.print(f"{name} reads on after position {answer['position']}.")
