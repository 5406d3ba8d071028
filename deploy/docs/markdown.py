"""Writes Markdown that any builder reads: headings, paragraphs and plain tables."""

import re
from collections.abc import Iterable, Sequence

_SPACES = re.compile(r"\s+")

WRITTEN = "<!-- Written by python -m deploy.docs.generate from the code; a test compares. Change the code instead. -->"


def page(title: str, *parts: str) -> str:
    """Join a page's parts below its title, and say that it is written by a program."""
    return "\n\n".join([WRITTEN, f"# {title}", *(part for part in parts if part)]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Give a table, or an empty text where there are no rows."""
    lines = [_line(row) for row in rows]
    return "\n".join([_line(heads), _line(["---"] * len(heads)), *lines]) if lines else ""


def code(text: object) -> str:
    """Give a text in the type of code; an empty one stays empty."""
    return f"`{text}`" if str(text) else ""


def codes(texts: Iterable[object]) -> str:
    """Give several, with commas."""
    return ", ".join(code(text) for text in texts)


def sentence(docstring: str | None) -> str:
    """Give the first paragraph of a docstring on one line, reStructuredText's code marks as Markdown's."""
    first = (docstring or "").strip().split("\n\n")[0]
    return one_line(first).replace("``", "`")


def one_line(text: str) -> str:
    """Give a text without line breaks."""
    return _SPACES.sub(" ", text).strip()


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(one_line(str(cell)).replace("|", "\\|") for cell in cells) + " |"
