"""What the statistics give to somebody's copy: what is kept of contributions, and which sealed figures have them.

They know nobody: consent asks them under random ids, and neither these nor a survivor's stands in the part.
They answer each time that they are asked. Shown by tests/integration/case/test_access_parts.py.
"""

from collections.abc import Iterator

from services.reporting.contributions.documents import ContributionStore
from services.reporting.periods.documents import VECTORS, TaskStore
from shared.codelists.plainly import label, plainly
from shared.contracts.access import CountingAccessAsked, ReportingPartLeft
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.access_parts import Item, Part, leave
from shared.runtime.context import ServiceContext

_SHOWN = ("state", "quarter", "facts", "reason", "effective_from", "until")
_LISTS = {"reason": "left_out_reason"}


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear what consent asks."""

    def answer(received: Received[CountingAccessAsked], work: UnitOfWork) -> None:
        event = received.event
        part = Part(question_id=event.question_id, about=None, items=tuple(_items(work, event.contribution_ids)))
        work.record(ReportingPartLeft(**leave(context, part, event.reader_key)), sequence=received.sequence)

    return [hears(CountingAccessAsked, answer)]


def _items(work: UnitOfWork, contribution_ids: tuple[str, ...]) -> Iterator[Item]:
    store = ContributionStore(work)
    for contribution_id in contribution_ids:
        known = store.find(contribution_id)
        for version in known.versions if known is not None else ():
            said = ((label(name), plainly(getattr(version, name), _LISTS.get(name))) for name in _SHOWN)
            yield Item(
                what="What may be counted of your support, without your name",
                when=plainly(version.recorded_at),
                lines=tuple((name, words) for name, words in said if words is not None),
            )
    where = {"counted.contribution_id": {"$in": list(contribution_ids)}}
    for vector in work.find_where(VECTORS, where) if contribution_ids else ():
        task = TaskStore(work).find(vector["_id"])
        if task is not None:
            yield Item(what="Sealed figures in which you are counted", when=None, lines=(("Period", task.period),))
