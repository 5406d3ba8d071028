"""The job that plans, carries out and undoes imports that wait for it, one after another.

Promise: an import that cannot end is tried three times without going on, and then ends as FAILED with its reason; what
will never work ends at once; either way the next import is carried out (``TestFaults`` of
``tests/integration/case/test_imports_api.py``). What was kept of the file is deleted when its import has ended,
whatever its end; a plan, which holds no cell, and the rows to mend stay until the plan expires.
"""

import time
from collections.abc import Callable

from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError

from services.case.imports.carrying import Carrying
from services.case.imports.documents import IMPORTS, ImportStore, import_from
from services.case.imports.errors import ImportTakenError
from services.case.imports.rules.progress import BUSY, FAILED, UNDOING, Import
from services.case.imports.unheard import tell
from services.case.imports.upkeep import Upkeep
from services.case.strongroom.documents import strongroom_of
from shared.kernel.clock import real_now
from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.apart import ApartWaitsError
from shared.runtime.context import Job, ServiceContext
from shared.telemetry.logs import get_logger
from shared.telemetry.traces import extract, start_span

log = get_logger(__name__)

IMPORTS_JOB = "imports"
MOST_ATTEMPTS = 3
"""Attempts that do not get a single row further."""

_POLL_S = 0.5
_LEFT_ALONE_S = 8.0
"""After a fault that passes, before the next attempt: the three together outlast what a killed process left open in the
database, which ends that after ten seconds, looking every five."""

_TOO_LARGE = frozenset({10334, 17280, 17419, 17420})
"""What the server answers where a document or an index entry is larger than it takes."""

_FAULT = (
    "Something went wrong here after {done} rows ({what}). Those rows are imported. Ask your operator, whose log names "
    "the fault. When it is mended, upload the same file again: no row is imported twice."
)

_UNLOOKED = "Nobody could look whom the rows after them say no for: look for each no in them, and enter it by hand."


def jobs(context: ServiceContext) -> list[Job]:
    """Give the one job."""
    job = ImportJob(context)
    return [Job(name=IMPORTS_JOB, every_s=_POLL_S, run=job.run, one=job.carry_out, rung=True)]


