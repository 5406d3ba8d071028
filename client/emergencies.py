"""Commands for emergency access: what was opened, what somebody else found, and who never opens whose record.

Opening itself is done on the page: why, in words, stands on no command line. Shown by
tests/unit/client/test_emergency_commands.py.
"""

from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

emergencies = typer.Typer(
    help="Emergencies: records that somebody opened who does not act on the person.", no_args_is_help=True
)
Survivor = Annotated[str, typer.Argument(help="The survivor's id.")]
_PATH = "/v1/emergencies"
_COLUMNS = ("id", "why", "review_by", "overdue")
_NAMED = ("id", "staff_id", "ground", "named_at")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    emergencies.command("list")(list_emergencies)
    emergencies.command("review")(review)
    emergencies.command("never")(never)
    emergencies.command("name-never")(name_never)
    app.add_typer(emergencies, name="emergencies")


def list_emergencies(
    *,
    tenant: Tenant,
    late: Annotated[bool, typer.Option("--late", help="Only those whose review is late.")] = False,
    output: Output = "text",
) -> None:
    """List what was opened in an emergency and nobody else has looked at yet."""
    wanted = {"overdue": "true"} if late else {"state": "OPEN"}
    _show(host_client(tenant, "dpo").items(_PATH, **wanted), _COLUMNS, output, "Nothing waits for a review.")


def review(
    emergency: Annotated[str, typer.Argument(help="Its id, as `alongside emergencies list` shows it.")],
    outcome: Annotated[str, typer.Option(help="What you found: a code of the list emergency_outcome.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Say what you found; nobody reviews what they opened themselves."""
    client, path = host_client(tenant, "dpo"), f"{_PATH}/{emergency}"
    version = client.get(path)["version"]
    _say(client.post(f"{path}/review", {"outcome": outcome}, version=version), "It is recorded.", output)


def never(survivor: Survivor, tenant: Tenant, output: Output = "text") -> None:
    """List who never opens this person's record in an emergency."""
    rows = host_client(tenant, "dpo").get(f"/v1/survivors/{survivor}/emergency-nevers")["items"]
    _show(rows, _NAMED, output, "Nobody is named.")


def name_never(
    survivor: Survivor,
    staff: Annotated[str, typer.Option(help="The colleague's id, as `alongside people list` shows it.")],
    ground: Annotated[str, typer.Option(help="Why: a code of the list emergency_never.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Name a colleague who never opens this person's record in an emergency."""
    said = {"staff_id": staff, "ground": ground}
    made = host_client(tenant, "dpo").post(f"/v1/survivors/{survivor}/emergency-nevers", said)
    _say(made, "They are named. They are not told, and what they opened before is closed.", output)


def _show(rows: list[dict[str, Any]], columns: tuple[str, ...], output: str, nothing: str) -> None:
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
