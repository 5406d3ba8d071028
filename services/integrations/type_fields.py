"""Which public event types one of the host's systems gets, as a request asks for them.

Apart from ``chosen_types``, which every process loads with the documents: no worker loads what reads requests.
"""

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
