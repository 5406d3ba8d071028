"""Commands of a host that leaves: two of its people state it, the operator writes it out, anybody verifies it offline.

Shown by tests/unit/client/test_leaving_commands.py.
"""

import sys
from contextlib import redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from client import audit_verifier
from client.acting import acting
from client.audit_export import write_export
from client.shown import Output, Tenant, out, say, show_json, show_rows
from client.stacks import host_client, running_stack, this_stack
from deploy.keeping.age_files import read_identity, read_recipient
from deploy.keeping.places import StackKept
from deploy.leaving.beginning import Wanted
from deploy.leaving.certificate import verify_certificate
from deploy.leaving.exporting import export_host
from deploy.leaving.journal import Journal
from deploy.leaving.package import AUDIT_LOG
from deploy.leaving.retiring import delete_host
from deploy.leaving.verifying import Verified, verify_package
from deploy.stack.ours import require_engines, require_tenant
from shared.kernel.tenancy import TenantId

leaving = typer.Typer(help="When a host leaves the pilot and takes everything along.", no_args_is_help=True)
By = Annotated[str, typer.Option("--by", help="In a demo: dpo or admin.")]
Recipient = Annotated[str, typer.Option("--recipient", help="age public key (age1…) that the host keeps the half of.")]
_PATH = "/v1/leaving"
_COLUMNS = ("state", "deletes", "recipient", "asked_at", "agreed_at", "holds_until", "exported_at")


def register(app: typer.Typer) -> None:
    """Add the commands of people; the operator's are ``tenant export`` and ``tenant export-verify``."""
    leaving.command("show")(show)
    leaving.command("ask")(ask)
    leaving.command("agree")(agree)
    leaving.command("take-back")(take_back)
    app.add_typer(leaving, name="leaving")


def show(tenant: Tenant, by: By = "dpo", output: Output = "text") -> None:
    """Show where it stands."""
    row = host_client(tenant, by).get(_PATH)
    if output == "json":
        show_json(row)
    else:
        show_rows([row], _COLUMNS)


def ask(
    *,
    recipient: Recipient,
    tenant: Tenant,
    deletes: Annotated[bool, typer.Option("--delete", help="Everything here is deleted afterwards, for good.")] = False,
    output: Output = "text",
) -> None:
    """Ask, as a data protection officer, that everything is written out to this key; an administrator has to agree."""
    asked = {"recipient": str(read_recipient(recipient)), **({"deletes": True} if deletes else {})}
    said = host_client(tenant, "dpo").post(_PATH, asked)
    _say(said, "It is asked for. An administrator has to agree to this very key.", output)


def agree(recipient: Recipient, tenant: Tenant, output: Output = "text") -> None:
    """Agree, as an administrator, to this key and no other."""
    client = host_client(tenant, "admin")
    row = client.get(_PATH)
    if row["recipient"] != recipient:
        say("Another key stands there, or none. Nothing was agreed to. Ask the officer which key it is.")
        raise typer.Exit(1)
    told = client.post(f"{_PATH}/agree", {}, version=row["version"])
    _say(told, f"Agreed. Your operator may now run: alongside tenant export {tenant}", output)


def take_back(tenant: Tenant, by: By = "dpo", output: Output = "text") -> None:
    """Take it back: nothing is written out any more."""
    client = host_client(tenant, by)
    told = client.post(f"{_PATH}/take-back", {}, version=client.get(_PATH)["version"])
    _say(told, "It is taken back.", output)


def export_tenant(
    name: Annotated[str, typer.Argument(help="The host's short id.")],
    to: Annotated[Path, typer.Option("--to", help="A new folder for the package.")],
    recipient: Recipient,
    output: Output = "text",
) -> None:
    """Write everything a host keeps, encrypted to its own key, once two of its people stated it."""
    stack = running_stack(name)
    require_tenant(stack, name, host=True)
    written = export_host(StackKept(stack), TenantId(name), to=to, recipient=recipient, write_log=write_export, say=say)
    if output == "json":
        show_json(written)
        return
    out.print(f"Everything that {name} kept at {written['moment']} is in {to}, and only the host can read it.")
    if written["unreadable"]:
        out.print(f"{written['unreadable']} records could not be opened here; their lines say so.")
    out.print(f"Give the host this line by another way: SHA-256 of MANIFEST.json {written['manifest_sha256']}")


