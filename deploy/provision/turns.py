"""One provisioner of a tenant at a time, and one of what all tenants of a home share.

Promise: what is read and written whole there (the registers of hosts, keys drawn once) loses no change when two
operators, or the workers of a test run, provision at once; two tenants wait for each other no longer than that
(tests/integration/test_provisioning.py).
Limit: one machine; on several the operator's own order does it.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def turn(home: Path, tenant: str | None = None) -> Iterator[None]:
    """Wait until nobody else provisions a tenant, or what all share; the system ends the turn of a process that dies.

    Who has a tenant's turn may take the common one, never the other way round.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = "provisioning" if tenant is None else f"provisioning-{tenant}"
    with (home / f"{name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
