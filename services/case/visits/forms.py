"""What the form of a visit says: a day and two times of the clock in London, and words.

Shown by tests/integration/pages/test_visit_pages.py.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from werkzeug.datastructures import MultiDict

from services.case.visits.schemas import LONGEST_PLACE, LONGEST_WHAT_IF
from services.case.visits.times import LEAST_EVERY, MOST_EVERY
from shared.codelists.lists import get
from shared.codelists.periods import LONDON
from shared.web.pages.dates import day_of, typed_day

_CLOCK = re.compile(r"([0-9]{1,2})[:.]?([0-9]{2})")
_SENTENCES = {
    "on": "Give the day on which you go, such as 1 12 2026.",
    "from": "Give the time at which you go, such as 14:30.",
    "until": "Give the time by which you will be back on the same day, later than when you go, such as 16:00.",
    "every": f"Give the minutes as a number from {LEAST_EVERY} to {MOST_EVERY}, or leave them out.",
    "place": f"Say where you go, so that somebody could look there, in at most {LONGEST_PLACE} letters.",
    "what_if": f"Write at most {LONGEST_WHAT_IF} letters.",
    "told": "Choose who hears first.",
}
FIELDS = {"from_at": "from", "until_at": "until"}
"""Where on the page the API's fields stand."""


@dataclass(frozen=True, kw_only=True)
class TypedVisit:
    """What was typed, to show it again."""

    on: dict[str, str]
    begins: str = ""
    ends: str = ""
    every: str = ""
    place: str = ""
    what_if: str = ""
    told: str = ""

    @classmethod
    def at(cls, now: datetime) -> "TypedVisit":
        """Begin with today and now; everything else nobody has said."""
        local = now.astimezone(LONDON)
        on = {"day": str(local.day), "month": str(local.month), "year": str(local.year)}
        return cls(on=on, begins=f"{local:%H:%M}", told="SUPERVISORS")

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "TypedVisit":
        """Take a form; of words one letter more than may be, so that too many are told."""
        return cls(
            on=typed_day(form, "on"),
            begins=form.get("from", "").strip()[:10],
            ends=form.get("until", "").strip()[:10],
            every=form.get("every", "").strip()[:10],
            place=form.get("place", "").strip()[: LONGEST_PLACE + 1],
            what_if=form.get("what_if", "").strip()[: LONGEST_WHAT_IF + 1],
            told=form.get("told", "")[:80],
        )

    def read(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Give what the command takes, and what is to be mended by its field."""
        wrong = set()
        try:
            on = day_of(self.on)
        except ValueError:
            on = None
        begins, ends = instant_of(on, self.begins), instant_of(on, self.ends)
        every = int(self.every) if self.every.isascii() and self.every.isdecimal() else None
        wrong |= {"on"} if on is None else set()
        wrong |= {"from"} if on is not None and begins is None else set()
        wrong |= {"until"} if on is not None and (ends is None or (begins is not None and ends <= begins)) else set()
        wrong |= {"every"} if self.every and (every is None or not LEAST_EVERY <= every <= MOST_EVERY) else set()
        wrong |= {"place"} if not 0 < len(self.place) <= LONGEST_PLACE else set()
        wrong |= {"what_if"} if len(self.what_if) > LONGEST_WHAT_IF else set()
        wrong |= {"told"} if not get("visit_told").has(self.told) else set()
        said = {
            "from_at": begins,
            "until_at": ends,
            "every_minutes": every,
            "told": self.told,
            "place": self.place,
            "what_if": self.what_if or None,
        }
        return said, {name: sentence for name, sentence in _SENTENCES.items() if name in wrong}


def instant_of(on: date | None, clock: str) -> datetime | None:
    """Give the instant of a day and a time in London; None where there is none.

    Of a time that comes twice, as the clocks go back, it is the first, so that an alarm is never late.
    """
    read = _CLOCK.fullmatch(clock)
    if on is None or read is None:
        return None
    try:
        local = datetime.combine(on, time(int(read[1]), int(read[2])), tzinfo=LONDON)
    except ValueError:
        return None
    moment = local.astimezone(UTC)
    # As the clocks go forward an hour does not come at all: it would be another time than the one typed.
    return moment if moment.astimezone(LONDON).replace(tzinfo=None) == local.replace(tzinfo=None) else None
