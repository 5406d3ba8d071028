"""Case's composition root."""

from flask_smorest import Blueprint

from services.case.api import build_blueprint
from services.case.import_job import ImportJob, strongroom_of
from services.case.views import CaseViews
from services.context import Job, ServiceContext
from shared.web.gateway import Gateway

_IMPORT_POLL_S = 0.5


def build_blueprints(context: ServiceContext, gateway: Gateway) -> list[Blueprint]:
    """Build the HTTP routes."""
    return [build_blueprint(gateway, CaseViews(context), strongroom_of(context), context)]


def build_jobs(context: ServiceContext) -> list[Job]:
    """Give the job that carries out imports."""
    return [Job(name="imports", every_s=_IMPORT_POLL_S, run=ImportJob(context).run)]
