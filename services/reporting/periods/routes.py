"""Reporting's HTTP routes: preview, sign-off and seal of a period."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from services.reporting.periods.commands import SIGNER, SealPeriod, SignOff, seal_period, sign_off
from services.reporting.periods.views import READERS, PeriodViews
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema, EmptySchema, StrictSchema


class SignOffSchema(StrictSchema):
    """The digest of the preview that was looked at."""

    digest = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes of a host's periods."""
    views, needs = PeriodViews(context), {"key": context.trust.own}

    def signing_key(_command: SignOff | SealPeriod) -> Mapping[str, Any]:
        return needs

    return [
        RouteGroup(
            name="periods",
            about="What leaves a host, and when",
            routes=[
                Route(
                    method="GET",
                    path="/v1/periods",
                    says="List the periods that the board opened.",
                    roles=READERS,
                    view=lambda _asked: views.periods(),
                    action="reporting:period:list",
                ),
                Route(
                    method="GET",
                    path="/v1/periods/<period>/preview",
                    says="Show exactly what would leave, and who is left out and why.",
                    roles=READERS,
                    view=lambda asked: views.preview(asked.path["period"]),
                    action="reporting:period:preview",
                ),
                Route(
                    method="GET",
                    path="/v1/periods/<period>/provenance",
                    says="Show who was counted under which consent event, and the salt that opens the commitment.",
                    roles=("HOST_DPO",),
                    view=lambda asked: views.provenance(asked.path["period"]),
                    action="reporting:period:provenance",
                ),
                Route(
                    method="POST",
                    path="/v1/periods/<period>/sign-off",
                    says="Sign the preview, between the period's end and the seal.",
                    roles=(SIGNER,),
                    body=SignOffSchema,
                    gives=AnswerSchema,
                    status=201,
                    command=_sign_off_of,
                    by=sign_off,
                    needs=signing_key,
                ),
                Route(
                    method="POST",
                    path="/v1/periods/<period>/seal",
                    says="Carry out the seal now, instead of waiting for the period clock.",
                    roles=(SIGNER,),
                    body=EmptySchema,
                    gives=AnswerSchema,
                    status=201,
                    command=lambda asked: SealPeriod.draw(asked.path["period"]),
                    by=seal_period,
                    needs=signing_key,
                ),
            ],
        )
    ]


def _sign_off_of(asked: Asked) -> SignOff:
    return SignOff(period=asked.path["period"], digest=asked.body["digest"], actor_id=asked.who.actor_id)
