"""The purposes over HTTP: what each takes, its basis in law, and what would be shared before somebody decides."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.consent.ledger.acting import WRITERS, check_known, check_may_act, standing_of
from services.consent.ledger.views import LedgerViews
from services.consent.purposes.commands import StateBasis, state_basis
from services.consent.purposes.views import PurposeViews
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.codes import code_field
from shared.web.routes import Asked, Route, RouteGroup, Subject, Whose
from shared.web.schemas import AnswerSchema, StrictSchema

READERS = ("HOST_DPO", "HOST_DATA_LEAD", "IMSA", "SUPERVISOR", "HOST_ADMIN")
STATES = "HOST_DPO"
_LONGEST = 300


class BasisSchema(StrictSchema):
    """On what a purpose stands."""

    article6 = code_field("lawful_basis", required=True)
    article9 = code_field("special_condition", required=True)
    controller = fields.String(required=True, validate=validate.Length(min=1, max=_LONGEST))
    contact = fields.String(required=True, validate=validate.Length(min=1, max=_LONGEST))
    keeps_months = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=600))


class PreviewSchema(StrictSchema):
    """Of whom, and about what; in a body, so that no id stands in an address or a log."""

    survivor_id = fields.UUID(required=True)
    purpose = code_field("consent_purpose", required=True)
    recipient_class = code_field("recipient_class", load_default=None, allow_none=True)


class PurposeSchema(Schema):
    """A purpose."""

    code = fields.String()
    why = fields.String()
    recipients = fields.List(fields.String())
    data_classes = fields.List(fields.String())
    leaves_this_host = fields.Boolean()
    held_by = fields.List(fields.String())
    basis = fields.Dict(allow_none=True, metadata={"description": "None: the host stated nothing yet"})


class PurposeListSchema(Schema):
    """The purposes."""

    items = fields.List(fields.Nested(PurposeSchema))
    next = fields.String(allow_none=True)


class SharedSchema(Schema):
    """What would be shared of somebody, and with whom."""

    purpose = fields.String()
    why = fields.String()
    recipient_class = fields.String()
    is_theirs = fields.Boolean(metadata={"description": "Whether the purpose has these recipients at all"})
    data_classes = fields.List(fields.String())
    leaves_this_host = fields.Boolean()
    counted = fields.List(fields.Dict(), metadata={"description": "What would be counted, an episode each"})
    own_systems_see = fields.List(fields.String(), metadata={"description": "What the host's own systems are told"})
    basis = fields.Dict(allow_none=True)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    database = context.client[context.database_name]
    views, ledger = PurposeViews(database), LedgerViews(database, context.clock.now)

    def theirs(who: Principal, subject: Subject) -> Standing | None:
        return standing_of(ledger, who, subject.id)

    def shared(asked: Asked) -> dict[str, Any]:
        check_known(ledger, asked.who, asked.about.id)
        return views.shared(asked.about.id, asked.body["purpose"], asked.body["recipient_class"])

    return [
        RouteGroup(
            name="consents",
            about="What survivors decided",
            routes=[
                Route(
                    method="GET",
                    path="/v1/consent-purposes",
                    says="List the purposes: what each takes, for whom, and on what basis in law.",
                    roles=READERS,
                    gives=PurposeListSchema,
                    view=lambda _: views.purposes(),
                    action="consent:purpose:list",
                ),
                Route(
                    method="POST",
                    path="/v1/consent-purposes/<purpose>/basis",
                    says="State on what basis in law a purpose stands; what was stated before stays readable.",
                    roles=(STATES,),
                    body=BasisSchema,
                    gives=AnswerSchema,
                    status=201,
                    command=lambda asked: StateBasis(
                        **asked.body, purpose=asked.path["purpose"], actor_id=asked.who.actor_id
                    ),
                    by=state_basis,
                ),
                Route(
                    method="POST",
                    path="/v1/consents/preview",
                    says="Say what would be shared of somebody with whom, before they decide.",
                    roles=WRITERS,
                    whose=Whose(
                        find=lambda asked: Subject(id=str(asked.body["survivor_id"])),
                        allows=theirs,
                        check=check_may_act,
                        in_body=True,
                    ),
                    body=PreviewSchema,
                    gives=SharedSchema,
                    view=shared,
                    action="consent:consent:preview",
                ),
            ],
        )
    ]
