"""Commands of the audit log: read it, take it out of the house, prove one entry, and verify what was taken out."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from client import audit_verifier
from client.acting import acting
from client.audit_export import write_export
from client.shown import Output, Tenant, out, say, show_json, show_rows
from client.stacks import host_client
from shared.codelists.periods import LONDON

audit = typer.Typer(help="What was done and read, and the proof that none of it was changed.", no_args_is_help=True)

_DAYS = ["%Y-%m-%d"]
Keys = Annotated[Path, typer.Option("--keys", exists=True, dir_okay=False, help="The log's two lines of keys.")]
Into = Annotated[Path, typer.Option("--into", help="Where it is written; nothing that is there is written over.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    audit.command("list")(list_audit)
    audit.command("history")(history)
    audit.command("keys")(show_keys)
    audit.command("check")(check)
    audit.command("witnesses")(witnesses)
    audit.command("policy")(policy)
    audit.command("export")(export)
    audit.command("prove")(prove)
    audit.command("verify")(verify)
    app.add_typer(audit, name="audit")


def list_audit(
    tenant: Tenant, limit: Annotated[int, typer.Option(min=1, max=200)] = 50, output: Output = "text"
) -> None:
    """List audit entries as the host's data protection officer."""
    content = host_client(tenant, "dpo").get("/v1/audit/entries", limit=limit)
    if output == "json":
        show_json(content)
    else:
        show_rows(content["items"], ("at", "action", "role", "outcome", "object_id"))


def history(
    *,
    tenant: Tenant,
    of: Annotated[str | None, typer.Option("--of", help="Only this record, by its id.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Only this person or machine, by their id.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="looked, changed or refused.")] = None,
    since: Annotated[datetime | None, typer.Option("--since", help="Only from this day on.", formats=_DAYS)] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    output: Output = "text",
) -> None:
    """Show who looked at a record and who changed what, newest first, as the data protection officer."""
    asked: dict[str, Any] = {"object_id": of, "actor_id": by, "kind": kind and kind.upper(), "limit": limit}
    if since is not None:
        asked["since"] = since.replace(tzinfo=LONDON).isoformat()
    query = {name: value for name, value in asked.items() if value is not None}
    content = host_client(tenant, "dpo").get("/v1/audit/history", **query)
    if output == "json":
        show_json(content)
        return
    show_rows(content["items"], ("at", "kind", "action", "role", "actor_id", "object_id"))
    if content["next"] is not None:
        say("There are older ones: choose fewer, or a greater --limit.")


def show_keys(tenant: Tenant, output: Output = "text") -> None:
    """Print the log's public keys; give them to whoever will verify it, once, over a way that both sides trust."""
    keys = _log(tenant)["keys"]
    if output == "json":
        show_json(keys)
    else:
        for line in keys:
            typer.echo(line)


def check(tenant: Tenant, output: Output = "text") -> None:
    """Hold every entry against the log here, and the log against its checkpoint; ends with 1 where one does not fit."""
    client = host_client(tenant, "dpo")
    first: int | None = 0
    checked, wrong = 0, []
    while first is not None:
        part = client.get("/v1/audit/log/check", first=first)
        checked += part["checked"]
        wrong += part["wrong"]
        first = part["next"]
    if output == "json":
        show_json({"checked": checked, "wrong": wrong})
    elif wrong:
        show_rows(wrong, ("index", "entry_id", "what"), title="These do not fit")
    else:
        out.print(f"All {checked:,} entries are as they were appended.")
    if wrong:
        raise typer.Exit(1)


def witnesses(tenant: Tenant, output: Output = "text") -> None:
    """Show how far board and custodian saw the log; ends with 1 where one is late or refuses it."""
    content = host_client(tenant, "dpo").get("/v1/audit/witnesses")
    if output == "json":
        show_json(content)
    elif content["items"]:
        show_rows(content["items"], ("witness", "size", "seen_at", "outcome", "is_late"))
    else:
        say("Nobody was asked yet. The log is offered once a day; a sandbox's never is.")
    if any(one["is_late"] for one in content["items"]):
        raise typer.Exit(1)


def policy(tenant: Tenant) -> None:
    """Print a policy by which a verifier asks for both witnesses; compare its keys with those that they give out."""
    found = host_client(tenant, "dpo").get("/v1/audit/witnesses")["items"]
    known = [one for one in found if one["key"] is not None]
    if not known:
        say("No witness has confirmed the log yet. Ask again tomorrow, or see: alongside audit witnesses.")
        raise typer.Exit(3)
    for line in _log(tenant)["keys"]:
        typer.echo(f"log {line}")
    for one in known:
        typer.echo(f"witness {one['witness']} {one['key']}")
    typer.echo(f"group everybody all {' '.join(one['witness'] for one in known)}\nquorum everybody")


def export(tenant: Tenant, into: Into, output: Output = "text") -> None:
    """Take the signed log out of the house, as a folder that anybody can verify offline; it names nobody."""
    client = host_client(tenant, "dpo")
    written = write_export(client.get, into)
    if output == "json":
        show_json(written)
    else:
        out.print(
            f"{written['entries']:,} entries are in {into}. Keep the file checkpoint: later logs must begin with it."
        )


def prove(
    entry_id: Annotated[str, typer.Argument(help="Id of an entry, as audit list shows it.")],
    tenant: Tenant,
    into: Into,
    output: Output = "text",
) -> None:
    """Write the proof of one entry into a file that can be verified offline; it says who did what to which id."""
    found = host_client(tenant, "dpo").get(f"/v1/audit/entries/{entry_id}/proof")
    with into.open("x", encoding="utf-8") as file:
        file.write(found["proof"])
    if output == "json":
        show_json({"index": found["index"], "file": str(into)})
    else:
        out.print(f"The proof of entry {found['index']:,} is in {into}.")


def verify(
    place: Annotated[Path, typer.Argument(exists=True, help="A folder of an export, or the file of a proof.")],
    keys: Keys,
    earlier: Annotated[
        Path | None,
        typer.Option("--earlier", exists=True, dir_okay=False, help="A checkpoint that you kept."),
    ] = None,
    policy_file: Annotated[
        Path | None,
        typer.Option("--policy", exists=True, dir_okay=False, help="Which witnesses must have seen the log (C2SP)."),
    ] = None,
) -> None:
    """Verify an export or a proof, offline, with the keys alone; ends with 1 where something does not fit."""
    what = "log" if place.is_dir() else "proof"
    words = [what, str(place), "--keys", str(keys), *(["--earlier", str(earlier)] if earlier is not None else [])]
    words += ["--policy", str(policy_file)] if policy_file is not None else []
    words += ["--demo"] if acting().demo else []
    code = audit_verifier.main(words)
    if code:
        raise typer.Exit(code)


def _log(tenant: str) -> dict[str, Any]:
    found: dict[str, Any] = host_client(tenant, "dpo").get("/v1/audit/log")
    if not found["keys"]:
        say("The log was not signed yet. Ask again in a minute.")
        raise typer.Exit(3)
    return found
