"""The forms about interpreting for somebody: read by the same schemas as the API's, and what is to be mended."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from services.case.interpreting.rules import LONGEST, MAY_BE_CLEARED
from services.case.interpreting.schemas import NeverSchema, WantedSchema, WishSchema
from services.case.visits.forms import instant_of
from shared.codelists.lists import get
from shared.web.pages.dates import day_of, typed_day

_SENTENCES = {
    "language": "Choose their language.",
    "dialect": f"Write the dialect in at most {LONGEST} letters, or leave it out.",
    "gender": "Choose whom they wish.",
    "modes": "Choose ways from the list, or none.",
    "community_rule": "Choose whether somebody from their community may.",
    "community": f"Say which community, in at most {LONGEST} letters, so that it can be kept away from them.",
    "why": "Choose why you write this.",
    "replaces": "Load the page again.",
    "name": "Give one name, or choose one interpreter of your organisation.",
    "never_why": "Choose why.",
    "on": "Give the day, such as 4 8 2026.",
    "clock": "Give the time, such as 14:30.",
    "mode": "Choose how they would work.",
    "purpose": "Choose for what.",
    "interpreter": "Choose somebody from the list.",
    "agreed": "Say whether they agreed themselves, for this once.",
}
_WISHED = ("language", "dialect", "gender", "community_rule", "community", "why", "replaces")


def typed_wish(form: MultiDict[str, str]) -> dict[str, Any]:
    """Give what was typed, to show it again."""
    said: dict[str, Any] = {name: form.get(name, "").strip()[: LONGEST + 1] for name in _WISHED}
    return {**said, "modes": form.getlist("modes")[:20]}


def known_wish(row: Mapping[str, Any] | None) -> dict[str, Any]:
    """Begin with what stands; of nobody with nothing chosen."""
    if row is None:
        return {**dict.fromkeys(_WISHED, ""), "modes": []}
    typed = {name: row[name] or "" for name in _WISHED if name not in ("why", "replaces")}
    return {**typed, "modes": row["modes"], "why": "", "replaces": row["id"]}


def read_wish(typed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Give what the command takes; what may be taken away and was left empty is."""
    body = {name: typed[name] or None for name in _WISHED} | {"modes": list(typed["modes"])}
    body["clear"] = [name for name in MAY_BE_CLEARED if not typed[name]]
    body["why"] = body["why"] or "SURVIVOR_SAID"
    return _read(WishSchema(), body)


def read_never(form: MultiDict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Give whom they never want; a name that was typed, or one of the register."""
    body = {
        "name": form.get("name", "").strip()[:201] or None,
        "interpreter_id": form.get("interpreter", "")[:80] or None,
        "why": form.get("never_why", "")[:80],
    }
    said, wrong = _read(NeverSchema(), body)
    places = {"interpreter_id": "name", "why": "never_why"}
    return said, mended(*(places.get(name, name) for name in wrong))


def typed_wanted(form: MultiDict[str, str]) -> dict[str, Any]:
    """Give when somebody is wanted as it was typed."""
    said: dict[str, Any] = {name: form.get(name, "").strip()[:80] for name in ("clock", "mode", "purpose")}
    return {**said, "on": typed_day(form, "on")}


def read_wanted(typed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Give when, how and for what somebody is wanted."""
    try:
        day = day_of(typed["on"])
    except ValueError:
        day = None
    at = instant_of(day, typed["clock"])
    if day is None or at is None:
        return {}, mended("on" if day is None else "clock")
    said, wrong = _read(WantedSchema(), {"at": at.isoformat(), "mode": typed["mode"]})
    if not get("interpreting_purpose").has(typed["purpose"]):
        wrong = {**wrong, **mended("purpose")}
    return {**said, "purpose": typed["purpose"]}, wrong


def mended(*names: str) -> dict[str, str]:
    """Give the sentences of fields, in the order of the page."""
    return {name: sentence for name, sentence in _SENTENCES.items() if name in names}


def _read(schema: Any, body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    try:
        return schema.load(body), {}
    except ValidationError as error:
        found = {{"at": "on"}.get(str(name), str(name)) for name in error.messages_dict}
        return {}, mended(*found) or dict.fromkeys(found, _SENTENCES["replaces"])
