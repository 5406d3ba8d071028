"""Commands about erasures: two people ask for and confirm one, a job carries it out."""

from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client, running_stack
from deploy.stack.erasures import erasure_status

Case = Annotated[str, typer.Argument(help="The rights case's id, which is the erasure's too.")]
_PATH = "/v1/person-erasures"

erase = typer.Typer(help="Erasures of survivors' keys.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    erase.callback()(_erasures)
    erase.command("status")(show_erasures)
    erase.command("ask")(ask)
    erase.command("waiting")(waiting)
    erase.command("confirm")(confirm)
    erase.command("take-back")(take_back)
    erase.command("certificate")(certificate)
    erase.command("backups-closed")(backups_closed)
    app.add_typer(erase, name="erase")


def _erasures() -> None:
    """Ask for an erasure, confirm it as the second person, and show how far one is; a job carries it out."""


def show_erasures(
    tenant: Annotated[str, typer.Option("--tenant", "-t", help="The tenant's short id.")], output: Output = "text"
) -> None:
    """Show how far the erasures of a tenant are: step and generations, never whom they are about."""
    content = erasure_status(running_stack(tenant), tenant)
    if output == "json":
        show_json(content)
    else:
        show_rows([content], tuple(content), title="Erasures")


def ask(
    *,
    case: Case,
    told: Annotated[str, typer.Option(help="How they were told that it will be done: a code of rights_told.")],
    tenant: Tenant,
    looked_for_holds: Annotated[
        bool, typer.Option("--looked-for-holds", help="You looked whether a claim, court, law or duty holds it back.")
    ] = False,
    hold: Annotated[
        list[str] | None, typer.Option(help="What holds it back: a code of erasure_hold; refuses it.")
    ] = None,
    output: Output = "text",
) -> None:
    """Ask for the erasure of a person who asked for it, as the data protection officer; nothing is erased yet."""
    client = host_client(tenant, "dpo")
    version = client.get(f"/v1/rights-cases/{case}")["version"]
    said = {"holds": hold or [], "looked_for_holds": looked_for_holds, "told": told}
    told_back = client.post(f"/v1/rights-cases/{case}/erasure", said, version=version)
    _say(told_back, "It is asked for. A second person confirms it.", output)


def waiting(tenant: Tenant, output: Output = "text") -> None:
    """List the erasures that wait for a second person."""
    rows = host_client(tenant, "dpo").items(_PATH, state="ASKED")
    if output == "json":
        show_json({"items": rows})
    elif not rows:
        out.print("None waits for a second person.")
    else:
        show_rows(rows, ("id", "asked_by", "asked_at"))


def confirm(
    *,
    case: Case,
    tenant: Tenant,
    yes: Annotated[bool, typer.Option("--for-ever", help="You know that nothing of it ever comes back.")] = False,
    output: Output = "text",
) -> None:
    """Confirm an erasure as the second person; it begins at once, and what is erased never comes back."""
    if not yes:
        raise typer.BadParameter("What is erased never comes back. If you are sure, add: --for-ever")
    told = _change(tenant, case, "confirm", "supervisor")
    _say(told, "It has begun. See how far it is with: alongside erase certificate", output)


def take_back(case: Case, tenant: Tenant, output: Output = "text") -> None:
    """Take an erasure back before a second person confirms it."""
    _say(_change(tenant, case, "take-back", "dpo"), "It is taken back. The rights case is open as before.", output)


def backups_closed(case: Case, tenant: Tenant, output: Output = "text") -> None:
    """Note that no keys file of a backup from before is left: the certificate's third date."""
    _say(_change(tenant, case, "backups-closed", "dpo"), "The third date is noted.", output)


def certificate(case: Case, tenant: Tenant, output: Output = "text") -> None:
    """Show how far an erasure is: its three dates, and what stays and why."""
    row = host_client(tenant, "dpo").get(f"{_PATH}/{case}")
    if output == "json":
        show_json(row)
        return
    show_rows([row], ("state", "erased_at", "copies_closed_at", "backups_closed_at"))
    show_rows(row["remains"], ("words",), title="What stays, and why")


def _change(tenant: str, case: str, verb: str, name: str) -> dict[str, Any]:
    client = host_client(tenant, name)
    version = client.get(f"{_PATH}/{case}")["version"]
    return client.post(f"{_PATH}/{case}/{verb}", {}, version=version)


def _say(told: dict[str, Any], sentence: str, output: str) -> None:
    if output == "json":
        show_json(told)
    else:
        out.print(sentence)
