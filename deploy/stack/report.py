"""What the local operator sees of a stack, and what is wrong with it."""

from datetime import UTC, datetime
from typing import Any

from pymongo import MongoClient

from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.stack.facts import fact_findings
from deploy.stack.people import HOST_LOGINS, login_of, password_of
from deploy.stack.readiness import unready_because
from deploy.stack.stack import Stack, describe
from deploy.stack.standing import process_findings, restarts_of
from shared.bus.names import parking_queue
from shared.bus.provisioner import BrokerAdmin
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, TenantId, database_name, is_sandbox, services_of, vhost_name
from shared.outbox.unit_of_work import NEW
from shared.runtime.database_engine import LeakyDatabaseError, refuse_leaky_members

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


def doctor(stack: Stack) -> list[dict[str, str]]:
    """Give what is wrong, each with the line that mends it."""
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
    findings += _topology_findings(stack)
    broker, mongo = _admins(stack)
    try:
        findings += fact_findings(stack, mongo, broker, named)
    finally:
        mongo.close()
        broker.close()
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
        "sandbox": is_sandbox(tenant),
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
    if stack.state.demo or is_sandbox(tenant):
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
    if "reporting" not in services_of(tenant):
        return None
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


def _topology_findings(stack: Stack) -> list[dict[str, str]]:
    provisioner = stack.provisioner()
    findings = []
    try:
        for tenant in stack.tenant_ids():
            topology = provisioner.topology(TenantId(tenant))
            for kind, name, differs in provisioner.broker.differences(topology):
                why = "has other arguments" if differs else "is missing"
                mend = "drain and delete it, then: alongside up" if differs else "alongside up"
                if kind == "Binding":
                    # Whoever lost one may have missed what another hearer took, and nothing else would send that again.
                    mend = f"alongside up, then alongside parked missed --tenant {tenant}"
                findings.append({"what": f"{tenant}: {kind.lower()} {name} {why}.", "mend": mend})
    finally:
        provisioner.close()
    return findings


def _admins(stack: Stack) -> tuple[BrokerAdmin, MongoClient[dict[str, Any]]]:
    user, password = stack.engines.rabbit.admin_credentials()
    broker = BrokerAdmin(stack.engines.rabbit.management_url, user, password)
    mongo: MongoClient[dict[str, Any]] = MongoClient(
        stack.engines.mongod.admin_uri(), tz_aware=True, timeoutMS=CLIENT_TIMEOUT_MS
    )
    return broker, mongo