class ImportJob:
    """Carries out every waiting import."""

    def __init__(self, context: ServiceContext, *, ticks: Callable[[], float] = time.monotonic) -> None:
        """Take the case service's context, and what tells seconds as they pass."""
        self._context = context
        self._ticks = ticks
        self._left_alone: dict[str, float] = {}
        self._strongroom = strongroom_of(context)
        self._carrying = Carrying(context, self._end)
        self._upkeep = Upkeep(context)
        self._owner = new_id()

    def run(self) -> None:
        """Carry out what waits, oldest first; a kill at any point is resumed here.

        A fault in one import ends that import, with its reason, and no other.

        Raises:
            TemporarilyUnavailableError, PyMongoError: What stopped one of them for now, after all were tried.
        """
        imports = self._context.client[self._context.database_name][IMPORTS]
        busy = imports.find({"state": {"$in": list(BUSY)}}, {"_id": 1}).sort("received_at", 1)
        self._left_alone = {one: until for one, until in self._left_alone.items() if until > self._ticks()}
        waiting = [found["_id"] for found in busy if found["_id"] not in self._left_alone]
        self._upkeep.run()
        later: Exception | None = None
        for one in waiting:
            later = self._elsewhere_or_here(one) or later
        if waiting:
            self._strongroom.make_keys_ready()
        if later is not None:
            raise later

    def carry_out(self, import_id: str) -> None:
        """Carry out one import here, if it still waits; a kill at any point is resumed at the next call.

        Raises:
            TemporarilyUnavailableError, PyMongoError: What stopped it for now.
        """
        found = self._context.client[self._context.database_name][IMPORTS].find_one({"_id": import_id})
        if found is None:
            return
        with start_span("import", parent=extract({"traceparent": import_from(found).traceparent})) as span:
            span.set(import_id=import_id)
            later = self._try(import_id)
        if later is not None:
            raise later

    def _elsewhere_or_here(self, import_id: str) -> Exception | None:
        """Carry out one import, in a child process where there is one to be had; give what stops it for now."""
        try:
            if self._context.apart is not None:
                self._context.apart(self._context.service, IMPORTS_JOB, import_id)
            else:
                self.carry_out(import_id)
        except ApartWaitsError as error:
            self._left_alone[import_id] = self._ticks() + _LEFT_ALONE_S
            return error
        except (AlongsideError, PyMongoError) as error:
            # A child that was killed had counted its attempt before (``_begin``).
            return error
        return None

    def _try(self, import_id: str) -> Exception | None:
        """Carry out one import; give what stops it for now."""
        begun: Import | None = None
        try:
            begun = self._begin(import_id)
            if begun is not None:
                self._carrying.carry_out(begun)
        except ImportTakenError as error:
            return error
        except Exception as error:  # noqa: BLE001  A row that nobody foresaw must not hold up every later import.
            if _passes(error):
                log.error("import waits", import_id=import_id, error_class=_named(error))  # noqa: TRY400
                return error
            log.error("import failed", import_id=import_id, error_class=_named(error))  # noqa: TRY400
            self._fail(import_id, _named(error), begun)
        return None

    def _begin(self, import_id: str) -> Import | None:
        """Count the attempt before it is made, so that one that kills the process is counted too; None at the last."""
        begun: list[Import] = []

        def begin(work: UnitOfWork) -> Answer:
            begun.clear()
            store = ImportStore(work)
            waiting = store.get(import_id)
            # Else another process has ended it meanwhile.
            if waiting.state in BUSY:
                if waiting.is_held(self._owner, real_now()):
                    raise ImportTakenError
                begun.append(waiting.attempted(self._owner, real_now()))
                store.save(begun[0])
            return Answer(status=200)

        self._context.committer.execute(Command(run=begin, aggregates=frozenset({import_id})))
        if not begun:
            return None
        (one,) = begun
        if one.tried is not None and one.tried.times > MOST_ATTEMPTS:
            log.error("import given up", import_id=import_id)
            # If looking for its noes kills the process too, it is ended without them at the next call.
            hears = one.state == UNDOING or one.tried.times == MOST_ATTEMPTS + 1
            self._fail(import_id, f"{MOST_ATTEMPTS} attempts did not get further", one if hears else None)
            return None
        return one

    def _fail(self, import_id: str, what: str, one: Import | None) -> None:
        """End an import that stopped, and tell whom the rest of it says no for, or that nobody could look."""
        people: frozenset[str] | None = None
        try:
            people = None if one is None else self._carrying.unheard(one)
        except Exception as error:
            if _passes(error):
                raise
            log.error("a failed import was not looked through", import_id=import_id, error_class=_named(error))  # noqa: TRY400
        why = _FAULT.replace("{what}", what)
        why = f"{why} {_UNLOOKED}" if people is None else why
        self._end(import_id, FAILED, why, lambda ended, work: tell(work, ended, people or frozenset()))

    def _end(self, import_id: str, state: str, why: str | None, told: Callable[[Import, UnitOfWork], Import]) -> None:
        ended: list[Import] = []

        def end(work: UnitOfWork) -> Answer:
            ended.clear()
            store = ImportStore(work)
            waiting = store.get(import_id)
            if waiting.state in BUSY:
                ended.append(told(waiting.ended(state, why, at=work.now), work))
                store.save(ended[0])
            return Answer(status=200)

        self._context.committer.execute(Command(run=end, aggregates=frozenset({import_id})))
        if ended and ended[0].keeps_its_plan:
            self._strongroom.remove_file(import_id)
        elif ended:
            self._strongroom.remove(import_id)


def _passes(error: Exception) -> bool:
    """Whether a fault may pass by itself: a database that is away, not a document that it will never take."""
    cause = error.__cause__ if isinstance(error, TemporarilyUnavailableError) and error.__cause__ else error
    if isinstance(cause, PyMongoError):
        transient = cause.has_error_label("TransientTransactionError") or cause.has_error_label("RetryableWriteError")
        return transient or cause.timeout or isinstance(cause, ConnectionFailure)
    return isinstance(cause, TemporarilyUnavailableError)


def _named(error: Exception) -> str:
    """Name a fault for the report and the log, without its text, which may hold what a row says."""
    cause = error.__cause__ if isinstance(error, AlongsideError) and error.__cause__ is not None else error
    if isinstance(cause, OperationFailure) and cause.code in _TOO_LARGE:
        return "DocumentTooLarge"
    return cause.code if isinstance(cause, AlongsideError) else type(cause).__name__
