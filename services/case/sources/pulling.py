"""What was read of a source, put where uploads wait.

Promise: it becomes an upload to be planned in the same transaction that notes the reading, so it is there once; what
says the same as the last one makes none. Shown by tests/integration/case/test_source_kills.py and
tests/integration/case/test_sources_job.py.
"""

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from typing import Any

from services.case.imports.commands import StartImport, start_import
from services.case.imports.documents import IMPORTS
from services.case.imports.rules.profile import Profile
from services.case.imports.rules.progress import COMMITTING, DONE, PLANNED, PLANNING
from services.case.imports.rules.reading import Stated
from services.case.imports.staged import keeper
from services.case.imports.unheard import Unheard
from services.case.imports.uploads import Upload
from services.case.mappings.views import MappingViews
from services.case.sources.rules.faults import SourceFaultError
from services.case.sources.rules.source import PAUSED, Source
from services.case.sources.turns import Turns
from services.case.strongroom.documents import strongroom_of
from shared.kernel.clock import Now, real_now
from shared.kernel.ids import new_id
from shared.kernel.messages import AuditIntent
from shared.keys.spool import SealedSpool, chunks
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.telemetry.traces import current_traceparent

_STANDS = frozenset({PLANNING, PLANNED, COMMITTING, DONE})
"""Of an import whose content need not be planned again."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of what was read.

    Attributes:
        import_id: The upload that it made; None where it says the same as the last one, or the source was paused.
        refused: Why it could not be read as the mapping says.
        dropped: Whether the source was paused while it was read, so that nothing of it is wanted.
    """

    import_id: str | None = None
    refused: str | None = None
    dropped: bool = False


class Pulling(Turns):
    """Puts what was read of one tenant's sources where uploads wait."""

    def __init__(self, context: ServiceContext, *, real: Now = real_now) -> None:
        """Take the case service's context, and the clock by which readers hold a source."""
        super().__init__(context, real=real)
        self._context = context
        self._strongroom = strongroom_of(context)
        self._mappings = MappingViews(context)
        self._unheard = Unheard(context)
        self._hash_key = context.tenant_key.subkey("SOURCE_CONTENT")

    def profile(self, source: Source) -> Profile:
        """Give the mapping by which a source is read.

        Raises:
            SourceFaultError: Nothing approved or shipped has its name.
        """
        profile = self._mappings.named(source.profile)
        if profile is None:
            raise SourceFaultError("MAPPING_GONE")
        return profile

    def take(
        self,
        source: Source,
        content: SealedSpool,
        *,
        stated: Stated | None = None,
        rows: int | None = None,
        deleted: int = 0,
    ) -> Taken:
        """Put what was read where uploads wait, to be planned; nothing of what says the same as the last one.

        Raises:
            SourceTakenError: This reading is not the newest one any more.
            SourceFaultError: The mapping is gone.
        """
        import_id = source.reading or new_id()
        digest = self._digest(source, content)
        if digest == source.last_content and self._stands(source.last_import_id):
            self.change(
                source,
                lambda one, work: one.read(now=work.now, import_id=None, content=digest, rows=rows, deleted=deleted),
            )
            return Taken()
        upload = Upload.read(
            content.reader(),
            source.profile,
            mappings=self._mappings,
            system=source.system,
            stated=stated,
            keep=keeper(self._strongroom, import_id),
            unheard=self._unheard,
        )
        actor_id = source.asked_by or source.created_by
        start = upload.wait_in(
            self._strongroom,
            StartImport(
                import_id=import_id,
                actor_id=actor_id,
                profile=source.profile,
                source=source.system,
                known_rows="ask",
                exact_references=False,
                caused_by=current_traceparent(),
                planned=True,
            ),
        )
        refused = start.refused
        taken: list[bool] = []

        def conclude(one: Source, work: UnitOfWork) -> Source:
            taken[:] = [one.state != PAUSED]
            if one.state == PAUSED:
                # Whoever paused it while it was being read wants nothing of it.
                return one.let_go()
            start_import(start, work)
            work.audit(_intent(start, work))
            if refused is not None:
                return one.refused_file(import_id, now=work.now)
            return one.read(now=work.now, import_id=import_id, content=digest, rows=rows, deleted=deleted)

        self.change(source, conclude)
        if not taken[0]:
            self._strongroom.remove(import_id)
            return Taken(dropped=True)
        return Taken(import_id=import_id, refused=refused)

    def _digest(self, source: Source, content: SealedSpool) -> str:
        told = hmac.new(self._hash_key, digestmod=hashlib.sha256)
        # The same records read by another mapping say something else.
        read_by = {"system": source.system, "profile": asdict(self.profile(source))}
        told.update(json.dumps(read_by, sort_keys=True, default=sorted).encode())
        for chunk in chunks(content):
            told.update(chunk)
        return told.hexdigest()

    def _stands(self, import_id: str | None) -> bool:
        if import_id is None:
            return False
        imports = self._context.client[self._context.database_name][IMPORTS]
        found: dict[str, Any] | None = imports.find_one({"_id": import_id}, {"state": 1})
        return found is not None and found["state"] in _STANDS


def _intent(start: StartImport, work: UnitOfWork) -> AuditIntent:
    return AuditIntent(
        action=start.action,
        actor_id=start.actor_id,
        role="SOURCE",
        object_id=start.import_id,
        outcome="ALLOWED",
        at=work.now,
    )
