"""A paper in words: every line a sentence, none with an id, a minute or a name that the host does not allow; pure.

Shown by tests/unit/audit/test_paper_rules.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.audit.papers.rules import BANDS, Line, Summed, band_of

_REFUSED = "NOT_LET_IN"


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What a paper needs besides its lines.

    Attributes:
        organisation: The host's name; None on a copy that names nobody.
        whole: Whether the record was heard of from its beginning.
        more: Whether there are older entries than were read.
    """

    language: str
    words: Mapping[str, Any]
    organisation: str | None
    made_at: datetime
    whole: bool
    more: bool


def written(paper: Paper, said: Summed) -> dict[str, Any]:
    """Write a paper."""
    words = paper.words
    organisation = paper.organisation or words["neutral"]
    month, _ = band_of(paper.made_at)
    also = [words[name].format(times=_times(words, times)) for name, times in _summed_up(said) if times]
    also += [words["unfinished"]] if not paper.whole else []
    also += [words["newest"]] if paper.more else []
    return {
        "language": paper.language,
        "title": words["title"],
        "intro": words["intro"].format(organisation=organisation, month=_month(words, month)),
        "columns": dict(words["columns"]),
        "lines": [_line(words, line, times, organisation) for line, times in said.lines],
        "nobody": words["nobody"] if not said.lines else None,
        "also": also,
        "notes": list(words["notes"]),
    }


def _summed_up(said: Summed) -> tuple[tuple[str, int], ...]:
    return ("machines", said.machines), ("brought_in", said.brought_in)


def _line(words: Mapping[str, Any], line: Line, times: int, organisation: str) -> dict[str, Any]:
    what = words["acts"][line.act]
    row = {
        "when": f"{_month(words, line.month)}, {words['bands'][BANDS[line.band]]}",
        "who": words["roles"][line.role],
        "organisation": organisation,
        # Whoever was not let in did nothing for which their role would be the reason.
        "what": what if line.act == _REFUSED else f"{what} {words['why'][line.role]}",
        "times": _times(words, times),
    }
    return {**row, "staff_id": line.staff_id} if line.staff_id else row


def _month(words: Mapping[str, Any], month: str) -> str:
    year, number = month.split("-")
    return f"{words['months'][int(number) - 1]} {year}"


def _times(words: Mapping[str, Any], times: int) -> str:
    said: str = words["once"] if times == 1 else words["more_often"].format(number=times)
    return said
