"""Approvals in the words that pages use."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from services.case.approvals.plan import GOAL, NEED, STEP
from services.case.approvals.rules import CLOSURE, SAFEGUARDING_LEAD
from services.case.goals.words import SET_BY
from services.case.steps.rules import REVIEW
from shared.codelists.lists import get
from shared.codelists.periods import london_day

STATES: Mapping[str, tuple[str, str]] = {
    "WAITING": ("Waits for somebody else", "wait"),
    "APPROVED": ("Approved", "good"),
    "SENT_BACK": ("Sent back", "bad"),
    "TAKEN_BACK": ("Taken back", "plain"),
    "OVERTAKEN": ("Support ended or began again before anybody answered", "plain"),
    "TO_REVIEW": ("Ended; somebody looks at it afterwards", "wait"),
    "REVIEWED": ("Somebody looked at it", "good"),
}
ASKED_OF = (("SUPERVISOR", "A supervisor"), (SAFEGUARDING_LEAD, "The safeguarding lead"))


def in_words(row: Mapping[str, Any], names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Give an approval with its codes in words, and how many days it has waited."""
    stands, colour = STATES[row["state"]]
    reason = row["closure_reason"]
    what = "The plan" if row["kind"] != CLOSURE else f"End of support: {get('closure_reason').label(reason).lower()}"
    return {
        **row,
        "what": what,
        "stands": stands,
        "colour": colour,
        "person": names.get(row["survivor_id"]) or "One person",
        "theirs": agreement_words(row),
        "days": (london_day(now) - london_day(row["asked_at"])).days,
    }


def agreement_words(row: Mapping[str, Any]) -> str:
    """Say how the survivor stands to the plan; empty of what is no plan."""
    if not row["agreement"]:
        return ""
    words = get("plan_agreement").label(row["agreement"])
    return f"{words} ({get('consent_method').label(row['agreed_how']).lower()})" if row["agreed_how"] else words


def part_words(part: Mapping[str, Any]) -> str:
    """Give one thing of a plan in words."""
    says: Mapping[str, str] = part["says"]
    if part["part"] == GOAL:
        by = SET_BY.get(says.get("set_by", ""), "nobody wrote down who").lower()
        about = get("advocacy_area").label(says["area"])
        return f"Goal, {about.lower()}: {says.get('words', 'in no words')}. Set by: {by}."
    if part["part"] == STEP:
        if part["id"] == REVIEW:
            return f"A review every {says['every_weeks']} weeks." if "every_weeks" in says else "A review."
        by = f", by {_day(says['due_on'])}" if "due_on" in says else ""
        return f"To be done: {says.get('what', 'in no words')}{by}."
    lists = ("advocacy_area", "need_level", "need_view") if part["part"] == NEED else _RISK
    about, level = get(lists[0]).label(part["id"]), get(lists[1]).label(says["level"])
    view = get(lists[2]).label(says["view"]).lower() if "view" in says else "nobody wrote it down"
    note = f" {says['words']}" if "words" in says else ""
    return (
        f"{'Need' if part['part'] == NEED else 'Risk'}, {about.lower()}: {level.lower()}. Their own view: {view}.{note}"
    )


_RISK = ("risk_type", "risk_level", "risk_view")


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"
