"""Writes a backup: all chosen tenants as of one cluster time, while everything goes on running.

Limits: a message's way through the broker is not read; facts that were on it are sent again at the restore,
from the outboxes. The database keeps 300 s of history unless it is told otherwise, and reading must end
within it. Reading takes disk and cache from the services meanwhile.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pyrage.x25519 import Recipient

from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.keeping import manifest
from deploy.keeping.age_files import read_recipient, write_encrypted
from deploy.keeping.contents import Client, Moment, TenantContents
from deploy.keeping.errors import KeysMovedError
from deploy.keeping.places import Kept
from deploy.stack.errors import NoSuchTenantError
from shared.kernel.tenancy import TenantId

_KEYS_TRIES = 5
_BETWEEN_TRIES_S = 1.0


def back_up(
    kept: Kept,
    *,
    to: Path,
    recipient: str,
    tenants: Sequence[str] = (),
    keys_to: Path | None = None,
    say: Callable[[str], None] = lambda _line: None,
) -> dict[str, Any]:
    """Back up tenants; none named means all, with centre, board and custodian.

    Args:
        kept: Its engines must run; its processes may.
        to: A folder that holds no backup yet; made if missing.
        recipient: age public key (``age1…``).
        tenants: Ids.
        keys_to: Where the keys files lie, one slot a tenant; default is the folder ``keys`` inside ``to``.

    Returns:
        ``recovery_point``, ``cluster_time``, ``manifest_sha256``, ``took_s``, and for each tenant the number
        of documents and the size of its files in bytes.

    Raises:
        RecipientError, NoSuchTenantError, BackupExistsError: Nothing was written.
        SnapshotTooOldError, KeysMovedError: No manifest was written, so the folder holds no backup.
    """
    began = time.monotonic()
    reader = read_recipient(recipient)
    chosen = _choose(kept, tenants)
    manifest.refuse_a_used_folder(to)
    keys_folder = keys_to or to / manifest.KEYS_FOLDER
    mongo: MongoClient[dict[str, Any]] = MongoClient(kept.admin_uri(), tz_aware=True, timeoutMS=CLIENT_TIMEOUT_MS)
    data: dict[str, dict[str, Any]] = {}
    keys: dict[str, dict[str, Any]] = {}
    rows = []
    try:
        moment = Moment.now(mongo)
        for tenant in chosen:
            say(f"Backing up {tenant}")
            contents = TenantContents(kept, mongo, tenant, moment)
            frames = contents.data(kept.definitions(tenant))
            data[tenant] = write_encrypted(manifest.data_file(to, tenant), frames, reader)
            keys[tenant] = _write_keys(kept, mongo, tenant, manifest.keys_file(keys_folder, tenant), reader)
            rows.append(
                {
                    "tenant": str(tenant),
                    "documents": sum(contents.counts.values()),
                    "bytes": data[tenant]["bytes"] + keys[tenant]["bytes"],
                }
            )
    finally:
        mongo.close()
    if keys_to is None:
        say(
            f"The keys files lie beside the data, in {keys_folder}. Take them to another place, over those of the "
            "backup before: an older one still opens people who were erased since."
        )
    written = manifest.Manifest.of(moment.cluster_time, data, keys)
    return {
        "recovery_point": written.recovery_point,
        "cluster_time": list(written.cluster_time),
        "manifest_sha256": written.write(to),
        "took_s": round(time.monotonic() - began, 1),
        "tenants": rows,
    }


def _choose(kept: Kept, tenants: Sequence[str]) -> list[TenantId]:
    if set(tenants) - set(kept.tenants):
        raise NoSuchTenantError
    return [tenant for tenant in kept.tenants if tenant in tenants or not tenants]


def _write_keys(kept: Kept, mongo: Client, tenant: TenantId, path: Path, recipient: Recipient) -> dict[str, Any]:
    """Write a keys file, always of a later moment than the data: an erasure meanwhile wins, no key is missing."""
    for last in (False,) * (_KEYS_TRIES - 1) + (True,):
        try:
            return write_encrypted(path, TenantContents(kept, mongo, tenant, Moment.now(mongo)).keys(), recipient)
        except KeysMovedError:
            if last:
                raise
            time.sleep(_BETWEEN_TRIES_S)
    raise AssertionError  # The last try above either returns or raises.
