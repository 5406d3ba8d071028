"""What integrations gives to somebody's copy: what the host's own systems may learn about them, in ids and codes.

It answers each time that it is asked. Shown by tests/integration/case/test_access_parts.py.
"""

from collections.abc import Iterator

from services.integrations.store.documents import ERASED, EVENTS, STATES
from services.integrations.store.keeping import state_from
from services.integrations.store.rules import KEPT
from shared.codelists.plainly import label, plainly
from shared.contracts.access import AccessAsked, IntegrationsPartLeft
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.access_parts import Item, Part, leave
from shared.runtime.context import ServiceContext
from shared.runtime.gathering import MOST_OF_A_KIND

INTEGRATIONS = "integrations"
MOST_COUNTED = 10_000


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear what case asks."""

    def answer(received: Received[AccessAsked], work: UnitOfWork) -> None:
        event = received.event
        if event.asked_of != INTEGRATIONS:
            return
        items = tuple(_items(work, event.survivor_id))
        part = Part(question_id=event.question_id, about=event.survivor_id, items=items)
        work.record(IntegrationsPartLeft(**leave(context, part, event.reader_key)), sequence=received.sequence)

    return [hears(AccessAsked, answer)]


def _items(work: UnitOfWork, survivor_id: str) -> Iterator[Item]:
    if work.find(ERASED, survivor_id) is not None:
        return
    theirs = {"survivor_id": survivor_id}
    for document in work.find_where(STATES, theirs, sort=[("_id", 1)], limit=MOST_OF_A_KIND):
        state = state_from(document)
        said = ((label(name), plainly(value)) for name, value in state.data.items())
        yield Item(
            what=f"The newest that your organisation's other systems may learn: {label(state.kind).lower()}",
            when=None,
            lines=tuple((name, words) for name, words in said if words is not None),
        )
    events = len(work.find_where(EVENTS, theirs, limit=MOST_COUNTED))
    if events:
        many = f"{events}{' or more' if events == MOST_COUNTED else ''}, each for {KEPT.days} days"
        yield Item(what="Changes to it that these systems may still read", when=None, lines=(("How many", many),))
