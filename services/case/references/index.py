"""Under which keys records are kept: those of the imports' own index, so that one reference is one person.

A system that only ever speaks by this way stands among the imports too, as one that never ends: so files of it, and
files that name no system, are told from those of others as ever.
"""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.case.imports.documents import IMPORT, IMPORTS, ROWS, import_from
from services.case.imports.errors import SourceNeededError
from services.case.imports.finding import Finder, row_key
from services.case.imports.rules.progress import DONE, Import
from services.case.imports.rules.settling import Outcome
from services.case.imports.views import sources_of
from services.case.references.errors import SourceNotKnownError
from services.case.references.rules import PROFILE
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

_SYSTEMS = uuid.UUID("0b6f3c1e-2f0a-4f6e-9f0e-3d7d6a1b5c42")


class ReferenceIndex:
    """Finds what is known under references of a host's systems."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._database = context.client[context.database_name]
        self._hash_key = context.tenant_key.subkey("IMPORT_CONTENT")

    def sources(self) -> set[str]:
        """Give the systems that are known here."""
        return sources_of(self._database[IMPORTS])

    def source(self, named: str | None, *, is_new: bool) -> str:
        """Give the system that is meant.

        Args:
            named: By the caller; None for the only one.
            is_new: Whether the caller knows that nothing of it is known here yet.

        Raises:
            SourceNeededError: None is named, and there is not exactly one.
            SourceNotKnownError: Nothing of it is known here, and it is not said to be new.
        """
        known = self.sources()
        if named is None:
            if len(known) != 1:
                raise SourceNeededError(known)
            return next(iter(known))
        if known and named not in known and not is_new:
            raise SourceNotKnownError
        return named

    def key(self, source: str, reference: str) -> str:
        """Give the key of a reference of a system, as the imports have it."""
        return row_key(self._hash_key, source, reference)

    def finder(self, source: str, *, exact: bool = False) -> Finder:
        """Give what finds the people of a system's references."""
        return Finder.of(source, hash_key=self._hash_key, exact=exact)

    def known(self, keys: list[str]) -> list[dict[str, Any]]:
        """Give what is kept under keys, if it is about somebody."""
        return list(self._database[ROWS].find({"_id": {"$in": keys}, "survivor_id": {"$ne": None}}))


class SystemStore:
    """The import that stands for what a system tells record by record."""

    def __init__(self, work: UnitOfWork, source: str) -> None:
        """Work inside one transaction."""
        self._work = work
        self._source = source
        self.id = str(uuid.uuid5(_SYSTEMS, f"{work.tenant_id}:{source}"))

    @property
    def next_number(self) -> int:
        """The number of the record that comes now; a task about it names that number, as it names a file's row."""
        found = self._work.find(IMPORTS, self.id)
        return 1 if found is None else int(found["done"]) + 1

    def note(self, outcome: Outcome, *, actor_id: str) -> None:
        """Count one more record; the first one makes it known that the system is there."""
        found, at = self._work.find(IMPORTS, self.id), self._work.now
        one = import_from(found) if found is not None else self._begun(actor_id, at)
        counts = {"QUARANTINED": 0, **one.counts, outcome.kind: one.counts.get(outcome.kind, 0) + 1}
        ended = one.consents_ended + outcome.ended
        changed = replace(one, counts=counts, done=one.done + 1, consents_ended=ended, ended_at=at)
        # What a newer version of the service keeps there stays.
        self._work.save(IMPORTS, {**(found or {}), **IMPORT.document(changed)})

    def _begun(self, actor_id: str, at: datetime) -> Import:
        return Import(
            id=self.id,
            state=DONE,
            profile=PROFILE,
            source=self._source,
            actor_id=actor_id,
            received_at=at,
            is_part=True,
        )
