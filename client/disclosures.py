"""Commands for disclosures: what of a person may be given to a recipient, what was, and who is told to stop."""

from typing import Annotated, Any

import typer

from client.casework_words import Words, read_words
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

disclosures = typer.Typer(help="What of a person is given to somebody outside, by permit.", no_args_is_help=True)
Survivor = Annotated[str, typer.Argument(help="Whose: their id here.")]
Disclosure = Annotated[str, typer.Argument(help="The disclosure's id, as `alongside disclosures of` shows it.")]
_COLUMNS = ("id", "purpose", "recipient_class", "state", "lasts", "until", "reason", "given_at", "tell")
_FIELDS = ("purpose", "recipient_class", "recipient", "items", "means", "contact")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    disclosures.command("ask")(ask)
    disclosures.command("again")(again)
    disclosures.command("give")(give)
    disclosures.command("told")(told)
    disclosures.command("of")(of_person)
    disclosures.command("list")(list_disclosures)
    app.add_typer(disclosures, name="disclosures")


def ask(survivor: Survivor, words: Words, tenant: Tenant, output: Output = "text") -> None:
    """Ask whether something may be given; the file has purpose, recipient_class, recipient, items, means, contact."""
    made = host_client(tenant, "advocate").post(_path(survivor), read_words(words, _FIELDS))
    _say(made, f"Asked: {made['id']}. Give nothing before it is permitted.", output)


def again(survivor: Survivor, disclosure: Disclosure, tenant: Tenant, output: Output = "text") -> None:
    """Ask again about the same things."""
    made = host_client(tenant, "advocate").post(f"{_path(survivor)}/{disclosure}/ask-again", {})
    _say(made, "Asked again. Give nothing before it is permitted.", output)


def give(survivor: Survivor, disclosure: Disclosure, tenant: Tenant, output: Output = "text") -> None:
    """Write down that it is given now; refused unless it is permitted at this moment."""
    made = host_client(tenant, "advocate").post(f"{_path(survivor)}/{disclosure}/give", {})
    _say(made, "It is written down. Give exactly this, now.", output)


def told(
    survivor: Survivor,
    disclosure: Disclosure,
    answer: Annotated[str, typer.Option(help="What they answered: DELETED, STOPPED or REFUSED_BY_LAW.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Note what a recipient answered who was told that the yes ended."""
    made = host_client(tenant, "advocate").post(f"{_path(survivor)}/{disclosure}/told", {"answer": answer})
    _say(made, "It is noted.", output)


def of_person(survivor: Survivor, tenant: Tenant, output: Output = "text") -> None:
    """List what of a person was given, refused or asked; to whom by name only with -o json."""
    _show(host_client(tenant, "advocate").get(_path(survivor))["items"], output)


def list_disclosures(
    *,
    tenant: Tenant,
    tell: Annotated[bool, typer.Option("--tell", help="Only those whose recipient has to be told.")] = False,
    output: Output = "text",
) -> None:
    """List everybody's, as the data protection officer."""
    filters = {"tell": "TO_TELL"} if tell else {}
    _show(host_client(tenant, "dpo").items("/v1/disclosures", **filters), output)


def _show(rows: list[dict[str, Any]], output: str) -> None:
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, _COLUMNS)
    else:
        out.print("There is none.")


def _say(made: dict[str, Any], sentence: str, output: str) -> None:
    if output == "json":
        show_json(made)
    else:
        out.print(sentence)


def _path(survivor: str) -> str:
    return f"/v1/survivors/{survivor}/disclosures"
