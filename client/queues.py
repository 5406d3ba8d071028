"""Commands for event queues: asked for by an administrator, made by whoever runs the host's own machine."""

from typing import Annotated, Any

import typer

from client.people import As, administrator_of
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import running_stack
from deploy.provision.queues import EventQueues
from deploy.stack.api_client import ApiClient
from shared.kernel.tenancy import TenantId

queues = typer.Typer(help="Event queues: what happens, by AMQP, for the host's own systems.", no_args_is_help=True)
Queue = Annotated[str, typer.Argument(help="The queue's id, or its beginning as far as no other begins so.")]
_PATH = "/v1/event-queues"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    queues.command("list")(list_queues)
    queues.command("add")(add)
    queues.command("remove")(remove)
    app.add_typer(queues, name="queues")


def list_queues(tenant: Tenant, by: As = None, output: Output = "text") -> None:
    """List event queues: those asked for, those at the broker, and what each waits for."""
    at_broker = _at_broker(tenant)
    try:
        there = at_broker.there()
    finally:
        at_broker.close()
    asked: list[dict[str, Any]] = _api(tenant, by).get(_PATH)["items"]
    rows = [{**row, "made": row["id"] in there} for row in asked]
    known = {row["id"] for row in asked}
    # Its credential still reads: whoever looks must see it.
    rows += [
        {"id": one, "waits_for": "REMOVE", "lag": None, "skipped": None, "made": True}
        for one in there
        if one not in known
    ]
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, ("id", "made", "waits_for", "lag", "skipped"))
    else:
        out.print("There is no event queue yet. See docs/how-to/read-a-queue.md.")


def add(
    tenant: Tenant,
    types: Annotated[list[str] | None, typer.Option("--type", help="An event type; may be repeated. Else all.")] = None,
    request: Annotated[
        str | None,
        typer.Option(help="Make the queue that was asked for under this id, or give it another password."),
    ] = None,
    by: As = None,
    output: Output = "text",
) -> None:
    """Add an event queue, or make one that was asked for; its credential is shown once."""
    if request is not None and types:
        raise typer.BadParameter("The types stand in the request. Leave out --type.")
    at_broker = _at_broker(tenant)
    try:
        api = _api(tenant, by)
        if request is None:
            queue_id = str(api.post(_PATH, {"types": types or None})["id"])
        else:
            queue_id = _find(request, [row["id"] for row in api.get(_PATH)["items"]])
        made = at_broker.make(queue_id)
    finally:
        at_broker.close()
    if output == "json":
        show_json({"id": queue_id, "queue": made.queue, "url": made.url})
        return
    out.print(f"Queue {made.queue}. Its reader connects by this, which is not shown again:")
    out.print(f"  {made.url}", soft_wrap=True)


def remove(queue: Queue, tenant: Tenant, by: As = None, output: Output = "text") -> None:
    """Remove an event queue with its credential and what waits in it."""
    at_broker = _at_broker(tenant)
    try:
        api = _api(tenant, by)
        asked = [row["id"] for row in api.get(_PATH)["items"]]
        queue_id = _find(queue, sorted({*asked, *at_broker.there()}))
        # The credential goes first: if the rest fails, nobody reads any more, and the command can be repeated.
        at_broker.remove(queue_id)
    finally:
        at_broker.close()
    if queue_id in asked:
        api.post(f"{_PATH}/{queue_id}/remove", {})
    if output == "json":
        show_json({"id": queue_id})
    else:
        out.print("It is gone.")


def _at_broker(tenant: str) -> EventQueues:
    return EventQueues(running_stack(tenant).engines.rabbit, TenantId(tenant))


def _api(tenant: str, by: str | None) -> ApiClient:
    return administrator_of(tenant, by)


def _find(beginning: str, ids: list[str]) -> str:
    found = [one for one in ids if one.startswith(beginning)]
    if len(found) != 1:
        raise typer.BadParameter(f"{len(found)} event queues begin so. See: alongside queues list")
    return found[0]
