"""Consent's HTTP routes: parse, call, answer."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint

from services.consent import handlers
from services.consent.commands import RecordDecision, RegisterWording, WithdrawConsent
from services.consent.schemas import (
    ConsentAnswerSchema,
    ConsentListSchema,
    ConsentSchema,
    RecordDecisionSchema,
    SearchSchema,
    WithdrawSchema,
    WordingAnswerSchema,
    WordingListSchema,
    WordingSchema,
)
from services.consent.store import consent_key
from services.consent.views import ConsentViews
from shared.web.gateway import Gateway, etagged
from shared.web.paging import PageQuerySchema, PageRequest, paged
from shared.web.schemas import listed

_WRITERS = ("IMSA", "SUPERVISOR", "HOST_DPO")


def build_blueprint(web: Gateway, views: ConsentViews) -> Blueprint:
    """Build the routes over a gateway and consent's views."""
    blueprint = Blueprint("consents", __name__, url_prefix="/v1", description="What survivors decided")

    def require_mine(survivor_id: str) -> str:
        """Let in supervisors and the DPO, and the survivor's own advocate (or any, until one is known)."""
        who = web.require(*_WRITERS)
        advocate = views.advocate_of(survivor_id) if who.role == "IMSA" else None
        if advocate is not None and advocate != who.actor_id:
            web.refuse(survivor_id)
        return who.actor_id

    @blueprint.post("/consents")
    @blueprint.arguments(RecordDecisionSchema)
    @blueprint.response(201, ConsentAnswerSchema)
    def record_decision(body: Mapping[str, Any]) -> Response:
        """Record a decision on one purpose."""
        survivor_id = str(body["survivor_id"])
        command = RecordDecision(**{**body, "survivor_id": survivor_id}, actor_id=require_mine(survivor_id))
        return web.command(
            "consent:consent:record",
            lambda work: handlers.record_decision(command, work=work),
            object_id=consent_key(survivor_id, command.purpose),
            aggregates=(survivor_id,),
        )

    @blueprint.post("/consents/search")
    @blueprint.arguments(SearchSchema)
    @blueprint.response(200, ConsentListSchema)
    def search_consents(body: Mapping[str, Any]) -> dict[str, Any]:
        """Find a survivor's consents."""
        survivor_id = str(body["survivor_id"])
        require_mine(survivor_id)
        return listed(web.search("consent:consent:search", survivor_id, lambda: views.of_survivor(survivor_id)))

    @blueprint.get("/consents/<uuid:consent_id>")
    @blueprint.response(200, ConsentSchema)
    def read_consent(consent_id: Any) -> Response:
        """Read a consent with its whole ledger; the ETag is its version."""
        web.require(*_WRITERS)
        row = views.consent(str(consent_id))
        require_mine(row["survivor_id"])
        shown = web.read("consent:consent:read", str(consent_id), lambda: row)
        return etagged(shown, shown["version"])

    @blueprint.post("/consents/<uuid:consent_id>/withdraw")
    @blueprint.arguments(WithdrawSchema)
    @blueprint.response(200, ConsentAnswerSchema)
    def withdraw(body: Mapping[str, Any], consent_id: Any) -> Response:
        """End a permission; no reason is asked."""
        web.require(*_WRITERS)
        survivor_id = views.survivor_of(str(consent_id))
        command = WithdrawConsent(consent_id=str(consent_id), actor_id=require_mine(survivor_id), **body)
        return web.command(
            "consent:consent:withdraw",
            lambda work: handlers.withdraw_consent(command, work=work),
            object_id=command.consent_id,
            aggregates=(survivor_id,),
        )

    @blueprint.post("/consent-wordings")
    @blueprint.arguments(WordingSchema)
    @blueprint.response(201, WordingAnswerSchema)
    def register_wording(body: Mapping[str, Any]) -> Response:
        """Register words that may be read out for a purpose."""
        who = web.require("HOST_DPO")
        command = RegisterWording(**{**body, "languages": tuple(body["languages"])}, actor_id=who.actor_id)
        return web.command(
            "consent:wording:register",
            lambda work: handlers.register_wording(command, work=work),
            object_id=command.code,
            aggregates=(f"wording:{command.code}",),
        )

    @blueprint.get("/consent-wordings")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, WordingListSchema)
    def read_wordings(query: Mapping[str, Any]) -> Response:
        """List registered words, oldest change first."""
        web.require("HOST_DPO", "HOST_DATA_LEAD", *_WRITERS)
        return paged(web.read("consent:wording:list", "list", lambda: views.wordings(PageRequest.of(query))))

    return blueprint
