"""Commands for interpreters: the register, what one person needs, whom never, who may, and what is booked."""

from datetime import datetime
from typing import Annotated, Any

import typer

from client.casework_words import Words, read_words, tell
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

interpreters = typer.Typer(help="Interpreters: who they are, and who may interpret for whom.", no_args_is_help=True)
Person = Annotated[str, typer.Argument(help="The survivor's id.")]
One = Annotated[str, typer.Argument(help="The interpreter's id, as `alongside interpreters list` shows it.")]
Booking = Annotated[str, typer.Argument(help="The booking's id, as `alongside interpreters show` shows it.")]
At = Annotated[datetime, typer.Option(help="When, with its zone.")]
Mode = Annotated[str, typer.Option(help="How: a code of interpreter_mode.")]
_REGISTER = "/v1/interpreters"
_COLUMNS = ("id", "languages", "gender", "modes", "from_on", "until_on")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    interpreters.command("list")(list_interpreters)
    interpreters.command("add")(add)
    interpreters.command("last-day")(last_day)
    interpreters.command("tie")(tie)
    interpreters.command("show")(show)
    interpreters.command("wish")(wish)
    interpreters.command("never")(never)
    interpreters.command("who")(who)
    interpreters.command("book")(book)
    interpreters.command("held")(held)
    interpreters.command("cancel")(cancel)
    app.add_typer(interpreters, name="interpreters")


def list_interpreters(tenant: Tenant, output: Output = "text") -> None:
    """List the register; names and ties only with -o json."""
    rows = host_client(tenant, "supervisor").items(_REGISTER)
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, _COLUMNS)
    else:
        out.print("The register is empty.")


def add(
    *,
    words: Words,
    languages: Annotated[list[str], typer.Option("--language", help="A code of language; say it again for more.")],
    gender: Annotated[str, typer.Option(help="As they state it: a code of gender.")],
    modes: Annotated[list[str], typer.Option("--mode", help="A code of interpreter_mode; say it again for more.")],
    from_on: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="Their first day.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Add an interpreter; name, agency, dialects and communities are JSON fields of --words."""
    said: dict[str, Any] = read_words(words, ("name", "agency", "dialects", "communities"))
    body = {"languages": languages, "gender": gender, "modes": modes, "from_on": from_on.date().isoformat(), **said}
    tell(host_client(tenant, "supervisor").post(_REGISTER, body), "Added", output)


def last_day(
    one: One,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Their last day.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Say until when an interpreter works for you."""
    body = {"until_on": on.date().isoformat()}
    tell(host_client(tenant, "supervisor").post(f"{_REGISTER}/{one}/change", body), "Saved", output)


def tie(
    one: One,
    kind: Annotated[str, typer.Option(help="How: a code of interpreter_conflict.")],
    words: Words,
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Note to whom an interpreter is tied; the name is the JSON field name of --words."""
    body = {"kind": kind, **read_words(words, ("name",))}
    tell(host_client(tenant, "supervisor").post(f"{_REGISTER}/{one}/ties", body), "Noted", output)


def show(person: Person, tenant: Tenant, output: Output = "text") -> None:
    """Show what is booked for a person; what they need, and whom never, only with -o json."""
    row = host_client(tenant, "advocate").get(f"/v1/survivors/{person}/interpreting")
    if output == "json":
        show_json(row)
    elif row["bookings"]:
        show_rows(row["bookings"], ("id", "state", "at", "purpose", "mode", "interpreter_id"))
    else:
        out.print("Nothing is booked.")


def wish(
    *,
    person: Person,
    words: Words,
    tenant: Tenant,
    replaces: Annotated[str | None, typer.Option(help="The id of what stood; left out where nothing did.")] = None,
    output: Output = "text",
) -> None:
    """Write down what a person needs: JSON fields language, dialect, gender, modes, community_rule and community."""
    names = ("language", "dialect", "gender", "modes", "community_rule", "community", "clear", "why")
    body = {**read_words(words, names), "replaces": replaces}
    _say(host_client(tenant, "advocate").post(f"/v1/survivors/{person}/interpreter-wishes", body), output)


def never(person: Person, words: Words, tenant: Tenant, output: Output = "text") -> None:
    """Write down who never interprets for a person: JSON fields name or interpreter_id, and why."""
    body = read_words(words, ("name", "interpreter_id", "why"))
    _say(host_client(tenant, "advocate").post(f"/v1/survivors/{person}/interpreter-nevers", body), output)


def who(person: Person, at: At, mode: Mode, tenant: Tenant, output: Output = "text") -> None:
    """Show who may interpret, and why each other one may not; names only with -o json."""
    body = {"at": at.astimezone().isoformat(), "mode": mode}
    found = host_client(tenant, "advocate").post(f"/v1/survivors/{person}/interpreters/search", body)
    if output == "json":
        show_json(found)
    elif found["items"]:
        show_rows(found["items"], ("interpreter_id", "may", "may_if_agreed", "refusals"))
    else:
        out.print("The register is empty.")


def book(
    *,
    person: Person,
    one: One,
    at: At,
    mode: Mode,
    purpose: Annotated[str, typer.Option(help="For what: a code of interpreting_purpose.")],
    tenant: Tenant,
    agreed: Annotated[
        bool, typer.Option("--agreed", help="The person agreed themselves, for this once, to another gender.")
    ] = False,
    output: Output = "text",
) -> None:
    """Book an interpreter who may."""
    body = {"interpreter_id": one, "at": at.astimezone().isoformat(), "mode": mode, "purpose": purpose}
    made = host_client(tenant, "advocate").post(
        f"/v1/survivors/{person}/interpreter-bookings", {**body, "agreed": agreed}
    )
    tell(made, "Booked", output)


def held(person: Person, booking: Booking, tenant: Tenant, output: Output = "text") -> None:
    """Say that a booking took place."""
    _press(person, booking, "held", tenant, output)


def cancel(person: Person, booking: Booking, tenant: Tenant, output: Output = "text") -> None:
    """Cancel a booking."""
    _press(person, booking, "cancel", tenant, output)


def _press(person: str, booking: str, verb: str, tenant: str, output: str) -> None:
    path = f"/v1/survivors/{person}/interpreter-bookings/{booking}/{verb}"
    tell(host_client(tenant, "advocate").post(path, {}), "Saved", output)


def _say(made: dict[str, Any], output: str) -> None:
    if output == "json":
        show_json(made)
    else:
        out.print(f"Written down: {made['id']}. Bookings that need somebody else: {made['find_others']}.")
