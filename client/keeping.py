"""Commands that keep a stack: backup, restore, and migrations of its databases."""

from pathlib import Path
from typing import Annotated

import typer

from client.shown import Output, out, say, show_json, show_rows
from client.stacks import running_stack, this_stack
from deploy.keeping.age_files import make_identity
from deploy.keeping.backup import back_up
from deploy.keeping.places import StackKept
from deploy.keeping.restore import Sources, check, restore
from deploy.migrations import stack as migrations

migrate = typer.Typer(help="Versions of the databases.", no_args_is_help=True)
Tenants = Annotated[
    list[str] | None, typer.Option("--tenant", "-t", help="A tenant's short id; may be repeated; default is all.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup-key")(make_key)
    app.command("backup")(make_backup)
    app.command("restore")(restore_backup)
    migrate.command("status")(show_migrations)
    migrate.command("up")(run_migrations)
    app.add_typer(migrate, name="migrate")


def make_key(
    to: Annotated[Path, typer.Option("--to", help="A new file for the identity; do not keep it on this machine.")],
    output: Output = "text",
) -> None:
    """Make an age identity for backups: the file opens them, the public key that is printed only writes them."""
    recipient = make_identity(to)
    if output == "json":
        show_json({"recipient": recipient, "identity_file": str(to)})
        return
    out.print(recipient, soft_wrap=True)
    say(f"{to} opens every backup made with this key. Keep it, and a copy, in places that are not this machine.")


def make_backup(
    to: Annotated[Path, typer.Option("--to", help="A new folder for this backup.")],
    recipient: Annotated[str, typer.Option("--recipient", help="age public key (age1…).")],
    tenant: Tenants = None,
    keys_to: Annotated[
        Path | None, typer.Option("--keys-to", help="Folder of the keys files, one slot a tenant.")
    ] = None,
    output: Output = "text",
) -> None:
    """Back up tenants as of one instant, encrypted with age, while everything runs."""
    kept = StackKept(running_stack(*(tenant or ())))
    content = back_up(kept, to=to, recipient=recipient, tenants=tenant or (), keys_to=keys_to, say=say)
    if output == "json":
        show_json(content)
        return
    show_rows(content["tenants"], ("tenant", "documents", "bytes"), title="Backed up")
    out.print(f"Recovery point: {content['recovery_point']}. Took {content['took_s']} s.")
    out.print(
        f"Keep this line in another place; it proves that the backup is yours: SHA-256 {content['manifest_sha256']}",
        soft_wrap=True,
    )


def restore_backup(  # noqa: PLR0917
    folder: Annotated[Path, typer.Argument(help="The backup's folder.")],
    identity: Annotated[Path, typer.Option("--identity", help="age identity file.")],
    tenant: Tenants = None,
    keys: Annotated[Path | None, typer.Option("--keys", help="Folder of the newest keys files.")] = None,
    escrow: Annotated[Path | None, typer.Option("--escrow", help="Folder with copies of the escrow slots.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Check that all was restored and opens.")] = False,  # noqa: FBT002
    check_only: Annotated[bool, typer.Option("--check-only", help="Read the whole backup; restore nothing.")] = False,  # noqa: FBT002
    output: Output = "text",
) -> None:
    """Restore a backup into an empty stack; start it afterwards with: alongside up."""
    sources = Sources(folder=folder, identity=identity, keys=keys, escrow=escrow)
    if check_only:
        found = check(StackKept(this_stack()), sources, tenant or ())
        rows = [{"tenant": t.id, "documents": sum(t.data.counts.values())} for t in found]
        if output == "json":
            show_json({"tenants": rows})
        else:
            show_rows(rows, ("tenant", "documents"), title="The backup is complete and can be read")
        return
    content = restore(StackKept(this_stack()), sources, tenant or (), verify=verify, say=say)
    if output == "json":
        show_json(content)
        return
    columns = ("tenant", "documents", "sent_again", "key_generation", "verified", "broker_differs")
    show_rows(content["tenants"], columns, title="Restored")
    out.print(f"Recovery point: {content['recovery_point']}. Took {content['took_s']} s.")
    out.print("Start it with: alongside up")


def show_migrations(tenant: Tenants = None, output: Output = "text") -> None:
    """Show of which version each database is and what is pending; exit 1 if anything is."""
    rows = migrations.status(running_stack(*(tenant or ())), tenant or ())
    if output == "json":
        show_json({"databases": rows})
    else:
        shown = [{**row, "pending": ", ".join(row["pending"])} for row in rows]
        show_rows(shown, ("tenant", "service", "version", "known", "running", "pending"), title="Databases")
    if any(row["pending"] for row in rows):
        raise typer.Exit(1)


def run_migrations(
    tenant: Tenants = None,
    contract: Annotated[  # noqa: FBT002
        bool,
        typer.Option("--contract", help="Also remove what only older processes need; none of them may be running."),
    ] = False,
    output: Output = "text",
) -> None:
    """Carry out what is pending; may be repeated after any failure."""
    rows = migrations.up(running_stack(*(tenant or ())), tenant or (), contract=contract, say=say)
    if output == "json":
        show_json({"databases": rows})
    else:
        show_rows(rows, ("tenant", "service", "from", "to"), title="Migrated")
