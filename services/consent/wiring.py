"""Consent's composition root."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from flask_smorest import Blueprint

from services.consent import handlers
from services.consent.api import build_blueprint
from services.consent.store import CONSENTS, EPISODES, WORDINGS, consent_key
from services.consent.views import ConsentViews
from services.context import Job, ServiceContext
from shared.contracts.case import EpisodeOpened, ImportConsentStated, StatisticsFactsChanged
from shared.outbox.committer import Answer, Command
from shared.outbox.inbox import Hearing
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.gateway import Gateway

_EXPIRY_EVERY_S = 60.0


def build_blueprints(context: ServiceContext, gateway: Gateway) -> list[Blueprint]:
    """Build the HTTP routes."""
    views = ConsentViews(context.client[context.database_name])
    return [build_blueprint(gateway, views)]


def build_hearings(context: ServiceContext) -> list[Hearing]:
    """Say what consent hears and how."""
    del context
    return [
        Hearing(event=EpisodeOpened, handle=handlers.note_episode),
        Hearing(event=StatisticsFactsChanged, handle=handlers.keep_facts, order="latest", preload=_facts_reads),
        Hearing(event=ImportConsentStated, handle=handlers.weigh_statement, order="latest", preload=_statement_reads),
    ]


def build_jobs(context: ServiceContext) -> list[Job]:
    """Give the job that notes permissions that ran out."""
    views = ConsentViews(context.client[context.database_name])

    def run() -> None:
        for consent_id in views.run_out(context.clock.now()):
            end = partial(_expire, consent_id)
            context.committer.execute(Command(run=end, aggregates=frozenset({consent_id})))

    return [Job(name="expiry", every_s=_EXPIRY_EVERY_S, run=run)]


def _expire(consent_id: str, work: UnitOfWork) -> Answer:
    return handlers.expire(consent_id, work=work)


def _facts_reads(event: Any) -> Iterable[tuple[str, str]]:
    yield EPISODES, event.episode_id
    yield "people", event.survivor_id
    yield CONSENTS, consent_key(event.survivor_id, "AGGREGATE_STATISTICS")


def _statement_reads(event: Any) -> Iterable[tuple[str, str]]:
    yield CONSENTS, consent_key(event.survivor_id, event.purpose)
    yield "people", event.survivor_id
    if event.wording_code is not None:
        yield WORDINGS, event.wording_code
