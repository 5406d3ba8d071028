"""Commands of hand-overs: what whoever takes over must know, a note for them, and who has read it."""

from typing import Annotated

import typer

from client.casework_words import Words, read_words, tell
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

Person = Annotated[str, typer.Argument(help="The survivor's id.")]
Handover = Annotated[str, typer.Argument(help="The hand-over's id, as `alongside casework handovers` shows it.")]
As = Annotated[str, typer.Option("--as", help="Who asks: advocate or supervisor.")]
_ROLES = ("advocate", "supervisor")


def register(casework: typer.Typer) -> None:
    """Add the commands."""
    casework.command("handovers")(handovers)
    casework.command("handover")(handover)
    casework.command("read-handover")(read_handover)
    casework.command("handover-note")(handover_note)


def handovers(tenant: Tenant, role: As = "supervisor", output: Output = "text") -> None:
    """List the hand-overs that nobody has read yet."""
    rows = host_client(tenant, _role(role)).items("/v1/handovers?state=WAITING")
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, ("id", "survivor_id", "from_id", "to_id", "first_on", "last_on", "given_at"))
    else:
        out.print("Every hand-over was read.")


def handover(person: Person, tenant: Tenant, role: As = "advocate", output: Output = "text") -> None:
    """Show how much there is to know of a person; all of it, words too, only with -o json."""
    pack = host_client(tenant, _role(role)).get(_path(person))
    if output == "json":
        show_json(pack)
        return
    out.print(f"Safe contact: {'is written down' if pack['safe_contact'] else 'nobody has written down what is safe'}")
    never = len(pack["interpreting"]["nevers"])
    out.print(f"Interpreter: {never} who never may" if never else "Interpreter: nobody is named who never may")
    names = ("handovers", "notes", "questions", "approvals", "steps", "goals", "contacts", "covers")
    show_rows([{"what": name, "many": len(pack[name])} for name in names], ("what", "many"))


def read_handover(person: Person, handover_id: Handover, tenant: Tenant, output: Output = "text") -> None:
    """Say that you have read what there is to know, as whoever takes over."""
    tell(host_client(tenant, "advocate").post(f"{_path(person)}/{handover_id}/read", {}), "Read", output)


def handover_note(
    *,
    person: Person,
    tenant: Tenant,
    words: Words = None,
    replaces: Annotated[str | None, typer.Option(help="The id of the note that stands and is replaced.")] = None,
    take_back: Annotated[bool, typer.Option("--take-back", help="Take back the note that --replaces names.")] = False,
    role: As = "advocate",
    output: Output = "text",
) -> None:
    """Write what you would tell whoever works with a person next; its words are the JSON field words."""
    said = {"words": None} if take_back else read_words(words, ("words",))
    told = host_client(tenant, _role(role)).post(f"{_path(person)}/notes", {**said, "replaces": replaces})
    tell(told, "Taken back" if take_back else "Written", output)


def _role(role: str) -> str:
    if role not in _ROLES:
        raise typer.BadParameter("Give advocate or supervisor.", param_hint="--as")
    return role


def _path(person: str) -> str:
    return f"/v1/survivors/{person}/handover"
