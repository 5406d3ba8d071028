"""Commands of a host that leaves: two of its people state it, the operator writes it out, anybody verifies it offline.

Shown by tests/unit/client/test_leaving_commands.py.
"""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated, Any

import typer

from client import audit_verifier
from client.acting import acting
from client.audit_export import write_export
from client.shown import Output, Tenant, out, say, show_json, show_rows
from client.stacks import host_client, running_stack
from deploy.keeping.age_files import read_identity, read_recipient
from deploy.keeping.places import StackKept
from deploy.leaving.exporting import export_host
from deploy.leaving.package import AUDIT_LOG
from deploy.leaving.verifying import Verified, verify_package
from deploy.stack.ours import require_tenant
from shared.kernel.tenancy import TenantId

leaving = typer.Typer(help="When a host leaves the pilot and takes everything along.", no_args_is_help=True)
By = Annotated[str, typer.Option("--by", help="In a demo: dpo or admin.")]
Recipient = Annotated[str, typer.Option("--recipient", help="age public key (age1…) that the host keeps the half of.")]
_PATH = "/v1/leaving"
_COLUMNS = ("state", "recipient", "asked_at", "agreed_at", "holds_until", "exported_at")


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


def ask(recipient: Recipient, tenant: Tenant, output: Output = "text") -> None:
    """Ask, as a data protection officer, that everything is written out to this key; an administrator has to agree."""
    said = host_client(tenant, "dpo").post(_PATH, {"recipient": str(read_recipient(recipient))})
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
