"""The machine check of decisions 3: what may be published, by type, field kind, code and route.

It runs on every event when its transaction records it, so that a wrong field fails the command that
made it and never reaches a broker.
"""

import typing
from dataclasses import fields, is_dataclass

import msgspec

from shared.contracts.registry import EVENTS, LOCAL, ROUTES, SEALED_TYPES
from shared.kernel.errors import RuleViolationError
from shared.kernel.messages import Event

_encode = msgspec.json.Encoder().encode

KINDS = frozenset({"id", "code", "count", "instant", "hash", "sealed"})


class ContractBreachError(RuleViolationError):
    """An event does not fit its contract, or may not take its route; nothing is published."""

    code = "contract-breach"

    def __init__(self, event_type: str, why: str) -> None:
        """Name the type and the rule, never the value."""
        super().__init__(f"{event_type} may not be published: {why}.")
        self.event_type = event_type


def kinds_of(annotation: object) -> frozenset[str]:
    """Give the kinds of field inside a type annotation, through tuples, options and nested records.

    Raises:
        TypeError: A field's type is not one of ``shared.contracts.fields``.
    """
    if typing.get_origin(annotation) is typing.Annotated:
        for part in annotation.__metadata__:  # type: ignore[attr-defined]
            if isinstance(part, msgspec.Meta) and part.extra and "kind" in part.extra:
                return frozenset({part.extra["kind"]})
    if isinstance(annotation, type) and is_dataclass(annotation):
        return frozenset().union(*(kinds_of(hint) for hint in hints_of(annotation).values()))
    arguments = [a for a in typing.get_args(annotation) if a not in (type(None), Ellipsis)]
    if not arguments:
        raise TypeError(f"{annotation!r} is not a kind of field that an event may have")
    return frozenset().union(*(kinds_of(argument) for argument in arguments))


def hints_of(record: type) -> dict[str, object]:
    """Give the annotations of a record's own fields."""
    hints = typing.get_type_hints(record, include_extras=True)
    return {f.name: hints[f.name] for f in fields(record)}


_decoders: dict[str, msgspec.json.Decoder[Event]] = {}
"""Of the types that were checked."""


def check_type(event_class: type[Event]) -> None:
    """Check that every field of an event type is of an allowed kind.

    Raises:
        ContractBreachError: The type is unregistered, or has a field of another kind.
    """
    if EVENTS.get(event_class.event_type) is not event_class:
        raise ContractBreachError(event_class.event_type, "it is not in the registry")
    for name, hint in hints_of(event_class).items():
        try:
            kinds = kinds_of(hint)
        except TypeError as error:
            raise ContractBreachError(event_class.event_type, f"field {name} has no allowed kind") from error
        if "sealed" in kinds and event_class.event_type not in SEALED_TYPES:
            raise ContractBreachError(event_class.event_type, f"field {name} may not be sealed here")
    _decoders[event_class.event_type] = msgspec.json.Decoder(event_class)


def check_publishable(event: Event, route: str) -> bytes:
    """Check an event's type, its route and every value, on the very bytes that would be published.

    Returns:
        The event's body as JSON.

    Raises:
        ContractBreachError: It may not be published.
    """
    event_class = type(event)
    # A type is checked once; a class that only borrows a checked type's name is not that type.
    if event_class.event_type not in _decoders or EVENTS[event_class.event_type] is not event_class:
        check_type(event_class)
    if route != LOCAL and event_class.event_type not in ROUTES.get(route, frozenset()):
        raise ContractBreachError(event_class.event_type, f"the route {route} is not listed for it")
    try:
        body = _encode(event)
        _decoders[event_class.event_type].decode(body)
    except (msgspec.ValidationError, TypeError) as error:
        raise ContractBreachError(event_class.event_type, "a value is not of its field's kind") from error
    return body
