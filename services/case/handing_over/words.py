"""A hand-over in the words that pages use."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.case.approvals.words import in_words as approval_words
from services.case.dependants.words import now_words
from services.case.episodes.words import state_words
from services.case.goals.words import in_words as goal_words
from services.case.handing_over.packs import Pack
from services.case.interpreting.words import now_in_words
from services.case.nrm.words import in_words as nrm_words
from services.case.nrm.words import time_in_words
from services.case.steps.rules import REVIEW
from shared.codelists.lists import get


def in_words(pack: Pack, now: datetime) -> dict[str, Any]:
    """Give what a page shows of a pack."""
    return {
        "person": pack.person,
        "notes": pack.notes,
        "questions": pack.questions,
        "approvals": [approval_words(row, {}, now) for row in pack.approvals],
        "dates": _dates(pack),
        "undated": [_what(one) for one in pack.steps if one["due_on"] is None],
        "goals": [goal_words(row) for row in pack.goals],
        "contacts": [{**row, "how": get("contact_mode").label(row["mode"])} for row in pack.contacts],
        "dependants": now_words(pack.dependants),
        "interpreting": now_in_words(pack.interpreting),
        "nrm": None if pack.nrm.current is None else nrm_words(pack.nrm.current),
        "waited": pack.nrm.waited_days,
        "support": [{**row, "words": state_words(row["status"])} for row in pack.support],
        "covers": pack.covers,
    }


def _dates(pack: Pack) -> list[dict[str, Any]]:
    """Give every day by which something is to be done, the nearest first: steps, reviews and times of the NRM."""
    steps = [{"on": one["due_on"], "what": _what(one), "overdue": one["overdue"]} for one in pack.steps]
    listed = {one["id"] for one in pack.steps}
    times = [
        {"on": one["due_on"] or one["latest"], "what": time_in_words(one)["heading"], "overdue": one["overdue"]}
        for one in pack.nrm.deadlines
        if one["step_id"] not in listed
    ]
    dated = [one for one in (*steps, *times) if one["on"] is not None]
    return sorted(dated, key=lambda one: str(one["on"]))


def _what(step: Mapping[str, Any]) -> str:
    return str(step["what"] or ("Review" if step["kind"] == REVIEW else "One step"))
