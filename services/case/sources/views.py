"""What case shows of sources: how each stands, in words, and never a credential."""

from typing import Any

from services.case.sources.documents import MOST_SOURCES, SOURCE, SOURCES, source_from
from services.case.sources.rules.faults import FAULTS, words
from services.case.sources.rules.source import BY_FAILURES, PAUSED, Source
from shared.kernel.clock import real_now
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext

GOOD, READING, WAITING, FAILING, STALE, HALTED, STOPPED = (
    "GOOD",
    "READING",
    "NEVER_READ",
    "FAILING",
    "OVERDUE",
    "PAUSED_BY_FAILURES",
    "PAUSED",
)
"""How a source stands, in one word."""


class SourceViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._context = context
        self._sources = context.client[context.database_name][SOURCES]

    def one(self, source_id: str) -> dict[str, Any]:
        """Give a source as the API shows it.

        Raises:
            DocumentMissingError: There is none.
        """
        return self._row(self.stored(source_id))

    def all(self) -> list[dict[str, Any]]:
        """Give every source; there are few."""
        found = self._sources.find().sort("name", 1).limit(MOST_SOURCES)
        return [self._row(source_from(document)) for document in found]

    def stored(self, source_id: str) -> Source:
        """Give a source as it is stored.

        Raises:
            DocumentMissingError: There is none.
        """
        document = self._sources.find_one({"_id": source_id})
        if document is None:
            raise DocumentMissingError(SOURCES)
        return source_from(document)

    def _row(self, source: Source) -> dict[str, Any]:
        row = SOURCE.row({one.name: getattr(source, one.name) for one in SOURCE.fields} | _named(source))
        return {
            **row,
            "standing": self._standing(source),
            "needs_attention": self._is_red(source),
            "fault": _told(source.last_fault, source.fault_names),
            "test": None if source.tested_at is None else _tested(source),
        }

    def _is_red(self, source: Source) -> bool:
        return source.red_at is not None and source.red_at <= self._context.clock.now()

    def _standing(self, source: Source) -> str:
        if source.state == PAUSED:
            return HALTED if source.paused_by == BY_FAILURES else STOPPED
        if source.is_held(real_now()):
            return READING
        if source.last_fault is not None:
            return FAILING
        if self._is_red(source):
            return STALE
        return GOOD if source.last_good_at is not None else WAITING


def _named(source: Source) -> dict[str, Any]:
    return {"id": source.id, "version": source.version}


def _told(code: str | None, names: tuple[str, ...]) -> dict[str, str] | None:
    if code is None:
        return None
    if code not in FAULTS:
        # Of a newer version, which has words for it.
        return {"code": code, "what": "It was not read.", "cure": "Ask your operator."}
    return {"code": code, "what": words(code, names), "cure": FAULTS[code].cure}


def _tested(source: Source) -> dict[str, Any]:
    return {"at": source.tested_at, "fault": _told(source.test_fault, source.test_names)}
