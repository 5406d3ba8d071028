"""Commands for consent: what purposes stand on, whom to talk with, withdrawals not proven; as the data officer."""

from typing import Annotated, Any

import typer

from client.notices import register as register_notices
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

consents = typer.Typer(
    help="Consent: purposes, notices, talks that are due, and withdrawals with their proof.",
    no_args_is_help=True,
)
Withdrawal = Annotated[str, typer.Argument(help="The withdrawal's id, as `alongside consents withdrawals` shows it.")]
_PURPOSES, _WITHDRAWALS = "/v1/consent-purposes", "/v1/withdrawals"
_TALKS, _POLICY = "/v1/consents/to-talk-about", "/v1/consent-policy"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    consents.command("purposes")(purposes)
    consents.command("basis")(basis)
    consents.command("talks")(talks)
    consents.command("policy")(policy)
    consents.command("withdrawals")(withdrawals)
    consents.command("proof")(proof)
    consents.command("answer")(answer)
    register_notices(consents)
    app.add_typer(consents, name="consents")


def purposes(tenant: Tenant, output: Output = "text") -> None:
    """List the purposes, for whom each is, and on what basis in law it stands."""
    rows: list[dict[str, Any]] = host_client(tenant, "dpo").get(_PURPOSES)["items"]
    if output == "json":
        show_json({"items": rows})
        return
    shown = [
        {
            "purpose": row["code"],
            "recipients": ", ".join(row["recipients"]),
            "basis": row["basis"]["article6"] if row["basis"] else "not stated",
        }
        for row in rows
    ]
    show_rows(shown, ("purpose", "recipients", "basis"))


def basis(
    *,
    purpose: Annotated[str, typer.Argument(help="The purpose's code.")],
    tenant: Tenant,
    article6: Annotated[str, typer.Option(help="Code of the list lawful_basis.")],
    article9: Annotated[str, typer.Option(help="Code of the list special_condition.")],
    controller: Annotated[str, typer.Option(help="Who decides about the data.")],
    contact: Annotated[str, typer.Option(help="How to reach its data protection officer.")],
    keeps_months: Annotated[int, typer.Option(help="Months for which records are kept after support ends.")],
    output: Output = "text",
) -> None:
    """State on what basis in law a purpose stands; what was stated before stays readable."""
    said = {
        "article6": article6,
        "article9": article9,
        "controller": controller,
        "contact": contact,
        "keeps_months": keeps_months,
    }
    told = host_client(tenant, "dpo").post(f"{_PURPOSES}/{purpose}/basis", said)
    if output == "json":
        show_json(told)
    else:
        out.print(f"The basis of {purpose} is stated.")


def talks(tenant: Tenant, output: Output = "text") -> None:
    """List the consents that somebody is to talk about again now, and why."""
    rows = host_client(tenant, "dpo").items(_TALKS)
    if output == "json":
        show_json({"items": rows})
        return
    if not rows:
        out.print("There is nobody to talk with again now.")
        return
    show_rows(rows, ("id", "purpose", "why", "due_at", "until"))


def policy(tenant: Tenant, output: Output = "text") -> None:
    """Show when people are talked with again: by nation, each line with its source."""
    told = host_client(tenant, "dpo").get(_POLICY)
    if output == "json":
        show_json(told)
        return
    shown = [{**one, "confirmed": "not yet" if one["verify"] else "yes"} for one in told["items"]]
    show_rows(shown, ("key", "nation", "value", "valid_from", "confirmed"))


def withdrawals(tenant: Tenant, output: Output = "text") -> None:
    """List the withdrawals of which somebody has not answered yet."""
    rows = host_client(tenant, "dpo").items(_WITHDRAWALS)
    if output == "json":
        show_json({"items": rows})
        return
    if not rows:
        out.print("Everybody who was asked has answered.")
        return
    shown = [
        {
            "id": row["id"],
            "purpose": row["purpose"],
            "said": row["effective_at"],
            "waits_for": ", ".join(one["party"] + (" (late)" if one["late"] else "") for one in _open(row)),
        }
        for row in rows
    ]
    show_rows(shown, ("id", "purpose", "said", "waits_for"))


def proof(withdrawal: Withdrawal, tenant: Tenant, output: Output = "text") -> None:
    """Show the proof of a withdrawal: who was asked, and what each answered."""
    row = host_client(tenant, "dpo").get(f"{_WITHDRAWALS}/{withdrawal}")
    if output == "json":
        show_json(row)
        return
    out.print(f"{row['purpose']}: {row['status']}, said at {row['effective_at']}; {row['state']}")
    columns = ("id", "party", "answer", "finding", "legal_reason", "due_at", "late")
    show_rows([{name: one[name] for name in columns} for one in row["questions"]], columns)


def answer(
    *,
    withdrawal: Withdrawal,
    question: Annotated[str, typer.Argument(help="The question's id, as `alongside consents proof` shows it.")],
    tenant: Tenant,
    done: Annotated[str | None, typer.Option(help="What they did: DELETED, STOPPED or NOTHING_WAS_SENT.")] = None,
    refused: Annotated[str | None, typer.Option(help="Their reason in law: a code of withdrawal_refusal.")] = None,
    output: Output = "text",
) -> None:
    """Note what a recipient outside answered: done, or refused with a reason in law."""
    if (done is None) == (refused is None):
        raise typer.BadParameter("Give one of --done and --refused.")
    said = {
        "question_id": question,
        "answer": "DONE" if done is not None else "REFUSED",
        "finding": done,
        "legal_reason": refused,
    }
    told = host_client(tenant, "dpo").post(f"{_WITHDRAWALS}/{withdrawal}/answers", said)
    if output == "json":
        show_json(told)
    else:
        out.print("It is noted." + (" Everybody has answered." if told["state"] == "PROVEN" else ""))


def _open(row: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in row["questions"] if one["answer"] is None]
