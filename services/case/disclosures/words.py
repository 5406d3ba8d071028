"""A disclosure in the words of its page, and what to do after each no."""

from collections.abc import Mapping
from typing import Any

from services.case.disclosures.rules import ASKED, GIVEN, PERMITTED, REFUSED
from shared.codelists.lists import get

_ASK_THEM = "Ask them, with the words for this purpose and these recipients, in private. Then ask here again."
_LEAVE = "Leave them in peace; “Ask again” on their consents says from when somebody may ask."
_DO: Mapping[str, str] = {
    "UNKNOWN": _ASK_THEM,
    "REQUESTED": "Wait for what they say, and record it.",
    "DEFERRED": "Wait until the day that they named.",
    "REFUSED": f"Nothing is given. {_LEAVE}",
    "WITHDRAWN": f"Nothing is given. {_LEAVE}",
    "EXPIRED": _ASK_THEM,
    "INVALIDATED": f"Speak with your supervisor about why it does not count. {_ASK_THEM}",
    "REVOKED_BY_CONTROLLER": "Speak with your data protection officer.",
    "RECONFIRM_REQUIRED": _ASK_THEM,
    "CAPACITY_NOT_ESTABLISHED": "Ask them at another time, with support, whether they can decide this.",
    "CHANGED": "Look at what they decided now. Then ask here again.",
    "EVERYTHING_STOPPED": "Contact nobody about them. A supervisor speaks with them in private first, under Stops.",
    "NOT_ALL_OF_IT": "Leave out what they did not agree to and begin a new one, or ask them about all of it.",
    "NOT_OF_PURPOSE": "Begin a new one: choose the purpose that fits this recipient, and only what it takes.",
    "ERASED": "Nothing is kept of them any more.",
}
_STATES: Mapping[str, tuple[str, str]] = {
    ASKED: ("Waiting for the answer", "wait"),
    PERMITTED: ("You may give it now", "good"),
    REFUSED: ("It may not be given", "bad"),
    GIVEN: ("Given", "plain"),
}
_LAPSED = ("The five minutes are over", "wait")
_LISTS = {
    "why_words": ("consent_purpose", "purpose"),
    "who_words": ("recipient_class", "recipient_class"),
    "means_words": ("disclosure_means", "means"),
    "contact_words": ("disclosure_contact", "contact"),
}


def in_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a disclosure with its codes in words."""
    words, kind = _LAPSED if row["state"] == PERMITTED and not row["lasts"] else _STATES[row["state"]]
    kinds, reason = get("data_class"), row["reason"]
    return {
        **row,
        **{name: get(listed).label(row[field]) for name, (listed, field) in _LISTS.items()},
        "kinds": [kinds.label(code) for code in row["data_classes"]],
        "things": [{"kind": kinds.label(one["data_class"]), "words": one["words"]} for one in row.get("items", ())],
        "stands": words,
        "kind": kind,
        "why_not": None if reason is None else get("disclosure_refusal").label(reason),
        "do": _DO.get(reason or ""),
        "told_words": None if row["told_answer"] is None else get("withdrawal_finding").label(row["told_answer"]),
    }
