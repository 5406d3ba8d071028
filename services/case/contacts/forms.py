"""What was typed of a contact, as the API's own schema reads it; what is to be mended is said field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from services.case.contacts.rules import MAY_BE_CLEARED, says_something
from services.case.contacts.schemas import LONGEST_NOTE, LONGEST_STEP, MOST_MINUTES, ContactSchema
from shared.web.pages.dates import PARTS, day_of, typed_day

_SENTENCES = {
    "on": "Give the day on which it took place, such as 4 8 2026. It cannot lie in the future.",
    "mode": "Choose how you were in contact.",
    "minutes": f"Give the minutes as a number up to {MOST_MINUTES}, or leave them empty.",
    "interpreter": "Say whether an interpreter helped.",
    "areas": "Choose what it was about from the list.",
    "next_step": f"Write the next step in at most {LONGEST_STEP} letters.",
    "by": "Give the day by which the next step is to be done, from today on, and say what it is. Or leave it out.",
    "note": f"Write the note in at most {LONGEST_NOTE} letters.",
    "episode": "Choose to which support this belongs.",
}
_PLACES = {"next_step_by": "by"}
_MOST_TICKED = 30


@dataclass(frozen=True, kw_only=True)
class TypedContact:
    """The form as it was typed, to show it again."""

    on: Mapping[str, str] = field(default_factory=dict)
    mode: str = ""
    minutes: str = ""
    areas: tuple[str, ...] = ()
    interpreter: str = ""
    next_step: str = ""
    by: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    episode: str = ""
    why: str = ""

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "TypedContact":
        """Read the form; one letter more than may be is kept, so that the schema sees that it is too much."""
        return cls(
            on=typed_day(form, "on"),
            mode=form.get("mode", "")[:80],
            minutes=form.get("minutes", "").strip()[:20],
            areas=tuple(dict.fromkeys(one[:80] for one in form.getlist("areas")[:_MOST_TICKED])),
            interpreter=form.get("interpreter", "")[:80],
            next_step=form.get("next_step", "").strip()[: LONGEST_STEP + 1],
            by=typed_day(form, "by"),
            # A browser sends line breaks as two signs.
            note=form.get("note", "").replace("\r\n", "\n").strip()[: LONGEST_NOTE + 1],
            episode=form.get("episode", "")[:80],
            why=form.get("why", "")[:80],
        )

    @classmethod
    def on_day(cls, day: date) -> "TypedContact":
        """Give an empty form of a day."""
        return cls(on=_typed(day))

    @classmethod
    def known(cls, row: Mapping[str, Any]) -> "TypedContact":
        """Give the form of a contact that is to be corrected."""
        return cls(
            on={} if row["on"] is None else _typed(row["on"]),
            mode=row["mode"],
            minutes="" if row["minutes"] is None else str(row["minutes"]),
            areas=tuple(row["areas"]),
            interpreter=row["interpreter"],
            next_step=row["next_step"] or "",
            note=row["note"] or "",
        )

    def read(self, *, needs_day: bool = True) -> tuple[dict[str, Any], dict[str, str]]:
        """Give what it says, as the API's schema reads it, and the sentence for each field that is to be mended."""
        day, wrong = _read_day(self.on, "on")
        by, wrong_by = _read_day(self.by, "by")
        wrong |= wrong_by
        if day is None and needs_day:
            wrong.add("on")
        is_number = self.minutes.isascii() and self.minutes.isdecimal()
        if self.minutes and not is_number:
            wrong.add("minutes")
        body = {
            "on": day.isoformat() if day is not None else None,
            "mode": self.mode,
            "minutes": int(self.minutes) if is_number else None,
            "areas": list(self.areas),
            "interpreter": self.interpreter,
            "next_step": self.next_step or None,
            "next_step_by": by.isoformat() if by is not None else None,
            "note": self.note or None,
        }
        read: dict[str, Any] = {}
        try:
            read = ContactSchema().load(body)
        except ValidationError as error:
            wrong |= {_PLACES.get(name, name) for name in error.messages_dict}
        # In the order in which the page asks.
        return read, {name: sentence for name, sentence in _SENTENCES.items() if name in wrong}

    def cleared(self, before: Mapping[str, Any]) -> frozenset[str]:
        """Give the fields that said something and were emptied on the form."""
        read, _ = self.read(needs_day=False)
        return frozenset(
            name
            for name in MAY_BE_CLEARED
            if says_something(before[name]) and before[name] != [] and read.get(name) in (None, [])
        )

    def at(self, episode_id: str) -> "TypedContact":
        """Give the form with its episode chosen."""
        return replace(self, episode=episode_id)


def _read_day(typed: Mapping[str, str], name: str) -> tuple[date | None, set[str]]:
    try:
        return day_of(dict(typed)), set()
    except ValueError:
        return None, {name}


def sentence_for(name: str) -> str:
    """Give the sentence that says how to mend a field."""
    return _SENTENCES[name]


def _typed(day: date) -> dict[str, str]:
    return dict(zip(PARTS, (str(day.day), str(day.month), str(day.year)), strict=True))
