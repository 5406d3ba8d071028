"""The job that carries out waiting imports, one after another.

The uploaded file waits in the strongroom, sealed under a key of the tenant, and is deleted when its
import has ended, whatever its end.
"""

import hashlib
import hmac
from typing import Any

from pymongo.errors import PyMongoError

from services.case.import_run import ImportRun
from services.case.imports.profile import choose, shipped
from services.case.imports.reading import read_sheet
from services.case.imports.verdicts import judge
from services.case.store import DONE, FAILED, IMPORTS, REFUSED, WAITING
from services.case.strongroom import strongroom_of
from services.context import ServiceContext
from shared.codelists.periods import LONDON
from shared.kernel.errors import InvalidInputError, TemporarilyUnavailableError
from shared.outbox.committer import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.telemetry.logs import get_logger
from shared.telemetry.traces import extract, start_span

log = get_logger(__name__)

_FAULT = (
    "Something went wrong here after {done} rows; what they say is taken. The fault is in the operator's log. "
    "When it is mended, upload the same file again: no row is taken twice."
)


class ImportJob:
    """Carries out every waiting import."""

    def __init__(self, context: ServiceContext) -> None:
        """Take the case service's context."""
        self._context = context
        self._strongroom = strongroom_of(context)
        self._hash_key = context.tenant_key.subkey("IMPORT_CONTENT")

    def run(self) -> None:
        """Carry out what waits, oldest first; a kill at any point is resumed here.

        A fault in one import ends that import, with its reason, and no other.
        """
        imports = self._context.client[self._context.database_name][IMPORTS]
        waiting = list(imports.find({"state": WAITING}).sort("received_at", 1))
        self._strongroom.sweep([document["_id"] for document in waiting])
        for document in waiting:
            with start_span("import", parent=extract(document)) as span:
                span.set(import_id=document["_id"])
                self._try(document)

    def _try(self, document: dict[str, Any]) -> None:
        try:
            self._carry_out(document)
        except (PyMongoError, TemporarilyUnavailableError):
            raise
        except Exception as error:  # noqa: BLE001  A row that nobody foresaw must not hold up every later import.
            log.error("import failed", import_id=document["_id"], error_class=type(error).__name__)  # noqa: TRY400
            self._end(document["_id"], FAILED, _FAULT, ())

    def _carry_out(self, document: dict[str, Any]) -> None:
        import_id = document["_id"]
        content = self._strongroom.get(import_id)
        if content is None:
            self._end(import_id, REFUSED, "The file is no longer there. Upload it again.", ())
            return
        try:
            sheet = read_sheet(content, [column for p in shipped().values() for column in p.columns])
            profile = choose(sheet, document["profile"])
            binding = profile.bind(sheet)
        except InvalidInputError as error:
            self._end(import_id, REFUSED, str(error), ())
            return
        source = document["source"] or profile.id
        run = ImportRun(
            committer=self._context.committer,
            keys=self._context.survivor_keys,
            tenant=str(self._context.tenant_id),
            import_id=import_id,
            actor_id=document["actor_id"],
            row_key=lambda reference: self._row_key(source, reference),
            hash_key=self._hash_key,
        )
        today = self._context.clock.now().astimezone(LONDON).date()
        run.run(judge(sheet, binding, today=today), done=document["done"])
        self._end(import_id, DONE, None, binding.dropped, profile.id)

    def _row_key(self, source: str, reference: str) -> str:
        content = f"{len(source)}:{source}{reference}".encode()
        return hmac.new(self._hash_key, content, hashlib.sha256).hexdigest()

    def _end(
        self, import_id: str, state: str, why: str | None, dropped: tuple[str, ...], profile: str | None = None
    ) -> None:
        def end(work: UnitOfWork) -> Answer:
            document = work.get(IMPORTS, import_id)
            said = why.format(done=document["done"]) if state == FAILED and why is not None else why
            changes = {"state": state, "why": said, "dropped_columns": list(dropped), "ended_at": work.now}
            work.replace(IMPORTS, {**document, **changes, "profile": profile or document["profile"]})
            return Answer(status=200)

        self._context.committer.execute(Command(run=end, aggregates=frozenset({import_id})))
        self._strongroom.remove(import_id)
