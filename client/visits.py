"""Commands for visits on which somebody goes alone: as whoever goes, or as who looks after alarms."""

from datetime import datetime
from typing import Annotated, Any

import typer

from client.casework_words import Words, read_words
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

visits = typer.Typer(help="Visits on which somebody goes alone, and their alarms.", no_args_is_help=True)
Visit = Annotated[str, typer.Argument(help="The visit's id, as `alongside visits list` shows it.")]
_PATH, _ALARMS = "/v1/visits", "/v1/visit-alarms"
_WORDS = ("place", "what_if")
_COLUMNS = ("id", "goes_id", "from_at", "until_at", "due_at", "safe_at", "alarm", "escalated", "taken_by")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    visits.command("plan")(plan)
    visits.command("list")(list_visits)
    visits.command("show")(show)
    visits.command("safe")(safe)
    visits.command("longer")(longer)
    visits.command("help")(ask_for_help)
    visits.command("end")(end)
    visits.command("alarms")(alarms)
    visits.command("take")(take)
    visits.command("close")(close)
    app.add_typer(visits, name="visits")


def plan(
    *,
    survivor: Annotated[str, typer.Argument(help="Whom you go to see: their id here.")],
    start: Annotated[datetime, typer.Option("--from", help="When you go, with its zone.")],
    until: Annotated[datetime, typer.Option(help="When you are back, with its zone.")],
    words: Words,
    tenant: Tenant,
    every: Annotated[int | None, typer.Option(help="Minutes between two words that you are safe.")] = None,
    told: Annotated[str, typer.Option(help="Who hears first: a code of visit_told.")] = "SUPERVISORS",
    output: Output = "text",
) -> None:
    """Plan a visit; where it goes, and what to do if, are the JSON fields place and what_if."""
    body = {
        "from_at": start.astimezone().isoformat(),
        "until_at": until.astimezone().isoformat(),
        "every_minutes": every,
        "told": told,
        **read_words(words, _WORDS),
    }
    made = host_client(tenant, "advocate").post(f"/v1/survivors/{survivor}/visits", body)
    _say(made, f"Planned: {made['id']}. Say that you are safe by {made['due_at']}.", output)


def list_visits(tenant: Tenant, output: Output = "text") -> None:
    """List your open visits; a supervisor sees everybody's."""
    _show(host_client(tenant, "advocate").items(_PATH, state="OPEN"), "None is open.", output)


def show(visit: Visit, tenant: Tenant, output: Output = "text") -> None:
    """Show a visit; where it goes only with -o json."""
    row = host_client(tenant, "advocate").get(f"{_PATH}/{visit}")
    if output == "json":
        show_json(row)
    else:
        show_rows([row], _COLUMNS)


def safe(visit: Visit, tenant: Tenant, output: Output = "text") -> None:
    """Say that you are safe."""
    _press(visit, tenant, ("safe", {}), output)


def longer(
    visit: Visit,
    minutes: Annotated[int, typer.Option(help="15, 30, 60 or 120.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Say that you are safe and stay longer."""
    _press(visit, tenant, ("longer", {"minutes": minutes}), output)


def ask_for_help(visit: Visit, tenant: Tenant, output: Output = "text") -> None:
    """Tell your team that you need help. In danger now, ring 999: this rings nobody."""
    _press(visit, tenant, ("help", {}), output)


def end(visit: Visit, tenant: Tenant, output: Output = "text") -> None:
    """Say that you are back, or do not go."""
    _press(visit, tenant, ("end", {}), output)


def alarms(tenant: Tenant, output: Output = "text") -> None:
    """List the alarms that stand, as far as they have come to you."""
    _show(host_client(tenant, "supervisor").items(_ALARMS), "Nobody is overdue.", output)


def take(visit: Visit, tenant: Tenant, output: Output = "text") -> None:
    """Say that you look after an alarm."""
    _say(host_client(tenant, "supervisor").post(f"{_ALARMS}/{visit}/take", {}), "You look after it.", output)


def close(
    visit: Visit,
    found: Annotated[str, typer.Option(help="What was found: a code of visit_found.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Close an alarm with what was found."""
    made = host_client(tenant, "supervisor").post(f"{_ALARMS}/{visit}/close", {"found": found})
    _say(made, "It is closed.", output)


def _press(visit: str, tenant: str, asked: tuple[str, dict[str, Any]], output: str) -> None:
    verb, body = asked
    made = host_client(tenant, "advocate").post(f"{_PATH}/{visit}/{verb}", body)
    _say(made, f"Noted. The next word is due by {made['due_at']}." if verb in ("safe", "longer") else "Noted.", output)


def _show(rows: list[dict[str, Any]], none: str, output: str) -> None:
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, _COLUMNS)
    else:
        out.print(none)


def _say(made: dict[str, Any], sentence: str, output: str) -> None:
    if output == "json":
        show_json(made)
    else:
        out.print(sentence)
