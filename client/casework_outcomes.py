"""Commands of outcomes by the survivor's own view, and of what they gained: list, write, correct, take back.

What is said of a person comes from a file or from standard input: an answer on a command line could be read by others
on the machine.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from client.casework_words import Words, read_words, state_of, tell
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

Episode = Annotated[str, typer.Argument(help="The episode's id.")]
Kept = Annotated[str, typer.Argument(help="Its id, as the list shows it.")]
Why = Annotated[str, typer.Option(help="WRITTEN_WRONGLY, SOMETHING_WAS_MISSING or SURVIVOR_ASKED.")]
WhyBack = Annotated[str, typer.Option("--why", help="DID_NOT_HAPPEN, ANOTHER_PERSON, WRITTEN_TWICE or SURVIVOR_ASKED.")]
Changes = Annotated[bool, typer.Option("--changes", help="Each outcome from the first to the newest answer.")]
Clear = Annotated[list[str] | None, typer.Option(help="A field to take away; may be given more than once.")]
_RATING = ("outcome", "rating", "rated_by", "point", "asked", "on")
_GAINED = ("entitlement", "on", "goal_id")


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


def rate(episode: Episode, tenant: Tenant, words: Words = None, output: Output = "text") -> None:
    """Record an outcome as the survivor says: outcome, rating, rated_by and point, and perhaps asked and on."""
    written(tenant, path_of(episode, "outcomes"), read_words(words, _RATING), output)


def correct_rating(
    *,
    episode: Episode,
    kept: Kept,
    tenant: Tenant,
    why: Why,
    words: Words = None,
    clear: Clear = None,
    output: Output = "text",
) -> None:
    """Correct a rating; what is left out stays, and what stood there stays to be seen."""
    corrected(tenant, path_of(episode, "outcomes", kept), correction(read_words(words, _RATING), clear, why), output)


def take_rating_back(episode: Episode, kept: Kept, tenant: Tenant, why: WhyBack, output: Output = "text") -> None:
    """Take back a rating that nobody gave; what stood there stays to be seen."""
    taken_back(tenant, path_of(episode, "outcomes", kept), why, output)


def entitlements(episode: Episode, tenant: Tenant, output: Output = "text") -> None:
    """List what somebody gained, what was corrected among it."""
    rows = host_client(tenant, "advocate").items(path_of(episode, "entitlements"))
    shown = ("id", "on", "entitlement", "goal_id", "state")
    listed(rows, shown, output, "Nothing is written down yet.")


def record_entitlement(episode: Episode, tenant: Tenant, words: Words = None, output: Output = "text") -> None:
    """Record what the survivor gained: entitlement, and perhaps on and goal_id."""
    written(tenant, path_of(episode, "entitlements"), read_words(words, _GAINED), output)


def correct_entitlement(
    *,
    episode: Episode,
    kept: Kept,
    tenant: Tenant,
    why: Why,
    words: Words = None,
    clear: Clear = None,
    output: Output = "text",
) -> None:
    """Correct what somebody gained; what is left out stays, and what stood there stays to be seen."""
    said = correction(read_words(words, _GAINED), clear, why)
    corrected(tenant, path_of(episode, "entitlements", kept), said, output)


def take_entitlement_back(episode: Episode, kept: Kept, tenant: Tenant, why: WhyBack, output: Output = "text") -> None:
    """Take back what they did not gain; what stood there stays to be seen."""
    taken_back(tenant, path_of(episode, "entitlements", kept), why, output)


def path_of(episode: str, kind: str, kept: str | None = None) -> str:
    """Give the address of a kind of what is kept, or of one of them."""
    return f"/v1/episodes/{episode}/{kind}" + (f"/{kept}" if kept is not None else "")


def listed(rows: list[dict[str, Any]], shown: Sequence[str], output: str, nothing: str) -> None:
    """Show a list; free words only as JSON."""
    if output == "json":
        show_json({"items": rows})
    elif rows:
        # A change is no entry of a history, so it is nothing to others.
        show_rows([{**row, "state": state_of(row)} if "corrects" in row else row for row in rows], shown)
    else:
        out.print(nothing)


def correction(said: dict[str, str | None], clear: list[str] | None, why: str) -> dict[str, Any]:
    """Give what a correction says."""
    return {**said, "clear": clear or [], "why": why}


def written(tenant: str, path: str, body: dict[str, Any], output: str) -> None:
    """Send what is written for the first time, and say so."""
    tell(host_client(tenant, "advocate").post(path, body), "Written down", output)


def corrected(tenant: str, path: str, body: dict[str, Any], output: str) -> None:
    """Send a correction, and say that it was made."""
    tell(host_client(tenant, "advocate").post(f"{path}/corrections", body), "Corrected", output)


def taken_back(tenant: str, path: str, why: str, output: str) -> None:
    """Take something back, and say so."""
    tell(host_client(tenant, "advocate").post(f"{path}/take-back", {"why": why}), "Taken back", output)
