"""Commands for sources: systems and folders of a host that are read on schedule."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client
from deploy.stack.api_client import ApiClient
from services.case.sources.rules.salesforce import CLIENT_CREDENTIALS, PASSWORD, SECRETS
from services.case.sources.rules.source import FOLDER, SALESFORCE

_PATH = "/v1/sources"
_MOST_SECRET_BYTES = 10_000

sources = typer.Typer(help="Sources: a host's own systems and folders, read on schedule.", no_args_is_help=True)
Source = Annotated[str, typer.Argument(help="The source's name.")]
Secrets = Annotated[
    Path | None,
    typer.Option(
        "--credentials",
        exists=True,
        dir_okay=False,
        allow_dash=True,
        help="A JSON file of the credentials, or - for standard input; without it they are asked for, unseen.",
    ),
]
SignIn = Annotated[str, typer.Option("--sign-in", help=f"{CLIENT_CREDENTIALS} (a connected app) or {PASSWORD}.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    sources.command("list")(list_sources)
    sources.command("show")(show)
    sources.command("add")(add)
    sources.command("test")(send_test)
    sources.command("pull")(pull)
    sources.command("pause")(pause)
    sources.command("resume")(resume)
    sources.command("credentials")(credentials)
    sources.command("remove")(remove)
    app.add_typer(sources, name="sources")


def list_sources(tenant: Tenant, output: Output = "text") -> None:
    """List sources: how each stands, when it was read and when it is read next."""
    rows = _api(tenant).get(_PATH)["items"]
    if output == "json":
        show_json({"items": rows})
    elif rows:
        show_rows(rows, ("name", "kind", "standing", "last_good_at", "next_at", "failures"))
        for row in rows:
            if row["fault"] is not None:
                out.print(f"{row['name']}: {row['fault']['what']} {row['fault']['cure']}", soft_wrap=True)
    else:
        out.print("There is no source yet. See docs/how-to/pull-from-a-source.md.")


def show(source: Source, tenant: Tenant, output: Output = "text") -> None:
    """Show a source: what is wrong with it and what mends it, and what its last test came to."""
    row = _find(_api(tenant), source)
    if output == "json":
        show_json(row)
        return
    out.print(f"{row['name']} ({row['kind']}): {row['standing']}")
    read = "never" if row["last_good_at"] is None else f"{row['last_good_at']}, {_what(row)}"
    out.print(f"Read: {read}", soft_wrap=True)
    out.print(f"Next: {row['next_at'] or 'by hand, or when a file comes'}")
    if row["fault"] is not None:
        out.print(f"Not read on {row['fault_at']}: {row['fault']['what']}", soft_wrap=True)
        out.print(f"What to do: {row['fault']['cure']}", soft_wrap=True)
    if row["test"] is not None:
        fault = row["test"]["fault"]
        said = "it works" if fault is None else f"{fault['what']} {fault['cure']}"
        out.print(f"Tested on {row['test']['at']}: {said}", soft_wrap=True)


def add(
    name: Annotated[str, typer.Argument(help="Your own name for it; of a folder also its name on disk.")],
    *,
    tenant: Tenant,
    profile: Annotated[str, typer.Option(help="The approved mapping; its columns are the system's field names.")],
    kind: Annotated[str, typer.Option(help=f"{SALESFORCE} or {FOLDER}.")] = SALESFORCE,
    at: Annotated[
        str | None, typer.Option(help="Time of day in London, such as 02:30; without it by hand alone.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Of Salesforce, such as example.my.salesforce.com.")] = None,
    object_name: Annotated[str | None, typer.Option("--object", help="API name of Salesforce's object.")] = None,
    sign_in: SignIn = CLIENT_CREDENTIALS,
    secrets: Secrets = None,
    system: Annotated[str | None, typer.Option(help="Whose references, where the mapping names none.")] = None,
    output: Output = "text",
) -> None:
    """Add a source; its credentials are kept sealed and never shown again."""
    api = _api(tenant)
    body: dict[str, Any] = {"name": name, "kind": kind, "profile": profile, "at": at, "system": system}
    if kind == SALESFORCE:
        body |= {"host": host, "object": object_name, "sign_in": sign_in, "credentials": _secrets(sign_in, secrets)}
    answer = api.post(_PATH, body)
    _answer(answer, output, f"Added. Try it out: alongside sources test {name} -t {tenant}")


def send_test(source: Source, tenant: Tenant, output: Output = "text") -> None:
    """Try a source out: sign in and look whether its fields are there; no record is read."""
    api = _api(tenant)
    answer = _do(api, source, "test")
    _answer(answer, output, f"It is tried out. What it came to: alongside sources show {source} -t {tenant}")


def pull(source: Source, tenant: Tenant, output: Output = "text") -> None:
    """Read a source now; what it says waits as a plan, and nothing is carried out."""
    answer = _do(_api(tenant), source, "pull")
    _answer(answer, output, f"It is read. How it went: alongside sources show {source} -t {tenant}")


def pause(source: Source, tenant: Tenant, output: Output = "text") -> None:
    """Read a source no more until it is resumed."""
    _answer(_do(_api(tenant), source, "pause"), output, "It is read no more.")


def resume(source: Source, tenant: Tenant, output: Output = "text") -> None:
    """Read a source again, from its next time on."""
    _answer(_do(_api(tenant), source, "resume"), output, "It is read again from its next time on.")


def credentials(
    source: Source,
    tenant: Tenant,
    sign_in: SignIn = CLIENT_CREDENTIALS,
    secrets: Secrets = None,
    output: Output = "text",
) -> None:
    """Change a source's credentials, when a password, token or secret there has changed."""
    body = {"sign_in": sign_in, "credentials": _secrets(sign_in, secrets)}
    answer = _do(_api(tenant), source, "credentials", body)
    _answer(answer, output, f"Changed. Try it out: alongside sources test {source} -t {tenant}")


