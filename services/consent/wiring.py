"""Consent's composition root."""

from collections.abc import Callable, Iterable
from typing import Any

from services.consent import handlers
from services.consent.api import build_blueprint
from services.consent.jobs import JobSteps
from services.consent.reconciler import Reconciler
from services.consent.store import CONSENTS, EPISODES, PEOPLE, STATISTICS, WORDINGS, advocates_key, consent_key
from services.consent.views import ConsentViews
from shared.contracts.case import EpisodeOpened, ImportConsentStated, StatisticsFactsChanged, SurvivorAssigned
from shared.outbox.inbox import Hearing
from shared.runtime.context import Job, ServiceContext
from shared.web.bodies import Blueprint
from shared.web.gateway import Gateway

_EXPIRY_EVERY_S = 60.0
_WORDINGS_EVERY_S = 2.0
_RECONCILE_EVERY_S = 24 * 3600.0


def build_blueprints(context: ServiceContext, gateway: Gateway) -> list[Blueprint]:
    """Build the HTTP routes."""
    views = ConsentViews(context.client[context.database_name])
    return [build_blueprint(gateway, views)]


def build_hearings(context: ServiceContext) -> list[Hearing]:
    """Say what consent hears and how."""
    del context
    return [
        Hearing(event=SurvivorAssigned, handle=handlers.note_assignment, order="latest", preload=_people_reads),
        Hearing(event=EpisodeOpened, handle=handlers.note_episode, preload=_people_reads),
        Hearing(event=StatisticsFactsChanged, handle=handlers.keep_facts, order="latest", preload=_facts_reads),
        Hearing(event=ImportConsentStated, handle=handlers.weigh_statement, order="latest", preload=_statement_reads),
    ]


def build_jobs(context: ServiceContext) -> list[Job]:
    """Give the jobs: note permissions that ran out, go on with registered words, compare the gate's statements."""
    views = ConsentViews(context.client[context.database_name])
    steps = JobSteps(execute=context.committer.execute)
    return [
        Job(name="expiry", every_s=_EXPIRY_EVERY_S, run=lambda: steps.expire(views.run_out(context.clock.now()))),
        Job(name="wordings", every_s=_WORDINGS_EVERY_S, run=lambda: steps.go_on(views.being_weighed)),
        Job(name="reconciler", every_s=_RECONCILE_EVERY_S, run=_reconcile(context)),
    ]


def _reconcile(context: ServiceContext) -> Callable[[], None]:
    def run() -> None:
        Reconciler.of(context.committer).run()

    return run


def _people_reads(event: Any) -> Iterable[tuple[str, str]]:
    yield PEOPLE, event.survivor_id
    yield PEOPLE, advocates_key(event.survivor_id)


def _facts_reads(event: Any) -> Iterable[tuple[str, str]]:
    yield EPISODES, event.episode_id
    yield PEOPLE, event.survivor_id
    yield CONSENTS, consent_key(event.survivor_id, STATISTICS)


def _statement_reads(event: Any) -> Iterable[tuple[str, str]]:
    yield CONSENTS, consent_key(event.survivor_id, event.purpose)
    yield PEOPLE, event.survivor_id
    if event.wording_code is not None:
        yield WORDINGS, event.wording_code
