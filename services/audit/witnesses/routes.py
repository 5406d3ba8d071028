"""The witnesses over HTTP, for staff and for whoever verifies the log."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.audit.readers import READERS
from services.audit.witnesses.offering import ASKED
from services.audit.witnesses.views import WitnessViews
from shared.runtime.context import ServiceContext
from shared.transparency.witness import OUTCOMES
from shared.web.routes import Asked, Route, RouteGroup


class WitnessSchema(Schema):
    """How one witness stands."""

    witness = fields.String(validate=validate.OneOf(ASKED))
    size = fields.Integer(
        metadata={"description": "As far as it confirmed the log; a multiple of 4,096, 0 before the first time"}
    )
    seen_at = fields.AwareDateTime(format="iso", allow_none=True)
    outcome = fields.String(
        allow_none=True,
        validate=validate.OneOf(OUTCOMES),
        metadata={"description": "What it said to what it was offered last; null: nothing yet"},
    )
    is_late = fields.Boolean(metadata={"description": "It should have answered, or it refuses the log"})
    key = fields.String(
        allow_none=True,
        metadata={
            "description": "Its public key, as its line in a policy. Compare it with the one that the witness itself "
            "gives out; null before the first time"
        },
    )


class WitnessesSchema(Schema):
    """All of them, with what they confirmed last."""

    items = fields.List(fields.Nested(WitnessSchema))
    checkpoints = fields.List(
        fields.String(), metadata={"description": "Checkpoints with their cosignatures, as C2SP spells them"}
    )


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the room's routes."""
    views = WitnessViews(context.client[context.database_name])

    def read_witnesses(_asked: Asked) -> dict[str, Any]:
        return views.witnesses(context.clock.now())

    return [
        RouteGroup(
            name="audit",
            about="What was done and read",
            routes=[
                Route(
                    method="GET",
                    path="/v1/audit/witnesses",
                    says="Read how far others saw the audit log, and what they signed of it.",
                    roles=READERS,
                    gives=WitnessesSchema,
                    view=read_witnesses,
                    action="audit:witness:list",
                )
            ],
        )
    ]