def remove(source: Source, tenant: Tenant, output: Output = "text") -> None:
    """Remove a source with its credentials; what it brought in stays."""
    _answer(_do(_api(tenant), source, "remove"), output, "It is gone.")


def _api(tenant: str) -> ApiClient:
    return host_client(tenant, "datalead")


def _find(api: ApiClient, name: str) -> dict[str, Any]:
    found = [row for row in api.get(_PATH)["items"] if name in {row["name"], row["id"]}]
    if not found:
        raise typer.BadParameter("There is no source of this name. See: alongside sources list")
    return dict(found[0])


def _do(api: ApiClient, name: str, verb: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    return api.post(f"{_PATH}/{_find(api, name)['id']}/{verb}", body or {})


def _secrets(sign_in: str, file: Path | None) -> dict[str, str]:
    """Give the credentials: from a file, or asked for unseen, never from the command line, which others can see."""
    if sign_in not in SECRETS:
        raise typer.BadParameter(f"Say one of {', '.join(sorted(SECRETS))}.", param_hint="--sign-in")
    if file is None:
        return {name: typer.prompt(name.replace("_", " "), hide_input=True) for name in SECRETS[sign_in]}
    try:
        content = json.loads(_given(file))
    except ValueError:
        content = None
    if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
        wanted = ", ".join(f'"{name}": "…"' for name in SECRETS[sign_in])
        raise typer.BadParameter(f"The credentials are JSON: {{{wanted}}}.", param_hint="--credentials")
    return content


def _given(file: Path) -> bytes:
    if str(file) == "-":
        return typer.get_binary_stream("stdin").read(_MOST_SECRET_BYTES)
    with file.open("rb") as opened:
        return opened.read(_MOST_SECRET_BYTES)


def _what(row: dict[str, Any]) -> str:
    if not row["last_was_new"]:
        return "nothing new"
    return f"a plan: alongside import plan {row['last_import_id']}"


def _answer(answer: dict[str, Any], output: str, words: str) -> None:
    if output == "json":
        show_json(answer)
    else:
        out.print(words, soft_wrap=True)
