"""The writing half of a restore: keys, databases, what was on its way, and the proof of all of it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo import MongoClient
from pyrage.x25519 import Identity

from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.engines.secret_files import write_private
from deploy.keeping.contents import STRONGROOM, Client, databases_of
from deploy.keeping.errors import NotEmptyError, RestoreUnprovenError
from deploy.keeping.in_flight import InFlight
from deploy.keeping.inspection import Inspection, hand_over
from deploy.keeping.key_age import ring_of
from deploy.keeping.places import HOSTS_FILE, Kept
from deploy.keeping.renewed_events import renew_events
from deploy.keeping.told_again import tell_of_erasures
from deploy.keeping.verification import Verification
from deploy.provision.databases import drop_tenant
from shared.kernel.tenancy import TenantId, database_name, services_of, vhost_name
from shared.keys import key_file
from shared.keys.tenant_key import TenantKeyFile
from shared.transparency.log_key import LogKey

_BATCH = 1_000
_BATCH_BYTES = 8 * 1024 * 1024


@dataclass(kw_only=True)
class Restored:
    """One tenant of a backup that was read through, and what became of it."""

    id: TenantId
    data: Inspection
    keys: Inspection
    resent: int = 0
    verified: dict[str, int] = field(default_factory=dict)


class Writing:
    """Writes into a place, with its database administrator's connection."""

    def __init__(self, kept: Kept, identity: Identity, say: Callable[[str], None]) -> None:
        """Connect; the engines run."""
        self._kept = kept
        self._identity = identity
        self._say = say
        self._mongo: Client = MongoClient(kept.admin_uri(), tz_aware=True, timeoutMS=CLIENT_TIMEOUT_MS)

    def close(self) -> None:
        """Close the connection."""
        self._mongo.close()

    def clear_unfinished(self) -> None:
        """Delete what a restore left that did not come to its end."""
        if self._kept.unfinished.exists():
            self._say("Deleting what an unfinished restore left")
            self._delete([TenantId(t) for t in json.loads(self._kept.unfinished.read_text(encoding="utf-8"))])

    def refuse_what_is_here(self, chosen: Sequence[Restored]) -> None:
        """Raise ``NotEmptyError`` if the place has a database or a message of one of these tenants."""
        names = set(self._mongo.list_database_names())
        for tenant in chosen:
            for short in (*databases_of(tenant.id), "keys", STRONGROOM):
                if database_name(tenant.id, short) in names:
                    raise NotEmptyError(tenant.id, f"it has the database {database_name(tenant.id, short)}")
            if self._kept.has_messages(tenant.id):
                raise NotEmptyError(tenant.id, f"messages wait in the vhost {vhost_name(tenant.id)}")

    def write(self, chosen: Sequence[Restored], *, verify: bool) -> list[dict[str, Any]]:
        """Write everything, and delete it again if anything fails; gives a row a tenant.

        Raises:
            RestoreUnprovenError: ``verify`` found something.
        """
        write_private(self._kept.unfinished, json.dumps([str(tenant.id) for tenant in chosen]))
        headers = {tenant.id: tenant.data.header for tenant in chosen}
        # Rows near the end of their 30 days must be seen by what follows, however old the backup is.
        self._mongo.admin.command("setParameter", 1, ttlMonitorEnabled=False)
        try:
            self._kept.adopt_stack(chosen[0].data.header)
            for tenant in chosen:
                self._put_keys(tenant)
            self._say("Making databases, users, queues and rights")
            self._kept.provision(headers)
            for tenant in chosen:
                self._say(f"Restoring {tenant.id}")
                self._put_data(tenant)
            for tenant in chosen:
                self._prove(tenant, verify=verify)
                renew_events(self._mongo, tenant.id)
                tell_of_erasures(self._mongo, tenant.id)
        except BaseException:
            self._delete([tenant.id for tenant in chosen])
            raise
        finally:
            self._mongo.admin.command("setParameter", 1, ttlMonitorEnabled=True)
        self._kept.adopt_tenants(headers)
        self._kept.unfinished.unlink()
        return [self._row(tenant) for tenant in chosen]

    def _put_keys(self, tenant: Restored) -> None:
        """Before anything is provisioned, which would draw new ones."""
        places = self._kept.key_files(tenant.id)
        for name, content in tenant.keys.files.items():
            # A cluster's secret store keeps some itself.
            if name in places:
                places[name].parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with key_file.exclusive(places[name]):
                    key_file.put(places[name], content)
        register = tenant.data.files.get(HOSTS_FILE)
        if register is not None:
            place = self._kept.register(tenant.id)
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            key_file.put(place, register)
        self._insert(tenant.keys, tenant.id, frozenset())

    def _put_data(self, tenant: Restored) -> None:
        self._insert(tenant.data, tenant.id, frozenset({"marker"}))
        for service, version in tenant.data.schemas.items():
            marker = self._mongo[database_name(tenant.id, service)]["marker"]
            marker.update_one({"_id": "marker"}, {"$set": {"schema": version}})
        made_at: datetime = tenant.data.header["cluster_time"].as_datetime()
        topology = self._kept.topology(tenant.id)
        tenant.resent = InFlight(self._mongo, tenant.id, topology, made_at=made_at).send_again()

    def _insert(self, source: Inspection, tenant: TenantId, skip: frozenset[str]) -> None:
        batch: list[Any] = []
        place, size = ("", ""), 0

        def flush() -> None:
            nonlocal size
            if batch:
                self._mongo[database_name(tenant, place[0])][place[1]].insert_many(batch, ordered=False)
            batch.clear()
            size = 0

        def take(database: str, collection: str, document: Any) -> None:
            nonlocal place, size
            if (database, collection) != place or len(batch) >= _BATCH or size >= _BATCH_BYTES:
                flush()
                place = (database, collection)
            batch.append(document)
            size += len(document.raw)

        hand_over(source.path, self._identity, take, skip=skip)
        flush()

    def _prove(self, tenant: Restored, *, verify: bool) -> None:
        if not verify:
            return
        self._say(f"Verifying {tenant.id}")
        counts = {
            place: n
            for place, n in tenant.data.counts.items()
            if place.partition("/")[2] not in {"streams", "relay"} and place.partition("/")[0] != STRONGROOM
        }
        places = self._kept.key_files(tenant.id)
        key = TenantKeyFile.load(places["tenant.key"], tenant.id)
        log_key = LogKey.load(places["log.key"]) if "log.key" in places and places["log.key"].exists() else None
        found = Verification(self._mongo, tenant.id, key, log_key).run({**counts, **tenant.keys.counts})
        if found.problems:
            raise RestoreUnprovenError([f"{tenant.id}: {problem}" for problem in found.problems])
        tenant.verified = {name: getattr(found, name) for name in ("events", "opened", "erased", "logged")}

    def _row(self, tenant: Restored) -> dict[str, Any]:
        return {
            "tenant": str(tenant.id),
            "documents": sum(tenant.data.counts.values()) + sum(tenant.keys.counts.values()),
            "sent_again": tenant.resent,
            "key_generation": ring_of(tenant.keys, tenant.id).current,
            "broker_differs": _missing(tenant.data.definitions, self._kept.definitions(tenant.id)),
            "verified": tenant.verified or None,
        }

    def _delete(self, tenants: Sequence[TenantId]) -> None:
        """Delete databases and vhosts; key files stay, since a repeat writes them again."""
        for tenant in tenants:
            self._kept.remove_broker(tenant)
            drop_tenant(self._mongo, tenant, services_of(tenant))
        self._kept.unfinished.unlink(missing_ok=True)


def _missing(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Name what the backup's vhost had and the provisioned one has not, such as an operator's policy."""
    missing = []
    for kind in ("queues", "exchanges", "policies") if now else ():
        there = {entry["name"] for entry in now.get(kind, ())}
        missing += [f"{kind}: {name}" for name in sorted({entry["name"] for entry in before.get(kind, ())} - there)]
    return missing
