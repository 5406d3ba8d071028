"""The runner of one database: a lock with the server's clock, and a note after every batch.

Promise: a runner that is killed is taken up where its last batch ended; of two at once the second is
refused, or takes over once the first has been silent for the lock's life. What a silent runner does
afterwards is refused too, so its last batch may run twice and must be idempotent.
Shown by tests/integration/keeping/test_migrations.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database

from shared.kernel.errors import TemporarilyUnavailableError
from shared.kernel.ids import new_id
from shared.outbox.machinery import allow_bundles
from shared.runtime.migrations import Migration, Phase, SchemaError, migrations_of, version_in

LOCK_S = 60.0

_MARKER = {"_id": "marker"}


class MigrationRunsError(TemporarilyUnavailableError):
    """Another runner is at work on this database, or took it over."""

    code = "migration-runs"

    def __init__(self, service: str) -> None:
        """Say how to see how far it is."""
        super().__init__(
            f"Another runner migrates the database of {service}. See how far it is with: alongside migrate status. "
            "If it was killed, run this again in a minute."
        )


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far a database is.

    Attributes:
        version: Of the database.
        known: That this program makes of it.
        pending: Names of what was not carried out yet, with their phase.
        running: Number of the migration that was begun and not ended.
    """

    service: str
    version: int
    known: int
    pending: tuple[str, ...]
    running: int | None


class Runner:
    """Migrates one service's database of one tenant."""

    def __init__(
        self,
        database: Database[dict[str, Any]],
        service: str,
        *,
        migrations: Sequence[Migration] | None = None,
        lock_s: float = LOCK_S,
        say: Callable[[str], None] = lambda _line: None,
    ) -> None:
        """Bind to a provisioned database with rights to change everything in it."""
        self._database = database
        self._marker = database["marker"]
        self._service = service
        self._migrations = tuple(migrations_of(service) if migrations is None else migrations)
        self._lock_ms = int(lock_s * 1000)
        self._say = say
        self._owner = new_id()

    def standing(self) -> Standing:
        """Tell how far the database is."""
        marker = self._marker.find_one(_MARKER) or {}
        version = version_in(marker)
        return Standing(
            service=self._service,
            version=version,
            known=len(self._migrations),
            pending=tuple(f"{m.number:04d} {m.name} ({m.phase})" for m in self._migrations[version:]),
            running=marker.get("migrating", {}).get("number"),
        )

    def up(self, *, contract: bool = False) -> int:
        """Carry out what is pending, in order; without ``contract`` only up to the first contract step.

        With ``contract`` no older program runs any more, so that the database's relays may bundle too.

        Returns:
            The version of the database afterwards.

        Raises:
            MigrationRunsError: Another runner is at work.
            SchemaError: The database is newer than this program, or was never provisioned.
        """
        marker = self._marker.find_one(_MARKER)
        if marker is None:
            raise SchemaError(self._service, "was never provisioned", "Run: alongside up")
        if version_in(marker) > len(self._migrations):
            raise SchemaError(self._service, "is newer than this program", "Use the program that migrated it.")
        version = self._carry_out_pending(version_in(marker), contract=contract)
        if contract:
            allow_bundles(self._database)
        return version

    def _carry_out_pending(self, version: int, *, contract: bool) -> int:
        if version == len(self._migrations):
            return version
        version = self._lock()
        try:
            for migration in self._migrations[version:]:
                if migration.phase is Phase.CONTRACT and not contract:
                    break
                self._carry_out(migration)
                version = migration.number
        finally:
            self._marker.update_one({**_MARKER, "lock.owner": self._owner}, {"$unset": {"lock": ""}})
        return version

    def _carry_out(self, migration: Migration) -> None:
        begun = (self._marker.find_one(_MARKER) or {}).get("migrating", {})
        after = begun.get("after") if begun.get("number") == migration.number else None
        self._say(f"{self._database.name}: {migration.number:04d} {migration.name}")
        while (after := migration.step(self._database, after)) is not None:
            self._note({"migrating": {"number": migration.number, "after": after}})
        self._note({"schema": migration.number}, ("migrating",))

    def _lock(self) -> int:
        """Take the lock and give the version as of then."""
        free = {"$or": [{"lock": {"$exists": False}}, {"$expr": {"$lt": ["$lock.until", "$$NOW"]}}]}
        taken = self._marker.find_one_and_update(
            {**_MARKER, **free},
            [{"$set": {"lock": {"owner": self._owner, "until": {"$add": ["$$NOW", self._lock_ms]}}}}],
            return_document=ReturnDocument.AFTER,
        )
        if taken is None:
            raise MigrationRunsError(self._service)
        return version_in(taken)

    def _note(self, values: dict[str, Any], ended: Sequence[str] = ()) -> None:
        """Write down where we are and keep the lock; refuse if somebody took over."""
        steps: list[dict[str, Any]] = [
            {
                "$set": {
                    **{name: {"$literal": value} for name, value in values.items()},
                    "lock.until": {"$add": ["$$NOW", self._lock_ms]},
                }
            },
            *({"$unset": name} for name in ended),
        ]
        if not self._marker.update_one({**_MARKER, "lock.owner": self._owner}, steps).matched_count:
            raise MigrationRunsError(self._service)