def verify_export(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The package.")],
    identity: Annotated[Path, typer.Option("--identity", help="age identity file of the host.")],
    keys: Annotated[Path, typer.Option("--keys", exists=True, dir_okay=False, help="The log's two lines of keys.")],
    output: Output = "text",
) -> None:
    """Read a whole package back, offline, as whoever imports it would; ends with 1 where something does not hold."""
    found = verify_package(folder, read_identity(identity), keys.read_text(encoding="utf-8"))
    log = [str(folder / AUDIT_LOG), "--keys", str(keys), *(["--demo"] if acting().demo else [])]
    # What the verifier says is talk: standard output is for what was found.
    with redirect_stdout(sys.stderr):
        code = audit_verifier.main(["log", *log])
    if code:
        found.wrong("the audit log does not verify")
    _show(found, output)
    if found.problems:
        raise typer.Exit(1)


def delete_tenant(
    *,
    name: Annotated[str, typer.Argument(help="The host's short id.")],
    certificate: Annotated[Path, typer.Option("--certificate", help="A new file for the signed certificate.")],
    backups_gone: Annotated[
        datetime, typer.Option("--backups-gone", formats=["%Y-%m-%d"], help="The day by which no backup of it is left.")
    ],
    sure: Annotated[str, typer.Option("--sure", help="The host's short id once more.")] = "",
    without_package: Annotated[
        bool, typer.Option("--without-package", help="The host said that it wants nothing written out.")
    ] = False,
    output: Output = "text",
) -> None:
    """Delete a host for good, once two of its people stated it; run again after a failure, it goes on."""
    if sure != name:
        say("Nothing was deleted. Everything of this host is lost for good: say its id once more, with --sure.")
        raise typer.Exit(1)
    stack = this_stack()
    begun = Journal.find(stack.layout, name)
    if begun is None:
        require_tenant(stack, name, host=True)
    require_engines(stack)
    spec = stack.state.find(name)
    wanted = Wanted(
        tenant=TenantId(name),
        name=name if spec is None else spec.name,
        backups_gone_on=backups_gone.date(),
        without_package=without_package,
    )
    journal = delete_host(stack, wanted, certificate, say=say)
    if output == "json":
        show_json(vars(journal))
        return
    out.print(f"{name} is deleted. The certificate is {certificate}; give it to the host, with the file beside it.")
    out.print(f"By {journal.backups_gone_on} destroy every backup of it, those of keys first.")


def verify_deletion(
    certificate: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The certificate.")],
    keys: Annotated[Path, typer.Option("--keys", exists=True, dir_okay=False, help="The log's two lines of keys.")],
    output: Output = "text",
) -> None:
    """Verify, offline, the certificate that a host was deleted."""
    said = verify_certificate(certificate, keys.read_text(encoding="utf-8"))
    if output == "json":
        show_json(said)
        return
    show_rows([{"step": step, "at": at} for step, at in said["gone"].items()], ("step", "at"), title=said["name"])
    show_rows(said["lapses"], ("what", "when", "how"), title="What lapses")
    show_rows(said["remains"], ("what", "why"), title="What stays")


def _show(found: Verified, output: str) -> None:
    if output == "json":
        show_json(vars(found))
        return
    for problem in found.problems:
        out.print(problem)
    if found.problems:
        out.print("Do not import this. Take another copy, or ask for the package once more.")
        return
    show_rows([{"collection": c, "lines": n} for c, n in found.lines.items()], ("collection", "lines"))
    unreadable = sum(found.unreadable.values())
    out.print(f"The package of {found.host} as of {found.moment} is whole: every line is what was written.")
    out.print(f"{found.erased} people were erased before, and are not in it. {unreadable} records did not open there.")


def _say(told: dict[str, Any], words: str, output: str) -> None:
    if output == "json":
        show_json(told)
    else:
        out.print(words)
