"""Look for somebody before they are written down again; as the advocate or supervisor who signed in.

A name or a number never stands on a command line, where it would stay in a history and in a list of processes: it is
asked for, or comes from a file or from standard input. Shown by tests/unit/client/test_survivor_commands.py.
"""

import typer

from client.casework_words import Words, read_words
from client.shown import Output, Tenant, out, show_json, show_rows
from client.stacks import host_client

survivors = typer.Typer(help="People who are supported: look whether somebody is known.", no_args_is_help=True)
_ASKED = {"name": "Name", "telephone": "Telephone", "reference": "Your organisation's own reference"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    # One command alone would take the place of its group.
    survivors.callback()(_group)
    survivors.command("search")(search)
    app.add_typer(survivors, name="survivors")


def _group() -> None:
    """People who are supported: look whether somebody is known."""


def search(tenant: Tenant, words: Words = None, output: Output = "text") -> None:
    """Look for somebody by name, telephone or own reference, exactly; at most ten, and how each is alike."""
    said = read_words(words, tuple(_ASKED)) if words is not None else _ask()
    told = host_client(tenant, "advocate").post("/v1/survivors/search", {k: v for k, v in said.items() if v})
    if output == "json":
        show_json(told)
        return
    rows = [{"id": one["survivor_id"], "alike": ", ".join(one["matched"])} for one in told["items"]]
    if rows:
        show_rows(rows, ("id", "alike"))
    else:
        out.print("Nobody whom you may see is known by this.")
    if told["more"]:
        out.print("There are more. Look by telephone or reference too.")
    if not told["complete"]:
        out.print("Not everybody could be looked through. Look again in a minute before you write anybody down.")


def _ask() -> dict[str, str | None]:
    """Ask for each; an empty answer leaves it out."""
    return {
        name: typer.prompt(f"{asked} (leave it empty if there is none)", default="", show_default=False).strip()
        for name, asked in _ASKED.items()
    }
