"""Commands of the question whether children depend on somebody: a code and a day, and no word of any child."""

from datetime import datetime
from typing import Annotated

import typer

from client.casework_words import tell
from client.shown import Output, Tenant, out, show_json
from client.stacks import host_client

Person = Annotated[str, typer.Argument(help="The survivor's id.")]


def register(casework: typer.Typer) -> None:
    """Add the commands."""
    casework.command("dependants")(dependants)
    casework.command("answer-dependants")(answer_dependants)


def dependants(person: Person, tenant: Tenant, output: Output = "text") -> None:
    """Show whether it is time to ask, and by when; what was answered only with -o json."""
    row = host_client(tenant, "advocate").get(_path(person))
    if output == "json":
        show_json(row)
    elif row["due"]:
        out.print("It is time to ask.")
    else:
        out.print(f"Ask again by {row['now']['ask_again_on']}.")


def answer_dependants(
    person: Person,
    answer: Annotated[str, typer.Option(help="A code of dependant_answer.")],
    again: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="By when it is asked again.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Say what they answered, or that nobody asked."""
    body = {"answer": answer, "ask_again_on": again.date().isoformat()}
    tell(host_client(tenant, "advocate").post(_path(person), body), "Saved", output)


def _path(person: str) -> str:
    return f"/v1/survivors/{person}/dependants"
