"""Commands of support: where it stands, its next step, and how it came there."""

from typing import Annotated

import typer

from client.casework_words import tell
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

Episode = Annotated[str, typer.Argument(help="The episode's id.")]


def register(casework: typer.Typer) -> None:
    """Add the commands."""
    casework.command("states")(states)
    casework.command("move")(move)
    casework.command("close")(close)


def states(episode: Episode, tenant: Tenant, output: Output = "text") -> None:
    """List the steps of an episode's support, the oldest first."""
    rows = host_client(tenant, "advocate").items(f"/v1/episodes/{episode}/states")
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, ("recorded_at", "before", "after", "reason", "tier", "role"))
    else:
        out.print("No step was kept yet.")


def move(
    *,
    episode: Episode,
    tenant: Tenant,
    after: Annotated[str, typer.Option(help="The next state, a code of case_status.")],
    reason: Annotated[str | None, typer.Option(help="Why: for DECLINED, ON_HOLD and REOPENED.")] = None,
    tier: Annotated[str | None, typer.Option(help="A code of advocacy_tier, with TRIAGED.")] = None,
    output: Output = "text",
) -> None:
    """Take the next step of support; its end has a command of its own."""
    api = host_client(tenant, "advocate")
    version = api.get(f"/v1/episodes/{episode}")["version"]
    body = {"after": after, "reason": reason, "tier": tier}
    tell(api.post(f"/v1/episodes/{episode}/move", body, version=version), "Moved", output)


def close(
    episode: Episode,
    tenant: Tenant,
    reason: Annotated[str, typer.Option(help="A code of closure_reason.")],
    output: Output = "text",
) -> None:
    """End support."""
    api = host_client(tenant, "advocate")
    version = api.get(f"/v1/episodes/{episode}")["version"]
    tell(api.post(f"/v1/episodes/{episode}/close", {"reason": reason}, version=version), "Closed", output)
