"""Commands of outcomes by the survivor's own view, and of what they gained: list, write, correct, take back."""

from typing import Annotated, Any

import typer

from client.casework_words import tell
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

Episode = Annotated[str, typer.Argument(help="The episode's id.")]
Kept = Annotated[str, typer.Argument(help="Its id, as the list shows it.")]
On = Annotated[str | None, typer.Option("--on", help="The day, such as 2026-08-04; without it nobody knows.")]
Outcome = Annotated[str | None, typer.Option(help="A code of outcome.")]
Rating = Annotated[str | None, typer.Option(help="A code of outcome_scale; NOT_ASKED and DECLINED_TO_ANSWER differ.")]
RatedBy = Annotated[str | None, typer.Option("--rated-by", help="A code of outcome_rater.")]
Point = Annotated[str | None, typer.Option(help="A code of outcome_point.")]
HowAsked = Annotated[str | None, typer.Option("--asked", help="A code of outcome_asked; without it nobody knows.")]
Entitlement = Annotated[str | None, typer.Option(help="A code of entitlement.")]
Goal = Annotated[str | None, typer.Option(help="The id of the goal to which it belongs.")]
Why = Annotated[str, typer.Option(help="WRITTEN_WRONGLY, SOMETHING_WAS_MISSING or SURVIVOR_ASKED.")]
WhyBack = Annotated[str, typer.Option("--why", help="DID_NOT_HAPPEN, ANOTHER_PERSON, WRITTEN_TWICE or SURVIVOR_ASKED.")]
Changes = Annotated[bool, typer.Option("--changes", help="Each outcome from the first to the newest answer.")]
Clear = Annotated[list[str] | None, typer.Option(help="A field to take away; may be given more than once.")]


def register(casework: typer.Typer) -> None:
    """Add the commands."""
    casework.command("outcomes")(outcomes)
    casework.command("rate")(rate)
    casework.command("correct-rating")(correct_rating)
    casework.command("take-rating-back")(take_rating_back)
    casework.command("entitlements")(entitlements)
    casework.command("record-entitlement")(record_entitlement)
    casework.command("correct-entitlement")(correct_entitlement)
    casework.command("take-entitlement-back")(take_entitlement_back)


def outcomes(*, episode: Episode, tenant: Tenant, changes: Changes = False, output: Output = "text") -> None:
    """List how somebody sees their outcomes, what was corrected among it; or how each changed."""
    if changes:
        rows = host_client(tenant, "advocate").get(f"{path_of(episode, 'outcomes')}/changes")["items"]
        listed(rows, ("outcome", "first", "newest", "change", "last_answer"), output, "No outcome is listed.")
        return
    rows = host_client(tenant, "advocate").items(path_of(episode, "outcomes"))
    shown = ("id", "on", "outcome", "rating", "rated_by", "point", "asked", "state")
    listed(rows, shown, output, "They were not asked yet.")


def rate(
    *,
    episode: Episode,
    tenant: Tenant,
    outcome: Annotated[str, typer.Option(help="A code of outcome.")],
    rating: Annotated[str, typer.Option(help="A code of outcome_scale; NOT_ASKED and DECLINED_TO_ANSWER differ.")],
    rated_by: Annotated[str, typer.Option("--rated-by", help="A code of outcome_rater.")],
    point: Annotated[str, typer.Option(help="A code of outcome_point.")],
    asked: HowAsked = None,
    on: On = None,
    output: Output = "text",
) -> None:
    """Record how far an outcome is reached, as the survivor says; or that they did not say."""
    body = {"outcome": outcome, "rating": rating, "rated_by": rated_by, "point": point, "asked": asked, "on": on}
    tell(host_client(tenant, "advocate").post(path_of(episode, "outcomes"), body), "Recorded", output)


def correct_rating(
    *,
    episode: Episode,
    kept: Kept,
    tenant: Tenant,
    why: Why,
    outcome: Outcome = None,
    rating: Rating = None,
    rated_by: RatedBy = None,
    point: Point = None,
    asked: HowAsked = None,
    on: On = None,
    clear: Clear = None,
    output: Output = "text",
) -> None:
    """Correct a rating; what is left out stays, and what stood there stays to be seen."""
    said = {"outcome": outcome, "rating": rating, "rated_by": rated_by, "point": point, "asked": asked, "on": on}
    corrected(tenant, path_of(episode, "outcomes", kept), {**said, "clear": clear or [], "why": why}, output)


def take_rating_back(episode: Episode, kept: Kept, tenant: Tenant, why: WhyBack, output: Output = "text") -> None:
    """Take back a rating that nobody gave; what stood there stays to be seen."""
    taken_back(tenant, path_of(episode, "outcomes", kept), why, output)


def entitlements(episode: Episode, tenant: Tenant, output: Output = "text") -> None:
    """List what somebody gained, what was corrected among it."""
    rows = host_client(tenant, "advocate").items(path_of(episode, "entitlements"))
    listed(rows, ("id", "on", "entitlement", "goal_id", "state"), output, "Nothing is written down yet.")


def record_entitlement(
    *,
    episode: Episode,
    tenant: Tenant,
    entitlement: Annotated[str, typer.Option(help="A code of entitlement.")],
    on: On = None,
    goal: Goal = None,
    output: Output = "text",
) -> None:
    """Record a right or an entitlement that the survivor gained."""
    body = {"entitlement": entitlement, "on": on, "goal_id": goal}
    tell(host_client(tenant, "advocate").post(path_of(episode, "entitlements"), body), "Recorded", output)


def correct_entitlement(
    *,
    episode: Episode,
    kept: Kept,
    tenant: Tenant,
    why: Why,
    entitlement: Entitlement = None,
    on: On = None,
    goal: Goal = None,
    clear: Clear = None,
    output: Output = "text",
) -> None:
    """Correct what somebody gained; what is left out stays, and what stood there stays to be seen."""
    said = {"entitlement": entitlement, "on": on, "goal_id": goal}
    corrected(tenant, path_of(episode, "entitlements", kept), {**said, "clear": clear or [], "why": why}, output)


def take_entitlement_back(episode: Episode, kept: Kept, tenant: Tenant, why: WhyBack, output: Output = "text") -> None:
    """Take back what they did not gain; what stood there stays to be seen."""
    taken_back(tenant, path_of(episode, "entitlements", kept), why, output)


def path_of(episode: str, kind: str, kept: str | None = None) -> str:
    """Give the address of a kind of what is kept, or of one of them."""
    return f"/v1/episodes/{episode}/{kind}" + (f"/{kept}" if kept is not None else "")


def listed(rows: list[dict[str, Any]], shown: tuple[str, ...], output: str, nothing: str) -> None:
    """Show a list; the words themselves only as JSON."""
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows([{**row, "state": _state(row)} for row in rows], shown)
    else:
        out.print(nothing)


def corrected(tenant: str, path: str, body: dict[str, Any], output: str) -> None:
    """Send a correction, and say that it was made."""
    tell(host_client(tenant, "advocate").post(f"{path}/corrections", body), "Corrected", output)


def taken_back(tenant: str, path: str, why: str, output: str) -> None:
    """Take something back, and say so."""
    tell(host_client(tenant, "advocate").post(f"{path}/take-back", {"why": why}), "Taken back", output)


def _state(row: dict[str, Any]) -> str:
    if row.get("taken_back"):
        return f"takes back {row['corrects']}"
    if row.get("corrected_by"):
        return "corrected or taken back"
    return f"corrects {row['corrects']}" if row.get("corrects") else ""
