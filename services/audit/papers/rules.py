"""What the entries of one person's record become on their paper; pure.

Promise: a line has a role, a sentence and a part of a day in a month: no minute, no day, no id. An act that nobody
classed is shown all the same, and a role that nobody knows counts as a person: nothing is missing because a word is.
Shown by tests/unit/audit/test_paper_rules.py.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.audit.history.rules import LOOKED, REFUSED, kind_of
from shared.codelists.periods import LONDON

PEOPLE_ROLES = (
    "IMSA", "SUPERVISOR", "HOST_DPO", "HOST_ADMIN", "HOST_DATA_LEAD", "SAFEGUARDING_LEAD", "HUB_TRIAGE",
)  # fmt: skip
MACHINE_ROLES = frozenset({"SYSTEM", "CONSENT", "INTEGRATOR"})
"""No person acts in these: jobs, the ledger that notes beside a person's own entry, and other programs."""
BROUGHT_IN = "IMPORT"
OTHER = "OTHER"
_ABOUT: Mapping[tuple[str, str], str] = {
    ("case", "survivor"): "RECORD",
    ("case", "reference"): "RECORD",
    ("case", "episode"): "SUPPORT",
    ("case", "entry"): "SUPPORT",
    ("case", "goal"): "SUPPORT",
    ("case", "step"): "SUPPORT",
    ("case", "caseload"): "SUPPORT",
    ("case", "handover"): "SUPPORT",
    ("case", "nrm"): "SUPPORT",
    ("case", "outcome"): "SUPPORT",
    ("case", "entitlement"): "SUPPORT",
    ("case", "need"): "SUPPORT",
    ("case", "risk"): "SUPPORT",
    ("case", "emergency"): "RECORD",
    ("case", "contact"): "TALKS",
    ("case", "rights"): "RIGHTS",
    ("case", "erasure"): "RIGHTS",
    ("consent", "consent"): "DECISIONS",
    ("consent", "person"): "DECISIONS",
    ("consent", "receipt"): "DECISIONS",
    ("consent", "withdrawal"): "DECISIONS",
    ("consent", "concern"): "CONCERNS",
    ("audit", "history"): "HISTORY",
    ("audit", "entry"): "HISTORY",
    ("audit", "entries"): "HISTORY",
}
_MADE = "audit:paper:read"
_EMERGENCY = frozenset({"case:emergency:open", "case:emergency:read-record"})
_BEGUN = frozenset({"case:survivor:register", "case:referral:open"})
ACTS = (
    *(f"{about}_{kind}" for about in ("RECORD", "SUPPORT", "TALKS", "RIGHTS", "DECISIONS", "CONCERNS", "OTHER")
      for kind in ("READ", "CHANGED")),
    "RECORD_BEGUN", "HISTORY_READ", "PAPER_MADE", "EMERGENCY_OPENED", "NOT_LET_IN",
)  # fmt: skip
"""Every sentence that a line can have."""
BANDS = ("NIGHT", "MORNING", "AFTERNOON", "EVENING")
_HOURS_A_BAND = 6


@dataclass(frozen=True, kw_only=True, order=True)
class Line:
    """So many of the same.

    Attributes:
        month: Such as ``2026-11``.
        band: Place in ``BANDS``.
        role: One of ``PEOPLE_ROLES``, or ``OTHER``.
        act: One of ``ACTS``.
        staff_id: Who, where the host's stated policy allows it; else empty.
    """

    month: str
    band: int
    role: str
    act: str
    staff_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Summed:
    """What a paper says.

    Attributes:
        lines: With how often, the newest month first; within a month by the part of the day, so that no order of
            days shows.
        machines: How often programs worked with the record.
        brought_in: How often a file that somebody brought in wrote to it.
    """

    lines: tuple[tuple[Line, int], ...]
    machines: int
    brought_in: int


def act_of(action: str, outcome: str) -> str:
    """Say which sentence an entry gets."""
    kind = kind_of(action, outcome)
    if kind == REFUSED:
        return "NOT_LET_IN"
    if action == _MADE:
        return "PAPER_MADE"
    if action in _BEGUN:
        return "RECORD_BEGUN"
    if action in _EMERGENCY:
        return "EMERGENCY_OPENED"
    service, subject = [*action.split(":"), "", ""][:2]
    about = _ABOUT.get((service, subject), OTHER)
    if about == "HISTORY":
        return "HISTORY_READ"
    return f"{about}_{'READ' if kind == LOOKED else 'CHANGED'}"


def band_of(at: datetime) -> tuple[str, int]:
    """Give month and part of the day, by London's clock: night ends at six."""
    local = at.astimezone(LONDON)
    return f"{local:%Y-%m}", local.hour // _HOURS_A_BAND


def summed(entries: Iterable[Mapping[str, Any]], *, withheld: Collection[str], names: bool) -> Summed:
    """Sum up the entries of a record.

    Args:
        withheld: Ids of entries that are left out for now.
        names: Whether the host's policy lets a line say who it was.
    """
    lines: Counter[Line] = Counter()
    machines = brought_in = 0
    for entry in entries:
        times = entry["count"] or 1
        if entry["id"] in withheld:
            continue
        if entry["role"] in MACHINE_ROLES:
            machines += times
        elif entry["role"] == BROUGHT_IN:
            brought_in += times
        else:
            lines[_line(entry, names=names)] += times
    ordered = sorted(lines.items(), key=lambda one: one[0])
    ordered.sort(key=lambda one: one[0].month, reverse=True)
    return Summed(lines=tuple(ordered), machines=machines, brought_in=brought_in)


def _line(entry: Mapping[str, Any], *, names: bool) -> Line:
    month, band = band_of(entry["at"])
    return Line(
        month=month,
        band=band,
        role=entry["role"] if entry["role"] in PEOPLE_ROLES else OTHER,
        act=act_of(entry["action"], entry["outcome"]),
        staff_id=entry["actor_id"] if names else "",
    )
