"""What was typed of the NRM, as the API's own schema reads it; what is to be mended is said field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from services.case.contacts.rules import says_something
from services.case.nrm.rules import MAY_BE_CLEARED, day_in
from services.case.nrm.schemas import LONGEST_NOTE, NrmSchema
from shared.codelists.lists import DECLINED
from shared.web.pages.dates import PARTS, day_of, typed_day

_DAY = "Give a day that has come, such as 12 10 2026, or choose why there is none; not both."
_SENTENCES = {
    "stage": "Choose where it stands. If you did not ask, or they did not say, choose that.",
    "on": _DAY,
    "told_on": _DAY,
    "told_by": "Choose who told them from the list.",
    "authority": "Choose the authority from the list.",
    "note": f"Write the note in at most {LONGEST_NOTE} letters.",
}
_DAYS = ("on", "told_on")


@dataclass(frozen=True, kw_only=True)
class TypedNrm:
    """The form as it was typed, to show it again.

    Attributes:
        on_answer, told_on_answer: Why there is no day, where that was chosen.
    """

    stage: str = ""
    on: Mapping[str, str] = field(default_factory=dict)
    on_answer: str = ""
    told_on: Mapping[str, str] = field(default_factory=dict)
    told_on_answer: str = ""
    told_by: str = ""
    authority: str = ""
    note: str = ""
    why: str = ""

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "TypedNrm":
        """Read the form; one letter more than may be is kept, so that the schema sees that it is too much."""
        chosen = {
            name: form.get(name, "")[:80]
            for name in ("stage", "on_answer", "told_on_answer", "told_by", "authority", "why")
        }
        # A browser sends line breaks as two signs.
        note = form.get("note", "").replace("\r\n", "\n").strip()[: LONGEST_NOTE + 1]
        return cls(on=typed_day(form, "on"), told_on=typed_day(form, "told_on"), note=note, **chosen)

    @classmethod
    def known(cls, row: Mapping[str, Any]) -> "TypedNrm":
        """Give the form of an entry that is to be corrected."""
        answers: dict[str, Any] = {f"{name}_answer": row[name] if row[name] in DECLINED else "" for name in _DAYS}
        days: dict[str, Any] = {name: _typed(day_in(row[name])) for name in _DAYS}
        words: dict[str, Any] = {name: row[name] or "" for name in ("stage", "told_by", "authority", "note")}
        return cls(**days, **answers, **words)

    def read(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Give what it says, as the API's schema reads it, and the sentence for each field that is to be mended."""
        wrong = set()
        body: dict[str, Any] = {name: getattr(self, name) or None for name in ("stage", "told_by", "authority", "note")}
        for name in _DAYS:
            answer = getattr(self, f"{name}_answer")
            try:
                day = day_of(dict(getattr(self, name)))
            except ValueError:
                wrong.add(name)
                continue
            if day is not None and answer:
                wrong.add(name)
            body[name] = answer or (None if day is None else day.isoformat())
        read: dict[str, Any] = {}
        try:
            read = NrmSchema().load(body)
        except ValidationError as error:
            wrong |= set(error.messages_dict)
        # In the order in which the page asks.
        return read, {name: sentence for name, sentence in _SENTENCES.items() if name in wrong}

    def cleared(self, before: Mapping[str, Any]) -> frozenset[str]:
        """Give the fields that said something and were emptied on the form."""
        read, _ = self.read()
        return frozenset(name for name in MAY_BE_CLEARED if says_something(before[name]) and read.get(name) is None)


def _typed(day: date | None) -> dict[str, str]:
    return {} if day is None else dict(zip(PARTS, (str(day.day), str(day.month), str(day.year)), strict=True))
