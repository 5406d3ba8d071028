"""Commands of acknowledging a contact, asking about it, and answering."""

import typer

from client.casework import Contact, Episode
from client.casework_words import Words, read_words, tell
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client


def register(casework: typer.Typer) -> None:
    """Add the commands."""
    casework.command("questions")(questions)
    casework.command("acknowledge")(acknowledge)
    casework.command("ask")(ask)
    casework.command("answer")(answer)


def questions(tenant: Tenant, output: Output = "text") -> None:
    """List the open questions about contacts; the words themselves only with -o json."""
    rows = host_client(tenant, "advocate").items("/v1/contact-looks?state=ASKED")
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, ("episode_id", "contact_id", "looked_at"))
    else:
        out.print("No question is open.")


def acknowledge(episode: Episode, contact: Contact, tenant: Tenant, output: Output = "text") -> None:
    """Acknowledge a contact, as its supervisor."""
    told = host_client(tenant, "supervisor").post(f"{_path(episode, contact)}/acknowledge", {})
    tell(told, "Acknowledged", output)


def ask(episode: Episode, contact: Contact, tenant: Tenant, words: Words = None, output: Output = "text") -> None:
    """Ask one question about a contact, as its supervisor; its words are the JSON field question."""
    said = read_words(words, ("question",))
    tell(host_client(tenant, "supervisor").post(f"{_path(episode, contact)}/ask", said), "Asked", output)


def answer(episode: Episode, contact: Contact, tenant: Tenant, words: Words = None, output: Output = "text") -> None:
    """Answer what a supervisor asked; the words are the JSON field answer."""
    said = read_words(words, ("answer",))
    tell(host_client(tenant, "advocate").post(f"{_path(episode, contact)}/answer", said), "Answered", output)


def _path(episode: str, contact: str) -> str:
    return f"/v1/episodes/{episode}/contacts/{contact}"
