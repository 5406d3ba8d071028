"""Commands for the register of breaches; as the data officer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

breaches = typer.Typer(help="Breaches: what happened, and who is told by when.", no_args_is_help=True)
Breach = Annotated[str, typer.Argument(help="The breach's id, as `alongside breaches list` shows it.")]
Contents = Annotated[
    list[str] | None, typer.Option("--content", help="What was in it: a code of breach_content. May be repeated.")
]
_TIMES = ["%Y-%m-%dT%H:%M%z"]
_PATH = "/v1/breaches"
_COLUMNS = ("id", "kind", "aware_at", "ico_due_at", "stands_at", "pressing", "people", "untold", "state")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    breaches.command("take")(take)
    breaches.command("list")(list_breaches)
    breaches.command("show")(show)
    breaches.command("judge")(judge)
    breaches.command("people")(people)
    breaches.command("told")(told)
    breaches.command("report")(report)
    breaches.command("close")(close)
    app.add_typer(breaches, name="breaches")


def take(
    *,
    kind: Annotated[str, typer.Option(help="What happened: a code of the list breach_kind.")],
    tenant: Tenant,
    content: Contents = None,
    aware_at: Annotated[
        datetime | None,
        typer.Option(formats=_TIMES, help="When you knew, as 2026-11-06T17:30+00:00; now if left out."),
    ] = None,
    output: Output = "text",
) -> None:
    """Take a breach down; its 72 hours run from when you knew."""
    said = {"kind": kind, "contents": content or [], "aware_at": _instant(aware_at)}
    made = host_client(tenant, "dpo").post(_PATH, said)
    _say(made, f"It is written down as {made['id']}. The ICO hears of it by {made['ico_due_at']}.", output)


def list_breaches(tenant: Tenant, output: Output = "text") -> None:
    """List the breaches that are open."""
    rows = host_client(tenant, "dpo").items(_PATH, state="OPEN")
    if output == "json":
        show_json({"items": rows})
    elif not rows:
        out.print("None is open.")
    else:
        show_rows(rows, _COLUMNS)


def show(breach: Breach, tenant: Tenant, output: Output = "text") -> None:
    """Show a breach, with how to reach safely whom it touches."""
    row = host_client(tenant, "dpo").get(f"{_PATH}/{breach}")
    if output == "json":
        show_json(row)
        return
    show_rows([row], _COLUMNS)
    show_rows(row["touched"], ("survivor_id", "told", "safe_contact"), title="Whom it touches")


def judge(
    *,
    breach: Breach,
    risk: Annotated[str, typer.Option(help="A code of the list breach_risk.")],
    tenant: Tenant,
    content: Contents = None,
    output: Output = "text",
) -> None:
    """Keep what was in it and how great the risk is."""
    _change(tenant, breach, "judge", {"risk": risk, "contents": content or []}, output)


def people(
    *,
    breach: Breach,
    survivor: Annotated[list[str], typer.Option(help="Whom it touches: their id here. May be repeated.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Add people whom it touches."""
    _change(tenant, breach, "people", {"survivor_ids": survivor}, output)


def told(
    *,
    breach: Breach,
    survivor: Annotated[str, typer.Option(help="Who was told: their id here.")],
    how: Annotated[str, typer.Option(help="A code of the list breach_told.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Keep whether somebody whom it touches was told, by a safe way."""
    _change(tenant, breach, "told", {"survivor_id": survivor, "told": how}, output)


def report(
    *,
    breach: Breach,
    tenant: Tenant,
    late: Annotated[str | None, typer.Option(help="Why after more than 72 hours: a code of breach_late.")] = None,
    also: Annotated[list[str] | None, typer.Option(help="Who else: a code of breach_also_told.")] = None,
    reported_at: Annotated[
        datetime | None,
        typer.Option(formats=_TIMES, help="When they were told, as 2026-11-06T17:30+00:00; now if left out."),
    ] = None,
    output: Output = "text",
) -> None:
    """Note that the ICO was told, just now or at the time that is given."""
    said = {"reported_at": _instant(reported_at), "late": late, "also_told": also or []}
    _change(tenant, breach, "report", said, output)


def close(
    *,
    breach: Breach,
    remedy: Annotated[list[str], typer.Option(help="What was done: a code of breach_remedy. May be repeated.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Close a breach with what was done."""
    _change(tenant, breach, "close", {"remedies": remedy}, output)


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _change(tenant: str, breach: str, verb: str, said: Mapping[str, Any], output: str) -> None:
    client = host_client(tenant, "dpo")
    version = client.get(f"{_PATH}/{breach}")["version"]
    _say(client.post(f"{_PATH}/{breach}/{verb}", dict(said), version=version), "It is kept.", output)


def _say(made: dict[str, Any], sentence: str, output: str) -> None:
    if output == "json":
        show_json(made)
    else:
        out.print(sentence)
