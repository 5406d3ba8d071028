"""What every command prints: a table for people, or JSON for machines; talk goes to standard error."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

Output = Annotated[str, typer.Option("--output", "-o", help="text or json")]
Tenant = Annotated[str, typer.Option("--tenant", "-t", help="The host's short id.")]

out = Console(highlight=False)
talk = Console(stderr=True, highlight=False)


def say(line: str) -> None:
    """Tell a person what is going on."""
    talk.print(f"[bold]·[/bold] {line}")


def show_json(content: Any) -> None:
    """Print JSON to standard output."""
    sys.stdout.write(json.dumps(content, indent=1, default=_plain) + "\n")


def show_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, title: str | None = None) -> None:
    """Print rows as a table."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column.replace("_", " "), justify="right" if _numeric(rows, column) else "left")
    for row in rows:
        table.add_row(*("" if row.get(c) is None else str(row.get(c)) for c in columns))
    out.print(table)


def show_release(release: Mapping[str, Any]) -> None:
    """Print a release as the board sees it."""
    people = release["people"]
    out.print(f"[bold]The board's tables for {release['period']}[/bold]")
    counted = f"about {people} people were counted" if people is not None else "the number of people is not published"
    out.print(f"{release['hosts']} of {release['roster']} hosts sent a report; {counted}.")
    for table in release["tables"]:
        if table["note"]:
            out.print(f"\n[bold]{table['title']}[/bold]\n{table['note']}")
            continue
        coarser = " (shown more coarsely)" if table["status"] == "SHOWN_COARSER" else ""
        rows = [{"category": c["label"], "people": c["value"]} for c in table["cells"]]
        show_rows(
            [*rows, {"category": "All", "people": table["total"]}],
            ("category", "people"),
            title=table["title"] + coarser,
        )


def show_left_out(name: str, preview: Mapping[str, Any]) -> None:
    """Print under a host's own heading who was left out and why."""
    figures = preview["figures"]
    out.print(f"\n[bold]{name}[/bold] (its own numbers, seen by its own data lead)")
    out.print(f"Counted: {figures['people']}. Left out: {sum(r['episodes'] for r in figures['left_out'])}.")
    for reason in figures["left_out"]:
        out.print(f"  {reason['episodes']:>3}  {reason['words']}")


def _numeric(rows: Sequence[Mapping[str, Any]], column: str) -> bool:
    return bool(rows) and all(isinstance(r.get(column), int) or r.get(column) is None for r in rows)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
