"""Commands for webhooks: addresses of the host's own systems that are called when something happens."""

from datetime import datetime
from typing import Annotated, Any

import typer

from client.people import As, administrator_of
from client.shown import Output, Tenant, out, show_json, show_rows
from deploy.stack.api_client import ApiClient

webhooks = typer.Typer(help="Webhooks: which addresses are called when something happens.", no_args_is_help=True)
Webhook = Annotated[str, typer.Argument(help="The webhook's id, or its beginning as far as no other begins so.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    webhooks.command("list")(list_webhooks)
    webhooks.command("add")(add)
    webhooks.command("test")(send_test)
    webhooks.command("deliveries")(deliveries)
    webhooks.command("rotate")(rotate)
    webhooks.command("resend")(resend)
    webhooks.command("disable")(disable)
    webhooks.command("enable")(enable)
    webhooks.command("remove")(remove)
    app.add_typer(webhooks, name="webhooks")


def list_webhooks(tenant: Tenant, by: As = None, output: Output = "text") -> None:
    """List webhooks: whether they arrive, and what waits or was not sent."""
    rows = _api(tenant, by).get("/v1/webhooks")["items"]
    if output == "json":
        show_json({"items": rows})
    elif rows:
        shown = ("id", "host", "status", "failing_since", "disables_at", "waiting", "not_sent", "given_up", "lag")
        show_rows(rows, shown)
    else:
        out.print("There is no webhook yet. See docs/how-to/receive-webhooks.md.")


def add(  # noqa: PLR0917  The command line gives each by its name.
    url: Annotated[str, typer.Argument(help="https://name/path, of the public internet.")],
    tenant: Tenant,
    types: Annotated[list[str] | None, typer.Option("--type", help="An event type; may be repeated. Else all.")] = None,
    signature: Annotated[str, typer.Option(help="HMAC with a shared secret, or ED25519 with a public key.")] = "HMAC",
    by: As = None,
    output: Output = "text",
) -> None:
    """Add a webhook; what its receiver verifies by is shown once."""
    body = {"url": url, "types": types or None, "signature": signature}
    _show_key(_api(tenant, by).post("/v1/webhooks", body), output)


def send_test(webhook: Webhook, tenant: Tenant, by: As = None, output: Output = "text") -> None:
    """Send a test, and say how to see what became of it."""
    api = _api(tenant, by)
    answer = api.post(f"/v1/webhooks/{_find(api, webhook)}/test", {})
    if output == "json":
        show_json(answer)
    else:
        out.print("The test is on its way. What became of it:")
        out.print(f"  alongside webhooks deliveries {answer['id']} -t {tenant}", soft_wrap=True)


def deliveries(
    webhook: Webhook,
    tenant: Tenant,
    state: Annotated[str | None, typer.Option(help="WAITING, SENT, GIVEN_UP or NOT_SENT; else all.")] = None,
    by: As = None,
    output: Output = "text",
) -> None:
    """List a webhook's deliveries, the ones that changed longest ago first."""
    api = _api(tenant, by)
    rows = api.items(f"/v1/webhooks/{_find(api, webhook)}/deliveries", state=state)
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, ("id", "type", "state", "attempts", "last_status", "reason", "next_at"))
    else:
        out.print("There is none.")


def rotate(
    webhook: Webhook,
    tenant: Tenant,
    overlap_hours: Annotated[int, typer.Option(help="Both keys sign for so many hours; 0 ends the old one now.")] = 24,
    by: As = None,
    output: Output = "text",
) -> None:
    """Give a webhook another key, which is shown once."""
    api = _api(tenant, by)
    body = {"overlap_hours": overlap_hours}
    _show_key(api.post(f"/v1/webhooks/{_find(api, webhook)}/rotate", body), output)


def resend(  # noqa: PLR0917  The command line gives each by its name.
    webhook: Webhook,
    tenant: Tenant,
    delivery: Annotated[list[str] | None, typer.Option(help="A delivery's id; may be repeated.")] = None,
    after: Annotated[int | None, typer.Option(help="All that did not arrive after this position.")] = None,
    since: Annotated[datetime | None, typer.Option(help="All that did not arrive since this instant, UTC.")] = None,
    sent_too: Annotated[bool, typer.Option("--sent-too", help="Also what arrived already.")] = False,  # noqa: FBT002
    by: As = None,
    output: Output = "text",
) -> None:
    """Send again: named deliveries, or everything after a position or since an instant."""
    if sum(bool(one) or one == 0 for one in (delivery, after, since)) != 1:
        raise typer.BadParameter("Say --delivery, --after or --since, and one of them only.")
    body: dict[str, Any] = {"sent_too": sent_too}
    if delivery:
        body["deliveries"] = delivery
    elif since is not None:
        body["since"] = f"{since.isoformat()}Z"
    else:
        body["after"] = after
    api = _api(tenant, by)
    path = f"/v1/webhooks/{_find(api, webhook)}/resend"
    answer = api.post(path, body)
    queued = answer["queued"]
    while answer["next"] is not None:
        answer = api.post(path, {"after": answer["next"], "sent_too": sent_too})
        queued += answer["queued"]
    if output == "json":
        show_json({"id": answer["id"], "queued": queued})
    else:
        out.print(f"{queued} go out again.")


def disable(webhook: Webhook, tenant: Tenant, by: As = None, output: Output = "text") -> None:
    """Send nothing to a webhook any more; events are kept as not sent."""
    _do("disable", webhook, _api(tenant, by), output, "Nothing more is sent to it.")


def enable(webhook: Webhook, tenant: Tenant, by: As = None, output: Output = "text") -> None:
    """Send to a webhook again; what was not sent meanwhile waits for: alongside webhooks resend."""
    _do("enable", webhook, _api(tenant, by), output, "New events are sent to it again.")


def remove(webhook: Webhook, tenant: Tenant, by: As = None, output: Output = "text") -> None:
    """Remove a webhook with its key."""
    _do("remove", webhook, _api(tenant, by), output, "It is gone.")


def _do(verb: str, webhook: str, api: ApiClient, output: str, said: str) -> None:
    answer = api.post(f"/v1/webhooks/{_find(api, webhook)}/{verb}", {})
    if output == "json":
        show_json(answer)
    else:
        out.print(said)


def _api(tenant: str, by: str | None) -> ApiClient:
    return administrator_of(tenant, by)


def _find(api: ApiClient, beginning: str) -> str:
    found = [row["id"] for row in api.get("/v1/webhooks")["items"] if row["id"].startswith(beginning)]
    if len(found) != 1:
        raise typer.BadParameter(f"{len(found)} webhooks begin so. See: alongside webhooks list")
    return str(found[0])


def _show_key(answer: dict[str, Any], output: str) -> None:
    if output == "json":
        show_json(answer)
        return
    out.print(f"Webhook {answer['id']}. Its receiver verifies by this, which is not shown again:")
    out.print(f"  {answer['secret']}", soft_wrap=True)
