"""Commands of approvals: ask for one, see what waits, approve it or send it back, and the host's setting."""

from datetime import datetime
from typing import Annotated, Any

import typer

from client.casework_episodes import Episode
from client.casework_words import Words, read_words, tell
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

Approval = Annotated[str, typer.Argument(help="The approval's id, as `alongside casework approvals` shows it.")]
Agreement = Annotated[str, typer.Option(help="How the survivor stands to the plan: a code of plan_agreement.")]
AgreedOn = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which they agreed.")]
AgreedHow = Annotated[str | None, typer.Option(help="How they agreed: a code of consent_method.")]
AskedOf = Annotated[str, typer.Option("--of", help="Who is to decide: SUPERVISOR or SAFEGUARDING_LEAD.")]
As = Annotated[str, typer.Option("--as", help="Who asks: advocate, supervisor or safeguarding.")]
_PATH = "/v1/approvals"
_ROLES = ("advocate", "supervisor", "safeguarding")
_COLUMNS = ("id", "kind", "state", "waits_for", "asked_of", "episode_id", "asked_at")


def register(casework: typer.Typer) -> None:
    """Add the commands."""
    casework.command("approvals")(approvals)
    casework.command("approval")(approval)
    casework.command("ask-plan")(ask_plan)
    casework.command("ask-closure")(ask_closure)
    casework.command("agreement")(agreement)
    casework.command("approve")(approve)
    casework.command("send-back")(send_back)
    casework.command("settle-approval")(settle)
    casework.command("closures-wait")(closures_wait)


def approvals(tenant: Tenant, role: As = "supervisor", output: Output = "text") -> None:
    """List what waits for an approver; the words only with -o json."""
    rows = host_client(tenant, _role(role)).items(f"{_PATH}?waits_for=APPROVER")
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(sorted(rows, key=lambda row: str(row["asked_at"])), _COLUMNS)
    else:
        out.print("Nothing waits.")


def approval(one: Approval, tenant: Tenant, role: As = "supervisor", output: Output = "text") -> None:
    """Show one approval; exactly what is asked for only with -o json."""
    row = host_client(tenant, _role(role)).get(f"{_PATH}/{one}")
    if output == "json":
        show_json(row)
    else:
        show_rows([row], (*_COLUMNS, "changed"))


def ask_plan(
    *,
    episode: Episode,
    tenant: Tenant,
    agreement: Agreement,
    agreed_on: AgreedOn = None,
    agreed_how: AgreedHow = None,
    asked_of: AskedOf = "SUPERVISOR",
    output: Output = "text",
) -> None:
    """Ask that the plan is approved exactly as it stands now."""
    body = {**_said(agreement, agreed_on, agreed_how), "asked_of": asked_of}
    tell(host_client(tenant, "advocate").post(f"/v1/episodes/{episode}/approvals/plan", body), "Asked", output)


def ask_closure(
    episode: Episode,
    tenant: Tenant,
    reason: Annotated[str, typer.Option(help="A code of closure_reason that waits.")],
    asked_of: AskedOf = "SUPERVISOR",
    output: Output = "text",
) -> None:
    """Ask that support ends; it ends when somebody else approves."""
    body = {"reason": reason, "asked_of": asked_of}
    tell(host_client(tenant, "advocate").post(f"/v1/episodes/{episode}/approvals/closure", body), "Asked", output)


def agreement(
    *,
    one: Approval,
    tenant: Tenant,
    agreement: Agreement,
    agreed_on: AgreedOn = None,
    agreed_how: AgreedHow = None,
    output: Output = "text",
) -> None:
    """Say how the survivor stands to the plan now; a no ends its approval."""
    body = _said(agreement, agreed_on, agreed_how)
    tell(host_client(tenant, "advocate").post(f"{_PATH}/{one}/agreement", body), "Written down", output)


def approve(one: Approval, tenant: Tenant, role: As = "supervisor", output: Output = "text") -> None:
    """Approve what somebody else asked for; an end of support takes place by it."""
    tell(host_client(tenant, _role(role)).post(f"{_PATH}/{one}/approve", {}), "Approved", output)


def send_back(
    one: Approval, tenant: Tenant, words: Words = None, role: As = "supervisor", output: Output = "text"
) -> None:
    """Send it back; what is to be mended is the JSON field words."""
    said = read_words(words, ("words",))
    tell(host_client(tenant, _role(role)).post(f"{_PATH}/{one}/send-back", said), "Sent back", output)


def settle(one: Approval, tenant: Tenant, output: Output = "text") -> None:
    """Take back what waits, or say that you read what was sent back."""
    tell(host_client(tenant, "advocate").post(f"{_PATH}/{one}/settle", {}), "Settled", output)


def closures_wait(
    tenant: Tenant,
    wait: Annotated[bool, typer.Option("--yes/--no", help="Whether an end waits for an approval.")],
    output: Output = "text",
) -> None:
    """State, as the administrator, whether support waits for an approval before it ends."""
    told = host_client(tenant, "admin").post(f"{_PATH}/setting", {"closures_wait": wait})
    tell(told, "Stated", output)


def _role(role: str) -> str:
    if role not in _ROLES:
        raise typer.BadParameter(f"Give one of: {', '.join(_ROLES)}.", param_hint="--as")
    return role


def _said(agreement: str, on: datetime | None, how: str | None) -> dict[str, Any]:
    return {"agreement": agreement, "agreed_on": on and on.date().isoformat(), "agreed_how": how}
