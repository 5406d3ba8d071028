"""Commands of goals: list, set, what the survivor says of one, end, take up again."""

from typing import Annotated, Any

import typer

from client.casework_words import Words, read_words, tell
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

Episode = Annotated[str, typer.Argument(help="The episode's id.")]
Goal = Annotated[str, typer.Argument(help="The goal's id, as `alongside casework goals` shows it.")]
SaidBy = Annotated[str, typer.Option("--said-by", help="SURVIVOR or SURVIVOR_WITH_ADVOCATE.")]
_WORDS = ("words",)


def register(casework: typer.Typer) -> None:
    """Add the commands."""
    casework.command("goals")(goals)
    casework.command("set-goal")(set_goal)
    casework.command("score-goal")(score_goal)
    casework.command("end-goal")(end_goal)
    casework.command("take-up-goal")(take_up_goal)


def goals(episode: Episode, tenant: Tenant, output: Output = "text") -> None:
    """List an episode's goals; the words themselves only with -o json."""
    rows = host_client(tenant, "advocate").items(_path(episode))
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, ("id", "area", "state", "first_score", "last_score", "last_answer"))
    else:
        out.print("No goal is written down yet.")


def set_goal(
    *,
    episode: Episode,
    tenant: Tenant,
    area: Annotated[str, typer.Option(help="A code of advocacy_area.")],
    set_by: Annotated[
        str | None, typer.Option("--set-by", help="SURVIVOR or SURVIVOR_WITH_ADVOCATE; without it nobody says.")
    ] = None,
    words: Words = None,
    output: Output = "text",
) -> None:
    """Add what the survivor wants to reach; their own words are the JSON field words."""
    body = {"area": area, "set_by": set_by, **read_words(words, _WORDS)}
    tell(host_client(tenant, "advocate").post(_path(episode), body), "Set", output)


def score_goal(
    *,
    episode: Episode,
    goal: Goal,
    tenant: Tenant,
    said_by: SaidBy,
    score: Annotated[int | None, typer.Option(min=0, max=10, help="From 0 to 10, as they say.")] = None,
    answer: Annotated[
        str | None, typer.Option(help="Where there is no score: DECLINED_TO_ANSWER, NOT_ASKED or NOT_KNOWN.")
    ] = None,
    output: Output = "text",
) -> None:
    """Record how far a goal is, as the survivor says; or that they did not say."""
    if (score is None) == (answer is None):
        raise typer.BadParameter("Give one of --score and --answer.")
    said = {"score": score} if answer is None else {"answer": answer}
    told = host_client(tenant, "advocate").post(f"{_path(episode)}/{goal}/scores", {"said_by": said_by, **said})
    tell(told, "Recorded", output)


def end_goal(
    episode: Episode,
    goal: Goal,
    tenant: Tenant,
    how: Annotated[str, typer.Option(help="REACHED, PARTLY_REACHED or NO_LONGER_WANTED.")],
    output: Output = "text",
) -> None:
    """End a goal."""
    tell(host_client(tenant, "advocate").post(f"{_path(episode)}/{goal}/end", {"how": how}), "Ended", output)


def take_up_goal(episode: Episode, goal: Goal, tenant: Tenant, output: Output = "text") -> None:
    """Take a goal up again that had ended."""
    body: dict[str, Any] = {}
    tell(host_client(tenant, "advocate").post(f"{_path(episode)}/{goal}/take-up", body), "Open again", output)


def _path(episode: str) -> str:
    return f"/v1/episodes/{episode}/goals"
