"""Reporting's HTTP routes: preview, sign-off and seal of a period."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import fields, validate

from services.reporting import handlers
from services.reporting.commands import SealPeriod, SignOff
from services.reporting.views import ReportingViews
from shared.keys.signing import SigningKey
from shared.web.bodies import Blueprint
from shared.web.gateway import Gateway
from shared.web.schemas import AnswerSchema, EmptySchema, StrictSchema, listed

_READERS = ("HOST_DATA_LEAD", "HOST_DPO", "HOST_ADMIN")


class SignOffSchema(StrictSchema):
    """The digest of the preview that was looked at."""

    digest = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))


def build_blueprint(web: Gateway, views: ReportingViews, *, key: SigningKey) -> Blueprint:
    """Build the routes over a gateway and reporting's views."""
    blueprint = Blueprint("periods", __name__, url_prefix="/v1", description="What leaves a host, and when")

    @blueprint.get("/periods")
    def read_periods() -> dict[str, Any]:
        """List the periods that the board opened."""
        web.require(*_READERS)
        return listed(web.read("reporting:period:list", "list", views.periods))

    @blueprint.get("/periods/<period>/preview")
    def read_preview(period: str) -> dict[str, Any]:
        """Show exactly what would leave, and who is left out and why."""
        web.require(*_READERS)
        return web.read("reporting:period:preview", period, lambda: views.preview(period))

    @blueprint.get("/periods/<period>/provenance")
    def read_provenance(period: str) -> dict[str, Any]:
        """Show who was counted under which consent event, and the salt that opens the commitment."""
        web.require("HOST_DPO")
        return web.read("reporting:period:provenance", period, lambda: views.provenance(period))

    @blueprint.post("/periods/<period>/sign-off")
    @blueprint.arguments(SignOffSchema)
    @blueprint.response(201, AnswerSchema)
    def sign_off(body: Mapping[str, Any], period: str) -> Response:
        """Sign the preview, between the period's end and the seal."""
        who = web.require("HOST_DATA_LEAD")
        command = SignOff(period=period, digest=body["digest"], actor_id=who.actor_id)
        return web.command(
            "reporting:period:sign-off",
            lambda work: handlers.sign_off(command, work=work, key=key),
            object_id=period,
            aggregates=(f"period:{period}",),
        )

    @blueprint.post("/periods/<period>/seal")
    @blueprint.arguments(EmptySchema)
    @blueprint.response(201, AnswerSchema)
    def seal(body: Mapping[str, Any], period: str) -> Response:
        """Carry out the seal now, instead of waiting for the period clock."""
        del body
        web.require("HOST_DATA_LEAD")
        command = SealPeriod.draw(period)
        return web.command(
            "reporting:period:seal",
            lambda work: handlers.seal_period(command, work=work, key=key),
            object_id=period,
            aggregates=(f"period:{period}",),
        )

    return blueprint
