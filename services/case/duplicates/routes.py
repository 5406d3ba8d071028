"""Possible duplicates over HTTP."""

from marshmallow import Schema, fields, validate

from services.case.duplicates.commands import AnswerDuplicate, answer_duplicate
from services.case.duplicates.rules import ANSWERS, SUPERVISOR
from services.case.duplicates.views import DuplicateViews
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema, StrictSchema


class DuplicateSchema(Schema):
    """Two records that may be one person."""

    id = fields.String()
    survivor_ids = fields.List(fields.String())
    matched = fields.List(fields.String(), metadata={"description": "NAME, TELEPHONE, REFERENCE; never what is kept"})
    opened_at = fields.AwareDateTime()
    version = fields.Integer()


class DuplicateListSchema(Schema):
    """Open questions, the oldest first."""

    items = fields.List(fields.Nested(DuplicateSchema))
    next = fields.String(allow_none=True)


class AnswerDuplicateSchema(StrictSchema):
    """What a supervisor found out."""

    answer = fields.String(required=True, validate=validate.OneOf(ANSWERS))


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    views = DuplicateViews(context)

    def answer(asked: Asked) -> AnswerDuplicate:
        return AnswerDuplicate(duplicate_id=asked.path["duplicate_id"], answer=asked.body["answer"])

    return [
        RouteGroup(
            name="case",
            about="Whom a host supports",
            routes=[
                Route(
                    method="GET",
                    path="/v1/possible-duplicates",
                    says="List pairs of records that have one name or telephone number, oldest first.",
                    roles=(SUPERVISOR,),
                    query=PageQuerySchema,
                    view=lambda asked: views.open(PageRequest.of(asked.query)),
                    action="case:duplicate:list",
                    gives=DuplicateListSchema,
                ),
                Route(
                    method="POST",
                    path="/v1/possible-duplicates/<uuid:duplicate_id>/answer",
                    says="Say whether two records are one person; neither record changes, and nobody is merged.",
                    roles=(SUPERVISOR,),
                    body=AnswerDuplicateSchema,
                    command=answer,
                    by=answer_duplicate,
                    gives=AnswerSchema,
                ),
            ],
        )
    ]
