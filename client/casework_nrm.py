"""Commands of the NRM: list, record, correct, take back, by when something is to be done, and put it on the list.

Everything that is said of a person's NRM comes from a file or from standard input: a stage on a command line could be
read by others on the machine.
"""

from typing import Annotated, Any

import typer

from client.casework_words import Words, read_words, state_of, tell
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

Person = Annotated[str, typer.Argument(help="The survivor's id.")]
Entry = Annotated[str, typer.Argument(help="The entry's id, as `alongside casework nrm` shows it.")]
_WORDS = ("stage", "on", "told_on", "told_by", "authority", "note")


def register(casework: typer.Typer) -> None:
    """Add the commands."""
    casework.command("nrm")(nrm)
    casework.command("record-nrm")(record_nrm)
    casework.command("correct-nrm")(correct_nrm)
    casework.command("take-nrm-back")(take_nrm_back)
    casework.command("nrm-deadlines")(nrm_deadlines)
    casework.command("plan-nrm")(plan_nrm)


def nrm(person: Person, tenant: Tenant, output: Output = "text") -> None:
    """List what was written down of a person's NRM, what was corrected among it; the note only with -o json."""
    rows = host_client(tenant, "advocate").items(_path(person))
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(
            [{**row, "state": state_of(row)} for row in rows], ("id", "stage", "on", "told_on", "told_by", "state")
        )
    else:
        out.print("Nothing is written down of the NRM.")


def record_nrm(person: Person, tenant: Tenant, words: Words = None, output: Output = "text") -> None:
    """Write down what is known: stage, and perhaps on, told_on, told_by, authority and note; it is sent to nobody."""
    tell(host_client(tenant, "advocate").post(_path(person), read_words(words, _WORDS)), "Written down", output)


def correct_nrm(
    *,
    person: Person,
    entry: Entry,
    tenant: Tenant,
    why: Annotated[str, typer.Option(help="WRITTEN_WRONGLY, SOMETHING_WAS_MISSING or SURVIVOR_ASKED.")],
    words: Words = None,
    clear: Annotated[
        list[str] | None, typer.Option(help="A field to take away: on, told_on, told_by, authority or note.")
    ] = None,
    output: Output = "text",
) -> None:
    """Correct an entry; what is left out stays, and what stood there stays to be seen."""
    body: dict[str, Any] = {"why": why, "clear": clear or [], **read_words(words, _WORDS)}
    told = host_client(tenant, "advocate").post(f"{_path(person)}/{entry}/corrections", body)
    tell(told, "Corrected", output)


def take_nrm_back(
    person: Person,
    entry: Entry,
    tenant: Tenant,
    why: Annotated[str, typer.Option(help="DID_NOT_HAPPEN, ANOTHER_PERSON, WRITTEN_TWICE or SURVIVOR_ASKED.")],
    output: Output = "text",
) -> None:
    """Take back an entry that is not about this person; what stood there stays to be seen."""
    told = host_client(tenant, "advocate").post(f"{_path(person)}/{entry}/take-back", {"why": why})
    tell(told, "Taken back", output)


def nrm_deadlines(person: Person, tenant: Tenant, output: Output = "text") -> None:
    """Show by when something is to be asked for, or how long support lasts, and by which rule."""
    told = host_client(tenant, "advocate").get(f"{_path(person)}/deadlines")
    if output == "json":
        show_json(told)
    elif told["items"]:
        shown = [{**row, "by": _by(row), "over": "over" if row["overdue"] else ""} for row in told["items"]]
        show_rows(shown, ("entry_id", "kind", "by", "over", "source"))
    else:
        out.print("No time runs by what is written down.")


def plan_nrm(
    person: Person,
    entry: Entry,
    tenant: Tenant,
    kind: Annotated[str, typer.Option(help="A kind, as `alongside casework nrm-deadlines` shows it.")],
    output: Output = "text",
) -> None:
    """Put a time that runs on the list of what is to be done."""
    told = host_client(tenant, "advocate").post(f"{_path(person)}/{entry}/plan", {"kind": kind})
    tell(told, "On the list", output)


def _path(person: str) -> str:
    return f"/v1/survivors/{person}/nrm"


def _by(row: dict[str, Any]) -> str:
    return str(row["due_on"]) if row["due_on"] else f"not known, {row['latest']} at the latest"
