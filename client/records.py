"""Commands for records by the reference that a host's own system has for them: find, put one, send many, correct.

Promise: what a command tells holds no reference and nothing of a record, so that it may stand in a log; the number of a
line says which one is meant. What a person is called never stands on a command line, where others on the machine could
read it. Shown by tests/unit/client/test_record_commands.py and tests/integration/case/test_records_by_command.py.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe
from typing import Annotated, Any, BinaryIO

import typer

from client.alongside_client import Records
from client.record_lines import MOST_BYTES, SHAPE, WrongLineError, lines_of, record_of
from client.records_sent import Sent, say_of, told_of
from client.shown import Output, Tenant, out, say, show_json, show_rows
from client.stacks import host_client
from services.case.corrections.rules import FIELDS, WHY
from shared.kernel.errors import AlongsideError
from shared.kernel.exits import EXIT_REFUSED

records = typer.Typer(help="Records, by the references of a host's own system.", no_args_is_help=True)
Reference = Annotated[
    str | None,
    typer.Argument(help="As your system has it; left out, it is asked for, so that no list of processes shows it."),
]
Source = Annotated[str | None, typer.Option(help="The system whose references they are, where there are several.")]
NewSource = Annotated[bool, typer.Option("--new-source", help="These are a further system's first records.")]
KnownRows = Annotated[
    str, typer.Option(help="ask or correct: a known reference with another referral or person is held, or taken.")
]
Exact = Annotated[bool, typer.Option("--exact-references", help="References that only look different are different.")]
File = Annotated[Path, typer.Argument(allow_dash=True, help="The file, or - for standard input.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    records.command("get")(get)
    records.command("put")(put)
    records.command("send")(send)
    records.command("correct")(correct)
    app.add_typer(records, name="records")


def get(tenant: Tenant, reference: Reference = None, source: Source = None, output: Output = "text") -> None:
    """Say whom a reference is about: ids alone; exit code 1 if nobody is known by it."""
    found = _find(tenant, "datalead", reference, source)
    if output == "json":
        show_json({"items": found})
    elif found:
        show_rows(found, ("source", "survivor_id", "episode_id"))
    else:
        out.print("Nobody is known here by this reference, or nobody whom you may see.")
    if not found:
        raise typer.Exit(EXIT_REFUSED)


def put(
    file: File,
    *,
    tenant: Tenant,
    source: Source = None,
    known_rows: KnownRows = "ask",
    new_source: NewSource = False,
    exact_references: Exact = False,
    output: Output = "text",
) -> None:
    """Make one record or correct it; what it leaves out stays as it is known. Exit code 1 if it was not taken."""
    try:
        reference, record = record_of(_read(file))
    except WrongLineError as error:
        raise typer.BadParameter(str(error), param_hint="FILE") from None
    options = _options(known_rows, exact=exact_references)
    with host_client(tenant, "datalead").using() as client:
        done = Records(client, source, new_source=new_source).put(reference, record, **options)
    if output == "json":
        show_json({"id": done.id, "episode_id": done.episode_id, **told_of(done)})
    else:
        say_of("The record", done)
    if not done.was_taken:
        raise typer.Exit(EXIT_REFUSED)


def send(
    file: File,
    *,
    tenant: Tenant,
    source: Source = None,
    known_rows: KnownRows = "ask",
    new_source: NewSource = False,
    exact_references: Exact = False,
    run: Annotated[str | None, typer.Option(help="The name of a run that stopped, to go on with it.")] = None,
    output: Output = "text",
) -> None:
    """Send a file of records, one JSON object a line, a hundred at once; exit code 1 if some were not taken."""
    run = run or token_urlsafe(12)
    say(f"This run is called {run}. If it stops, give the same command again with --run {run}")
    sent = Sent(output)
    options = _options(known_rows, exact=exact_references)
    with _opened(file) as opened:
        try:
            with host_client(tenant, "datalead").using() as client:
                system = Records(client, source, new_source=new_source)
                for done in system.put_all(sent.good(lines_of(opened)), run=run, **options):
                    sent.note(done)
        except AlongsideError:
            say(f"It stopped after {sent.done} lines, which stand. Go on with: --run {run}")
            raise
    sent.end(run)


def correct(
    *,
    tenant: Tenant,
    why: Annotated[str, typer.Option(help=f"{', '.join(WHY[:-1])} or {WHY[-1]}.")],
    reference: Reference = None,
    words: Annotated[
        Path | None,
        typer.Option(help=f"A JSON file of what is right ({', '.join(FIELDS)}), or - for standard input; sealed."),
    ] = None,
    clear: Annotated[list[str] | None, typer.Option(help=f"To take away: {', '.join(FIELDS)}.")] = None,
    source: Source = None,
    output: Output = "text",
) -> None:
    """Correct what an advocate wrote of somebody; what stood there stays to be seen. For advocates and supervisors."""
    if reference is None and words is not None and str(words) == "-":
        raise typer.BadParameter("Standard input holds the words: give the reference too.", param_hint="REFERENCE")
    said = {} if words is None else _words(words)
    found = {one["survivor_id"] for one in _find(tenant, "supervisor", reference, source)}
    if len(found) != 1:
        several = "It is somebody else's in each system: say which with --source."
        raise typer.BadParameter(several if found else "Nobody whom you may see is known by this reference.")
    body = {**said, "clear": clear or [], "why": why}
    told = host_client(tenant, "supervisor").post(f"/v1/survivors/{found.pop()}/corrections", body)
    if output == "json":
        show_json(told)
    else:
        out.print(f"Corrected: {', '.join(told['changed'])}." if told["changed"] else "It was so already.")


def _find(tenant: str, name: str, reference: str | None, source: str | None) -> list[dict[str, Any]]:
    asked = reference if reference is not None else typer.prompt("Reference")
    with host_client(tenant, name).using() as client:
        return Records(client, source).find(asked)


def _options(known_rows: str, *, exact: bool) -> dict[str, Any]:
    return {"known_rows": known_rows, "exact_references": exact}


def _words(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(_read(file))
    except ValueError:
        said = None
    if not isinstance(said, dict) or not set(said) <= set(FIELDS):
        raise typer.BadParameter(f"Give a JSON object with some of {', '.join(FIELDS)}.", param_hint="--words")
    return said


def _read(file: Path) -> bytes:
    with _opened(file) as opened:
        content = opened.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise typer.BadParameter(f"It is longer than {MOST_BYTES // 1024} kB. Write {SHAPE}.")
    return content


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    if not file.is_file():
        raise typer.BadParameter("There is no such file.")
    with file.open("rb") as opened:
        yield opened
