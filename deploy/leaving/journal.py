"""How far the deletion of a host has come: one small file that outlives everything that is deleted.

Promise: it is durable before the first thing is deleted, each step stands in it once it is done and seen to be done,
and it stays, so that nobody gives the id to another host. Shown by tests/integration/leaving/test_leaving_deletion.py.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from deploy.engines.layout import Layout
from deploy.engines.secret_files import write_private
from deploy.keeping.age_files import sync_folder
from deploy.leaving.errors import DeletedBeforeError

FOLDER = "left"


@dataclass(frozen=True, kw_only=True)
class Journal:
    """One host's.

    Attributes:
        stated: Who of the host asked and who agreed, by random ids, and when.
        package: SHA-256 of the manifest of the package; None where the host wanted none.
        backups_gone_on: The day by which, as the operator says, no backup of it is left.
        log: Size and checkpoint of its audit log at the end.
        oplog_hours: How far back the database's own log went.
        steps: What is done, and when.
    """

    tenant: str
    name: str
    stated: dict[str, str]
    package: str | None
    backups_gone_on: str
    log: dict[str, Any]
    oplog_hours: int
    begun_at: str
    steps: dict[str, str] = field(default_factory=dict)

    @classmethod
    def find(cls, layout: Layout, tenant: str) -> Self | None:
        """Read it; None where no deletion was begun."""
        file = _file(layout, tenant)
        return cls(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None

    def done(self, step: str, at: datetime) -> "Journal":
        """Note that a step is done."""
        return replace(self, steps={**self.steps, step: at.isoformat()})

    def write(self, layout: Layout) -> None:
        """Write it, durably."""
        file = _file(layout, self.tenant)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(file, json.dumps(asdict(self), indent=1) + "\n")
        sync_folder(file.parent)
        sync_folder(file.parent.parent)


def certificate_file(layout: Layout, tenant: str) -> Path:
    """Say where the certificate is kept here; the host is given a copy."""
    return layout.home / FOLDER / f"{tenant}.certificate.json"


def refuse_deleted(layout: Layout, tenant: str) -> None:
    """Refuse the id of a host that was deleted here.

    Raises:
        DeletedBeforeError: It was, or is being.
    """
    if _file(layout, tenant).exists():
        raise DeletedBeforeError(tenant)


def _file(layout: Layout, tenant: str) -> Path:
    return layout.home / FOLDER / f"{tenant}.json"
