"""Commands for parked messages and the feed of events, for the tenant's own operator."""

import time
from typing import Annotated

import typer

from client.shown import Output, out, show_json, show_rows
from client.stacks import running_stack
from deploy.stack.parking import ParkingLot
from deploy.stack.report import events_since

parked = typer.Typer(help="Messages that could not be handled.", no_args_is_help=True)
events = typer.Typer(help="The facts that services state.", no_args_is_help=True)
Tenant = Annotated[str, typer.Option("--tenant", "-t", help="The tenant's short id.")]
Unrouted = Annotated[bool, typer.Option("--unrouted", help="Of the messages that no queue was bound for.")]
MessageId = Annotated[str, typer.Argument(help="The message's id, from the list.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    parked.command("list")(list_parked)
    parked.command("show")(show_parked)
    parked.command("replay")(replay)
    parked.command("discard")(discard)
    parked.command("unrouted")(hand_over)
    events.command("tail")(tail)
    app.add_typer(parked, name="parked")
    app.add_typer(events, name="events")


def list_parked(tenant: Tenant, *, unrouted: Unrouted = False, output: Output = "text") -> None:
    """List parked messages with their reasons."""
    lot = ParkingLot(running_stack(tenant), tenant)
    rows = lot.unrouted() if unrouted else lot.messages()
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, ("id", "service", "type", "reason", "attempts"))
    else:
        out.print("No message is without a queue." if unrouted else "Nothing is parked.")


def show_parked(message_id: MessageId, tenant: Tenant) -> None:
    """Show one parked message's headers; its body holds ids and codes only."""
    show_json(ParkingLot(running_stack(tenant), tenant).message(message_id))


def replay(message_id: MessageId, tenant: Tenant) -> None:
    """Hand a parked message to its service again."""
    ParkingLot(running_stack(tenant), tenant).send_back(message_id, discard=False)
    out.print("Handed back. Its effect comes once, however often it is replayed.")


def discard(
    message_id: MessageId,
    tenant: Tenant,
    *,
    unrouted: Unrouted = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Give a parked message up for good; that is committed and audited by its service."""
    if not yes:
        typer.confirm("Give this message up for good? What it says will never have an effect.", abort=True)
    lot = ParkingLot(running_stack(tenant), tenant)
    if unrouted:
        lot.give_up_unrouted(message_id)
    else:
        lot.send_back(message_id, discard=True)
    out.print("Given up; the service notes it in the audit log.")


def hand_over(tenant: Tenant, output: Output = "text") -> None:
    """Hand messages that nobody heard to the services that hear them now; first make what is missing: up."""
    found = ParkingLot(running_stack(tenant), tenant).hand_over_unrouted()
    if output == "json":
        show_json(found)
    else:
        out.print(f"{found['handed_over']} handed over, {found['left']} that still nobody hears.")


def tail(
    tenant: Tenant,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until interrupted.")] = False,  # noqa: FBT002
    output: Output = "text",
) -> None:
    """Show the newest events of a tenant, ids and codes only."""
    stack, after = running_stack(tenant), ""
    while True:
        for event in events_since(stack, tenant, after):
            after = max(after, event["row"])
            if output == "json":
                show_json(event)
            else:
                out.print(f"{event['recorded_at']}  {event['type']}  {event['subject']}", soft_wrap=True)
        if not follow:
            return
        time.sleep(1.0)
