"""What the local operator sees of a stack, and what is wrong with it."""

import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import MongoClient

from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.migrations.stack import status as migration_status
from deploy.stack.people import HOST_LOGINS, login_of, password_of
from deploy.stack.readiness import unready_because
from deploy.stack.stack import Stack, describe
from deploy.stack.standing import process_findings, restarts_of
from shared.bus.names import UNROUTED, parking_queue
from shared.bus.provisioner import BrokerAdmin
from shared.bus.topology import services_of, topology_of
from shared.kernel.clock import read_offset
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, TenantId, database_name, vhost_name
from shared.outbox.unit_of_work import NEW
from shared.runtime.database_engine import LeakyDatabaseError, refuse_leaky_members
from shared.runtime.migrations import Phase
from shared.runtime.silence import OLD_ROW_S, SILENT_S, heard, steady_for_s

ENGINES_AWAY = "The database or the message broker does not run."


def status(stack: Stack) -> dict[str, Any]:
    """Give the whole stack: tenants with depths and processes, board, custodian and central register."""
    processes = describe(stack)
    broker, mongo = _admins(stack)
    try:
        tenants = [_tenant(stack, spec.id, processes.get(spec.id, {}), broker, mongo) for spec in stack.state.tenants]
        servers: dict[str, Any] = {
            str(name): {
                "url": stack.url(name),
                "api": stack.url(name),
                "vhost": vhost_name(name),
                "databases": [database_name(name, s) for s in services_of(name)],
                "processes": processes[name],
                "parked": _parked(broker, name),
            }
            for name in (BOARD, CUSTODIAN, CENTRE)
        }
    finally:
        mongo.close()
        broker.close()
    return {"demo": stack.state.demo, "tenants": tenants, **servers}


def doctor(stack: Stack, known: dict[str, Any] | None = None) -> list[dict[str, str]]:
    """Give what is wrong, each with the line that mends it.

    Args:
        known: What ``status`` has just said, if it was asked.
    """
    findings = process_findings(stack)
    if not stack.engines.is_running():
        return [{"what": ENGINES_AWAY, "mend": "alongside up"}, *findings]
    if leak := _leak(stack):
        return [{"what": leak, "mend": "alongside down, then alongside up"}, *findings]
    named = {f["what"].partition(":")[0] for f in findings}
    for tenant in stack.tenant_ids():
        if tenant not in named and (failing := unready_because(stack.url(tenant))):
            what = f"{tenant}: its API is not ready: {', '.join(failing)}."
            findings.append({"what": what, "mend": f"less {stack.layout.logs_dir}/{tenant}-api.out"})
    findings += _broker_findings(stack)
    findings += _migration_findings(stack)
    findings += _silences(stack, named)
    for tenant in (known or status(stack))["tenants"]:
        if tenant["outbox_oldest_s"] is not None and tenant["outbox_oldest_s"] > OLD_ROW_S:
            findings.append(
                {"what": f"{tenant['id']}: facts wait in the outbox and are not sent.", "mend": ("alongside up")}
            )
        if tenant["parked"]:
            mend = f"alongside parked list --tenant {tenant['id']}"
            findings.append({"what": f"{tenant['id']}: {tenant['parked']} parked messages.", "mend": mend})
    return findings


def events_since(stack: Stack, tenant: str, after: str, *, limit: int = 200) -> list[dict[str, Any]]:
    """Give the newest events of a tenant's outboxes, ids and codes only."""
    _, mongo = _admins(stack)
    found: list[dict[str, Any]] = []
    for service in services_of(TenantId(tenant)):
        rows = mongo[database_name(TenantId(tenant), service)]["outbox"].find({"_id": {"$gt": after}})
        for row in rows.sort("_id", -1).limit(limit):
            found += [
                {
                    "row": row["_id"],
                    "recorded_at": row["recorded_at"],
                    "type": e["type"],
                    "subject": e["subject"],
                    "id": e["id"],
                    "sequence": e["sequence"],
                    "route": row["route"],
                }
                for e in row["events"]
            ]
    mongo.close()
    return sorted(found, key=lambda e: (e["row"], e["id"]))[-limit:]


def _tenant(
    stack: Stack, tenant: TenantId, processes: dict[str, Any], broker: BrokerAdmin, mongo: MongoClient[dict[str, Any]]
) -> dict[str, Any]:
    spec = stack.state.find(tenant)
    rows = [_outbox(mongo, database_name(tenant, service)) for service in services_of(tenant)]
    oldest = [age for _, age in rows if age is not None]
    content: dict[str, Any] = {
        "id": tenant,
        "name": spec.name if spec is not None else tenant,
        "nation": spec.nation if spec is not None else None,
        "setting": spec.setting if spec is not None else None,
        "api": stack.url(tenant),
        "vhost": vhost_name(tenant),
        "databases": [database_name(tenant, s) for s in (*services_of(tenant), "keys", "strongroom")],
        "processes": processes,
        "restarts": restarts_of(stack, tenant),
        "outbox_depth": sum(depth for depth, _ in rows),
        "outbox_oldest_s": max(oldest, default=None),
        "parked": _parked(broker, tenant),
        "last_seal": _last_seal(mongo, tenant),
    }
    if stack.state.demo:
        password = password_of(stack.layout, tenant)
        content["credentials"] = {name: {"login": login_of(name, tenant), "password": password} for name in HOST_LOGINS}
    return content


