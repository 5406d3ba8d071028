"""``alongside status`` and ``alongside doctor``: what runs, what is wrong, and the line that mends it.

Both look at the same facts and agree in their exit codes: 0 nothing is wrong; 1 something is; 3 the stack, or an
engine of it, does not run.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from client.shown import Output, out, show_json, show_rows
from client.stacks import this_stack
from deploy.stack.ours import NotRunningError, require_engines
from deploy.stack.report import doctor, status
from deploy.stack.stack import Stack
from deploy.stack.standing import notes
from shared.kernel.exits import EXIT_AWAY, EXIT_REFUSED

_SERVERS = ("board", "custodian", "centre")
_NARROW = 80
_OTHER_COLUMNS = 55
"""What the table of hosts needs beside the name: five columns with their borders."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("status")(show_status)
    app.command("doctor")(run_doctor)


def show_status(output: Output = "text") -> None:
    """Show what runs where and whether anything is wrong; exit 1 if something is, 3 if the stack does not run."""
    stack = this_stack()
    require_engines(stack)
    content = status(stack)
    findings, known = doctor(stack), list(notes(stack))
    if output == "json":
        show_json({**content, "findings": findings, "notes": known})
    else:
        _show_hosts(content["tenants"])
        _show_addresses(content)
        _show_notes(known)
        if findings:
            many = "One thing is" if len(findings) == 1 else f"{len(findings)} things are"
            out.print(f"[red]{many} wrong. See: alongside doctor[/red]")
        else:
            out.print("Nothing is wrong.")
    if findings:
        raise typer.Exit(EXIT_REFUSED)


def run_doctor(output: Output = "text") -> None:
    """Say what is wrong and the line that mends it; exit 1 if anything is, 3 if the stack does not run."""
    stack = this_stack()
    away = _away(stack)
    findings, known = doctor(stack), list(notes(stack)) if stack.was_ever_started() else []
    if output == "json":
        show_json({"findings": findings, "notes": known})
    else:
        for finding in findings:
            # One under the other: in a table of 80 columns neither could be read, nor copied.
            out.print(f"[red]•[/red] {finding['what']}", soft_wrap=True)
            out.print(f"  [bold]{finding['mend']}[/bold]", soft_wrap=True)
        _show_notes(known)
        if not findings:
            out.print("Nothing is wrong.")
    if away:
        raise typer.Exit(EXIT_AWAY)
    if findings:
        raise typer.Exit(EXIT_REFUSED)


def _away(stack: Stack) -> bool:
    try:
        require_engines(stack)
    except NotRunningError:
        return True
    return False


def _show_hosts(tenants: Sequence[Mapping[str, Any]]) -> None:
    room = max(10, min(out.width, 120) - _OTHER_COLUMNS)
    rows = [
        {
            "host": tenant["id"],
            "name": _cut(str(tenant["name"]), room),
            "runs": f"{_running(tenant)}/{len(tenant['processes'])}",
            "waiting": tenant["outbox_depth"],
            "parked": tenant["parked"],
            "last seal": "sandbox" if tenant.get("sandbox") else (tenant["last_seal"] or "")[:10],
        }
        for tenant in tenants
    ]
    if rows:
        show_rows(rows, ("host", "name", "runs", "waiting", "parked", "last seal"), title="Hosts")
    else:
        out.print("No host yet. Add one with: alongside tenant add")


def _show_addresses(content: Mapping[str, Any]) -> None:
    rows = [
        {
            "who": name,
            "runs": f"{_running(content[name])}/{len(content[name]['processes'])}",
            "at": content[name]["url"],
        }
        for name in _SERVERS
    ]
    rows += [{"who": tenant["id"], "runs": "", "at": tenant["api"]} for tenant in content["tenants"]]
    show_rows(rows, ("who", "runs", "at"), title="Addresses")


def _show_notes(known: Sequence[str]) -> None:
    for note in known:
        out.print(f"[yellow]•[/yellow] {note}", soft_wrap=True)


def _running(tenant: Mapping[str, Any]) -> int:
    return sum(pid is not None for pid in tenant["processes"].values())


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"
