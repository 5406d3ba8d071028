"""Commands of a supervisor's team: caseloads, giving people to another advocate, cover for an absence."""

from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

team = typer.Typer(
    help="The team: caseloads, giving people to another advocate, cover for an absence.", no_args_is_help=True
)
From = Annotated[str, typer.Option("--from", help="Id of the advocate who has them.")]
To = Annotated[str, typer.Option("--to", help="Id of the advocate who takes over.")]
Who = Annotated[
    list[str] | None,
    typer.Option("--survivor", help="A survivor's id; may be given more than once. Without it, everybody."),
]
Move = Annotated[str, typer.Argument(help="The id that `give` or `cover` showed, or `show` does.")]
_MOST_PARTS = 100
"""Parts of a caseload that are asked for one after the other: far more than anybody has."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    team.command("show")(show)
    team.command("limit")(limit)
    team.command("give")(give)
    team.command("cover")(cover)
    team.command("end-cover")(end_cover)
    team.command("result")(result)
    app.add_typer(team, name="team")


def show(tenant: Tenant, output: Output = "text") -> None:
    """Show how many people each advocate supports, and who covers for whom."""
    told = host_client(tenant, "supervisor").get("/v1/caseload")
    if output == "json":
        show_json(told)
        return
    stated = told["limit"]
    out.print(f"The limit is {stated} people." if stated is not None else "No limit is stated.")
    rows = [{**row, "is_active": "" if row["is_active"] else "no advocate any more"} for row in told["items"]]
    show_rows(rows, ("advocate_id", "supported", "fullness", "waiting", "overdue", "questions", "is_active"))
    if told["covers"]:
        show_rows(told["covers"], ("id", "to_id", "from_id", "first_on", "last_on"), title="Who covers")


def limit(
    tenant: Tenant,
    people: Annotated[
        int | None, typer.Argument(min=1, help="People whom one advocate supports at most; none for no limit.")
    ] = None,
    output: Output = "text",
) -> None:
    """State how many people an advocate supports at most; it stops nobody, it is shown."""
    told = host_client(tenant, "supervisor").post("/v1/caseload/limit", {"people": people})
    if output == "json":
        show_json(told)
    else:
        out.print("Saved." if people is not None else "Saved: no limit.")


def give(tenant: Tenant, from_id: From, to_id: To, survivor: Who = None, output: Output = "text") -> None:
    """Give people to another advocate for good; whom somebody else has meanwhile is left alone."""
    _move(tenant, "give", {"from_id": from_id, "to_id": to_id, "survivor_ids": survivor or None}, output)


def cover(
    *,
    tenant: Tenant,
    from_id: From,
    to_id: To,
    first: Annotated[str, typer.Option("--first", help="The first day, such as 2026-12-01.")],
    last: Annotated[str, typer.Option("--last", help="The last day; whoever covers may act on it, and not after it.")],
    survivor: Who = None,
    output: Output = "text",
) -> None:
    """Let another advocate act on people while one is absent."""
    body = {"from_id": from_id, "to_id": to_id, "survivor_ids": survivor or None, "first_on": first, "last_on": last}
    _move(tenant, "cover", body, output)


def end_cover(move: Move, tenant: Tenant, output: Output = "text") -> None:
    """End a cover before its last day."""
    told = host_client(tenant, "supervisor").post(f"/v1/caseload/moves/{move}/end", {})
    if output == "json":
        show_json(told)
    else:
        out.print("It is over: whoever covered may act no more.")


def result(move: Move, tenant: Tenant, output: Output = "text") -> None:
    """Show what came of each person."""
    told = host_client(tenant, "supervisor").get(f"/v1/caseload/moves/{move}")
    if output == "json":
        show_json(told)
    else:
        show_rows(told["results"], ("survivor_id", "result"))


def _move(tenant: str, verb: str, body: dict[str, Any], output: str) -> None:
    """Ask, and for everybody again until nobody is left: whatever was done stays done if this is stopped."""
    client, parts = host_client(tenant, "supervisor"), list[dict[str, Any]]()
    while not parts or (parts[-1]["more"] and len(parts) < _MOST_PARTS):
        parts.append(client.post(f"/v1/caseload/{verb}", body))
        if output != "json":
            told = parts[-1]
            left = f" For {told['left']} it was not." if told["left"] else ""
            out.print(f"Done for {told['moved']}: {told['id']}.{left}")
    if output == "json":
        show_json({"items": parts})