def _outbox(mongo: MongoClient[dict[str, Any]], database: str) -> tuple[int, float | None]:
    collection = mongo[database]["outbox"]
    oldest = collection.find_one({"status": NEW}, sort=[("_id", 1)])
    if oldest is None:
        return 0, None
    # The id holds real time; the recorded time is the business clock's.
    made = datetime.fromtimestamp(int(oldest["_id"].replace("-", "")[:12], 16) / 1000, tz=UTC)
    return collection.count_documents({"status": NEW}), round((datetime.now(UTC) - made).total_seconds(), 1)


def _last_seal(mongo: MongoClient[dict[str, Any]], tenant: TenantId) -> str | None:
    newest = mongo[database_name(tenant, "reporting")]["vectors"].find_one({}, sort=[("sealed_at", -1)])
    return newest["sealed_at"].isoformat() if newest is not None else None


def _parked(broker: BrokerAdmin, tenant: TenantId) -> int:
    beginning = parking_queue("")
    return sum(depth for queue, depth in broker.depths(vhost_name(tenant)).items() if queue.startswith(beginning))


def _leak(stack: Stack) -> str | None:
    """Say that a database server leaks its memory: nothing else matters before that is mended."""
    try:
        refuse_leaky_members(stack.engines.mongod.admin_uri())
    except LeakyDatabaseError as error:
        return str(error)
    return None


def _broker_findings(stack: Stack) -> list[dict[str, str]]:
    provisioner = stack.provisioner()
    findings = []
    try:
        for tenant in stack.tenant_ids():
            topology = provisioner.topology(TenantId(tenant))
            for kind, name, differs in provisioner.broker.differences(topology):
                why = "has other arguments" if differs else "is missing"
                mend = "drain and delete it, then: alongside up" if differs else "alongside up"
                findings.append({"what": f"{tenant}: {kind.lower()} {name} {why}.", "mend": mend})
            if provisioner.broker.depths(topology.vhost).get(UNROUTED):
                findings.append(
                    {"what": f"{tenant}: messages that no service reads are in {UNROUTED}.", "mend": "alongside up"}
                )
    finally:
        provisioner.close()
    return findings


def _silences(stack: Stack, down: Collection[str]) -> list[dict[str, str]]:
    """Say which services have not heard from another for too long, by the rule of the pages and the alert."""
    _, mongo = _admins(stack)
    now, steady_s = _business_clock(stack)
    findings = []
    try:
        for tenant in (TenantId(name) for name in stack.tenant_ids() if name not in down):
            up_s = time.time() - stack.process(tenant, "worker").began_at()
            for service in services_of(tenant):
                streams = mongo[database_name(tenant, service)]["streams"].find()
                ages = heard(streams, topology_of(tenant), service, now=now, up_s=up_s, steady_s=steady_s)
                silent = sorted(source for source, age_s in ages.items() if age_s > SILENT_S)
                if silent:
                    what = f"{tenant}: {service} has had no mark that counts for two minutes from {', '.join(silent)}."
                    findings.append({"what": what, "mend": f"tail {stack.layout.logs_dir}/{tenant}-*.out"})
    finally:
        mongo.close()
    return findings


def _business_clock(stack: Stack) -> tuple[datetime, float]:
    """Give business time, and the seconds since it was last moved."""
    offset = read_offset(stack.layout.clock_file)
    return datetime.now(UTC) + timedelta(seconds=offset.seconds), steady_for_s(offset)


def _migration_findings(stack: Stack) -> list[dict[str, str]]:
    # A contract step that waits harms nobody; it is the operator's to choose when.
    return [
        {
            "what": f"{row['tenant']}: the database of {row['service']} lacks a migration: {row['pending'][0]}.",
            "mend": "alongside migrate up",
        }
        for row in migration_status(stack)
        if row["pending"] and row["pending"][0].endswith(f"({Phase.EXPAND})")
    ]


def _admins(stack: Stack) -> tuple[BrokerAdmin, MongoClient[dict[str, Any]]]:
    user, password = stack.engines.rabbit.admin_credentials()
    broker = BrokerAdmin(stack.engines.rabbit.management_url, user, password)
    mongo: MongoClient[dict[str, Any]] = MongoClient(
        stack.engines.mongod.admin_uri(), tz_aware=True, timeoutMS=CLIENT_TIMEOUT_MS
    )
    return broker, mongo
