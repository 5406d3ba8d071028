"""Words about a survivor: from a file or standard input, never from a command line, where others could read them."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from client.shown import out, show_json

Words = Annotated[
    Path | None,
    typer.Option("--words", help="A JSON file with the words, which are sealed; or - for standard input."),
]
_MOST_BYTES = 20_000


def read_words(words: Path | None, names: Collection[str]) -> dict[str, str | None]:
    """Read words by their names; no more of a file than any words may be.

    Raises:
        BadParameter: There is no such file, or it is no JSON object of these.
    """
    if words is None:
        return {}
    if str(words) == "-":
        content = typer.get_binary_stream("stdin").read(_MOST_BYTES + 1)
    elif words.is_file():
        with words.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    else:
        raise typer.BadParameter("There is no such file.", param_hint="--words")
    try:
        said = json.loads(content) if len(content) <= _MOST_BYTES else None
    except ValueError:
        said = None
    if not isinstance(said, dict) or not set(said) <= set(names):
        listed = ", ".join(f'"{name}"' for name in names)
        raise typer.BadParameter(f"Give a JSON object of at most 20,000 bytes with no more than: {listed}.")
    return said


def tell(told: dict[str, Any], done: str, output: str) -> None:
    """Say what was done, with its id."""
    if output == "json":
        show_json(told)
    else:
        out.print(f"{done}: {told['id']}")


def state_of(row: Mapping[str, Any]) -> str:
    """Say what an entry is to others of an append-only history; empty of one that stands by itself."""
    if row["taken_back"]:
        return f"takes back {row['corrects']}"
    if row["corrected_by"]:
        return "corrected or taken back"
    return f"corrects {row['corrects']}" if row["corrects"] else ""
