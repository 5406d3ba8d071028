"""Commands for rights cases: take one down, see which wait or are overdue, and answer them; as the data officer.

No word of a survivor is given on a command line, where it would stand in a history and in a list of processes: words
are written on the page. Shown by tests/unit/client/test_rights_commands.py.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

rights = typer.Typer(help="Rights cases: what people ask for, and by when it is answered.", no_args_is_help=True)
Case = Annotated[str, typer.Argument(help="The case's id, as `alongside rights list` shows it.")]
_PATH = "/v1/rights-cases"
_COLUMNS = ("id", "kind", "received_on", "due_on", "overdue", "stopped_for", "state", "outcome")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    rights.command("take")(take)
    rights.command("list")(list_cases)
    rights.command("overdue")(overdue)
    rights.command("show")(show)
    rights.command("acknowledge")(acknowledge)
    rights.command("stop-clock")(stop_clock)
    rights.command("resume-clock")(resume_clock)
    rights.command("extend")(extend)
    rights.command("decide")(decide)
    app.add_typer(rights, name="rights")


def take(
    *,
    survivor: Annotated[str, typer.Option(help="Who asks: their id here.")],
    kind: Annotated[str, typer.Option(help="What they ask for: a code of the list rights_request.")],
    channel: Annotated[str, typer.Option(help="How it reached the host: a code of the list rights_channel.")],
    tenant: Tenant,
    received_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which it arrived; today if left out.")
    ] = None,
    output: Output = "text",
) -> None:
    """Take down what a person asks for, or complains of."""
    said = {
        "survivor_id": survivor,
        "kind": kind,
        "channel": channel,
        "received_on": received_on.date().isoformat() if received_on is not None else None,
    }
    told = host_client(tenant, "dpo").post(_PATH, said)
    if output == "json":
        show_json(told)
    else:
        out.print(f"It is written down as {told['id']}. The last day to answer is {told['due_on']}.")


def list_cases(tenant: Tenant, output: Output = "text") -> None:
    """List the rights cases that wait for an answer."""
    _show_list(host_client(tenant, "dpo").items(_PATH, state="OPEN"), output, "Every request has been answered.")


def overdue(tenant: Tenant, output: Output = "text") -> None:
    """List the rights cases that wait longer than the law allows."""
    _show_list(host_client(tenant, "dpo").items(_PATH, overdue="true"), output, "None is overdue.")


def show(case: Case, tenant: Tenant, output: Output = "text") -> None:
    """Show a rights case: what was asked, whose it is, and what happened."""
    row = host_client(tenant, "dpo").get(f"{_PATH}/{case}")
    if output == "json":
        show_json(row)
        return
    show_rows([row], _COLUMNS)
    show_rows(row["steps"], ("at", "step", "reason"), title="What happened")


def acknowledge(
    *,
    case: Case,
    told: Annotated[str, typer.Option(help="How they were told: a code of the list rights_told.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Note that the person was told that it has arrived."""
    _change(tenant, case, "acknowledge", {"told": told}, output)


def stop_clock(
    *,
    case: Case,
    why: Annotated[str, typer.Option(help="What is needed: a code of the list rights_clock_stop.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Stop the clock until something is there that only the person can give."""
    _change(tenant, case, "stop-clock", {"why": why}, output)


def resume_clock(case: Case, tenant: Tenant, output: Output = "text") -> None:
    """Let the clock go on."""
    _change(tenant, case, "resume-clock", {}, output)


def extend(
    *,
    case: Case,
    why: Annotated[str, typer.Option(help="Why: a code of the list rights_extension.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Take up to two months more; the person was told so."""
    _change(tenant, case, "extend", {"why": why}, output)


def decide(
    *,
    case: Case,
    outcome: Annotated[str, typer.Option(help="A code of the list rights_outcome.")],
    told: Annotated[str, typer.Option(help="How they were told: a code of the list rights_told.")],
    tenant: Tenant,
    refusal: Annotated[
        list[str] | None, typer.Option(help="Why something is not done: a code of rights_refusal. May be repeated.")
    ] = None,
    ico_route_told: Annotated[
        bool, typer.Option("--ico-route-told", help="They were told that they can go to the ICO.")
    ] = False,
    output: Output = "text",
) -> None:
    """End a rights case with what the person was told."""
    said = {
        "outcome": outcome,
        "told": told,
        "refusals": refusal or [],
        "ico_route_told": ico_route_told,
    }
    _change(tenant, case, "decide", said, output)


def _change(tenant: str, case: str, verb: str, said: Mapping[str, Any], output: str) -> None:
    client = host_client(tenant, "dpo")
    version = client.get(f"{_PATH}/{case}")["version"]
    told = client.post(f"{_PATH}/{case}/{verb}", dict(said), version=version)
    if output == "json":
        show_json(told)
    else:
        out.print(f"It is kept. The last day to answer is {told['due_on']}.")


def _show_list(rows: list[dict[str, Any]], output: str, none: str) -> None:
    if output == "json":
        show_json({"items": rows})
    elif not rows:
        out.print(none)
    else:
        show_rows(rows, _COLUMNS)
