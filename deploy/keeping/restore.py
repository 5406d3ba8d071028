"""Restores a backup into an empty stack: first everything is read through, then everything is written.

A refusal changes nothing. A failure, also a kill, in the midst of writing leaves databases that no process
was started on; the next restore into the same stack deletes them and begins anew.

Limits: what was recorded after the recovery point is lost, withdrawals of consent among it: enter them again
from paper before a period is sealed. A host that is restored alone misses what the board sent meanwhile.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pyrage.x25519 import Identity

from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.engines.secret_files import write_private
from deploy.keeping import manifest
from deploy.keeping.age_files import read_identity
from deploy.keeping.contents import DATA, HOSTS_FILE, KEYS, STRONGROOM, Client, databases_of
from deploy.keeping.errors import DamagedBackupError, NotEmptyError, NotInBackupError, RestoreUnprovenError
from deploy.keeping.in_flight import InFlight
from deploy.keeping.inspection import Inspection, hand_over, inspect
from deploy.keeping.key_age import check_age, ring_of
from deploy.keeping.verification import Verification
from deploy.provision.credentials import Vault
from deploy.provision.databases import drop_tenant
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from deploy.stack.stack import Stack
from shared.kernel.clock import write_offset
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, RESERVED, TenantId, database_name, services_of, vhost_name
from shared.keys import key_file
from shared.keys.tenant_key import TenantKeyFile

_UNFINISHED = "restoring.json"
_BATCH = 1_000
_BATCH_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where a backup lies.

    Attributes:
        folder: With the manifest and the data files.
        identity: The age identity file.
        keys: Folder of the keys files; default is ``keys`` inside ``folder``.
        escrow: Folder with copies of the escrow slots, compared besides the stack's own.
    """

    folder: Path
    identity: Path
    keys: Path | None = None
    escrow: Path | None = None


@dataclass(kw_only=True)
class _Tenant:
    id: TenantId
    data: Inspection
    keys: Inspection
    resent: int = 0
    verified: dict[str, int] = field(default_factory=dict)


def check(stack: Stack, sources: Sources, tenants: Sequence[str] = ()) -> list[_Tenant]:
    """Read a backup through, as a restore would, and change nothing.

    Raises:
        AlongsideError: A subclass in ``deploy.keeping.errors`` says what does not hold.
    """
    said = manifest.Manifest.read(sources.folder)
    identity = read_identity(sources.identity)
    # The centre first: hosts are made known to board and custodian.
    order = [name for name in (CENTRE, CUSTODIAN, BOARD) if name in said.data]
    kept = [*order, *(TenantId(name) for name in sorted(said.data) if name not in RESERVED)]
    for name in tenants:
        if name not in kept:
            raise NotInBackupError(name, [str(k) for k in kept])
    keys_folder = sources.keys or sources.folder / manifest.KEYS_FOLDER
    given = [sources.escrow] if sources.escrow is not None else []
    found = []
    for tenant in (name for name in kept if name in tenants or not tenants):
        said.check_data(sources.folder, tenant)
        data = inspect(manifest.data_file(sources.folder, tenant), identity, tenant, DATA)
        if data.cluster_time != said.cluster_time:
            raise DamagedBackupError(data.path, "was written at another moment than the manifest says")
        keys = inspect(manifest.keys_file(keys_folder, tenant), identity, tenant, KEYS)
        present = stack.layout.secrets_dir / "credentials" / tenant / "tenant.key"
        escrows = [stack.layout.escrow_dir(tenant), *given]
        check_age(tenant, data=data, keys=keys, escrow_folders=escrows, present=present)
        found.append(_Tenant(id=tenant, data=data, keys=keys))
    return found


def restore(
    stack: Stack,
    sources: Sources,
    tenants: Sequence[str] = (),
    *,
    verify: bool = False,
    say: Callable[[str], None] = lambda _line: None,
) -> dict[str, Any]:
    """Restore tenants; none named means all that the backup holds. No process is started.

    Returns:
        ``recovery_point``, ``took_s``, and for each tenant ``documents``, ``sent_again`` (rows that were on
        their way), ``broker_differs`` (what the vhost had that this version does not make) and, if asked,
        ``verified``.

    Raises:
        RestoreUnprovenError: ``verify`` found something; what was written is deleted again.
        AlongsideError: See ``check``; nothing was changed.
    """
    began = time.monotonic()
    say("Reading the backup through")
    chosen = check(stack, sources, tenants)
    identity = read_identity(sources.identity)
    stack.start_engines()
    work = _Work(stack, identity, say)
    try:
        work.clear_unfinished()
        work.refuse_what_is_here(chosen)
        rows = work.write(chosen, verify=verify)
    finally:
        work.close()
    return {
        "recovery_point": manifest.Manifest.read(sources.folder).recovery_point,
        "took_s": round(time.monotonic() - began, 1),
        "tenants": rows,
    }


