"""Case's composition root."""

from services.case import api, staff
from services.case.assigning_job import state_assignments
from services.case.erasure_job import ErasureJob
from services.case.import_job import IMPORTS_JOB, ImportJob
from services.case.strongroom import strongroom_of
from services.case.views import CaseViews
from shared.contracts.identity import RosterStated, StaffChanged
from shared.keys.survivor_keys import CACHED_KEY_LIFE_S
from shared.outbox.inbox import Hearing
from shared.runtime.context import Job, ServiceContext
from shared.web.bodies import Blueprint
from shared.web.gateway import Gateway

_IMPORT_POLL_S = 0.5
_ASSIGN_EVERY_S = 30.0


def build_blueprints(context: ServiceContext, gateway: Gateway) -> list[Blueprint]:
    """Build the HTTP routes."""
    return api.build_blueprints(gateway, CaseViews(context), strongroom_of(context), context)


def build_hearings(context: ServiceContext) -> list[Hearing]:
    """Say what case hears and how."""
    del context
    return [
        Hearing(event=StaffChanged, handle=staff.note_staff, order="latest"),
        Hearing(event=RosterStated, handle=staff.note_roster),
    ]


def _state_assignments(context: ServiceContext) -> None:
    state_assignments(context.committer.execute)


def build_jobs(context: ServiceContext) -> list[Job]:
    """Give the jobs: state who may act, carry out imports, go on with erasures, let go of keys past their life."""
    imports = ImportJob(context)
    return [
        Job(name="assignments", every_s=_ASSIGN_EVERY_S, run=lambda: _state_assignments(context)),
        Job(name=IMPORTS_JOB, every_s=_IMPORT_POLL_S, run=imports.run, one=imports.carry_out),
        Job(name="erasures", every_s=context.settings.job_every_s, run=ErasureJob(context).run),
        Job(name="expired-keys", every_s=CACHED_KEY_LIFE_S, run=context.survivor_keys.drop_expired),
    ]
