"""Commands of imports: look at what a file will do, carry out exactly that, undo it, mend what was set aside.

Exit codes: 0 when everything was taken, or will be; 1 when something has to be corrected or was refused.
"""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from client.imports import FILE, imports
from client.planned import MOST_SHOWN, show_plan
from client.shown import Output, Tenant, out, say, show_json, show_rows
from client.stacks import host_client
from deploy.engines.secret_files import write_new

_SAY_EVERY_S, _LOOK_S = 10.0, 0.3
_BUSY = frozenset({"WAITING", "PLANNING", "COMMITTING", "UNDOING"})
_TOLD = {
    "dropped_columns": "Columns not read and not kept",
    "unread_columns": "Columns that may be about consent and were not read",
    "ignored_rows": "Lines that are not records",
}
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The export: CSV, XLSX or ODS.")]
ImportId = Annotated[str, typer.Argument(help="The import's id, as plan and history show it.")]
Profile = Annotated[str | None, typer.Option(help="Mapping profile; chosen by the columns if not given.")]
Source = Annotated[
    str | None,
    typer.Option(help="The system that the file comes from; needed where files of two systems were imported."),
]
KnownRows = Annotated[
    str, typer.Option(help="Known reference, other referral or person: ask you, or correct what is recorded.")
]
ExactReferences = Annotated[
    bool,
    typer.Option(
        "--exact-references", help="References that differ only in zeros, spaces or accents are other people."
    ),
]
Encoding = Annotated[str | None, typer.Option(help="The file's encoding, where it is asked for.")]
Delimiter = Annotated[str | None, typer.Option(help="The one sign between two cells, where it is not found.")]
Sheet = Annotated[str | None, typer.Option(help="The sheet, where a spreadsheet has several.")]
HeaderRow = Annotated[int | None, typer.Option(min=1, help="The header's row, where it is not found.")]
Invented = Annotated[bool, typer.Option("--invented", help="Everybody in it is invented; a sandbox takes no other.")]
Part = Annotated[bool, typer.Option("--part", help="The file holds some records only; nobody else is gone.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    imports.command("plan")(plan)
    imports.command("commit")(commit)
    imports.command("undo")(undo)
    imports.command("errors")(errors)
    imports.command("history")(history)
    imports.command(FILE)(import_file)
    app.add_typer(imports, name="import")


def plan(  # noqa: PLR0917  Typer makes options of them.
    file: File,
    tenant: Tenant,
    profile: Profile = None,
    source: Source = None,
    known_rows: KnownRows = "ask",
    exact_references: ExactReferences = False,  # noqa: FBT002
    part: Part = False,  # noqa: FBT002
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    sheet: Sheet = None,
    header_row: HeaderRow = None,
    invented: Invented = False,  # noqa: FBT002
    output: Output = "text",
) -> None:
    """Show what a file will do; nothing of it is done. Exit code 1 if something has to be corrected."""
    lead = host_client(tenant, "datalead")
    wanted = _wanted(profile, source, known_rows, exact=exact_references) | ({"is_part": True} if part else {})
    wanted |= _stated(encoding, delimiter, sheet, header_row) | ({"invented": True} if invented else {})
    started = lead.upload("/v1/imports", file, mode="plan", **wanted)
    _show_planned(lead, tenant, _wait_for(lead, started["id"]), output)


def commit(
    import_id: ImportId,
    tenant: Tenant,
    of: Annotated[str | None, typer.Option("--plan", help="How the plan's hash begins that you looked at.")] = None,
    output: Output = "text",
) -> None:
    """Carry out a plan exactly; if something changed since, do nothing and show the new plan, exit code 1."""
    lead = host_client(tenant, "datalead")
    report = lead.get(f"/v1/imports/{import_id}")
    if report["state"] == "PLANNED" and of is not None and not report["plan_hash"].startswith(of):
        out.print("This import has another plan by now. Nothing was carried out.")
        _show_planned(lead, tenant, report, output)
        raise typer.Exit(1)
    lead.post(f"/v1/imports/{import_id}/commit", {"plan_hash": report["plan_hash"] or "0" * 64})
    report = _wait_for(lead, import_id)
    if report["state"] == "PLANNED":
        rows = ", ".join(str(row) for row in report["changed_rows"][:MOST_SHOWN])
        out.print(f"Nothing was carried out: these rows changed since the plan: {rows}. This is the new plan.")
        _show_planned(lead, tenant, report, output)
        raise typer.Exit(1)
    _finish(report, output)


def undo(import_id: ImportId, tenant: Tenant, output: Output = "text") -> None:
    """Undo a planned import within 24 hours; what somebody changed since is left and listed, exit code 1."""
    lead = host_client(tenant, "datalead")
    lead.post(f"/v1/imports/{import_id}/undo")
    report = _wait_for(lead, import_id)
    if output == "json":
        show_json(report)
    else:
        out.print(f"Import {report['state'].lower()}: {report['undone']} people are as they were before.")
        if report["left_rows"]:
            rows = ", ".join(str(row) for row in report["left_rows"][:MOST_SHOWN])
            out.print(f"Somebody changed the people of these rows since, so they are as they are now: {rows}")
    if report["state"] != "UNDONE" or report["left_rows"]:
        raise typer.Exit(1)


def errors(
    import_id: ImportId,
    tenant: Tenant,
    to: Annotated[Path, typer.Option("--to", help="Where to write the file; it holds personal data.")],
) -> None:
    """Write the rows to mend to a file, with what is wrong; mended, plan that file."""
    # Looked at before anything is read, which is audited; and once more as it is written, since what stands there by
    # then, or a link that leads elsewhere, may be others' to read.
    if to.exists():
        raise _there_already()
    content = host_client(tenant, "datalead").download(f"/v1/imports/{import_id}/errors.csv")
    try:
        write_new(to, content)
    except FileExistsError as error:
        raise _there_already() from error
    out.print(f"Written: {to}. Only you may read it. Delete it when you have planned it.", soft_wrap=True)


def history(tenant: Tenant, limit: Annotated[int, typer.Option(min=1, max=200)] = 20, output: Output = "text") -> None:
    """List imports, the newest first."""
    items = host_client(tenant, "datalead").get("/v1/imports", limit=limit)["items"]
    if output == "json":
        show_json(items)
        return
    rows = [
        {"import": one["id"], "of": one["source"], "when": one["received_at"][:16].replace("T", " "), **_sums(one)}
        for one in items
    ]
    show_rows(rows, ("when", "import", "state", "rows"))


def import_file(  # noqa: PLR0917  Typer makes options of them.
    file: File,
    tenant: Tenant,
    profile: Profile = None,
    source: Source = None,
    known_rows: KnownRows = "ask",
    exact_references: ExactReferences = False,  # noqa: FBT002
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    sheet: Sheet = None,
    header_row: HeaderRow = None,
    invented: Invented = False,  # noqa: FBT002
    output: Output = "text",
) -> None:
    """Import a file at once, without a plan and without undo; exit code 1 if something has to be corrected."""
    dpo = host_client(tenant, "dpo")
    parameters = _wanted(profile, source, known_rows, exact=exact_references)
    parameters |= _stated(encoding, delimiter, sheet, header_row) | ({"invented": True} if invented else {})
    started = dpo.upload("/v1/imports", file, **parameters)
    _finish(_wait_for(dpo, started["id"]), output)


def _there_already() -> typer.BadParameter:
    return typer.BadParameter("There is such a file already. Name another one.", param_hint="--to")


def _wanted(profile: str | None, source: str | None, known_rows: str, *, exact: bool) -> dict[str, Any]:
    wanted = {"profile": profile, "source": source, "known_rows": known_rows, "exact_references": exact}
    return {name: value for name, value in wanted.items() if value not in (None, False, "ask")}


def _stated(encoding: str | None, delimiter: str | None, sheet: str | None, header_row: int | None) -> dict[str, Any]:
    said = {"encoding": encoding, "delimiter": delimiter, "sheet": sheet, "header_row": header_row}
    return {name: value for name, value in said.items() if value is not None}


def _sums(one: dict[str, Any]) -> dict[str, Any]:
    done = one["of"] if one["of"] is not None else one["done"]
    return {"state": one["state"], "rows": done}


def _show_planned(lead: Any, tenant: str, report: dict[str, Any], output: str) -> None:
    if report["state"] != "PLANNED":
        _finish(report, output)
        return
    told = lead.get(f"/v1/imports/{report['id']}/plan")
    if output == "json":
        show_json({**report, "plan": told})
    else:
        show_plan(told)
        out.print("Nothing of this is done yet. To do exactly this:")
        out.print(
            f"  alongside import commit {report['id']} -t {tenant} --plan {told['hash'][:12]}",
            soft_wrap=True,
        )
    if told["advice"]:
        raise typer.Exit(1)


def _finish(report: dict[str, Any], output: str) -> None:
    if output == "json":
        show_json(report)
    else:
        _show_import(report)
    if report["state"] != "DONE" or report["problems"]:
        raise typer.Exit(1)


def _show_import(report: dict[str, Any]) -> None:
    out.print(f"Import {report['state'].lower()}" + (f": {report['why']}" if report["why"] else ""))
    show_rows([{"verdict": k, "rows": v} for k, v in sorted(report["counts"].items()) if v], ("verdict", "rows"))
    out.print(f"Consents ended by this file: {report['consents_ended']}")
    if report["problems"]:
        show_rows(report["problems"], ("row", "column", "sentence"), title="Rows to correct, the most urgent first")
    if report["problems_omitted"]:
        out.print(f"Further rows to correct: {report['problems_omitted']}")
    for name, words in _TOLD.items():
        if report.get(name):
            out.print(f"{words}: {', '.join(str(one) for one in report[name])}")
    if report.get("source_is_new"):
        out.print(f"This is the first file of {report['source']}; nobody in it is known from another system.")


def _wait_for(client: Any, import_id: str) -> dict[str, Any]:
    began = said = time.monotonic()
    while True:
        report: dict[str, Any] = client.get(f"/v1/imports/{import_id}")
        if report["state"] not in _BUSY:
            return report
        if time.monotonic() - said >= _SAY_EVERY_S:
            said = time.monotonic()
            far = f"{report['done']} of {report['of']} rows" if report["of"] else "still reading the file"
            say(f"{far}, {said - began:.0f} s so far. It goes on if you leave: Ctrl-C does not stop it.")
        time.sleep(_LOOK_S)
