"""What a plan of an import looks like in a terminal."""

from typing import Any

from client.shown import out, show_rows

MOST_SHOWN = 20
"""Rows or pieces of advice that one list shows."""

_WILL = {
    "CREATE": "somebody new",
    "UPDATE": "somebody known, changed",
    "UNCHANGED": "somebody known, nothing new",
    "HELD": "held: the age is not known",
    "REFUSED": "set aside, to be mended",
    "POSSIBLE_CHILD": "may be under 18: an urgent task is open",
    "DUPLICATE": "the same row once more",
    "CONSENT_ENDED": "among these: a consent ends",
}


def show_plan(told: dict[str, Any]) -> None:
    """Print what a file will do, the most urgent first."""
    rows = [
        {"rows": told["counts"][k], "what they will do": words} for k, words in _WILL.items() if k in told["counts"]
    ]
    show_rows(rows, ("rows", "what they will do"), title=f"What this file will do ({told['rows']} rows)")
    if told["possible_children"]:
        rows_of = ", ".join(str(row) for row in told["possible_children"][:MOST_SHOWN])
        out.print(f"[bold]Speak with your safeguarding lead now.[/bold] May be under 18: rows {rows_of}")
    advice = [{**one, "column": one["name"], "first": _first(one)} for one in told["advice"][:MOST_SHOWN]]
    if advice:
        show_rows(advice, ("rows", "first", "column", "sentence"), title="To mend, the most urgent first")
    yeses = [{**one, "first": _first(one)} for one in told["yeses_that_will_not_count"]]
    if yeses:
        show_rows(yeses, ("rows", "first", "sentence"), title="Yeses that will not count, and why")
    for words in told["wordings"][:MOST_SHOWN]:
        out.print(f"{words['rows']} yeses count only if these words are registered: {words['code']}")
    if told["absent_count"]:
        out.print(
            f"Known people who are not in this file: {told['absent_count']}. Each becomes a task: gone, or moved?"
        )
    if told["unassigned"]:
        out.print(f"New people without an advocate: {told['unassigned']}")


def _first(one: dict[str, Any]) -> str:
    more = one["rows"] - len(one["first_rows"])
    return ", ".join(str(row) for row in one["first_rows"][:3]) + (" …" if more or len(one["first_rows"]) > 3 else "")  # noqa: PLR2004
