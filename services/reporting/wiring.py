"""Reporting's composition root."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from services.reporting import handlers, pages
from services.reporting.api import build_blueprint
from services.reporting.clock import PeriodClock
from services.reporting.connection import Connection
from services.reporting.page_views import HostPageViews
from services.reporting.store import CONTRIBUTIONS
from services.reporting.views import ReportingViews
from shared.contracts.board import ReleasePublished, ReportJudged, TaskOpened
from shared.contracts.consent import FactsReleased, FactsWithheld
from shared.kernel.messages import Received
from shared.outbox.inbox import Hearing
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext
from shared.web.bodies import Blueprint
from shared.web.gateway import Gateway
from shared.web.pages.site import PageSet


def build_blueprints(context: ServiceContext, gateway: Gateway) -> list[Blueprint]:
    """Build the HTTP routes."""
    return [build_blueprint(gateway, ReportingViews(context), key=context.trust.own)]


def build_pages(context: ServiceContext, gateway: Gateway) -> PageSet:
    """Build the host's pages."""
    views = HostPageViews(context, ReportingViews(context))
    return pages.build_pages(gateway, views, Connection(context), key=context.trust.own)


def build_hearings(context: ServiceContext) -> list[Hearing]:
    """Say what reporting hears: consent, and the centre."""

    def state(event: Any, handle: Callable[[Received[Any], UnitOfWork], None]) -> Hearing:
        # Each event is the whole state, but a delayed older one may be the state that stood at a seal: the
        # handler puts it in its place, where ``latest`` would drop it and count somebody who had withdrawn.
        return Hearing(event=event, handle=handle, order="any_order", preload=_reads)

    return [
        state(FactsReleased, handlers.keep_released),
        state(FactsWithheld, handlers.keep_withheld),
        Hearing(event=TaskOpened, handle=partial(handlers.keep_task, trust=context.trust)),
        Hearing(event=ReportJudged, handle=partial(handlers.keep_judgement, trust=context.trust)),
        Hearing(event=ReleasePublished, handle=partial(handlers.keep_release, trust=context.trust)),
    ]


def build_jobs(context: ServiceContext) -> list[Job]:
    """Give the period clock."""
    return [Job(name="period-clock", every_s=context.settings.job_every_s, run=PeriodClock(context).run)]


def _reads(event: Any) -> Iterable[tuple[str, str]]:
    yield CONTRIBUTIONS, event.contribution_id
