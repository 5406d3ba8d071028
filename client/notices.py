"""Commands for notices: which there are, publishing the next version, translating it, and reviewing a translation."""

from pathlib import Path
from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

_NOTICES = "/v1/consent-notices"
_LARGEST_BYTES = 100_000
Code = Annotated[str, typer.Argument(help="The version's code, as `alongside consents notices` shows it.")]
Language = Annotated[str, typer.Option(help="Code of the list language, such as pl.")]
Words = Annotated[Path, typer.Option(exists=True, dir_okay=False, help="File with the words, in UTF-8.")]
Read = Annotated[str, typer.Option(help="Hash of the words that were read, as `alongside consents notice` shows it.")]
Easy = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="File with the same in easy words.")]


def register(consents: typer.Typer) -> None:
    """Add the commands to those for consent."""
    consents.command("notices")(notices)
    consents.command("notice")(notice)
    consents.command("publish-notice")(publish)
    consents.command("translate-notice")(translate)
    consents.command("review-notice")(review)


def notices(tenant: Tenant, output: Output = "text") -> None:
    """List every version of every notice, and which of its languages may be read out."""
    rows = list(host_client(tenant, "dpo").items(_NOTICES))
    if output == "json":
        show_json({"items": rows})
        return
    if not rows:
        out.print("No notice is published yet.")
        return
    shown = [
        {
            "code": row["code"],
            "state": "replaced" if row["replaced_at"] else "in use",
            "languages": ", ".join(_language(one) for one in row["texts"]),
        }
        for row in rows
    ]
    show_rows(shown, ("code", "state", "languages"))


def notice(
    code: Code,
    tenant: Tenant,
    language: Language = "en",
    output: Output = "text",
) -> None:
    """Show the words of a version in one language."""
    row = host_client(tenant, "dpo").get(f"{_NOTICES}/{code}")
    if output == "json":
        show_json(row)
        return
    text = _text(row, language)
    out.print(f"{code}, {_language(text)}", markup=False)
    out.print(text["text"], markup=False)
    if text["easy"]:
        out.print(f"\nIn easy words:\n{text['easy']}", markup=False)
    if text["review"] == "NONE":
        out.print(f"\nTo review these very words: --read {text['text_hash']}", markup=False, soft_wrap=True)


def publish(
    *,
    purpose: Annotated[str, typer.Argument(help="The purpose's code.")],
    recipients: Annotated[str, typer.Argument(help="Code of the list recipient_class.")],
    tenant: Tenant,
    text: Words,
    easy: Easy = None,
    output: Output = "text",
) -> None:
    """Publish the next version of a notice from a file; its English words may be read out from today."""
    body = {"purpose": purpose, "recipient_class": recipients, **_read(text, easy)}
    _told(host_client(tenant, "dpo").post(_NOTICES, body), output, "It is published as {id}.")


def translate(
    *,
    code: Code,
    tenant: Tenant,
    language: Language,
    text: Words,
    easy: Easy = None,
    output: Output = "text",
) -> None:
    """Add a translation from a file; it is read out to nobody before it is reviewed."""
    body = {"language": language, **_read(text, easy)}
    _told(host_client(tenant, "dpo").post(f"{_NOTICES}/{code}/translations", body), output, "It waits for its review.")


def review(*, code: Code, tenant: Tenant, language: Language, read: Read, output: Output = "text") -> None:
    """Note that somebody who reads the language found that a translation says the same."""
    body = {"language": language, "text_hash": read}
    told = host_client(tenant, "dpo").post(f"{_NOTICES}/{code}/reviews", body)
    _told(told, output, "It may be read out from today.")


def _told(told: dict[str, Any], output: str, sentence: str) -> None:
    if output == "json":
        show_json(told)
    else:
        out.print(sentence.format(**told))


def _language(text: dict[str, Any]) -> str:
    return str(text["language"]) + (" (not reviewed)" if text["review"] == "NONE" else "")


def _text(row: dict[str, Any], language: str) -> dict[str, Any]:
    found = next((one for one in row["texts"] if one["language"] == language), None)
    if found is None:
        raise typer.BadParameter("There are no words in that language. See: alongside consents notices")
    return dict(found)


def _read(text: Path, easy: Path | None) -> dict[str, str | None]:
    return {"text": _words(text), "easy": _words(easy) if easy is not None else None}


def _words(file: Path) -> str:
    if file.stat().st_size > _LARGEST_BYTES:
        raise typer.BadParameter("The file is longer than a notice may be: at most 10,000 characters.")
    try:
        content: str = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise typer.BadParameter("The file is no text in UTF-8. Save it as such.") from error
    return content.strip()
