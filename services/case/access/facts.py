"""Case hears that a part of somebody's copy was left for it, opens it, and keeps it sealed under their own key.

Promise: a part counts if the very service answers that was asked, for the question that is open now, if it opens with
the key of this collection, and if it says itself that it is about this person; else nothing is kept, and the service is
asked again. Shown by tests/integration/case/test_access_parts.py.
"""

from typing import TypeVar

from services.case.access.documents import COPIES, CopyStore, copy_from
from services.case.survivors.sealing import Sealer
from shared.contracts.access import (
    AuditPartLeft,
    ConsentPartLeft,
    IntegrationsPartLeft,
    ReportingPartLeft,
)
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.access_parts import Part, fetch, to_text
from shared.runtime.context import ServiceContext
from shared.telemetry.logs import get_logger

KNOW_NOBODY = frozenset({ReportingPartLeft.source})
"""Whoever is asked under ids that only consent can join with a person says of nobody that it is about them."""

_Left = TypeVar("_Left", ConsentPartLeft, IntegrationsPartLeft, AuditPartLeft, ReportingPartLeft)

log = get_logger(__name__)


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear every service's answer."""

    def keep(received: Received[_Left], work: UnitOfWork) -> None:
        event = received.event
        found = work.find_where(COPIES, {"questions.id": event.question_id}, limit=1)
        if not found:
            return  # Of a collection that another one replaced.
        survivor_id = found[0]["survivor_id"]
        sealer = Sealer(tenant=str(context.tenant_id), keys=context.survivor_keys.find_many([survivor_id]))
        copy = copy_from(found[0], sealer)
        question = next(one for one in copy.questions if one.id == event.question_id)
        if question.party != event.source or not question.is_open or copy.secret_key is None:
            return
        part = fetch(
            context,
            question_id=question.id,
            source=event.source,
            part={"part_id": event.part_id, "part_hash": event.part_hash},
            key=copy.secret_key,
        )
        if part is None or not _is_theirs(part, survivor_id, event.source):
            log.warning("a part of a copy could not be opened and is asked for again", source=event.source)
            return
        after = copy.answered(question.id, (item.by for item in part.items), work.now)
        if after != copy:
            store = CopyStore(work, sealer)
            store.save(after)
            store.keep_part(after, question.id, to_text(part))

    return [
        hears(ConsentPartLeft, keep),
        hears(IntegrationsPartLeft, keep),
        hears(AuditPartLeft, keep),
        hears(ReportingPartLeft, keep),
    ]


def _is_theirs(part: Part, survivor_id: str, source: str) -> bool:
    return part.about == (None if source in KNOW_NOBODY else survivor_id)
