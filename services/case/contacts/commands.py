"""What may be asked of contacts; ids are made by the caller, so that a repeat is the same command."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from services.case.contacts.documents import ContactStore
from services.case.contacts.rules import SAID, Contact, Writer, check_day, says_something
from services.case.episodes.documents import EPISODES
from services.case.episodes.errors import EpisodeClosedError
from services.case.episodes.states import ENDED
from services.case.steps.documents import StepStore
from services.case.steps.rules import FOLLOW_UP, OPEN, Step, check_due, step_of
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.codelists.periods import london_day
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork

ADDED_IN_ERROR = "ADDED_IN_ERROR"


@dataclass(frozen=True, kw_only=True)
class OnContact(DomainCommand):
    """Base of what is done to a contact of an episode.

    Attributes:
        actor_id, role: Who does it.
    """

    episode_id: str
    survivor_id: str
    contact_id: str
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The contact's id."""
        return self.contact_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The episode, and the survivor whose turn it takes."""
        return frozenset({self.episode_id, self.survivor_id})


@dataclass(frozen=True, kw_only=True)
class RecordContact(OnContact):
    """There was a contact with the survivor.

    Attributes:
        said: By the names in ``SAID``; what is missing or blank is not known.
        next_step_by: The day by which the next step is to be done; None for none.
    """

    action: ClassVar[str] = "case:contact:record"
    said: Mapping[str, Any]
    next_step_by: date | None = None


def record_contact(command: RecordContact, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Write a contact down; its next step is to be done from now on.

    Raises:
        DocumentMissingError, EpisodeClosedError, ContactInFutureError: Nothing is written.
        DueInPastError, TooManyStepsError: Its next step cannot be added; nothing is written.
    """
    episode = work.get(EPISODES, command.episode_id)
    # Somebody may be closing it at this moment: one of the two comes after the other.
    SurvivorStore(work).take_turn(episode["survivor_id"])
    if episode["status"] in ENDED:
        raise EpisodeClosedError(command.episode_id)
    said = {name: command.said[name] for name in SAID if says_something(command.said.get(name))}
    check_day(said.get("on"), london_day(work.now))
    writer = Writer(actor_id=command.actor_id, role=command.role, at=work.now)
    contact = Contact(
        id=command.contact_id,
        survivor_id=episode["survivor_id"],
        episode_id=command.episode_id,
        **said,
        **writer.stamp(),
    )
    if contact.next_step is not None:
        # Before the contact is kept: it looks at what is open, and nothing may change a contact that is written.
        _add_step(contact, command.next_step_by, work, sealer)
    ContactStore(work, sealer).add(contact)
    return Answer(status=201, ids={"id": command.contact_id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class CorrectContact(OnContact):
    """A contact was written wrongly.

    Attributes:
        said: What is right, by field; what is missing or blank stays as it is.
        cleared: Fields whose content is taken away.
    """

    action: ClassVar[str] = "case:contact:correct"
    said: Mapping[str, Any]
    cleared: frozenset[str]
    why: str


def correct_contact(command: CorrectContact, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Write a contact as it should have been, also after support has ended; what stood there stays to be seen.

    Raises:
        DocumentMissingError, OthersContactError, ContactCorrectedError, ContactInFutureError: Nothing changes.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    store = ContactStore(work, sealer)
    before = store.get(command.contact_id, command.episode_id)
    writer = Writer(actor_id=command.actor_id, role=command.role, at=work.now)
    now = before.corrected(command.said, command.cleared, why=command.why, by=writer)
    check_day(now.on, london_day(work.now))
    store.replace(before, now)
    return Answer(status=201, ids={"id": now.id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class TakeContactBack(OnContact):
    """There was no such contact with this person."""

    action: ClassVar[str] = "case:contact:take-back"
    why: str


def take_contact_back(command: TakeContactBack, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Take a contact back, also after support has ended; what stood there stays to be seen.

    Raises:
        DocumentMissingError, OthersContactError, ContactCorrectedError: Nothing changes.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    store = ContactStore(work, sealer)
    before = store.get(command.contact_id, command.episode_id)
    now = before.withdrawn(why=command.why, by=Writer(actor_id=command.actor_id, role=command.role, at=work.now))
    store.replace(before, now)
    steps = StepStore(work, sealer)
    step = steps.find(step_of(store.first_of(before).id))
    if step is not None and step.state == OPEN:
        # It came out of a contact that there was not with this person.
        steps.save(step.dropped(ADDED_IN_ERROR, command.actor_id, at=work.now))
    return Answer(status=201, ids={"id": now.id, "version": 1})


def _add_step(contact: Contact, by: date | None, work: UnitOfWork, sealer: Sealer) -> None:
    check_due(by, london_day(work.now), field="next_step_by")
    steps = StepStore(work, sealer)
    steps.check_room(contact.survivor_id, FOLLOW_UP)
    step = Step(
        id=step_of(contact.id),
        survivor_id=contact.survivor_id,
        kind=FOLLOW_UP,
        what=contact.next_step,
        due_on=by,
        contact_id=contact.id,
        taken_by=contact.actor_id,
        opened_by=contact.actor_id or "",
        opened_at=work.now,
        updated_at=work.now,
    )
    steps.add(step)
