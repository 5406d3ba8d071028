"""What the forms of the team's pages say, as the API's schemas read it, and what is to be mended."""

import re
from dataclasses import dataclass, field
from datetime import date

from werkzeug.datastructures import MultiDict

from services.case.caseload.rules import COVER, GIVE, KINDS, MOST_AT_ONCE, MOST_LIMIT
from shared.web.pages.dates import day_of, typed_day

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAY = "Give a day from today on, such as 1 12 2026; the last day not before the first."
_SENTENCES = {
    "people": f"Tick at least one person, at most {MOST_AT_ONCE}, or tick: everybody.",
    "to": "Choose the advocate who takes over.",
    "how": "Choose whether it is for good or while they are absent.",
    "first": _DAY,
    "last": _DAY,
}


@dataclass(frozen=True, kw_only=True)
class TypedMove:
    """What somebody typed to give people to another advocate.

    Attributes:
        survivor_ids: Who was ticked; None for everybody.
        wrong: Places and sentences of what is to be mended.
    """

    to_id: str = ""
    how: str = ""
    survivor_ids: tuple[str, ...] | None = ()
    days: dict[str, dict[str, str]] = field(default_factory=lambda: {"first": {}, "last": {}})
    first_on: date | None = None
    last_on: date | None = None
    wrong: dict[str, str] = field(default_factory=dict)


def typed_move(form: MultiDict[str, str]) -> TypedMove:
    """Read the form; nothing of it is believed before it was looked at."""
    to_id, how = form.get("to", "")[:40], form.get("how", "")[:20]
    ticked = tuple(dict.fromkeys(one[:40] for one in form.getlist("survivors")[: MOST_AT_ONCE + 1]))
    everybody = form.get("everybody") == "yes"
    days = {name: typed_day(form, name) for name in ("first", "last")}
    wrong = set()
    if not everybody and (not 1 <= len(ticked) <= MOST_AT_ONCE or not all(_ID.fullmatch(one) for one in ticked)):
        wrong.add("people")
    if not _ID.fullmatch(to_id):
        wrong.add("to")
    if how not in KINDS:
        wrong.add("how")
    read = {name: _read_day(days[name]) for name in days} if how == COVER else {"first": None, "last": None}
    if how == COVER:
        wrong |= {name for name in read if read[name] is None}
    return TypedMove(
        to_id=to_id,
        how=how if how in KINDS else GIVE,
        survivor_ids=None if everybody else ticked,
        days=days,
        first_on=read["first"],
        last_on=read["last"],
        wrong={name: sentence for name, sentence in _SENTENCES.items() if name in wrong},
    )


def typed_limit(text: str) -> tuple[int | None, bool]:
    """Read the limit; empty states none. Gives the number, and whether it is one."""
    text = text.strip()[:10]
    if not text:
        return None, True
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MOST_LIMIT):
        return None, False
    return int(text), True


def _read_day(typed: dict[str, str]) -> date | None:
    try:
        return day_of(typed)
    except ValueError:
        return None
