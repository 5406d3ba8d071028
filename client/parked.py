"""Commands for parked messages and the feed of events, for the tenant's own operator."""

import time
from typing import Annotated

import typer

from client.shown import Output, out, show_json, show_rows
from client.stacks import running_stack
from deploy.stack.parking import ParkingLot
from deploy.stack.report import events_since

parked = typer.Typer(help="Messages that a service could not handle.", no_args_is_help=True)
Tenant = Annotated[str, typer.Option("--tenant", "-t", help="The tenant's short id.")]
Unrouted = Annotated[bool, typer.Option("--unrouted", help="Use the unrouted messages, which no service reads.")]
MessageId = Annotated[str, typer.Argument(help="The message's id, from the list.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    parked.command("list")(list_parked)
    parked.command("show")(show_parked)
    parked.command("replay")(replay)
    parked.command("discard")(discard)
    parked.command("unrouted")(hand_over)
    parked.command("missed")(send_missed)
    app.add_typer(parked, name="parked")


def list_parked(tenant: Tenant, *, unrouted: Unrouted = False, output: Output = "text") -> None:
    """List parked messages with their reasons."""
    lot = ParkingLot(running_stack(tenant), tenant)
    rows = lot.unrouted() if unrouted else lot.messages()
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, ("id", "service", "type", "reason", "attempts"))
    else:
        out.print("There are no unrouted messages." if unrouted else "Nothing is parked.")


def show_parked(message_id: MessageId, tenant: Tenant) -> None:
    """Show one parked message's headers; its body holds ids and codes only."""
    show_json(ParkingLot(running_stack(tenant), tenant).message(message_id))


def replay(message_id: MessageId, tenant: Tenant) -> None:
    """Let the service handle a parked message again."""
    ParkingLot(running_stack(tenant), tenant).send_back(message_id)
    out.print("Replayed. It takes effect once, however often you do this.")


def discard(
    message_id: MessageId,
    tenant: Tenant,
    *,
    unrouted: Unrouted = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Discard a parked message for good, at every service where it is parked; the audit log keeps the decision."""
    if not yes:
        everywhere = "Discard this message for good, at every service where it is parked?"
        typer.confirm(f"{everywhere} What it says will never take effect.", abort=True)
    lot = ParkingLot(running_stack(tenant), tenant)
    if unrouted:
        lot.give_up_unrouted(message_id)
        out.print("Discarded. The audit log keeps this decision.")
    else:
        services = lot.give_up(message_id)
        out.print(f"Discarded at: {', '.join(services)}. The audit log keeps this decision.")


def hand_over(tenant: Tenant, output: Output = "text") -> None:
    """Hand unrouted messages to the services that read them now; run alongside up first."""
    found = ParkingLot(running_stack(tenant), tenant).hand_over_unrouted()
    if output == "json":
        show_json(found)
    else:
        out.print(f"{found['handed_over']} handed over, {found['left']} left that no service reads.")


def send_missed(tenant: Tenant, output: Output = "text") -> None:
    """Send each service again what it alone missed while another was sent it; run alongside up first."""
    found = ParkingLot(running_stack(tenant), tenant).send_missed()
    if output == "json":
        show_json(found)
    else:
        out.print(f"{found['sent_again']} sent again, {found['left']} left: parked, or not known any more.")


def tail(
    tenant: Tenant,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Show new ones until Ctrl-C.")] = False,  # noqa: FBT002
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
