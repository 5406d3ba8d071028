"""Begins the deletion of a host: asked of its own database while it is there, and written down before anything goes.

Promise: without two people's word, or while signed figures are on their way, nothing is deleted. Shown by
tests/integration/leaving/test_leaving_deletion.py.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pymongo import MongoClient

from deploy.engines.layout import Layout
from deploy.leaving.errors import PeriodOpenError
from deploy.leaving.exporting import in_case
from deploy.leaving.journal import Journal
from services.audit.checkpoints.views import LogViews
from services.case.leaving.commands import begin_deletion
from services.reporting.periods.documents import SIGN_OFFS, TASKS, VECTORS
from shared.kernel.clock import BusinessClock
from shared.kernel.tenancy import TenantId, database_name, services_of

Client = MongoClient[dict[str, Any]]

_REPORTING = "reporting"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the operator says.

    Attributes:
        backups_gone_on: The day by which no backup of the host is left, of data or of keys.
        without_package: Whether the host said that it wants nothing written out.
    """

    tenant: TenantId
    name: str
    backups_gone_on: date
    without_package: bool


def begin(layout: Layout, mongo: Client, clock: BusinessClock, wanted: Wanted) -> Journal:
    """Give the journal of a deletion that was begun, or begin it.

    Raises:
        NotAgreedError: Two people did not state it, or nothing was written out. Nothing is deleted.
        PeriodOpenError: Signed figures are on their way. Nothing is deleted.
    """
    known = Journal.find(layout, wanted.tenant)
    if known is not None:
        return known
    check_nothing_is_on_its_way(mongo, wanted.tenant, clock.now())
    leaving = in_case(
        mongo, wanted.tenant, clock, lambda work: begin_deletion(work, without_package=wanted.without_package)
    )
    log = LogViews(mongo[database_name(wanted.tenant, "audit")]).log()
    journal = Journal(
        tenant=wanted.tenant,
        name=wanted.name,
        stated={
            "asked_by": leaving.asked_by,
            "asked_at": leaving.asked_at.isoformat(),
            "agreed_by": str(leaving.agreed_by),
            "agreed_at": "" if leaving.agreed_at is None else leaving.agreed_at.isoformat(),
        },
        package=leaving.manifest,
        backups_gone_on=wanted.backups_gone_on.isoformat(),
        log={"size": log["signed_size"], "checkpoint": log["checkpoint"]},
        oplog_hours=_oplog_hours(mongo),
        begun_at=datetime.now(UTC).isoformat(),
    )
    journal.write(layout)
    return journal


def check_nothing_is_on_its_way(mongo: Client, tenant: TenantId, now: datetime) -> None:
    """Check that no figures are signed of a period that board and custodian have not closed yet.

    Raises:
        PeriodOpenError: Some are.
    """
    if _REPORTING not in services_of(tenant):
        return
    reporting = mongo[database_name(tenant, _REPORTING)]
    for task in reporting[TASKS].find({"closes_at": {"$gt": now}}).sort("closes_at", -1):
        if any(reporting[kept].find_one({"_id": task["_id"]}) for kept in (SIGN_OFFS, VECTORS)):
            raise PeriodOpenError(task["period"], task["closes_at"])


def _oplog_hours(mongo: Client) -> int:
    """Say how far back the database's own log goes; an entry is gone when newer ones took its place."""
    log = mongo["local"]["oplog.rs"]
    first, last = (log.find_one(sort=[("$natural", order)]) for order in (1, -1))
    return 0 if first is None or last is None else (last["ts"].time - first["ts"].time) // 3600
