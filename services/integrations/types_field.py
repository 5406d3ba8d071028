"""How a request says which public event types it is about; apart from how they are kept, so that no worker loads it."""

from marshmallow import fields, validate

from shared.contracts.public import PUBLIC


def types_field(description: str) -> fields.List[str]:
    """Give the field of a request that says which."""
    return fields.List(
        fields.String(validate=validate.OneOf(sorted(PUBLIC))),
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=len(PUBLIC)),
        metadata={"description": description},
    )
