"""Each event's marshmallow schema, made from its one declaration, and the JSON Schema that others read.

The frozen type is the declaration; marshmallow and msgspec both follow it, and a test holds them to one
another. ``compatible`` is the rule by which a contract may change: a consumer of the older version must
still understand every message of the newer one.
"""

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Mapping
from typing import Any

import msgspec
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import EXCLUDE, Schema, fields, validate

from shared.contracts.checks import hints_of
from shared.contracts.fields import VERY_END
from shared.contracts.public import PUBLIC
from shared.contracts.registry import EVENTS


class _TolerantSchema(Schema):
    """A consumer reads what it knows."""

    class Meta(Schema.Meta):
        """Leave out what is not declared."""

        unknown = EXCLUDE


@functools.cache
def schema_of(record: type) -> type[Schema]:
    """Give the marshmallow schema of an event or of a record inside one; unknown fields are tolerated.

    A field with a default is optional: that is how a newer version of an event may grow (docs/how-to/upgrade.md).
    """
    made = {name: _field(hint) for name, hint in hints_of(record).items()}
    for declared in dataclasses.fields(record):
        if declared.default is not dataclasses.MISSING:
            made[declared.name].required = False
            made[declared.name].load_default = declared.default
    return type(record.__name__, (_TolerantSchema,), made)


def json_schemas() -> dict[str, dict[str, Any]]:
    """Give the JSON Schema of every event type, by type."""
    return {event_type: _json_schema(cls) for event_type, cls in EVENTS.items()}


def public_schema(event_type: str) -> dict[str, Any]:
    """Give the JSON Schema of what leaves of a public event."""
    cls = PUBLIC[event_type]
    whole = _json_schema(cls)
    fields = {name: _plain(whole["properties"][name]) for name in cls.public_fields}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": event_type,
        "type": "object",
        "properties": fields,
        "required": sorted(set(whole.get("required", ())) & set(fields)),
    }


def incompatibilities(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Say how a newer JSON Schema breaks those who know the older one; empty when it does not."""
    found = []
    before, after = old.get("properties", {}), new.get("properties", {})
    found += [f"field {name} was removed" for name in before if name not in after]
    required = set(new.get("required", ())) - set(old.get("required", ()))
    found += [f"field {name} became required" for name in sorted(required)]
    found += [f"field {name} changed" for name in before if name in after and before[name] != after[name]]
    return found


def _json_schema(cls: type) -> dict[str, Any]:
    spec = APISpec(title="events", version="1", openapi_version="3.1.0", plugins=[MarshmallowPlugin(_plain_name)])
    spec.components.schema(cls.__name__, schema=schema_of(cls))
    components = spec.to_dict()["components"]["schemas"]
    schema: dict[str, Any] = components.pop(cls.__name__)
    whole = {**schema, **({"$defs": components} if components else {})}
    # In JSON Schema's own dialect of patterns ``$`` is the very end already.
    found: dict[str, Any] = json.loads(json.dumps(whole).replace(json.dumps(VERY_END)[1:-1], "$"))
    return found


def _plain_name(schema: Any) -> str:
    name: str = schema.__name__ if isinstance(schema, type) else type(schema).__name__
    return name


def _field(hint: Any, *, nullable: bool = False) -> fields.Field[Any]:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        (inner,) = (part for part in typing.get_args(hint) if part is not type(None))
        return _field(inner, nullable=True)
    if origin is tuple:
        return fields.List(_field(typing.get_args(hint)[0]), required=True, allow_none=nullable)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return fields.Nested(schema_of(hint), required=True, allow_none=nullable)
    return _plain_field(hint, nullable=nullable)


def _plain_field(hint: Any, *, nullable: bool) -> fields.Field[Any]:
    base, meta = typing.get_args(hint)[0], _meta(hint)
    options: dict[str, Any] = {"required": True, "allow_none": nullable, "metadata": {"x-kind": meta.extra["kind"]}}
    if base is bool:
        return fields.Boolean(**options)
    if base is int:
        return fields.Integer(strict=True, validate=validate.Range(min=meta.ge, max=meta.le), **options)
    if base is str:
        return fields.String(validate=validate.Regexp(meta.pattern), **options)
    return fields.AwareDateTime(format="iso", **options)


def _meta(hint: Any) -> Any:
    return next(part for part in hint.__metadata__ if isinstance(part, msgspec.Meta))


def _plain(part: Any) -> Any:
    """Leave out what only our own checks read."""
    if isinstance(part, dict):
        return {name: _plain(value) for name, value in part.items() if name != "x-kind"}
    return [_plain(value) for value in part] if isinstance(part, list) else part
