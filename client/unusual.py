"""Commands of unusual access: what is raised to the data protection officer, when it was looked, and closing.

Shown by tests/unit/client/test_unusual_commands.py.
"""

from typing import Annotated

import typer

from client.shown import Output, Tenant, out, say, show_json, show_rows
from client.stacks import host_client

unusual = typer.Typer(help="Unusual access to records, for the data protection officer.", no_args_is_help=True)
As = Annotated[str, typer.Option("--by", help="In a demo: dpo, or admin for what concerns an officer.")]
_PATH = "/v1/audit/unusual"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    unusual.command("list")(list_findings)
    unusual.command("looking")(looking)
    unusual.command("close")(close)
    app.add_typer(unusual, name="unusual")


def list_findings(
    *,
    tenant: Tenant,
    closed: Annotated[bool, typer.Option("--closed", help="What was closed, instead of what is open.")] = False,
    by: As = "dpo",
    output: Output = "text",
) -> None:
    """List what is unusual; nobody sees what concerns themself."""
    rows = list(host_client(tenant, by).items(_PATH, state="CLOSED" if closed else "OPEN"))
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, ("id", "rule", "actor_id", "role", "times", "odd_hours", "first_at", "last_at"))
    else:
        out.print("Nothing was closed." if closed else "Nothing is open. See when it was looked: unusual looking.")


def looking(tenant: Tenant, by: As = "dpo", output: Output = "text") -> None:
    """Say when it was looked last, how far, and by which bounds."""
    said = host_client(tenant, by).get(f"{_PATH}/looking")
    if output == "json":
        show_json(said)
        return
    show_rows(said["passes"], ("id", "next", "looked_at", "not_known", "not_understood"))
    say(
        f"The log has {said['log_size']} entries. Bounds for {said['people']} people: {said['people_an_hour']} in an "
        f"hour, {said['people_a_day']} in a day."
    )


def close(
    *,
    one: Annotated[str, typer.Argument(help="Its id, as `alongside unusual list` shows it.")],
    reason: Annotated[str, typer.Option(help="A code of the list unusual_reason.")],
    words: Annotated[str, typer.Option(help="What you found, in a sentence. Name nobody whom you support.")],
    tenant: Tenant,
    by: As = "dpo",
    output: Output = "text",
) -> None:
    """Close one, and say what it was."""
    client = host_client(tenant, by)
    version = client.get(f"{_PATH}/{one}")["version"]
    told = client.post(f"{_PATH}/{one}/close", {"reason": reason, "words": words}, version=version)
    if output == "json":
        show_json(told)
    else:
        out.print("It is closed. It opens again by itself if the same is seen once more.")
