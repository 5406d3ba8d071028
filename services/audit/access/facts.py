"""What audit gives to somebody's copy: who saw their record, and why, as the paper says it that they may ask for.

What two people leave out of the paper for a time is left out here too, and the same sentence says so. Audit answers
each time that it is asked. Shown by tests/integration/case/test_access_parts.py.
"""

from collections.abc import Iterator
from typing import Any

from services.audit.papers.texts import ENGLISH
from services.audit.papers.views import PaperViews
from shared.bus.topology import topology_of
from shared.contracts.access import AccessAsked, AuditPartLeft
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork
from shared.runtime.access_parts import Item, Part, leave
from shared.runtime.context import ServiceContext

AUDIT = "audit"


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear what case asks, where there are people."""
    if "case" not in topology_of(context.tenant_id).services:
        return []
    views = PaperViews(context)

    def answer(received: Received[AccessAsked], work: UnitOfWork) -> None:
        event = received.event
        if event.asked_of != AUDIT:
            return
        items = tuple(_items(views, event.survivor_id))
        part = Part(question_id=event.question_id, about=event.survivor_id, items=items)
        work.record(AuditPartLeft(**leave(context, part, event.reader_key)), sequence=received.sequence)

    return [hears(AccessAsked, answer)]


def _items(views: PaperViews, survivor_id: str) -> Iterator[Item]:
    try:
        paper = views.paper(survivor_id, language=ENGLISH, nameless=False, named=False)
    except DocumentMissingError:
        return
    for line in paper["lines"]:
        yield Item(what="Who saw your record, and why", when=line["when"], lines=tuple(_words(line)))
    for sentence in (*paper["also"], *paper["notes"]):
        yield Item(what="About this list", when=None, lines=(("Note", sentence),))


def _words(line: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, words in (("who", "Who"), ("organisation", "Organisation"), ("what", "What"), ("times", "How often")):
        yield words, str(line[name])
