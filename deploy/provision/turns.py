"""One provisioner of a home at a time.

Promise: what is read and written whole there (the registers of hosts, keys drawn once) loses no change when two
operators, or the workers of a test run, provision at once; tests/integration/test_provisioning.py shows it.
Limit: one machine; on several the operator's own order does it.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def turn(home: Path) -> Iterator[None]:
    """Wait until nobody else provisions in this home; the system ends the turn of a process that dies."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "provisioning.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
