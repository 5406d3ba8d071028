"""Commands of casework: contacts with survivors; as the advocate or supervisor who signed in.

What was said never stands on a command line, where others on the machine could read it: it comes from a file or from
standard input.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

casework = typer.Typer(help="Casework: contacts with survivors.", no_args_is_help=True)
Episode = Annotated[str, typer.Argument(help="The episode's id.")]
Contact = Annotated[str, typer.Argument(help="The contact's id, as `alongside casework contacts` shows it.")]
Words = Annotated[
    Path | None,
    typer.Option(
        "--words",
        help='A JSON file with "next_step" and "note", or - for standard input; they are sealed.',
    ),
]
On = Annotated[str | None, typer.Option("--on", help="The day, such as 2026-08-04.")]
Mode = Annotated[str | None, typer.Option(help="A code of contact_mode.")]
Interpreter = Annotated[str | None, typer.Option(help="A code of interpreter.")]
Minutes = Annotated[int | None, typer.Option(min=0, max=1440)]
Area = Annotated[list[str] | None, typer.Option(help="A code of advocacy_area; may be given more than once.")]
_MOST_BYTES = 20_000


def register(app: typer.Typer) -> None:
    """Add the commands."""
    casework.command("contacts")(contacts)
    casework.command("record")(record)
    casework.command("correct")(correct)
    casework.command("take-back")(take_back)
    app.add_typer(casework, name="casework")


def contacts(episode: Episode, tenant: Tenant, output: Output = "text") -> None:
    """List an episode's contacts, what was corrected among them; the words themselves only with -o json."""
    rows = host_client(tenant, "advocate").items(_path(episode))
    if output == "json":
        show_json({"items": rows})
    elif rows:
        shown = [{**row, "areas": ", ".join(row["areas"]), "state": _state(row)} for row in rows]
        show_rows(shown, ("id", "on", "mode", "minutes", "areas", "interpreter", "state"))
    else:
        out.print("No contact is written down yet.")


def record(  # noqa: PLR0917  The command line gives each by its name.
    episode: Episode,
    tenant: Tenant,
    mode: Annotated[str, typer.Option(help="A code of contact_mode.")],
    interpreter: Annotated[str, typer.Option(help="A code of interpreter.")],
    on: On = None,
    minutes: Minutes = None,
    area: Area = None,
    words: Words = None,
    output: Output = "text",
) -> None:
    """Record a contact with a survivor; without a day, nobody knows it."""
    body = {"mode": mode, "interpreter": interpreter, "on": on, "minutes": minutes, "areas": area or [], **_read(words)}
    _tell(host_client(tenant, "advocate").post(_path(episode), body), "Recorded", output)


def correct(  # noqa: PLR0917  The command line gives each by its name.
    episode: Episode,
    contact: Contact,
    tenant: Tenant,
    why: Annotated[str, typer.Option(help="WRITTEN_WRONGLY, SOMETHING_WAS_MISSING or SURVIVOR_ASKED.")],
    mode: Mode = None,
    interpreter: Interpreter = None,
    on: On = None,
    minutes: Minutes = None,
    area: Area = None,
    words: Words = None,
    clear: Annotated[
        list[str] | None, typer.Option(help="A field to take away: on, minutes, areas, next_step or note.")
    ] = None,
    output: Output = "text",
) -> None:
    """Correct a contact; what is left out stays, and what stood there stays to be seen."""
    body: dict[str, Any] = {
        "why": why, "mode": mode, "interpreter": interpreter, "on": on, "minutes": minutes, "areas": area or [],
        "clear": clear or [], **_read(words),
    }  # fmt: skip
    told = host_client(tenant, "advocate").post(f"{_path(episode)}/{contact}/corrections", body)
    _tell(told, "Corrected", output)


def take_back(
    episode: Episode,
    contact: Contact,
    tenant: Tenant,
    why: Annotated[str, typer.Option(help="DID_NOT_HAPPEN, ANOTHER_PERSON, WRITTEN_TWICE or SURVIVOR_ASKED.")],
    output: Output = "text",
) -> None:
    """Take back a contact that there was not with this person; what stood there stays to be seen."""
    told = host_client(tenant, "advocate").post(f"{_path(episode)}/{contact}/take-back", {"why": why})
    _tell(told, "Taken back", output)


def _path(episode: str) -> str:
    return f"/v1/episodes/{episode}/contacts"


def _state(row: dict[str, Any]) -> str:
    if row["taken_back"]:
        return f"takes back {row['corrects']}"
    if row["corrected_by"]:
        return "corrected or taken back"
    return f"corrects {row['corrects']}" if row["corrects"] else ""


def _read(words: Path | None) -> dict[str, str | None]:
    """Read the words; no more of a file than any words may be.

    Raises:
        BadParameter: It is no JSON object of texts.
    """
    if words is None:
        return {}
    if str(words) == "-":
        content = typer.get_binary_stream("stdin").read(_MOST_BYTES + 1)
    elif words.is_file():
        with words.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    else:
        raise typer.BadParameter("There is no such file.", param_hint="--words")
    try:
        said = json.loads(content) if len(content) <= _MOST_BYTES else None
    except ValueError:
        said = None
    if not isinstance(said, dict) or not set(said) <= {"next_step", "note"}:
        raise typer.BadParameter('Give a JSON object with "next_step", "note" or both, of at most 20,000 bytes.')
    return said


def _tell(told: dict[str, Any], done: str, output: str) -> None:
    if output == "json":
        show_json(told)
    else:
        out.print(f"{done}: {told['id']}")
