"""Commands for copies: collect what is kept about somebody, see how far it is, and note that they have it.

What stands in a copy is read and judged on the page: no word of it is given on a command line, where it would stand in
a history. Shown by tests/unit/client/test_rights_commands.py.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

copies = typer.Typer(help="Copies of what is kept about somebody who asked to see it.", no_args_is_help=True)
Case = Annotated[str, typer.Argument(help="The request's id, as `alongside rights list` shows it.")]
Party = Annotated[str, typer.Option(help="The service whose part is meant, such as consent.")]
_CASES = "/v1/rights-cases"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    copies.command("collect")(collect)
    copies.command("show")(show)
    copies.command("collect-part")(collect_part)
    copies.command("safe-to-send")(safe_to_send)
    copies.command("give")(give)
    app.add_typer(copies, name="copies")


def collect(case: Case, tenant: Tenant, output: Output = "text") -> None:
    """Collect what is kept about whoever asked; again, nothing of an earlier collection is left."""
    client = host_client(tenant, "dpo")
    version = client.get(f"{_CASES}/{case}")["version"]
    told = client.post(f"{_CASES}/{case}/copy", {}, version=version)
    _say(told, "Every service is asked. See what has come with: alongside copies show", output)


def show(case: Case, tenant: Tenant, output: Output = "text") -> None:
    """Show which parts are there and were read, and whether somebody is waited for; nothing of what they say."""
    row = host_client(tenant, "dpo").get(f"{_CASES}/{case}/copy")
    if output == "json":
        show_json(row)
        return
    show_rows([row], ("id", "state", "began_at", "expires_at"))
    show_rows(row["parts"], ("party", "answered_at", "things", "asked", "late", "looked_at"), title="Its parts")
    show_rows(row["left_out"], ("party", "reason", "asked_at", "agreed_at"), title="Left out")


def collect_part(*, case: Case, party: Party, tenant: Tenant, output: Output = "text") -> None:
    """Collect one part again; what was judged of it counts no more."""
    told = _change(tenant, case, f"parts/{party}/collect", {})
    _say(told, "It is asked for again. Read it through when it is there.", output)


def safe_to_send(
    *,
    case: Case,
    tenant: Tenant,
    way_confirmed: Annotated[
        bool, typer.Option("--way-confirmed", help="The safe way to reach them was asked again today.")
    ] = False,
    not_forced: Annotated[
        bool, typer.Option("--not-forced", help="They want it themselves, and nobody makes them ask.")
    ] = False,
    safe_to_keep: Annotated[
        bool, typer.Option("--safe-to-keep", help="They have a place where nobody else finds it.")
    ] = False,
    output: Output = "text",
) -> None:
    """Note that it is safe today for them to have it; what is left out is a no, and refuses it."""
    said = {"way_confirmed": way_confirmed, "not_forced": not_forced, "safe_to_keep": safe_to_keep}
    _say(_change(tenant, case, "safe-to-send", said), "It is kept that it is safe today, and only today.", output)


def give(
    *,
    case: Case,
    how: Annotated[str, typer.Option(help="How they were given it: a code of the list rights_told.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Note that they have it."""
    _say(_change(tenant, case, "give", {"how": how}), "It is kept that they have it.", output)


def _change(tenant: str, case: str, verb: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
    client = host_client(tenant, "dpo")
    version = client.get(f"{_CASES}/{case}/copy")["version"]
    told: Mapping[str, Any] = client.post(f"{_CASES}/{case}/copy/{verb}", dict(said), version=version)
    return told


def _say(told: Mapping[str, Any], words: str, output: str) -> None:
    if output == "json":
        show_json(told)
    else:
        out.print(words)
