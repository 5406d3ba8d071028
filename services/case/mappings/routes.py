"""Mapping profiles over HTTP, and the template of a file."""

from collections.abc import Callable
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from services.case.imports.rules.form import MAX_CHARACTERS
from services.case.mappings.commands import (
    ApproveMapping,
    ProposeMapping,
    RetireMapping,
    approve_mapping,
    propose_mapping,
    retire_mapping,
)
from services.case.mappings.rights import MAPPERS
from services.case.mappings.rules.template import template_csv, template_xlsx
from services.case.mappings.views import MappingViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema, StrictSchema

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMATS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", template_csv),
    "xlsx": (_XLSX, template_xlsx),
}


class ProposalSchema(StrictSchema):
    """A mapping profile as it is written."""

    text = fields.String(
        required=True,
        validate=validate.Length(min=1, max=MAX_CHARACTERS),
        metadata={"description": "The profile in YAML, as `alongside import map` writes it"},
    )
    follows = fields.UUID(
        load_default=None,
        metadata={"description": "A mapping that still waits for approval and that this one takes the place of"},
    )


class LookedAtSchema(StrictSchema):
    """Which profile was looked at."""

    number = fields.Integer(
        load_default=None,
        metadata={"description": "The version that its writer gave it; if given, the mapping has to have it"},
    )


class MappingSchema(Schema):
    """A mapping profile of this host."""

    id = fields.String()
    name = fields.String(metadata={"description": "By which an import names it"})
    title = fields.String()
    number = fields.Integer(metadata={"description": "The version that its writer gave it"})
    source = fields.String(metadata={"description": "The system whose references a file has"})
    kind = fields.String(metadata={"description": "csv, spreadsheet or any"})
    fingerprint = fields.String(allow_none=True, metadata={"description": "Of the header that it is for"})
    state = fields.String(metadata={"description": "PROPOSED, APPROVED or RETIRED"})
    text = fields.String()
    proposed_by = fields.String()
    approved_by = fields.String(allow_none=True)
    approved_at = fields.AwareDateTime(allow_none=True)
    updated_at = fields.AwareDateTime()
    version = fields.Integer()


class MappingListSchema(Schema):
    """Mapping profiles, without their texts."""

    items = fields.List(fields.Nested(MappingSchema(exclude=("text",))))
    next = fields.String(allow_none=True)


class TemplateQuerySchema(StrictSchema):
    """In which format the template is wanted."""

    format = fields.String(
        load_default="csv", validate=validate.OneOf(sorted(_FORMATS)), metadata={"description": "csv or xlsx"}
    )


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the mappings' routes; they stand among the imports'."""
    views = MappingViews(context)
    tenant = str(context.tenant_id)
    return [
        RouteGroup(
            name="imports",
            about="Exports of a host's own systems",
            routes=[
                Route(
                    method="POST",
                    path="/v1/import-profiles",
                    says="Propose a mapping profile; imports use it once it is approved.",
                    roles=MAPPERS,
                    body=ProposalSchema,
                    gives=AnswerSchema,
                    status=201,
                    location="/v1/import-profiles/{id}",
                    command=lambda asked: ProposeMapping(
                        mapping_id=new_id(),
                        text=asked.body["text"],
                        tenant=tenant,
                        actor_id=asked.who.actor_id,
                        follows=None if asked.body["follows"] is None else str(asked.body["follows"]),
                    ),
                    by=propose_mapping,
                ),
                Route(
                    method="GET",
                    path="/v1/import-profiles",
                    says="List this host's mapping profiles, oldest change first.",
                    roles=MAPPERS,
                    query=PageQuerySchema,
                    gives=MappingListSchema,
                    view=lambda asked: views.mappings(PageRequest.of(asked.query)),
                    action="case:import_profile:list",
                ),
                Route(
                    method="GET",
                    path="/v1/import-profiles/<uuid:mapping_id>",
                    says="Read a mapping profile; its ETag is its version.",
                    roles=MAPPERS,
                    gives=MappingSchema,
                    view=lambda asked: views.a_mapping(asked.path["mapping_id"]),
                    action="case:import_profile:read",
                ),
                Route(
                    method="POST",
                    path="/v1/import-profiles/<uuid:mapping_id>/approve",
                    says="Approve a mapping profile; one of the same name or for the same header is retired.",
                    roles=MAPPERS,
                    if_match=True,
                    body=LookedAtSchema,
                    gives=AnswerSchema,
                    command=lambda asked: ApproveMapping(
                        mapping_id=asked.path["mapping_id"],
                        version=asked.version,
                        number=asked.body["number"],
                        actor_id=asked.who.actor_id,
                    ),
                    by=approve_mapping,
                ),
                Route(
                    method="POST",
                    path="/v1/import-profiles/<uuid:mapping_id>/retire",
                    says="Let a mapping profile be used no more; what was imported with it stays.",
                    roles=MAPPERS,
                    if_match=True,
                    body=LookedAtSchema,
                    gives=AnswerSchema,
                    command=lambda asked: RetireMapping(
                        mapping_id=asked.path["mapping_id"], version=asked.version, number=asked.body["number"]
                    ),
                    by=retire_mapping,
                ),
                Route(
                    method="GET",
                    path="/v1/import-template",
                    says="Download an empty file with the columns that we suggest, and the words that are accepted.",
                    roles=MAPPERS,
                    query=TemplateQuerySchema,
                    action="case:import_template:read",
                    answered_by=_template,
                    more={"responses": {"200": {"description": "The file", "content": {"text/csv": {}, _XLSX: {}}}}},
                ),
            ],
        )
    ]


def _template(asked: Asked, _: Any) -> Response:
    name = asked.query["format"]
    content_type, write = _FORMATS[name]
    answer = Response(write(), content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="alongside-template.{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
