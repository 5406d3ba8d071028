"""Concerns over HTTP: taken and seen by others than advocates."""

from typing import Any

from marshmallow import Schema, fields

from services.consent.concerns.commands import TAKERS, CloseConcern, TakeConcern, close_concern, take_concern
from services.consent.concerns.documents import CONCERN, CONCERNS, OPEN
from services.consent.ledger.errors import SurvivorUnknownError
from services.consent.ledger.people import PersonStore
from services.consent.ledger.views import LedgerViews
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.codes import code_field
from shared.web.listing import Page, PageRequest, find_page
from shared.web.paging import PageQuerySchema
from shared.web.routes import Asked, Route, RouteGroup, Subject, Whose
from shared.web.schemas import AnswerSchema, StrictSchema


class ConcernSchema(StrictSchema):
    """Whose, and what kind; what it is about is said to a person and not typed here."""

    survivor_id = fields.UUID(required=True)
    kind = code_field("concern_kind", required=True)


class CloseSchema(StrictSchema):
    """How it ended."""

    outcome = code_field("concern_outcome", required=True)


class ConcernRowSchema(Schema):
    """A concern."""

    id = fields.String()
    survivor_id = fields.String()
    kind = fields.String()
    taken_by = fields.String()
    taken_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime()
    state = fields.String()
    outcome = fields.String(allow_none=True)
    closed_by = fields.String(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    version = fields.Integer()


class ConcernListSchema(Schema):
    """Concerns."""

    items = fields.List(fields.Nested(ConcernRowSchema))
    next = fields.String(allow_none=True)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    database = context.client[context.database_name]
    ledger = LedgerViews(database, context.clock.now)

    def whose(asked: Asked) -> Subject:
        survivor_id = str(asked.body["survivor_id"])
        if not ledger.is_known(survivor_id):
            raise SurvivorUnknownError
        return Subject(id=survivor_id)

    def waiting(asked: Asked) -> Page:
        return find_page(
            database[CONCERNS],
            PageRequest.of(asked.query),
            where={"state": OPEN},
            row=lambda document: CONCERN.row(CONCERN.values(document)),
        )

    def taken(asked: Asked) -> TakeConcern:
        return TakeConcern(survivor_id=asked.about.id, kind=asked.body["kind"], actor_id=asked.who.actor_id)

    def closed(asked: Asked) -> CloseConcern:
        return CloseConcern(
            concern_id=asked.path["concern_id"], outcome=asked.body["outcome"], actor_id=asked.who.actor_id
        )

    return [
        RouteGroup(
            name="concerns",
            about="What survivors say to somebody other than their advocate",
            routes=[
                Route(
                    method="POST",
                    path="/v1/survivor-concerns",
                    says="Take a complaint, or the wish for another advocate; no advocate sees it.",
                    roles=TAKERS,
                    whose=Whose(find=whose, allows=lambda _who, _subject: True, check=_check, in_body=True),
                    body=ConcernSchema,
                    gives=AnswerSchema,
                    status=201,
                    command=taken,
                    by=take_concern,
                ),
                Route(
                    method="GET",
                    path="/v1/survivor-concerns",
                    says="List open concerns, oldest change first.",
                    roles=TAKERS,
                    query=PageQuerySchema,
                    gives=ConcernListSchema,
                    view=waiting,
                    action="consent:concern:list",
                ),
                Route(
                    method="POST",
                    path="/v1/survivor-concerns/<uuid:concern_id>/close",
                    says="Close a concern with what the survivor was told.",
                    roles=TAKERS,
                    body=CloseSchema,
                    gives=AnswerSchema,
                    command=closed,
                    by=close_concern,
                ),
            ],
        )
    ]


def _check(work: UnitOfWork, subject: Subject, who: Any) -> None:
    del who
    if not PersonStore(work).is_known(subject.id):
        raise SurvivorUnknownError
