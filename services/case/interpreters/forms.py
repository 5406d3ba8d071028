"""The form of one interpreter: what was typed, read by the same schema as the API's, and what is to be mended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from services.case.interpreters.rules import LONGEST_NAME, MAY_BE_CLEARED, MOST_OF_A_LIST
from services.case.interpreters.schemas import ChangeInterpreterSchema, InterpreterSchema, TieSchema
from shared.web.pages.dates import day_of, typed_day

_LONGEST = LONGEST_NAME + 1
_SENTENCES = {
    "name": f"Give their name, in at most {LONGEST_NAME} letters.",
    "languages": "Choose at least one language.",
    "dialects": f"Give at most {MOST_OF_A_LIST} dialects, with commas between them.",
    "gender": "Choose their gender as they state it.",
    "modes": "Choose at least one way in which they work.",
    "agency": f"Say whom one rings, in at most {LONGEST_NAME} letters, or leave it out.",
    "communities": f"Give at most {MOST_OF_A_LIST} communities, with commas between them.",
    "from_on": "Give the first day on which they work for you, such as 4 8 2026.",
    "until_on": "Give the last day, not before the first, or leave it out.",
    "kind": "Choose how they are tied.",
    "who": f"Give the name of the other one, in at most {LONGEST_NAME} letters.",
}


@dataclass(frozen=True, kw_only=True)
class TypedInterpreter:
    """What was typed, to show it again."""

    name: str = ""
    languages: tuple[str, ...] = ()
    dialects: str = ""
    gender: str = ""
    modes: tuple[str, ...] = ()
    agency: str = ""
    communities: str = ""
    from_on: dict[str, str] = field(default_factory=dict)
    until_on: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "TypedInterpreter":
        """Take a form; of words one letter more than may be, so that too many are told."""
        return cls(
            name=form.get("name", "").strip()[:_LONGEST],
            languages=tuple(form.getlist("languages")[:100]),
            dialects=form.get("dialects", "").strip()[:5000],
            gender=form.get("gender", "")[:80],
            modes=tuple(form.getlist("modes")[:100]),
            agency=form.get("agency", "").strip()[:_LONGEST],
            communities=form.get("communities", "").strip()[:5000],
            from_on=typed_day(form, "from_on"),
            until_on=typed_day(form, "until_on"),
        )

    @classmethod
    def known(cls, row: Mapping[str, Any]) -> "TypedInterpreter":
        """Begin with what is written of somebody."""
        return cls(
            name=row["name"] or "",
            languages=tuple(row["languages"]),
            dialects=", ".join(row["dialects"]),
            gender=row["gender"],
            modes=tuple(row["modes"]),
            agency=row["agency"] or "",
            communities=", ".join(row["communities"]),
            from_on=_typed(row["from_on"]),
            until_on=_typed(row["until_on"]),
        )

    def added(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Give what the command takes, and what is to be mended by its field."""
        body, wrong = self._body()
        return _read(InterpreterSchema(), body, wrong)

    def changed(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Give what is right, with what is taken away: whatever may be cleared and was left empty."""
        body, wrong = self._body()
        required = {name for name in ("name", "languages", "gender", "modes", "from_on") if not body[name]}
        empty = [name for name in MAY_BE_CLEARED if not body[name]]
        return _read(ChangeInterpreterSchema(), {**body, "clear": empty}, wrong | required)

    def _body(self) -> tuple[dict[str, Any], set[str]]:
        days: dict[str, str | None] = {}
        wrong: set[str] = set()
        for name, typed in (("from_on", self.from_on), ("until_on", self.until_on)):
            try:
                day = day_of(typed)
            except ValueError:
                day, wrong = None, wrong | {name}
            days[name] = None if day is None else day.isoformat()
        return {
            "name": self.name or None,
            "languages": list(self.languages),
            "dialects": _several(self.dialects),
            "gender": self.gender or None,
            "modes": list(self.modes),
            "agency": self.agency or None,
            "communities": _several(self.communities),
            **days,
        }, wrong


def tie_of(form: MultiDict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Give a tie, and what is to be mended."""
    body = {"kind": form.get("kind", "")[:80], "name": form.get("who", "").strip()[:_LONGEST]}
    said, wrong = _read(TieSchema(), body, set())
    return said, {{"name": "who"}.get(name, name): _SENTENCES["who" if name == "name" else name] for name in wrong}


def mended(field_name: str) -> dict[str, str]:
    """Give the sentence of one field."""
    return {field_name: _SENTENCES[field_name]}


def _read(schema: Any, body: dict[str, Any], wrong: set[str]) -> tuple[dict[str, Any], dict[str, str]]:
    try:
        said = schema.load(body)
    except ValidationError as error:
        said, wrong = {}, wrong | {str(name) for name in error.messages_dict}
    return said, {name: sentence for name, sentence in _SENTENCES.items() if name in wrong}


def _several(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _typed(day: date | None) -> dict[str, str]:
    return {} if day is None else {"day": str(day.day), "month": str(day.month), "year": str(day.year)}
