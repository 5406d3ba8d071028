"""Restores a backup into an empty place: first everything is read through, then everything is written.

A refusal changes nothing. A failure, also a kill, in the midst of writing leaves databases that no process
was started on; the next restore into the same place deletes them and begins anew.

Limits: what was recorded after the recovery point is lost, withdrawals of consent among it: enter them again
from paper before a period is sealed. A host that is restored alone misses what the board sent meanwhile.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.keeping import manifest
from deploy.keeping.age_files import read_identity
from deploy.keeping.contents import DATA, KEYS
from deploy.keeping.errors import DamagedBackupError, NotInBackupError
from deploy.keeping.inspection import inspect
from deploy.keeping.key_age import check_age
from deploy.keeping.places import CENTRES, Kept
from deploy.keeping.writing import Restored, Writing
from shared.kernel.tenancy import RESERVED, TenantId


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where a backup lies.

    Attributes:
        folder: With the manifest and the data files.
        identity: The age identity file.
        keys: Folder of the keys files; default is ``keys`` inside ``folder``.
        escrow: Folder with copies of the escrow slots, compared besides the place's own.
    """

    folder: Path
    identity: Path
    keys: Path | None = None
    escrow: Path | None = None


def check(kept: Kept, sources: Sources, tenants: Sequence[str] = ()) -> list[Restored]:
    """Read a backup through, as a restore would, and change nothing.

    Raises:
        AlongsideError: A subclass in ``deploy.keeping.errors`` says what does not hold.
    """
    said = manifest.Manifest.read(sources.folder)
    identity = read_identity(sources.identity)
    order = [name for name in CENTRES if name in said.data]
    there = [*order, *(TenantId(name) for name in sorted(said.data) if name not in RESERVED)]
    for name in tenants:
        if name not in there:
            raise NotInBackupError(name, [str(k) for k in there])
    keys_folder = sources.keys or sources.folder / manifest.KEYS_FOLDER
    given = [sources.escrow] if sources.escrow is not None else []
    found = []
    for tenant in (name for name in there if name in tenants or not tenants):
        said.check_data(sources.folder, tenant)
        data = inspect(manifest.data_file(sources.folder, tenant), identity, tenant, DATA)
        if data.cluster_time != said.cluster_time:
            raise DamagedBackupError(data.path, "was written at another moment than the manifest says")
        keys = inspect(manifest.keys_file(keys_folder, tenant), identity, tenant, KEYS)
        present = kept.key_files(tenant)["tenant.key"]
        escrows = [kept.escrow_dir(tenant), *given]
        check_age(tenant, data=data, keys=keys, escrow_folders=escrows, present=present)
        found.append(Restored(id=tenant, data=data, keys=keys))
    return found


def restore(
    kept: Kept,
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
    chosen = check(kept, sources, tenants)
    kept.start_engines()
    writing = Writing(kept, read_identity(sources.identity), say)
    try:
        writing.clear_unfinished()
        writing.refuse_what_is_here(chosen)
        rows = writing.write(chosen, verify=verify)
    finally:
        writing.close()
    return {
        "recovery_point": manifest.Manifest.read(sources.folder).recovery_point,
        "took_s": round(time.monotonic() - began, 1),
        "tenants": rows,
    }