class _Work:
    """The writing half, with the administrators' connections."""

    def __init__(self, stack: Stack, identity: Identity, say: Callable[[str], None]) -> None:
        self._stack = stack
        self._identity = identity
        self._say = say
        self._mongo: Client = MongoClient(stack.engines.mongod.admin_uri(), tz_aware=True, timeoutMS=CLIENT_TIMEOUT_MS)
        self._unfinished = stack.layout.home / _UNFINISHED

    def close(self) -> None:
        self._mongo.close()

    def clear_unfinished(self) -> None:
        if self._unfinished.exists():
            self._say("Deleting what an unfinished restore left")
            self._delete([TenantId(t) for t in json.loads(self._unfinished.read_text(encoding="utf-8"))])

    def refuse_what_is_here(self, chosen: Sequence[_Tenant]) -> None:
        """Raise ``NotEmptyError`` if the stack has a database or a message of one of these tenants."""
        names = set(self._mongo.list_database_names())
        provisioner = self._stack.provisioner()
        try:
            for tenant in chosen:
                for short in (*databases_of(tenant.id), "keys", STRONGROOM):
                    if database_name(tenant.id, short) in names:
                        raise NotEmptyError(tenant.id, f"it has the database {database_name(tenant.id, short)}")
                vhost = vhost_name(tenant.id)
                if provisioner.broker.has_vhost(vhost) and any(provisioner.broker.depths(vhost).values()):
                    raise NotEmptyError(tenant.id, f"messages wait in the vhost {vhost}")
        finally:
            provisioner.close()

    def write(self, chosen: Sequence[_Tenant], *, verify: bool) -> list[dict[str, Any]]:
        write_private(self._unfinished, json.dumps([str(tenant.id) for tenant in chosen]))
        # Rows near the end of their 30 days must be seen by what follows, however old the backup is.
        self._mongo.admin.command("setParameter", 1, ttlMonitorEnabled=False)
        try:
            self._adopt_stack(chosen[0].data.header)
            for tenant in chosen:
                self._put_keys(tenant)
            differing = self._provision(chosen)
            for tenant in chosen:
                self._say(f"Restoring {tenant.id}")
                self._put_data(tenant)
            for tenant in chosen:
                self._prove(tenant, verify=verify)
        except BaseException:
            self._delete([tenant.id for tenant in chosen])
            raise
        finally:
            self._mongo.admin.command("setParameter", 1, ttlMonitorEnabled=True)
        self._adopt_tenants(chosen)
        self._unfinished.unlink()
        return [self._row(tenant, differing[tenant.id]) for tenant in chosen]

    def _adopt_stack(self, header: dict[str, Any]) -> None:
        """A new stack takes over timings, demo and clock of the old one; one that has tenants keeps its own."""
        state = self._stack.state
        if not state.tenants:
            timings = header["stack"]["timings"]
            said = Timings(**{**timings, "retry_delays_ms": tuple(timings["retry_delays_ms"])})
            replace(state, demo=header["stack"]["demo"], timings=said).save(self._stack.layout)
        clock = self._stack.layout.home / "clock.json"
        if self._stack.state.demo and header["clock_offset_s"] and not clock.exists():
            write_offset(clock, header["clock_offset_s"])

    def _put_keys(self, tenant: _Tenant) -> None:
        vault = Vault.of(self._stack.layout.secrets_dir, tenant.id)
        for name, content in tenant.keys.files.items():
            with key_file.exclusive(vault.folder / name):
                key_file.put(vault.folder / name, content)
        self._insert(tenant, tenant.keys, frozenset())

    def _put_data(self, tenant: _Tenant) -> None:
        self._insert(tenant, tenant.data, frozenset({"marker"}))
        for service, version in tenant.data.schemas.items():
            marker = self._mongo[database_name(tenant.id, service)]["marker"]
            marker.update_one({"_id": "marker"}, {"$set": {"schema": version}})
        made_at: datetime = tenant.data.header["cluster_time"].as_datetime()
        provisioner = self._stack.provisioner()
        topology = provisioner.topology(tenant.id)
        provisioner.close()
        tenant.resent = InFlight(self._mongo, tenant.id, topology, made_at=made_at).send_again()

    def _insert(self, tenant: _Tenant, source: Inspection, skip: frozenset[str]) -> None:
        batch: list[Any] = []
        place, size = ("", ""), 0

        def flush() -> None:
            nonlocal size
            if batch:
                self._mongo[database_name(tenant.id, place[0])][place[1]].insert_many(batch, ordered=False)
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

    def _provision(self, chosen: Sequence[_Tenant]) -> dict[TenantId, list[str]]:
        self._say("Making databases, users, queues and rights")
        provisioner = self._stack.provisioner()
        try:
            provisioner.provision_centre()
            for tenant in chosen:
                register = tenant.data.files.get(HOSTS_FILE)
                if register is not None:
                    key_file.put(self._stack.layout.home / "tenants" / tenant.id / HOSTS_FILE, register)
            for spec in self._specs(chosen):
                provisioner.provision(spec)
            return {tenant.id: _missing(provisioner, tenant) for tenant in chosen}
        finally:
            provisioner.close()

    def _specs(self, chosen: Sequence[_Tenant]) -> list[TenantSpec]:
        """Give the hosts' specs; a number that another host of this stack has is drawn anew."""
        state = self._stack.state
        specs = []
        for tenant in chosen:
            if tenant.id in RESERVED:
                continue
            said = tenant.data.header["spec"]
            spec = TenantSpec(**{**said, "id": tenant.id})
            if any(t.number == spec.number and t.id != spec.id for t in state.tenants):
                spec = replace(spec, number=state.next_number())
            state = state.with_tenant(spec)
            specs.append(spec)
        return specs

    def _adopt_tenants(self, chosen: Sequence[_Tenant]) -> None:
        state = self._stack.state
        for spec in self._specs(chosen):
            state = state.with_tenant(spec)
        state.save(self._stack.layout)

    def _prove(self, tenant: _Tenant, *, verify: bool) -> None:
        if not verify:
            return
        self._say(f"Verifying {tenant.id}")
        counts = {
            place: n
            for place, n in tenant.data.counts.items()
            if place.partition("/")[2] not in {"streams", "relay"} and place.partition("/")[0] != STRONGROOM
        }
        key = TenantKeyFile.load(Vault.of(self._stack.layout.secrets_dir, tenant.id).folder / "tenant.key", tenant.id)
        found = Verification(self._mongo, tenant.id, key).run({**counts, **tenant.keys.counts})
        if found.problems:
            raise RestoreUnprovenError([f"{tenant.id}: {problem}" for problem in found.problems])
        tenant.verified = {"events": found.events, "opened": found.opened, "erased": found.erased}

    def _row(self, tenant: _Tenant, differing: list[str]) -> dict[str, Any]:
        return {
            "tenant": str(tenant.id),
            "documents": sum(tenant.data.counts.values()) + sum(tenant.keys.counts.values()),
            "sent_again": tenant.resent,
            "key_generation": ring_of(tenant.keys, tenant.id).current,
            "broker_differs": differing,
            "verified": tenant.verified or None,
        }

    def _delete(self, tenants: Sequence[TenantId]) -> None:
        """Delete databases and vhosts; key files stay, since a repeat writes them again."""
        provisioner = self._stack.provisioner()
        try:
            for tenant in tenants:
                provisioner.broker.remove(provisioner.topology(tenant))
                drop_tenant(self._mongo, tenant, services_of(tenant))
        finally:
            provisioner.close()
        self._unfinished.unlink(missing_ok=True)


def _missing(provisioner: Provisioner, tenant: _Tenant) -> list[str]:
    """Name what the backup's vhost had and the provisioned one has not, such as an operator's policy."""
    now = provisioner.broker.definitions(vhost_name(tenant.id))
    missing = []
    for kind in ("queues", "exchanges", "policies"):
        there = {entry["name"] for entry in now.get(kind, ())}
        before = {entry["name"] for entry in tenant.data.definitions.get(kind, ())}
        missing += [f"{kind}: {name}" for name in sorted(before - there)]
    return missing
