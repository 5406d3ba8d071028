"""One form for every kind: what it asks, as data, and what was typed, as the API's own schema reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MultiDict

from shared.web.pages.dates import PARTS, day_of, typed_day

_LONGEST_CODE = 80
Typed = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question of a form.

    Attributes:
        mend: The sentence that says how to mend it.
        codes: What can be chosen; empty for a day or words.
        is_day: It asks for a day.
        longest: Letters of free words; 0 for none.
        nothing: What stands where nothing is chosen.
    """

    name: str
    label: str
    mend: str
    codes: tuple[tuple[str, str], ...] = ()
    is_day: bool = False
    longest: int = 0
    hint: str = ""
    nothing: str = "Choose"


def blank(asks: Sequence[Ask]) -> Typed:
    """Give a form on which nobody has chosen anything yet."""
    return {one.name: shown_day(None) if one.is_day else "" for one in asks}


def typed_of(form: MultiDict[str, str], asks: Sequence[Ask]) -> Typed:
    """Read a form, to show it again; one letter more than may be is kept, so that the schema sees it."""
    return {one.name: _typed(form, one) for one in asks}


def _typed(form: MultiDict[str, str], one: Ask) -> Any:
    if one.is_day:
        return typed_day(form, one.name)
    # A browser sends line breaks as two signs.
    said = form.get(one.name, "").replace("\r\n", "\n").strip()
    return said[: (one.longest or _LONGEST_CODE) + 1]


def known(row: Mapping[str, Any], asks: Sequence[Ask]) -> Typed:
    """Give the form of what stands, to correct it."""
    return {one.name: shown_day(row[one.name]) if one.is_day else row[one.name] or "" for one in asks}


def shown_day(day: date | None) -> dict[str, str]:
    """Give a day as a form shows it."""
    if day is None:
        return dict.fromkeys(PARTS, "")
    return dict(zip(PARTS, (str(day.day), str(day.month), str(day.year)), strict=True))


def read(typed: Typed, asks: Sequence[Ask], schema: Schema) -> tuple[dict[str, Any], dict[str, str]]:
    """Give what a form says, as the API reads it, and the sentence for each field that is to be mended."""
    body: dict[str, Any] = {}
    wrong: set[str] = set()
    for one in asks:
        try:
            body[one.name] = _read(typed[one.name], one)
        except ValueError:
            wrong.add(one.name)
    told: dict[str, Any] = {}
    try:
        told = schema.load(body)
    except ValidationError as error:
        wrong |= set(error.messages_dict)
    # In the order in which the page asks.
    return told, {one.name: one.mend for one in asks if one.name in wrong}


def _read(typed: Any, one: Ask) -> str | None:
    if not one.is_day:
        return typed or None
    day = day_of(typed)
    return None if day is None else day.isoformat()


def cleared(row: Mapping[str, Any], told: Mapping[str, Any], names: Sequence[str]) -> frozenset[str]:
    """Give the fields that said something and were emptied on the form."""
    return frozenset(name for name in names if row[name] is not None and told.get(name) is None)
