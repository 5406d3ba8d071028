"""The job that reads sources: those whose time has come, those that somebody asked for, and folders that have a file.

Promise: what is wrong with one source stops no other; whatever ends a reading is noted in plain words, and nothing of
an answer stands in the log. Shown by tests/integration/case/test_sources_job.py.
"""

from collections.abc import Callable

from pymongo.errors import ConnectionFailure, PyMongoError

from services.case.sources.documents import MOST_SOURCES, SOURCES, source_from
from services.case.sources.folders import FolderReading
from services.case.sources.pulling import Pulling
from services.case.sources.reading import Adapter, Reading
from services.case.sources.rules.source import FOLDER, Source
from services.case.sources.turns import SourceTakenError
from shared.kernel.clock import Now, real_now
from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import Job, ServiceContext
from shared.telemetry.logs import get_logger

log = get_logger(__name__)

SOURCES_JOB = "sources"
POLL_S = 5.0
"""Where nobody rings for commits; else a command rings, and a time that comes is noticed within half a minute."""


def jobs(context: ServiceContext) -> list[Job]:
    """Give the one job."""
    job = SourcesJob(context)
    return [Job(name=SOURCES_JOB, every_s=POLL_S, run=job.run, one=job.carry_out, rung=True)]


class SourcesJob:
    """Reads every source whose turn it is."""

    def __init__(
        self,
        context: ServiceContext,
        *,
        adapter: Adapter | None = None,
        real: Now = real_now,
        looks_apart_s: float = 5.0,
    ) -> None:
        """Take the case service's context; a test brings a way out of its own."""
        self._context = context
        self._pulling = Pulling(context, real=real)
        self._reading = Reading(context, self._pulling, adapter)
        self._folders = FolderReading(context, self._pulling, looks_apart_s=looks_apart_s)

    def run(self) -> None:
        """Look at every source once.

        Raises:
            TemporarilyUnavailableError, PyMongoError: What stopped one of them for now, after all were looked at.
        """
        found = self._context.client[self._context.database_name][SOURCES].find().sort("_id", 1).limit(MOST_SOURCES)
        sources = [source_from(document) for document in found]
        now = self._context.clock.now()
        later: Exception | None = None
        for source in sources:
            if source.kind == FOLDER:
                later = self._try(source, self._folders.look) or later
            elif source.wants(now) is not None:
                later = self._try(source, self._elsewhere_or_here) or later
        if later is not None:
            raise later

    def carry_out(self, source_id: str) -> None:
        """Read one source here, if it is still wanted."""
        try:
            self._reading.carry_out(source_id)
        except (SourceTakenError, DocumentMissingError):
            # Somebody else reads it, or nobody wants it any more.
            return

    def _elsewhere_or_here(self, source: Source) -> None:
        """Read one source, in a child process where there is one to be had: what speaks to Salesforce is large."""
        if self._context.apart is not None:
            self._context.apart(self._context.service, SOURCES_JOB, source.id)
        else:
            self.carry_out(source.id)

    def _try(self, source: Source, step: Callable[[Source], None]) -> Exception | None:
        """Take a step for one source; give what stops it for now."""
        try:
            step(source)
        except (SourceTakenError, DocumentMissingError):
            return None
        except ConnectionFailure:
            # It is away for all.
            raise
        except (AlongsideError, PyMongoError, OSError) as error:
            if not isinstance(error, TemporarilyUnavailableError | PyMongoError):
                # Such as a child that was killed, or a disk: the reading was counted before, so it ends by itself.
                log.error("a source's reading ended early", target=source.id, error_class=type(error).__name__)  # noqa: TRY400
                return None
            return error
        return None
