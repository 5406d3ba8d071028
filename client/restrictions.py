"""Commands for restrictions: whose record is frozen for all but the data protection officer; as that officer.

No word of a survivor is given on a command line: what a person was told is written on the page. Shown by
tests/unit/client/test_rights_commands.py.
"""

from datetime import datetime
from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

restrictions = typer.Typer(
    help="Restrictions: records that are frozen for all but the data protection officer.", no_args_is_help=True
)
Restriction = Annotated[str, typer.Argument(help="The restriction's id, as `alongside restrictions list` shows it.")]
_PATH, _OPENED = "/v1/restrictions", "/v1/vital-openings"
_COLUMNS = ("id", "survivor_id", "ground", "begun_at", "state", "why", "lifted_at")
_OPENED_COLUMNS = ("id", "restriction_id", "why", "role", "opened_at", "until")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    restrictions.command("begin")(begin)
    restrictions.command("list")(list_restrictions)
    restrictions.command("opened")(opened)
    restrictions.command("lift")(lift)
    app.add_typer(restrictions, name="restrictions")


def begin(
    case: Annotated[str, typer.Argument(help="The rights case from which it follows.")],
    ground: Annotated[str, typer.Option(help="On which ground: a code of the list restriction_ground.")],
    told: Annotated[str, typer.Option(help="How the person was told: a code of the list rights_told.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Restrict the use of a person's record; it holds at once."""
    client = host_client(tenant, "dpo")
    version = client.get(f"/v1/rights-cases/{case}")["version"]
    made = client.post(f"/v1/rights-cases/{case}/restriction", {"ground": ground, "told": told}, version=version)
    _say(made, f"It is restricted: {made['id']}. Nobody but you reads or changes the record.", output)


def list_restrictions(tenant: Tenant, output: Output = "text") -> None:
    """List the restrictions that hold."""
    rows = host_client(tenant, "dpo").items(_PATH, state="HOLDS")
    _show_list(rows, _COLUMNS, output, "No record is restricted.")


def opened(tenant: Tenant, output: Output = "text") -> None:
    """List what was opened for the sake of a life, and no officer has seen yet."""
    rows = host_client(tenant, "dpo").items(_OPENED, unseen="true")
    _show_list(rows, _OPENED_COLUMNS, output, "Nothing waits to be seen.")


def lift(
    *,
    restriction: Restriction,
    why: Annotated[str, typer.Option(help="Why: a code of the list restriction_lifted.")],
    tenant: Tenant,
    told: Annotated[str | None, typer.Option(help="How they were told before: a code of the list rights_told.")] = None,
    told_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which they were told.")
    ] = None,
    untold: Annotated[
        str | None, typer.Option(help="Why telling them is not safe: a code of the list restriction_untold.")
    ] = None,
    output: Output = "text",
) -> None:
    """Lift a restriction after the person was told, or with the reason why telling them is not safe."""
    client = host_client(tenant, "dpo")
    version = client.get(f"{_PATH}/{restriction}")["version"]
    on = told_on.date().isoformat() if told_on is not None else None
    said = {"why": why, "told": told, "told_on": on, "untold": untold}
    made = client.post(f"{_PATH}/{restriction}/lift", said, version=version)
    _say(made, "It is lifted. What was withheld is looked at again.", output)


def _show_list(rows: list[dict[str, Any]], columns: tuple[str, ...], output: str, nothing: str) -> None:
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, columns)
    else:
        out.print(nothing)


def _say(made: dict[str, Any], sentence: str, output: str) -> None:
    if output == "json":
        show_json(made)
    else:
        out.print(sentence)
