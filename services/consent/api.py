"""Consent's HTTP routes: parse, call, answer."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response

from services.consent import handlers
from services.consent.acting import ADVOCATE, NotTheirAdvocateError, check_may_act
from services.consent.commands import RecordDecision, RegisterWording, WithdrawConsent
from services.consent.errors import SurvivorUnknownError
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
from shared.kernel.tenancy import Principal
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.bodies import Blueprint
from shared.web.gateway import Gateway, etagged
from shared.web.paging import PageQuerySchema, PageRequest, paged
from shared.web.schemas import listed

_WRITERS = ("IMSA", "SUPERVISOR", "HOST_DPO")


def build_blueprint(web: Gateway, views: ConsentViews) -> Blueprint:
    """Build the routes over a gateway and consent's views."""
    blueprint = Blueprint("consents", __name__, url_prefix="/v1", description="What survivors decided")

    def require_mine(survivor_id: str) -> Principal:
        """Let in supervisors and the DPO, and the survivor's own advocates; a stranger finds nothing here."""
        who = web.require(*_WRITERS)
        if who.role == ADVOCATE and who.actor_id not in views.advocates_of(survivor_id):
            web.refuse(survivor_id)
        return who

    def command(action: str, survivor_id: str, run: Callable[[UnitOfWork], Answer], object_id: str) -> Response:
        """Carry out a command about a survivor; who may act is checked once more in its transaction."""
        who = web.principal

        def permitted(work: UnitOfWork) -> Answer:
            check_may_act(work, survivor_id, who)
            return run(work)

        try:
            return web.command(action, permitted, object_id=object_id, aggregates=(survivor_id,))
        except NotTheirAdvocateError:
            web.refuse(survivor_id)

    @blueprint.post("/consents")
    @blueprint.arguments(RecordDecisionSchema)
    @blueprint.response(201, ConsentAnswerSchema)
    def record_decision(body: Mapping[str, Any]) -> Response:
        """Record a decision on one purpose."""
        survivor_id = str(body["survivor_id"])
        who = require_mine(survivor_id)
        decision = RecordDecision(**{**body, "survivor_id": survivor_id}, actor_id=who.actor_id)
        return command(
            "consent:consent:record",
            survivor_id,
            lambda work: handlers.record_decision(decision, work=work),
            consent_key(survivor_id, decision.purpose),
        )

    @blueprint.post("/consents/search")
    @blueprint.arguments(SearchSchema)
    @blueprint.response(200, ConsentListSchema)
    def search_consents(body: Mapping[str, Any]) -> dict[str, Any]:
        """Find a survivor's consents."""
        survivor_id = str(body["survivor_id"])
        who = require_mine(survivor_id)
        if who.role != ADVOCATE and not views.is_known(survivor_id):
            raise SurvivorUnknownError
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
        who = require_mine(survivor_id)
        withdrawal = WithdrawConsent(consent_id=str(consent_id), actor_id=who.actor_id, **body)
        return command(
            "consent:consent:withdraw",
            survivor_id,
            lambda work: handlers.withdraw_consent(withdrawal, work=work),
            withdrawal.consent_id,
        )

    @blueprint.post("/consent-wordings")
    @blueprint.arguments(WordingSchema)
    @blueprint.response(201, WordingAnswerSchema)
    def register_wording(body: Mapping[str, Any]) -> Response:
        """Register words that may be read out for a purpose."""
        who = web.require("HOST_DPO")
        words = RegisterWording(**{**body, "languages": tuple(body["languages"])}, actor_id=who.actor_id)
        return web.command(
            "consent:wording:register",
            lambda work: handlers.register_wording(words, work=work),
            object_id=words.code,
            aggregates=(f"wording:{words.code}",),
        )

    @blueprint.get("/consent-wordings")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, WordingListSchema)
    def read_wordings(query: Mapping[str, Any]) -> Response:
        """List registered words, oldest change first."""
        web.require("HOST_DPO", "HOST_DATA_LEAD", *_WRITERS)
        return paged(web.read("consent:wording:list", "list", lambda: views.wordings(PageRequest.of(query))))

    return blueprint
