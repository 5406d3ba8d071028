"""Receipts over HTTP."""

from typing import Any

from marshmallow import Schema, fields

from services.consent.ledger.acting import WRITERS, check_may_act, standing_of
from services.consent.ledger.views import LedgerViews
from services.consent.receipts.commands import OfferReceipt, offer_receipt
from services.consent.receipts.views import ReceiptViews
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.codes import code_field
from shared.web.routes import Asked, Route, RouteGroup, Subject, Whose
from shared.web.schemas import AnswerSchema, StrictSchema


class OfferSchema(StrictSchema):
    """What became of a copy."""

    answer = code_field("receipt_answer", required=True)


class ReceiptSchema(Schema):
    """A receipt in the fields of ISO/IEC TS 27560:2023."""

    schema_version = fields.String()
    receipt_id = fields.String()
    consent_record = fields.Dict()


class OfferRowSchema(Schema):
    """One offer of a copy."""

    id = fields.String()
    consent_id = fields.String()
    consent_version = fields.Integer()
    answer = fields.String()
    actor_id = fields.String()
    at = fields.AwareDateTime()


class OfferListSchema(Schema):
    """What became of copies."""

    items = fields.List(fields.Nested(OfferRowSchema))
    next = fields.String(allow_none=True)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    database = context.client[context.database_name]
    views, ledger = ReceiptViews(database), LedgerViews(database, context.clock.now)

    def theirs(who: Principal, subject: Subject) -> Standing | None:
        return standing_of(ledger, who, subject.id)

    def consent_of(asked: Asked) -> Subject:
        row = ledger.consent(asked.path["consent_id"])
        return Subject(id=row["survivor_id"], row=row)

    def offer(asked: Asked) -> OfferReceipt:
        return OfferReceipt(
            consent_id=asked.path["consent_id"],
            survivor_id=asked.about.id,
            answer=asked.body["answer"],
            actor_id=asked.who.actor_id,
        )

    def receipt(asked: Asked) -> dict[str, Any]:
        return views.receipt(asked.path["consent_id"])

    whose = Whose(find=consent_of, allows=theirs, check=check_may_act)
    return [
        RouteGroup(
            name="consents",
            about="What survivors decided",
            routes=[
                Route(
                    method="GET",
                    path="/v1/consents/<uuid:consent_id>/receipt",
                    says="Read a consent's receipt, in the fields of ISO/IEC TS 27560:2023 with DPV terms.",
                    roles=WRITERS,
                    whose=whose,
                    gives=ReceiptSchema,
                    view=receipt,
                    action="consent:receipt:read",
                ),
                Route(
                    method="GET",
                    path="/v1/consents/<uuid:consent_id>/receipt-offers",
                    says="List what became of copies of the receipt.",
                    roles=WRITERS,
                    whose=whose,
                    gives=OfferListSchema,
                    view=lambda asked: views.offers(asked.path["consent_id"]),
                    action="consent:receipt:list-offers",
                ),
                Route(
                    method="POST",
                    path="/v1/consents/<uuid:consent_id>/receipt-offers",
                    says="Note what became of a copy: the survivor took it, or would rather not hold one.",
                    roles=WRITERS,
                    whose=whose,
                    body=OfferSchema,
                    gives=AnswerSchema,
                    status=201,
                    command=offer,
                    by=offer_receipt,
                ),
            ],
        )
    ]
