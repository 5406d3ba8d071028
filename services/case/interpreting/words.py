"""Interpreting for somebody in the words that pages use."""

from collections.abc import Mapping
from typing import Any

from services.case.interpreting.judging import ASK_COMMUNITY, ASK_GENDER
from services.case.interpreting.refusing import REASONS
from shared.codelists.lists import get

REMARKS = {
    ASK_GENDER: "Nobody asked yet whether they wish a woman or a man. Ask at the beginning.",
    ASK_COMMUNITY: "Nobody asked yet whether somebody from their community may interpret. Ask at the beginning.",
}
STATES = {
    "BOOKED": ("Booked", "good"),
    "FIND_OTHER": ("Find somebody else", "bad"),
    "HELD": ("Took place", "plain"),
    "CANCELLED": ("Cancelled", "plain"),
}


def wish_lines(row: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Give what they need, as pairs of what and how."""
    if row is None:
        return []
    modes = ", ".join(get("interpreter_mode").label(code).lower() for code in row["modes"])
    return [
        ("Language", _label("language", row["language"]) or "Nobody knows it yet"),
        ("Dialect", row["dialect"] or "None is written down"),
        ("Gender", _label("interpreter_gender", row["gender"]) or "Cannot be read: take it as a no"),
        ("How", modes or "Any way will do"),
        ("Community", _community(row)),
    ]


def in_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give everything about one person in words."""
    return {
        **row,
        "lines": wish_lines(row["wish"]),
        "asks": [REMARKS[remark] for remark in row["remarks"]],
        "earlier": [{**one, "lines": wish_lines(one)} for one in row["wishes"][1:]],
        "nevers": [never_words(one) for one in row["nevers"] if one["stands"]],
        "ended": [never_words(one) for one in row["nevers"] if one["ends"] is None and not one["stands"]],
        "bookings": [booking_words(one) for one in row["bookings"]],
    }


def now_in_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give what stands, for whoever takes over, in words."""
    return {
        "lines": wish_lines(row["wish"]),
        "asks": [REMARKS[remark] for remark in row["remarks"]] if row["wish"] is not None else [],
        "nevers": [never_words(one) for one in row["nevers"]],
        "bookings": [booking_words(one) for one in row["bookings"]],
    }


def never_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a never in words; one whose name cannot be read may be about anybody."""
    return {
        **row,
        "who": row["name"] or "Somebody whose name cannot be read: nobody may interpret until this is mended",
        "because": _label("interpreter_never", row["why"]) or "",
    }


def booking_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a booking in words."""
    stands, colour = STATES[row["state"]]
    return {
        **row,
        "who": row["interpreter"] or "Somebody whose name cannot be read",
        "what": get("interpreting_purpose").label(row["purpose"]),
        "how": get("interpreter_mode").label(row["mode"]).lower(),
        "stands": stands,
        "colour": colour,
        "because": reasons(row["refusals"]),
    }


def reasons(refusals: list[str]) -> str:
    """Give why not, in words; nothing where there is no reason."""
    return "; ".join(REASONS.get(code, REASONS["UNREADABLE"]) for code in refusals)


def _community(row: Mapping[str, Any]) -> str:
    label = _label("interpreter_community", row["community_rule"]) or "Cannot be read: take it as a no"
    return f"{label}: {row['community']}" if row["community"] else label


def _label(list_name: str, code: str | None) -> str | None:
    found = get(list_name)
    return found.label(code) if code and found.has(code) else None
