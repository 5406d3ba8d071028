"""Reads a Salesforce source whole, and gives what was read on as a file that its mapping reads like any export.

Promise: a record that was deleted at the source is left out, so that its person is told as gone; but one that says no,
or may be of a child, stays, so that its no is heard. Nothing of a reading is kept but the fields of the mapping and
what speaks of a consent. Shown by tests/integration/case/test_source_salesforce.py.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pymongo.errors import PyMongoError

from services.case.imports.rules.reading import MAX_BYTES, Stated
from services.case.imports.rules.table import MAX_TABLE_ROWS, table_from
from services.case.imports.rules.verdicts import POSSIBLE_CHILD, judge_table
from services.case.mappings.views import MappingViews
from services.case.sources.pulling import Pulling
from services.case.sources.rules.faults import SourceFaultError
from services.case.sources.rules.salesforce import fields_of
from services.case.sources.rules.source import FOLDER, TEST, Source
from services.case.sources.sealing import SourceSecrets
from services.case.sources.turns import SourceTakenError
from shared.codelists.periods import LONDON
from shared.kernel.errors import InvalidInputError, TemporarilyUnavailableError
from shared.keys.spool import SealedSpool, SpoolFullError
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.telemetry.logs import get_logger

if TYPE_CHECKING:
    from services.case.sources.adapters.salesforce import SalesforceReader
    from services.case.sources.adapters.wire import PinnedAdapter

    Adapter = PinnedAdapter
else:
    # What speaks HTTP is loaded where something is read.
    Adapter = Any

STATED = Stated(encoding="utf-8", delimiter=",", header_row=1)

log = get_logger(__name__)


class Reading:
    """Reads one source after another."""

    def __init__(self, context: ServiceContext, pulling: Pulling, adapter: Adapter | None) -> None:
        """Take the case service's context, and the way out; None for the public internet."""
        self._context = context
        self._pulling = pulling
        self._adapter = adapter
        self._mappings = MappingViews(context)
        self._secrets = SourceSecrets(context.tenant_key, context.tenant_id)

    def carry_out(self, source_id: str) -> None:
        """Read or try out one source, if it is still wanted, and note what came of it.

        Raises:
            SourceTakenError: Another reader has it.
            DocumentMissingError: It was removed.
            TemporarilyUnavailableError, PyMongoError: The database does not answer; it is read again later.
        """
        now = self._context.clock.now()
        source = self._pulling.begin(source_id, lambda one: one.kind != FOLDER and one.wants(now) is not None)
        if source is None:
            return
        tests, fault = source.wants(now) == TEST, None
        try:
            with self._pulling.holding(source):
                if tests:
                    self._reader(source).begin()
                else:
                    self._pull(source)
                    return
        except SourceFaultError as error:
            fault = error
        except SpoolFullError:
            fault = SourceFaultError("TOO_MUCH")
        except (SourceTakenError, DocumentMissingError, TemporarilyUnavailableError, PyMongoError):
            raise
        except Exception as error:  # noqa: BLE001  Whatever it is, the source says that it was not read.
            # Not its text, in which an answer may stand.
            log.error("a source could not be read", target=source.id, error_class=type(error).__name__)  # noqa: TRY400
            fault = SourceFaultError("FAULT")
        if tests:
            self._pulling.tested(source, fault)
        elif fault is not None:
            self._pulling.fail(source, fault)

    def _pull(self, source: Source) -> None:
        reader = self._reader(source)
        reader.begin()
        spool = SealedSpool(MAX_BYTES)
        try:
            rows, deleted = self._write(source, reader, spool)
            if not rows:
                raise SourceFaultError("NOTHING_SEEN")
            spool.seal()
            self._pulling.take(source, spool, stated=STATED, rows=rows, deleted=deleted)
        finally:
            spool.close()

    def _reader(self, source: Source) -> "SalesforceReader":
        from services.case.sources.adapters.salesforce import SalesforceReader  # noqa: PLC0415  As above.

        fields = fields_of(self._pulling.profile(source))
        secrets = self._secrets.open(source.id, source.secret)
        return SalesforceReader(source.settings, secrets, fields, adapter=self._adapter)

    def _write(self, source: Source, reader: "SalesforceReader", spool: SealedSpool) -> tuple[int, int]:
        """Write what is read as a file; give how many records there are, and how many of them were deleted."""
        header, rows, deleted = reader.columns, 0, 0
        waiting: list[tuple[str, ...]] = []
        spool.write(_lines([header]))
        for row in reader.rows():
            rows += 1
            if not row.deleted:
                spool.write(_lines([row.cells]))
                continue
            deleted += 1
            waiting.append(row.cells)
            if len(waiting) == MAX_TABLE_ROWS:
                spool.write(_lines(self._heard(source, header, waiting)))
                waiting.clear()
        spool.write(_lines(self._heard(source, header, waiting)))
        return rows, deleted

    def _heard(
        self, source: Source, header: Sequence[str], rows: Sequence[tuple[str, ...]]
    ) -> Iterator[tuple[str, ...]]:
        """Give those deleted records that say no, may be of a child, or cannot be read."""
        if not rows:
            return
        # One line each, so that a verdict's row is the record's.
        content = _lines([tuple(" ".join(cell.split()) for cell in row) for row in (header, *rows)])
        today = self._context.clock.now().astimezone(LONDON).date()
        try:
            mapped = self._mappings.open(content, name=source.profile, system=source.system, stated=STATED)
            verdicts = list(judge_table(table_from(mapped, source.profile), today=today))
        except InvalidInputError:
            # Whoever reads the file will say why; until then each of them counts as a no.
            yield from rows
            return
        silent = {one.row for one in verdicts if one.no is None and one.doubt is None and one.kind != POSSIBLE_CHILD}
        for number, row in enumerate(rows, start=2):
            if number not in silent:
                yield row


def _lines(rows: Sequence[Sequence[str]] | Iterator[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    try:
        return text.getvalue().encode()
    except UnicodeEncodeError:
        # Half of a sign: what it was nobody knows, and another one would say something else.
        raise SourceFaultError("NOT_UNDERSTOOD") from None
