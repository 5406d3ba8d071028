"""Commands of a host: its periods; as the person who signed in, or with ``--demo`` an invented one."""

import time
from datetime import datetime
from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, say, show_json, show_left_out, show_rows
from client.stacks import host_client
from deploy.stack.api_client import ApiRefusedError
from shared.codelists.periods import day_words

_PROOF_PATIENCE_S = 150.0
_PROOF_LOOK_S = 2.0

PeriodId = Annotated[str, typer.Argument(help="A period such as 2026 or 2026-Q3.")]

periods = typer.Typer(help="Periods: preview, sign-off and seal.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    periods.command("preview")(preview)
    periods.command("sign-off")(sign_off)
    periods.command("seal")(seal)
    periods.command("close")(close)
    app.add_typer(periods, name="period")


def preview(period: PeriodId, tenant: Tenant, output: Output = "text") -> None:
    """Show exactly what would be sent, how many are left out, and why."""
    content = host_client(tenant, "datalead").get(f"/v1/periods/{period}/preview")
    if output == "json":
        show_json(content)
        return
    show_left_out(tenant, content)
    for table, cells in content["figures"]["tables"].items():
        show_rows([{"category": c, "people": n} for c, n in cells.items()], ("category", "people"), title=table)
    seal = day_words(datetime.fromisoformat(content["seal_at"]))
    out.print(f"State: {content['state']}; signature: {content['signature']}; seal: {seal}, 00:00 in London")


def sign_off(period: PeriodId, tenant: Tenant, output: Output = "text") -> None:
    """Sign the preview as the host's data lead."""
    lead = host_client(tenant, "datalead")
    deadline = time.monotonic() + _PROOF_PATIENCE_S
    told = False
    while True:
        digest = lead.get(f"/v1/periods/{period}/preview")["digest"]
        try:
            answer = lead.post(f"/v1/periods/{period}/sign-off", {"digest": digest})
            break
        except ApiRefusedError as error:
            # Consent says each minute how far it is; right after that the figures are proven complete.
            if error.problem.get("code") != "not-proven-yet" or time.monotonic() > deadline:
                raise
            if not told:
                told = True
                say("Waiting until it is proven that the figures are complete: up to two and a half minutes.")
            time.sleep(_PROOF_LOOK_S)
    _answer(answer, output)


def seal(period: PeriodId, tenant: Tenant, output: Output = "text") -> None:
    """Seal now instead of waiting for the period clock, if the time of the seal has come."""
    _answer(host_client(tenant, "datalead").post(f"/v1/periods/{period}/seal"), output)


def close(period: PeriodId, tenant: Tenant, output: Output = "text") -> None:
    """Show whether a period can be sealed, and what is missing."""
    content = host_client(tenant, "datalead").get(f"/v1/periods/{period}/preview")
    names = ("period", "state", "reason", "signature", "consent_proven", "seal_at", "closes_at")
    shown = {name: content[name] for name in names}
    if output == "json":
        show_json(shown)
    else:
        show_rows([{"what": k, "value": v} for k, v in shown.items()], ("what", "value"))


def _answer(content: dict[str, Any], output: str) -> None:
    if output == "json":
        show_json(content)
    else:
        out.print(", ".join(f"{k}: {v}" for k, v in content.items()))
