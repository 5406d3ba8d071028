"""Commands for the register of requests for survivors' information; as the data officer.

No word about a survivor is given on a command line: words are written on the page. Shown by
tests/unit/client/test_rights_commands.py.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

information = typer.Typer(help="Requests from outside for survivors' information.", no_args_is_help=True)
Request = Annotated[str, typer.Argument(help="The request's id, as `alongside information list` shows it.")]
_PATH = "/v1/information-requests"
_COLUMNS = ("id", "asked_by", "received_on", "state", "outcome", "notice")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    information.command("take")(take)
    information.command("list")(list_requests)
    information.command("show")(show)
    information.command("judge")(judge)
    information.command("notice")(notice)
    information.command("answer")(answer)
    app.add_typer(information, name="information")


def take(
    *,
    asked_by: Annotated[str, typer.Option(help="Who asks: a code of the list legal_request_type.")],
    tenant: Tenant,
    survivor: Annotated[str | None, typer.Option(help="About whom: their id; left out if it names nobody.")] = None,
    output: Output = "text",
) -> None:
    """Take down that somebody outside asks; it is referred to counsel, and nothing is answered."""
    told = host_client(tenant, "dpo").post(_PATH, {"asked_by": asked_by, "survivor_id": survivor})
    _say(told, f"It is written down as {told['id']}, and referred to counsel.", output)


def list_requests(tenant: Tenant, output: Output = "text") -> None:
    """List the requests that wait for an answer."""
    rows = host_client(tenant, "dpo").items(_PATH, state="OPEN")
    if output == "json":
        show_json({"items": rows})
    elif not rows:
        out.print("None waits for an answer.")
    else:
        show_rows(rows, _COLUMNS)


def show(request: Request, tenant: Tenant, output: Output = "text") -> None:
    """Show one: what was judged, whether the survivor was told, and what left."""
    row = host_client(tenant, "dpo").get(f"{_PATH}/{request}")
    if output == "json":
        show_json(row)
        return
    show_rows([row], _COLUMNS)
    show_rows([row["judged"]], tuple(row["judged"]), title="What was judged")


def judge(
    *,
    request: Request,
    tenant: Tenant,
    legal_power: Annotated[str | None, typer.Option(help="A code of the list legal_power.")] = None,
    relevant: Annotated[str | None, typer.Option(help="A code of the list judgement.")] = None,
    necessary: Annotated[str | None, typer.Option(help="A code of the list judgement.")] = None,
    proportionate: Annotated[str | None, typer.Option(help="A code of the list judgement.")] = None,
    counselling: Annotated[str | None, typer.Option(help="A code of the list counselling_content.")] = None,
    probative: Annotated[str | None, typer.Option(help="A code of the list judgement.")] = None,
    counsel_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which counsel was heard.")
    ] = None,
    output: Output = "text",
) -> None:
    """Keep what was judged with counsel; what is left out stays as it was, and what was never judged is no yes."""
    said = {
        "legal_power": legal_power,
        "relevant": relevant,
        "necessary": necessary,
        "proportionate": proportionate,
        "counselling": counselling,
        "probative": probative,
        "counsel_on": counsel_on.date().isoformat() if counsel_on is not None else None,
    }
    _change(tenant, request, "judge", {name: value for name, value in said.items() if value is not None}, output)


def notice(
    *,
    request: Request,
    told: Annotated[str, typer.Option(help="A code of the list survivor_notice.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Keep whether the survivor was told, by safe contact, or a law forbids it."""
    _change(tenant, request, "notice", {"notice": told}, output)


def answer(
    *,
    request: Request,
    outcome: Annotated[str, typer.Option(help="REFUSED, PARTIAL or COMPLIED.")],
    tenant: Tenant,
    refusal: Annotated[list[str] | None, typer.Option(help="A code of information_refusal. May be repeated.")] = None,
    left: Annotated[list[str] | None, typer.Option(help="What left: a code of data_class. May be repeated.")] = None,
    output: Output = "text",
) -> None:
    """End a request with what was answered."""
    said = {"outcome": outcome, "refusals": refusal or [], "left": left or []}
    _change(tenant, request, "answer", said, output)


def _change(tenant: str, request: str, verb: str, said: Mapping[str, Any], output: str) -> None:
    client = host_client(tenant, "dpo")
    version = client.get(f"{_PATH}/{request}")["version"]
    told = client.post(f"{_PATH}/{request}/{verb}", dict(said), version=version)
    _say(told, f"It is kept. It stands at {told['outcome']}.", output)


def _say(told: dict[str, Any], sentence: str, output: str) -> None:
    if output == "json":
        show_json(told)
    else:
        out.print(sentence)
