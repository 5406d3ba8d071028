"""Audit hears whose record an id is part of, and who may act on a person; of whoever was erased it keeps nothing.

Shown by tests/integration/audit/test_papers.py.
"""

from collections.abc import Iterator
from typing import TypeVar

from services.audit.log.documents import ERASED
from services.audit.whose.documents import PEOPLE, PERSON, THING, THINGS
from shared.bus.topology import topology_of
from shared.contracts.case import EpisodeOpened, SurvivorAssigned
from shared.contracts.casework import ContactRecorded
from shared.contracts.consent import ConsentStatusChanged
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

MOST_WORKED = 500
"""Most advocates of one person that are remembered; the earliest stay."""
_FIRST = 1

_Part = TypeVar("_Part", EpisodeOpened, ContactRecorded, ConsentStatusChanged)


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear of people and of the parts of their records, where there are any."""
    if "case" not in topology_of(context.tenant_id).services:
        return []
    return [
        hears(SurvivorAssigned, note_assignment, order="latest", preload=_person_reads),
        hears(EpisodeOpened, note_part, preload=_part_reads),
        hears(ContactRecorded, note_part, preload=_part_reads),
        hears(ConsentStatusChanged, note_part, preload=_part_reads),
    ]


def note_assignment(received: Received[SurvivorAssigned], work: UnitOfWork) -> None:
    """Keep who may act on somebody from now on, and that they did once."""
    event = received.event
    if work.find(ERASED, event.survivor_id) is not None:
        return
    known = work.find(PEOPLE, event.survivor_id) or {"_id": event.survivor_id}
    said = PERSON.values({**known, "version": 1})
    worked = tuple(dict.fromkeys((*said["worked"], *event.advocate_ids)))[:MOST_WORKED]
    whole = said["whole"] or received.sequence == _FIRST
    advocates = sorted(set(event.advocate_ids))
    work.save(PEOPLE, PERSON.changed(known, advocate_ids=advocates, worked=list(worked), whole=whole))


def note_part(received: Received[_Part], work: UnitOfWork) -> None:
    """Keep whose record an episode, a contact or a consent is part of."""
    event = received.event
    if work.find(ERASED, event.survivor_id) is None and work.find(THINGS, event.subject) is None:
        work.insert(THINGS, THING.changed({"_id": event.subject}, survivor_id=event.survivor_id))


def _person_reads(event: SurvivorAssigned) -> Iterator[tuple[str, str]]:
    yield ERASED, event.survivor_id
    yield PEOPLE, event.survivor_id


def _part_reads(event: _Part) -> Iterator[tuple[str, str]]:
    yield ERASED, event.survivor_id
    yield THINGS, event.subject
