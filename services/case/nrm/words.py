"""The NRM in the words that pages use."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.case.contacts.words import HEADINGS
from services.case.nrm.policy import DAYS, MONTHS, WORKING_DAYS
from services.case.nrm.rules import day_in
from shared.codelists.lists import DECLINED, get

_ADVISER = "and put them in touch with a regulated legal adviser at once"
_KINDS: Mapping[str, tuple[str, str, str]] = {
    "FIRST_RESPONDER": (
        "They wait for a first responder",
        "Ask the first responder when they refer, or look for another one with them",
        "They have waited longer than that.",
    ),
    "REASONABLE_GROUNDS": (
        "The reasonable grounds decision is expected",
        "Ask where the reasonable grounds decision is",
        "It is later than the guidance aims for.",
    ),
    "RECOVERY": (
        "Support in the recovery period lasts at least",
        "Plan with them what follows the recovery period",
        "The least that is promised is over. Support may go on: ask the provider.",
    ),
    "RECONSIDERATION": (
        "A reconsideration can be asked for",
        f"Ask whether they want a reconsideration, {_ADVISER}",
        "The usual time is over.",
    ),
    "JUDICIAL_REVIEW": (
        "A court can be asked to look at the decision",
        f"Ask whether they want a court to look at the decision, {_ADVISER}",
        "The usual time is over.",
    ),
    "AFTER_CONCLUSIVE": (
        "Support after the conclusive grounds decision",
        "Ask the provider how long support goes on, and plan with them what follows",
        "The usual time is over.",
    ),
}
"""Of each time: what it is, what is to be done, and what it means that its day is over."""
_UNITS = {DAYS: "days", WORKING_DAYS: "working days", MONTHS: "months"}
_LISTS = ("nrm_stage", "nrm_told_by")


def to_do(kind: str) -> str:
    """Say what is to be done by the end of a time."""
    return _KINDS[kind][1]


def lists() -> dict[str, list[tuple[str, str]]]:
    """Give the code lists that a form asks with."""
    answers = list(DECLINED.items())
    asked = {name: [(code, get(name).label(code)) for code in get(name).codes] for name in _LISTS}
    authority = get("competent_authority")
    return {
        **asked,
        "answers": answers,
        "authorities": [*((code, authority.label(code)) for code in authority.codes), *answers],
    }


def in_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give an entry with its codes in words; nothing is said of what nobody said."""

    def of(name: str, field: str) -> str | None:
        code = row[field]
        return None if code is None else DECLINED.get(code) or get(name).label(code)

    return {
        **row,
        "words": of("nrm_stage", "stage") or "",
        "by": of("nrm_told_by", "told_by"),
        "decided_by": of("competent_authority", "authority"),
        "day": day_in(row["on"]),
        "day_answer": DECLINED.get(row["on"] or ""),
        "told_day": day_in(row["told_on"]),
        "told_answer": DECLINED.get(row["told_on"] or ""),
        "because": HEADINGS.get(row["why"] or "", ""),
    }


def time_in_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a time that runs in words: what, and how it was worked out."""
    heading, what, over = _KINDS[row["kind"]]
    return {
        **row,
        "heading": heading,
        "to_do": what,
        "over": over,
        "length": f"{row['amount']} {_UNITS[row['unit']]}",
        "stage_words": get("nrm_stage").label(row["stage"]),
        "nation_words": None if row["nation"] == "ALL" else get("nation").label(row["nation"]),
    }


def days_since(day: date, today: date) -> int:
    """Say for how many days something stands so."""
    return max(0, (today - day).days)
