"""Commands of casework: contacts with survivors; as the advocate or supervisor who signed in.

What was said never stands on a command line, where others on the machine could read it: it comes from a file or from
standard input.
"""

from typing import Annotated, Any

import typer

from client import casework_episodes, casework_goals, casework_needs, casework_nrm, casework_outcomes, casework_steps
from client.casework_words import Words, read_words, state_of, tell
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

casework = typer.Typer(
    help="Casework: contacts, goals, outcomes, needs, what is to be done, where support stands, and the NRM.",
    no_args_is_help=True,
)
Episode = Annotated[str, typer.Argument(help="The episode's id.")]
Contact = Annotated[str, typer.Argument(help="The contact's id, as `alongside casework contacts` shows it.")]
On = Annotated[str | None, typer.Option("--on", help="The day, such as 2026-08-04.")]
Mode = Annotated[str | None, typer.Option(help="A code of contact_mode.")]
Interpreter = Annotated[str | None, typer.Option(help="A code of interpreter.")]
Minutes = Annotated[int | None, typer.Option(min=0, max=1440)]
Area = Annotated[list[str] | None, typer.Option(help="A code of advocacy_area; may be given more than once.")]
_WORDS = ("next_step", "note")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    casework.command("contacts")(contacts)
    casework.command("record")(record)
    casework.command("correct")(correct)
    casework.command("take-back")(take_back)
    casework_steps.register(casework)
    casework_goals.register(casework)
    casework_outcomes.register(casework)
    casework_needs.register(casework)
    casework_episodes.register(casework)
    casework_nrm.register(casework)
    app.add_typer(casework, name="casework")


def contacts(episode: Episode, tenant: Tenant, output: Output = "text") -> None:
    """List an episode's contacts, what was corrected among them; the words themselves only with -o json."""
    rows = host_client(tenant, "advocate").items(_path(episode))
    if output == "json":
        show_json({"items": rows})
    elif rows:
        shown = [{**row, "areas": ", ".join(row["areas"]), "state": state_of(row)} for row in rows]
        show_rows(shown, ("id", "on", "mode", "minutes", "areas", "interpreter", "state"))
    else:
        out.print("No contact is written down yet.")


def record(
    *,
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
    body = {
        "mode": mode,
        "interpreter": interpreter,
        "on": on,
        "minutes": minutes,
        "areas": area or [],
        **read_words(words, _WORDS),
    }
    tell(host_client(tenant, "advocate").post(_path(episode), body), "Recorded", output)


def correct(
    *,
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
        "clear": clear or [], **read_words(words, _WORDS),
    }  # fmt: skip
    told = host_client(tenant, "advocate").post(f"{_path(episode)}/{contact}/corrections", body)
    tell(told, "Corrected", output)


def take_back(
    episode: Episode,
    contact: Contact,
    tenant: Tenant,
    why: Annotated[str, typer.Option(help="DID_NOT_HAPPEN, ANOTHER_PERSON, WRITTEN_TWICE or SURVIVOR_ASKED.")],
    output: Output = "text",
) -> None:
    """Take back a contact that there was not with this person; what stood there stays to be seen."""
    told = host_client(tenant, "advocate").post(f"{_path(episode)}/{contact}/take-back", {"why": why})
    tell(told, "Taken back", output)


def _path(episode: str) -> str:
    return f"/v1/episodes/{episode}/contacts"
