"""Instants, periods, ages and roles in the words that the pages use."""

from collections.abc import Mapping
from datetime import date, datetime, time

from markupsafe import Markup

from shared.codelists.periods import LONDON, Period, day_words, london_day

ROLE_WORDS: Mapping[str, str] = {
    "HOST_ADMIN": "Administrator",
    "IMSA": "Advocate",
    "SUPERVISOR": "Supervisor",
    "HOST_DPO": "Data protection officer",
    "HOST_DATA_LEAD": "Data lead",
    "SAFEGUARDING_LEAD": "Safeguarding lead",
    "HUB_TRIAGE": "Hub triage",
    "INTEGRATOR": "System integrator",
    "BOARD_MEMBER": "Board member",
    "STATISTICIAN": "Statistician",
    "RELEASE_APPROVER": "Release approver",
    "PLATFORM_OPERATOR": "Platform operator",
    "DATA_GUARDIAN": "Data guardian",
}

HOST_ROLES = (
    "HOST_ADMIN", "IMSA", "SUPERVISOR", "HOST_DPO", "HOST_DATA_LEAD", "SAFEGUARDING_LEAD", "HUB_TRIAGE", "INTEGRATOR",
)  # fmt: skip
CENTRE_ROLES = ("BOARD_MEMBER", "STATISTICIAN", "RELEASE_APPROVER", "PLATFORM_OPERATOR", "DATA_GUARDIAN")

_CASES = (
    "You work with survivors and episodes in your organisation's case system, which speaks to Alongside for you. "
    "There is nothing for you to do on these pages."
)
DUTIES: Mapping[str, str] = {
    "HOST_ADMIN": "You decide who may act for your organisation, and see whether everything runs.",
    "IMSA": (
        "You see whom you support, what you did with each person and what comes next. You ask them what may be shared, "
        "write down what they answer, and take a yes back whenever they want."
    ),
    "SUPERVISOR": (
        "You say which advocate works with whom, see everybody whom your organisation supports, and whose yes does not "
        "count and has to be asked again."
    ),
    "HOST_DPO": (
        "You register the words with which people are asked, look after imports, and see what leaves your organisation "
        "and why."
    ),
    "HOST_DATA_LEAD": "You look at your organisation's figures before each period is sealed, and sign them.",
    "SAFEGUARDING_LEAD": (
        "What somebody would rather not tell their advocate reaches you here. Urgent tasks about a possible child "
        "reach you through your organisation's case system."
    ),
    "HUB_TRIAGE": _CASES,
    "INTEGRATOR": "This role is for machines. They use the programming interface, not these pages.",
    "BOARD_MEMBER": "You read the board's published figures. Anybody may read them.",
    "STATISTICIAN": "You draft each release and sign it as the first of two people.",
    "RELEASE_APPROVER": "You look at each drafted release and approve or delay it as the second of two people.",
    "PLATFORM_OPERATOR": (
        "You decide who may act at the centre, on the pages of the central register, and see whether everything runs."
    ),
    "DATA_GUARDIAN": "You watch over how the figures are protected. You can read what is published, as anybody can.",
}
"""What somebody does here, in words; shown where a role begins."""

_QUARTERS = ("", "January to March", "April to June", "July to September", "October to December")
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400


def moment(at: datetime | None) -> str:
    """Write an instant in London's time as an HTML ``time`` element; a dash for none."""
    if at is None:
        return "–"  # noqa: RUF001  A dash, as a table shows nothing.
    local = at.astimezone(LONDON)
    words = f"{local.day} {local:%B %Y}, {local:%H:%M}"
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="seconds"), words)


def day(at: datetime | date) -> str:
    """Write a day, or the day of an instant in London's time, as an HTML ``time`` element."""
    if not isinstance(at, datetime):
        at = datetime.combine(at, time(), tzinfo=LONDON)
    return Markup('<time datetime="{}">{}</time>').format(london_day(at).isoformat(), day_words(at))


def period_words(period: str) -> str:
    """Write a period such as 2026-Q3 as ``July to September 2026``; a year as itself."""
    parsed = Period.parse(period)
    return f"{_QUARTERS[parsed.quarter]} {parsed.year}" if parsed.quarter else f"Year {parsed.year}"


def age_words(seconds: float) -> str:
    """Write an age in the largest unit that fits."""
    for unit_s, name in ((_DAY_S, "day"), (_HOUR_S, "hour"), (_MINUTE_S, "minute")):
        if seconds >= unit_s:
            return counted(int(seconds // unit_s), name)
    return "less than a minute"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun in the right form."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def role_words(role: str) -> str:
    """Write a role's name."""
    return ROLE_WORDS.get(role, role)
