"""The page of events: what each says, by which way it goes, who hears it, and an example that its contract takes."""

import json
import re
import typing
from dataclasses import is_dataclass
from typing import Any

import msgspec

from deploy.docs.markdown import code, codes, page, sentence, table
from shared.bus.topology import topology_of
from shared.contracts.checks import hints_of, kinds_of
from shared.contracts.fields import PERIOD_PATTERN
from shared.contracts.marks import AUDITS, MARKS
from shared.contracts.registry import EVENTS, LOCAL, ROUTES
from shared.kernel.messages import Event
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, TenantId

HOST = TenantId("host")
PLACES = {HOST: "host", BOARD: "board", CUSTODIAN: "custodian", CENTRE: "central register"}

_CODES = {
    "gender": "FEMALE",
    "exploitation_types": "LABOUR",
    "region_of_nationality": "ASIA",
    "nation_of_support": "ENGLAND",
    "nation": "ENGLAND",
    "setting": "LAW_CENTRE_OR_ADVICE",
    "closure_reason": "GOALS_MET_SURVIVOR_DECISION",
    "purpose": "AGGREGATE_STATISTICS",
    "plan_id": "year-v1",
    "host": "alder",
    "roster": "alder",
    "service": "case",
    "source": "case",
    "consumer": "consent",
    "action": "case:episode:open",
}
"""Likely codes for some fields; any other shows ``EXAMPLE``."""
_MONTH, _QUARTER = "2026-09", "2026-Q3"
_SAMPLES = {
    "id": "01920000-0000-7000-8000-000000000001",
    "instant": "2026-09-30T12:00:00Z",
    "sealed": "c2VhbGVk",
}

_INTRODUCTION = (
    "A fact that one service states, in the past tense. Names are `alongside.<service>.<fact>.v<n>`. On the wire "
    "each is a "
    "CloudEvent: its attributes stand in headers that begin with `ce-`, the fields below are the body, as JSON. A "
    "field is an "
    "id, a code, a count, an instant or a hash; `sealed` bytes are allowed in three listed types only. Which "
    "codes there are: "
    "[code lists](code-lists.md). A consumer ignores fields that it does not know; a field is added, never removed."
)


def events_page() -> str:
    """Write the page."""
    shared = {cls.event_type for cls in (*MARKS.values(), *AUDITS.values())}
    own = [cls for event_type, cls in sorted(EVENTS.items()) if event_type not in shared]
    parts = [_one(cls) for cls in own]
    marks = table(
        ("event", "stated by", "heard by"),
        ((code(t), EVENTS[t].source, ", ".join(_heard_by(EVENTS[t])) or "nobody") for t in sorted(shared)),
    )
    samples = [_body(MARKS["case"]), _body(AUDITS["case"])]
    return page(
        "Events",
        _INTRODUCTION,
        *parts,
        "## What every service states\n\nA mark says how far a service's streams go "
        "([decision 0009](../decisions/0009-outbox-row-a-transaction.md)); an audit record, what was done and read.",
        marks,
        *samples,
    )


def example(cls: type[Event]) -> dict[str, Any]:
    """Give an example body that the event's own decoder accepts.

    Raises:
        msgspec.ValidationError: The example and the contract have come apart.
    """
    body = {name: _value(name, hint) for name, hint in hints_of(cls).items()}
    msgspec.json.decode(json.dumps(body), type=cls)
    return body


def _one(cls: type[Event]) -> str:
    ways = sorted(route for route, types in ROUTES.items() if cls.event_type in types)
    facts = (
        f"Stated by **{cls.source}**. Route: {codes(ways) if ways else code(LOCAL)}. "
        f"Heard by: {', '.join(_heard_by(cls)) or 'no service'}. Subject: {code(cls.subject_field)}."
    )
    return "\n\n".join([f"## {cls.event_type.removeprefix('alongside.')}", sentence(cls.__doc__), facts, _body(cls)])


def _body(cls: type[Event]) -> str:
    rows = [(code(name), ", ".join(sorted(kinds_of(hint))), _shape(hint)) for name, hint in hints_of(cls).items()]
    sample = json.dumps(example(cls), indent=1)
    return table(("field", "kind", "shape"), rows) + f"\n\n```json\n{sample}\n```"


def _heard_by(cls: type[Event]) -> list[str]:
    found = []
    for tenant, place in PLACES.items():
        services = {
            s.service
            for s in topology_of(tenant).subscriptions
            if any(key == cls.event_type or key.endswith(f".{cls.event_type}") for key in s.routing_keys)
        }
        found += [f"{service} ({place})" for service in sorted(services)]
    return found


def _shape(hint: Any) -> str:
    if _optional(hint) is not None:
        return f"{_shape(_optional(hint))}, or null"
    if typing.get_origin(hint) is tuple:
        return f"list of {_shape(typing.get_args(hint)[0])}"
    if isinstance(hint, type) and is_dataclass(hint):
        inner = ", ".join(f"{name}: {_shape(h)}" for name, h in hints_of(hint).items())
        return f"record ({inner})"
    base, meta = typing.get_args(hint)[0], _meta(hint)
    return {bool: "true or false", int: f"0 to {meta.le}", str: "text"}.get(base, "RFC 3339, UTC")


def _value(name: str, hint: Any) -> Any:
    if _optional(hint) is not None:
        return _value(name, _optional(hint))
    if typing.get_origin(hint) is tuple:
        return [_value(name, typing.get_args(hint)[0])]
    if isinstance(hint, type) and is_dataclass(hint):
        return {inner: _value(inner, h) for inner, h in hints_of(hint).items()}
    return _plain(name, typing.get_args(hint)[0], _meta(hint))


def _plain(name: str, base: type, meta: msgspec.Meta) -> Any:
    if base in (bool, int):
        return base(1) if base is int else False
    kind = (meta.extra or {})["kind"]
    if kind == "code":
        likely = _MONTH if "month" in name else _CODES.get(name, "EXAMPLE")
        return _QUARTER if meta.pattern == PERIOD_PATTERN else likely
    if kind == "hash":
        digits = re.search(r"\{(\d+)\}", meta.pattern or "")
        return "5a" * (int(digits[1]) // 2 if digits is not None else 32)
    return _SAMPLES[kind]


def _optional(hint: Any) -> Any:
    arguments = typing.get_args(hint)
    if type(None) in arguments:
        return next(part for part in arguments if part is not type(None))
    return None


def _meta(hint: Any) -> msgspec.Meta:
    return next(part for part in hint.__metadata__ if isinstance(part, msgspec.Meta))
