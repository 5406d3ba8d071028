"""Commands for mappings: propose one for a file, give out the template, and keep, approve and retire a host's own."""

from pathlib import Path
from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, say, show_json, show_rows
from client.stacks import host_client
from deploy.engines.secret_files import write_new
from services.case.imports.rules.profile import ProfileError, offered, parse_profile, shipped, shipped_text
from services.case.imports.rules.reading import Stated
from services.case.mappings.rules.looking import sheet_to_map
from services.case.mappings.rules.names import words_of
from services.case.mappings.rules.proposal import Guess, Proposal, propose
from services.case.mappings.rules.template import template_csv, template_xlsx

MappingId = Annotated[str, typer.Argument(help="The mapping's id, from: alongside import profiles list")]
ToFile = Annotated[Path | None, typer.Option("--out", dir_okay=False, help="The file to write; it must not exist yet.")]

_PATH = "/v1/import-profiles"

profiles = typer.Typer(help="Mapping profiles: how a system's columns and words are read.", no_args_is_help=True)


def register(imports: typer.Typer) -> None:
    """Add the commands."""
    imports.command("map")(map_file)
    imports.command("template")(template)
    profiles.command("shipped")(show_shipped)
    profiles.command("list")(list_profiles)
    profiles.command("show")(show_profile)
    profiles.command("propose")(propose_profile)
    profiles.command("approve")(approve)
    profiles.command("retire")(retire)
    imports.add_typer(profiles, name="profiles")


def map_file(  # noqa: PLR0917  Typer makes options of them.
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The export: CSV, XLSX or ODS.")],
    out_file: ToFile = None,
    name: Annotated[str, typer.Option(help="The profile's name.")] = "my-system",
    source: Annotated[str | None, typer.Option(help="The system that the file comes from.")] = None,
    encoding: Annotated[str | None, typer.Option(help="The file's encoding, where it is asked for.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet, where a spreadsheet has several.")] = None,
    header_row: Annotated[int | None, typer.Option(min=1, help="The header's row, where it is not found.")] = None,
    output: Output = "text",
) -> None:
    """Propose a mapping for a file and say why; nothing is sent anywhere."""
    stated = Stated(encoding=encoding, sheet=sheet, header_row=header_row)
    with file.open("rb") as content:
        proposal = propose(sheet_to_map(content, stated))
    text = proposal.as_yaml(name, source=source)
    parse_profile(text)  # What it proposes is a profile that would be taken.
    if output == "json":
        show_json({"profile": text, "questions": proposal.questions, "columns": [vars(g) for g in proposal.guesses]})
    else:
        _show(proposal)
    if out_file is not None:
        # A mapping may name what a host calls things.
        write_new(out_file, text.encode())
        say(f"Written to {out_file}. Answer what stands at its top, then: alongside import profiles propose {out_file}")
    elif output != "json":
        out.print("To write it down: --out profile.yaml")


def template(
    out_file: Annotated[Path, typer.Option("--out", dir_okay=False, help="The file to write: .csv or .xlsx.")] = Path(
        "alongside-template.xlsx"
    ),
) -> None:
    """Write an empty file with the columns that we suggest; an XLSX also lists the words that are accepted."""
    if out_file.suffix not in {".csv", ".xlsx"}:
        raise typer.BadParameter("Name a file that ends with .csv or .xlsx.", param_hint="--out")
    write_new(out_file, template_csv() if out_file.suffix == ".csv" else template_xlsx())
    say(f"Written to {out_file}.")


def show_shipped(
    name: Annotated[str | None, typer.Argument(help="One of them, to print it whole.")] = None, output: Output = "text"
) -> None:
    """List the profiles that come with this software, or print one to copy and change."""
    if name is None:
        rows = [{"name": one.id, "what": one.title} for one in sorted(offered().values(), key=lambda p: p.id)]
        show_json(rows) if output == "json" else show_rows(rows, ("name", "what"))
        return
    if name not in shipped():
        raise ProfileError(f"There is no such profile. There are {', '.join(sorted(offered()))}.")
    typer.echo(shipped_text(name), nl=False)


def list_profiles(tenant: Tenant, output: Output = "text") -> None:
    """List a host's own mapping profiles."""
    items = host_client(tenant, "datalead").items(_PATH)
    if output == "json":
        show_json(items)
        return
    show_rows(items, ("name", "number", "source", "kind", "state", "id"))


def show_profile(mapping_id: MappingId, tenant: Tenant, output: Output = "text") -> None:
    """Print a host's mapping profile."""
    mapping = host_client(tenant, "datalead").get(f"{_PATH}/{mapping_id}")
    if output == "json":
        show_json(mapping)
    else:
        typer.echo(mapping["text"], nl=False)


def propose_profile(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The profile, in YAML.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Send a mapping profile to a host; imports use it once it is approved."""
    text = file.read_text(encoding="utf-8")
    parse_profile(text)
    answer = host_client(tenant, "datalead").post(_PATH, {"text": text})
    _answer(answer, output, f"Proposed. Look at it again, then: alongside import profiles approve {answer['id']}")


def approve(mapping_id: MappingId, tenant: Tenant, output: Output = "text") -> None:
    """Let imports use a mapping profile; one of the same name or for the same header is retired."""
    lead = host_client(tenant, "datalead")
    known = lead.get(f"{_PATH}/{mapping_id}")
    answer = lead.post(f"{_PATH}/{mapping_id}/approve", {"number": known["number"]}, version=known["version"])
    _answer(answer, output, f"Approved: {known['name']}.")


def retire(mapping_id: MappingId, tenant: Tenant, output: Output = "text") -> None:
    """Let a mapping profile be used no more; what was imported with it stays."""
    lead = host_client(tenant, "datalead")
    known = lead.get(f"{_PATH}/{mapping_id}")
    answer = lead.post(f"{_PATH}/{mapping_id}/retire", version=known["version"])
    _answer(answer, output, f"Retired: {known['name']}.")


def _show(proposal: Proposal) -> None:
    rows = [
        {"column": g.column, "proposed_as": _proposed(g), "of_100": g.score, "why": g.why} for g in proposal.guesses
    ]
    show_rows(rows, ("column", "proposed_as", "of_100", "why"), title="A mapping for this file")
    words = [(g.column, word, code) for g in proposal.guesses for word, code in g.about.get("words", {}).items()]
    if words:
        show_rows([{"column": c, "word": w, "means": m} for c, w, m in words], ("column", "word", "means"))
    if proposal.questions:
        out.print("[bold]To answer before anybody approves it[/bold]")
        for question in proposal.questions:
            out.print(f"- {question}", soft_wrap=False)


def _proposed(guess: Guess) -> str:
    if guess.field is None:
        return "left out"
    return words_of(guess.field) if guess.is_sure else f"{words_of(guess.field)}? left out until it is answered"


def _answer(answer: dict[str, Any], output: str, words: str) -> None:
    if output == "json":
        show_json(answer)
    else:
        out.print(words)
