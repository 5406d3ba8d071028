"""The corrections' HTTP routes."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.case.corrections.commands import CorrectSurvivor, correct_survivor
from services.case.corrections.documents import CORRECTION, CORRECTIONS
from services.case.corrections.rules import FIELDS, WHY
from services.case.finding.keys import MarkKeys
from services.case.survivors.acting import whose_survivor
from services.case.survivors.schemas import SurvivorSchema
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import Page, PageQuerySchema, PageRequest, find_page
from shared.web.routes import Asked, Route, RouteGroup

_CASEWORK = ("IMSA", "SUPERVISOR")


class CorrectSurvivorSchema(SurvivorSchema):
    """What is right; what is left out, null, empty or only spaces stays as it is."""

    clear = fields.List(
        fields.String(validate=validate.OneOf(FIELDS)),
        load_default=list,
        validate=validate.Length(max=len(FIELDS)),
        metadata={"description": "What is taken away, such as a contact that is no longer safe"},
    )
    why = fields.String(required=True, validate=validate.OneOf(WHY))

    @validates_schema
    def refuse_both(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a field that is both said and cleared: nobody can tell which was meant."""
        both = [name for name in data.get("clear", ()) if data.get(name)]
        if both:
            raise ValidationError({"clear": ["A field is either said or cleared."]})


class CorrectedSchema(Schema):
    """What a correction changed; nothing where it said what was known."""

    id = fields.String(allow_none=True)
    changed = fields.List(fields.String(validate=validate.OneOf(FIELDS)))


class CorrectionSchema(Schema):
    """One correction, with what stood there before."""

    id = fields.String()
    changed = fields.List(fields.String(validate=validate.OneOf(FIELDS)))
    why = fields.String(validate=validate.OneOf(WHY))
    actor_id = fields.String()
    role = fields.String()
    corrected_at = fields.AwareDateTime()
    before = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True))
    version = fields.Integer()


class CorrectionListSchema(Schema):
    """Corrections, the oldest first."""

    items = fields.List(fields.Nested(CorrectionSchema))
    next = fields.String(allow_none=True)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the corrections' routes."""
    whose = whose_survivor(SurvivorViews(context), _survivor)
    corrections, keys = context.client[context.database_name][CORRECTIONS], MarkKeys(context)

    def sealing(command: CorrectSurvivor) -> dict[str, Any]:
        return {"sealer": Sealer.of_known(context, [command.survivor_id]), "marker": keys.newest()}

    def history(asked: Asked) -> Page:
        opening = Sealer.of_known(context, [asked.about.id]).opening(asked.about.id)
        return find_page(
            corrections,
            PageRequest.of(asked.query),
            where={"survivor_id": asked.about.id},
            row=lambda document: CORRECTION.row(CORRECTION.values(document, opened=opening)),
        )

    return [
        RouteGroup(
            name="case",
            about="Whom a host supports",
            routes=[
                Route(
                    method="POST",
                    path="/v1/survivors/<uuid:survivor_id>/corrections",
                    says="Correct what is kept of a survivor; what stood there before stays to be seen.",
                    roles=_CASEWORK,
                    whose=whose,
                    body=CorrectSurvivorSchema,
                    command=_correct,
                    in_batch=True,
                    by=correct_survivor,
                    needs=sealing,
                    gives=CorrectedSchema,
                ),
                Route(
                    method="GET",
                    path="/v1/survivors/<uuid:survivor_id>/corrections",
                    says="List a survivor's corrections, the oldest first, each with what stood there before.",
                    roles=_CASEWORK,
                    whose=whose,
                    query=PageQuerySchema,
                    view=history,
                    action="case:survivor:corrections",
                    gives=CorrectionListSchema,
                ),
            ],
        )
    ]


def _survivor(asked: Asked) -> str:
    return asked.path["survivor_id"]


def _correct(asked: Asked) -> CorrectSurvivor:
    return CorrectSurvivor(
        survivor_id=asked.about.id,
        correction_id=new_id(),
        said={name: asked.body[name] for name in FIELDS},
        cleared=frozenset(asked.body["clear"]),
        why=asked.body["why"],
        actor_id=asked.who.actor_id,
        role=asked.who.role,
    )
