"""Commands of the paper "Who saw my record, and why", and of what two people leave out of it for a time.

Shown by tests/unit/client/test_paper_commands.py.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client
from shared.codelists.periods import LONDON
from shared.kernel.errors import RuleViolationError

papers = typer.Typer(help="Papers for survivors: who saw their record, and why.", no_args_is_help=True)
One = Annotated[str, typer.Argument(help="Its id, as `alongside papers left-out` shows it.")]
As = Annotated[str, typer.Option("--by", help="In a demo: dpo, or supervisor as the second person.")]
_PAPERS, _LEFT_OUT = "/v1/audit/papers", "/v1/audit/withholdings"


class NotLeftOutError(RuleViolationError):
    """No such thing is on the list."""

    code = "not-left-out"

    def __init__(self) -> None:
        """Say where the ids stand."""
        super().__init__("Nothing with this id is or was left out. See `alongside papers left-out`.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    papers.command("make")(make)
    papers.command("left-out")(left_out)
    papers.command("leave-out")(leave_out)
    papers.command("agree")(agree)
    papers.command("show-again")(show_again)
    papers.command("names")(names)
    app.add_typer(papers, name="papers")


def make(
    *,
    survivor: Annotated[str, typer.Argument(help="For whom: their id here.")],
    tenant: Tenant,
    in_private: Annotated[bool, typer.Option("--in-private", help="They are alone with you.")] = False,
    safe: Annotated[bool, typer.Option("--safe", help="They said that it is safe, and nobody makes them ask.")] = False,
    language: Annotated[str, typer.Option(help="A code of the list language.")] = "en",
    nameless: Annotated[bool, typer.Option("--nameless", help="A copy to keep, without the organisation.")] = False,
    output: Output = "text",
) -> None:
    """Make somebody's paper, when they are in private and safe."""
    said = {
        "survivor_id": survivor,
        "in_private": in_private,
        "safe": safe,
        "language": language,
        "nameless": nameless,
    }
    made = host_client(tenant, "dpo").post(_PAPERS, said)
    if output == "json":
        show_json(made)
        return
    out.print(made["title"], made["intro"], sep="\n")
    if made["lines"]:
        show_rows(made["lines"], ("when", "who", "organisation", "what", "times"))
    else:
        out.print(made["nobody"])
    out.print(*made["also"], *made["notes"], sep="\n")


def left_out(tenant: Tenant, output: Output = "text") -> None:
    """List what is, was or may be left out of papers."""
    rows = list(host_client(tenant, "dpo").items(_LEFT_OUT))
    if output == "json":
        show_json({"items": rows})
    elif not rows:
        out.print("Nothing is left out of any paper.")
    else:
        show_rows(rows, ("id", "reason", "state", "until"))


def leave_out(
    *,
    entry: Annotated[list[str], typer.Option(help="Id of an entry, as `alongside audit history` has it. Repeatable.")],
    reason: Annotated[str, typer.Option(help="A code of the list withholding_reason.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day from which it is shown again.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Ask that entries be left out of a paper; a second person has to agree."""
    said = {"entry_ids": entry, "reason": reason, "until": until.replace(tzinfo=LONDON).isoformat()}
    _say(host_client(tenant, "dpo").post(_LEFT_OUT, said), "It is asked for. A second person has to agree.", output)


def agree(*, one: One, tenant: Tenant, by: As = "supervisor", output: Output = "text") -> None:
    """Agree, as the second person; from now on it is left out."""
    _say(_change(tenant, one, "agree", by), "It is left out until its day.", output)


def show_again(*, one: One, tenant: Tenant, by: As = "dpo", output: Output = "text") -> None:
    """Show the entries again before the end."""
    _say(_change(tenant, one, "end", by), "It is shown again.", output)


def names(
    *,
    shown: Annotated[bool, typer.Option("--shown/--not-shown", help="Whether papers may name staff.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """State whether papers may name staff; where nothing is stated they do not."""
    said = host_client(tenant, "dpo").post(f"{_PAPERS}/policy", {"names_shown": shown})
    _say(said, f"Papers {'may' if shown else 'do not'} name staff.", output)


def _change(tenant: str, one: str, verb: str, by: str) -> Mapping[str, Any]:
    client = host_client(tenant, by)
    row = next((row for row in client.items(_LEFT_OUT) if row["id"] == one), None)
    if row is None:
        raise NotLeftOutError
    told: Mapping[str, Any] = client.post(f"{_LEFT_OUT}/{one}/{verb}", {}, version=row["version"])
    return told


def _say(told: Mapping[str, Any], words: str, output: str) -> None:
    if output == "json":
        show_json(told)
    else:
        out.print(words)
