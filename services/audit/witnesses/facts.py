"""What the witnesses said: a cosignature is kept for ever, a conflict is answered, and a refusal is late at once.

Promise: an answer to a checkpoint that this log never signed confirms nothing; one that comes twice, or late, changes
nothing; a witness that saw less than we thought, or more than it said, is asked again from what it knows, three times
a day at most. Shown by tests/integration/audit/test_witnesses.py.
"""

from datetime import timedelta
from functools import partial

from services.audit.checkpoints.signing import log_key_file
from services.audit.tree.documents import HEAD, HEADS
from services.audit.witnesses.documents import COSIGNATURES, DAYS, WITNESS, WITNESSES
from services.audit.witnesses.offering import PATIENCE, ask, newest_day
from shared.contracts.witness import CheckpointBrought
from shared.kernel.messages import Received
from shared.outbox.documents import Document
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.telemetry.logs import get_logger
from shared.transparency.log_key import LogKey
from shared.transparency.notes import origin_of
from shared.transparency.witness import ALARMS, CONFLICT, COSIGNED, UNKNOWN_HOST, cosignature_line, witness_key

MOST_AGAIN = 3
_UNTIL_NEXT = timedelta(days=1) + PATIENCE
log = get_logger(__name__)


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear what reporting brings."""
    return [hears(CheckpointBrought, partial(keep_answer, context=context))]


def keep_answer(received: Received[CheckpointBrought], work: UnitOfWork, *, context: ServiceContext) -> None:
    """Keep what a witness said."""
    event = received.event
    row = work.find(WITNESSES, event.witness)
    # By size, since what was offered on an earlier day may be confirmed late.
    found = work.find_where(DAYS, {"size": event.size, "root": event.root}, limit=1)
    if row is None or not found:
        log.warning("a witness answered to what was never offered", error_code="witness-answer-unknown")
        return
    if event.outcome == COSIGNED:
        _confirm(event, row, found[0], work)
    elif event.offer_id != row["offer_id"] or row["outcome"] is not None:
        return
    elif event.outcome == CONFLICT and row["again"] < MOST_AGAIN and _can_prove(event, work):
        public = LogKey.load(log_key_file(context)).public(origin_of(work.tenant_id))
        # Whoever appends, signs or offers meanwhile writes the head too.
        work.save(HEADS, work.get(HEADS, HEAD))
        ask(work, row, found[0], before=event.known, keys=public, again=row["again"] + 1)
    elif event.outcome in (*ALARMS, CONFLICT, UNKNOWN_HOST):
        log.error("a witness refuses the audit log", witness=event.witness, outcome=event.outcome)
        work.save(WITNESSES, WITNESS.changed(row, outcome=event.outcome, due_at=work.now))


def _confirm(event: CheckpointBrought, row: Document, day: Document, work: UnitOfWork) -> None:
    key = witness_key(event.witness, event.witness_key)
    place = f"{event.witness}-{event.size:015d}-{int(event.seen_at.timestamp())}"
    if work.find(COSIGNATURES, place) is None and event.cosignature is not None:
        line = cosignature_line(key, event.seen_at, event.cosignature)
        said = {"witness": event.witness, "size": event.size, "seen_at": event.seen_at, "line": line, "key": key.line}
        work.insert(COSIGNATURES, {"_id": place, **said})
    if event.size < row["size"]:
        return
    values = {"size": event.size, "seen_at": event.seen_at}
    newest = newest_day(work)
    if newest is not None and newest["_id"] == day["_id"]:
        values |= {"outcome": COSIGNED, "due_at": day["at"] + _UNTIL_NEXT}
    work.save(WITNESSES, WITNESS.changed(row, **values))


def _can_prove(event: CheckpointBrought, work: UnitOfWork) -> bool:
    """Whether the witness knows a size that this log showed; no other tells it anything."""
    if event.known == 0:
        return True
    return event.known < event.size and bool(work.find_where(DAYS, {"size": event.known}, limit=1))
