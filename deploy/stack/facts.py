"""What doctor finds wrong in a stack's databases, queues, certificates and clock, each with the line that mends it.

The figures and their limits are those of the pages, of ``/readyz`` and of the alerts (``shared.runtime.facts``), taken
with the operator's own users, so that they are known also while an API is down.
"""

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import MongoClient

from deploy.provision.credentials import Vault
from deploy.stack.stack import Stack
from shared.bus.names import UNROUTED, parking_queue
from shared.bus.provisioner import BrokerAdmin
from shared.bus.topology import topology_of
from shared.kernel.clock import read_offset, real_now
from shared.kernel.tenancy import TenantId, database_name, services_of, vhost_name
from shared.outbox.machinery import ServerClock
from shared.runtime.facts import Fact, Seen
from shared.runtime.looking import Times, of_certificates, of_database
from shared.runtime.silence import steady_for_s

Finding = dict[str, str]
_UNLESS_DOWN = frozenset({Fact.WORKER_SILENT, Fact.PART_DOWN, Fact.MARK_OLD})
"""What follows from a process that does not run, which has been said by then."""


def fact_findings(
    stack: Stack, mongo: MongoClient[dict[str, Any]], broker: BrokerAdmin, down: Collection[str]
) -> Iterator[Finding]:
    """Give every fact that is wrong.

    Args:
        stack: Whose.
        mongo: With the operator's user.
        broker: With the operator's user.
        down: Tenants of which a process or part was found wrong already.
    """
    clock = Seen(fact=Fact.CLOCK_WRONG, value=ServerClock(mongo, real_now).wrong_by_s())
    if clock.is_wrong:
        what = f"This machine's clock is {clock.value:,.0f} seconds from the database's: nothing new is recorded."
        yield {"what": what, "mend": "timedatectl set-ntp true"}
    for tenant in map(TenantId, stack.tenant_ids()):
        for one in wrong_of(stack, tenant, mongo, broker):
            if one.fact not in _UNLESS_DOWN or tenant not in down:
                yield {"what": f"{tenant}: {_WORDS[one.fact](one)}", "mend": _mend(one, stack, tenant)}


def wrong_of(stack: Stack, tenant: TenantId, mongo: MongoClient[dict[str, Any]], broker: BrokerAdmin) -> Iterator[Seen]:
    """Give what is wrong with one tenant's services."""
    seen = [*_of_queues(broker, tenant)]
    offset = read_offset(stack.layout.clock_file)
    now = datetime.now(UTC) + timedelta(seconds=offset.seconds)
    up_s = time.time() - stack.process(tenant, "worker").began_at()
    times = Times(now=now, steady_s=steady_for_s(offset), up_s=up_s)
    for service in services_of(tenant):
        seen += of_database(mongo[database_name(tenant, service)], tenant, service, topology_of(tenant), times)
        seen += of_certificates(_certificates(stack, tenant, service), service)
    return (one for one in seen if one.is_wrong)


def _of_queues(broker: BrokerAdmin, tenant: TenantId) -> Iterator[Seen]:
    depths = broker.depths(vhost_name(tenant))
    yield Seen(fact=Fact.UNROUTED, value=depths.get(UNROUTED) or 0)
    for service in services_of(tenant):
        yield Seen(fact=Fact.PARKED, value=depths.get(parking_queue(service)) or 0, service=service)


def _certificates(stack: Stack, tenant: TenantId, service: str) -> Mapping[str, str]:
    file = Vault.folder_of(stack.layout.secrets_dir, tenant) / f"{service}.json"
    try:
        named: Mapping[str, str] = json.loads(file.read_text(encoding="utf-8"))["extra"].get("certificate_files", {})
    except (OSError, ValueError, KeyError):
        return {}  # A credentials file that is not there is what the processes end for, and say.
    return named


def _mend(seen: Seen, stack: Stack, tenant: TenantId) -> str:
    lines = {
        Fact.PARKED: f"alongside parked list --tenant {tenant}",
        Fact.MARK_OLD: f"tail {stack.layout.logs_dir}/{tenant}-*.out",
        Fact.PART_DOWN: "alongside down, then alongside up",
        Fact.UPGRADE_PENDING: "alongside migrate up",
        Fact.CERTIFICATE_ENDING: "replace the file; no restart is needed",
        Fact.OVERDUE: f"alongside sources list --tenant {tenant}",
        Fact.FAILED: "read the reason on its page, mend what it names and send it again",
    }
    if seen.about == _WITNESSES:
        return "read docs/runbooks/witness-late.md"
    if seen.about in _LOG_WORDS:
        return "read docs/runbooks/audit-log-contradicted.md, then: alongside up"
    return lines.get(seen.fact, "alongside up")


_WITNESSES = "witnesses"
_LOG_WORDS = {
    _WITNESSES: "the board or the custodian has not confirmed the audit log in time, or refuses it.",
    "heads": "the audit log has not been signed for ten minutes: its job does not work, or the log was tampered with.",
    "waiting": "entries have waited for ten minutes for their place in the audit log.",
}


def _late(seen: Seen) -> str:
    late = f"{seen.value:.0f} {seen.about} of {seen.service} were not read for too long, or fail."
    return _LOG_WORDS.get(seen.about, late)


def _ending(seen: Seen) -> str:
    if seen.value == float("-inf"):
        return f"the certificate {seen.about} of {seen.service} is missing, or is no certificate."
    if seen.value <= 0:
        return f"the certificate {seen.about} of {seen.service} has ended: connections with it are refused."
    return f"the certificate {seen.about} of {seen.service} ends within two weeks."


_WORDS: Mapping[Fact, Callable[[Seen], str]] = {
    Fact.DATABASE_AWAY: lambda seen: f"the database of {seen.service} does not answer, or belongs to another tenant.",
    Fact.WORKER_SILENT: lambda seen: f"the worker of {seen.service} has said nothing for two minutes.",
    Fact.PART_DOWN: lambda seen: f"these parts of the worker are down: {seen.about}.",
    Fact.OUTBOX_OLD: lambda seen: f"facts of {seen.service} wait in the outbox and are not sent ({seen.about}).",
    Fact.MARK_OLD: lambda seen: f"{seen.service} has had no mark that counts for two minutes from {seen.about}.",
    Fact.PARKED: lambda seen: f"{seen.value:.0f} parked messages of {seen.service}.",
    Fact.UNROUTED: lambda _seen: f"messages that no service reads are in {UNROUTED}.",
    Fact.CERTIFICATE_ENDING: _ending,
    Fact.FAILED: lambda seen: f"{seen.value:.0f} {seen.about} of {seen.service} failed within the last day.",
    Fact.OVERDUE: _late,
    Fact.UPGRADE_PENDING: lambda seen: f"the database of {seen.service} lacks a migration: {seen.about}.",
}
