"""The operator writes a host's package, after two people of the host stated it, to the key that both saw.

Promise: nothing is read before that is checked in a transaction that audit hears of; at the end it is checked again, so
what was taken back meanwhile leaves nothing behind. Shown by tests/integration/leaving/test_leaving_package.py.
Limit: whoever has the machine's administrators' keys can read its databases without this.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pymongo import MongoClient
from pymongo.database import Database

from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.keeping.age_files import read_recipient
from deploy.keeping.places import Kept
from deploy.leaving.errors import PackagePlaceTakenError
from deploy.leaving.package import Leaver, write_package
from deploy.leaving.reading import HostReading
from services.audit.checkpoints.views import LogViews
from services.audit.witnesses.views import WitnessViews
from services.case.leaving.commands import begin_export, end_export
from shared.kernel.clock import BusinessClock
from shared.kernel.tenancy import TenantId, database_name
from shared.keys.tenant_key import TenantKeyFile
from shared.outbox.committer import transaction
from shared.outbox.unit_of_work import UnitOfWork
from shared.transparency.log_key import LogKey

Client = MongoClient[dict[str, Any]]
Get = Callable[..., Any]
T = TypeVar("T")

_CASE = "case"


def export_host(
    kept: Kept,
    tenant: TenantId,
    *,
    to: Path,
    recipient: str,
    write_log: Callable[[Get, Path], Any],
    say: Callable[[str], None] = lambda _line: None,
) -> dict[str, Any]:
    """Write everything that a host keeps, for the host alone.

    Args:
        kept: Where it runs; its engines must, its processes may.
        tenant: The host.
        to: A folder that is not there yet.
        recipient: The age public key that the two people stated.
        write_log: Writes an audit log, read by the first, into the folder named second.
        say: Tells how it goes on.

    Returns:
        As ``write_package``, with the ``keys`` by which it is verified.

    Raises:
        RecipientError, PackagePlaceTakenError, NotAgreedError, LogKeyFileError: Nothing was read.
        ErasedMeanwhileError, SnapshotTooOldError: Nothing is left of what was written.
    """
    reader = read_recipient(recipient)
    if to.exists():
        raise PackagePlaceTakenError(to)
    files, clock = kept.key_files(tenant), BusinessClock(kept.clock_file)
    log_key = LogKey.load(files["log.key"])
    mongo: Client = MongoClient(kept.admin_uri(), tz_aware=True, timeoutMS=CLIENT_TIMEOUT_MS)
    try:
        in_case(mongo, tenant, clock, lambda work: begin_export(work, str(reader)))
        audit = mongo[database_name(tenant, "audit")]
        leaver = Leaver(
            tenant=tenant,
            name=str((kept.about(tenant).get("spec") or {}).get("name", tenant)),
            recipient=reader,
            log_key=log_key,
            write_log=lambda folder: write_log(log_reader(audit, clock), folder),
        )
        reading = HostReading(mongo, tenant, TenantKeyFile.load(files["tenant.key"], tenant))
        written = write_package(
            leaver,
            reading,
            to,
            now=clock.now(),
            end=lambda digest: in_case(mongo, tenant, clock, lambda work: end_export(work, str(reader), digest)),
            say=say,
        )
        return {**written, "keys": LogViews(audit).log()["keys"]}
    finally:
        mongo.close()


def log_reader(audit: Database[dict[str, Any]], clock: BusinessClock) -> Get:
    """Give what reads a host's signed log as its API gives it, by the same views."""
    log, witnesses = LogViews(audit), WitnessViews(audit)
    reads: dict[str, Callable[..., Any]] = {
        "/v1/audit/witnesses": lambda: witnesses.witnesses(clock.now()),
        "/v1/audit/log": log.log,
        "/v1/audit/log/leaves": log.leaves,
    }
    return lambda path, **query: reads[path](**query)


def in_case(mongo: Client, tenant: TenantId, clock: BusinessClock, run: Callable[[UnitOfWork], T]) -> T:
    """Run something in a transaction of case, and give what it gives."""
    with transaction(mongo) as session:
        work = UnitOfWork(
            database=mongo[database_name(tenant, _CASE)],
            session=session,
            tenant_id=tenant,
            service=_CASE,
            now=clock.now(),
        )
        given = run(work)
        work.flush()
    return given
