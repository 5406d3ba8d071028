"""Contacts, one document each; the day and every free word are sealed, and nobody can write over one.

A survivor's document keeps the day of the last contact, sealed too, so that a caseload shows it without reading every
contact (ADR 0051).
"""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from services.case.contacts.errors import ContactCorrectedError
from services.case.contacts.rules import Contact, last_day, next_id
from services.case.days import read_day, write_day
from services.case.episodes.documents import EPISODES, of_episode
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.contracts.casework import ContactRecorded
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

MOST_READ = 1_000
"""Contacts of one person that are looked through where the last one is taken back; far more than a year has."""

CONTACTS = "contacts"
CONTACT = DocumentType(
    collection=CONTACTS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID, shown=False),
        Field(name="episode_id", holds=Holds.ID, shown=False),
        Field(name="on", holds=Holds.IDENTITY, sealed=True, write=write_day, read=read_day),
        Field(name="mode", holds=Holds.CODE),
        Field(name="minutes", holds=Holds.COUNT),
        Field(name="areas", holds=Holds.CODE, write=list, read=tuple),
        Field(name="interpreter", holds=Holds.CODE),
        Field(name="next_step", holds=Holds.STORY, sealed=True),
        Field(name="note", holds=Holds.STORY, sealed=True),
        Field(name="corrects", holds=Holds.ID),
        Field(name="why", holds=Holds.CODE),
        Field(name="taken_back", holds=Holds.CODE),
        Field(name="actor_id", holds=Holds.ID),
        Field(name="role", holds=Holds.CODE),
        Field(name="recorded_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("episode_id", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("survivor_id", 1), ("recorded_at", -1)]),
    ),
    append_only=True,
)
TYPES = (CONTACT,)


class ContactStore:
    """Contacts of one survivor, in whose turn they are written."""

    def __init__(self, work: UnitOfWork, sealer: Sealer) -> None:
        """Work inside one transaction."""
        self._work = work
        self._sealer = sealer

    def get(self, contact_id: str, episode_id: str) -> Contact:
        """Give a contact of an episode.

        Raises:
            DocumentMissingError: That episode has none of this id.
        """
        return contact_from(of_episode(self._work, CONTACTS, contact_id, episode_id), self._sealer)

    def add(self, contact: Contact) -> None:
        """Keep a contact that was written for the first time, and state that there was one once support has begun."""
        self._insert(contact)
        survivors = SurvivorStore(self._work)
        known = survivors.last_contact(contact.survivor_id, self._sealer)
        if contact.on is not None and (known is None or contact.on > known):
            survivors.note_last_contact(contact.survivor_id, contact.on, self._sealer)

    def replace(self, before: Contact, now: Contact) -> None:
        """Keep a correction beside what it corrects.

        Raises:
            ContactCorrectedError: There is one already.
        """
        if self._work.find(CONTACTS, next_id(before.id)) is not None:
            raise ContactCorrectedError
        others = self._work.find_where(
            CONTACTS, {"survivor_id": before.survivor_id}, sort=[("recorded_at", -1)], limit=MOST_READ
        )
        all_known = [now, before, *(contact_from(one, self._sealer) for one in others if one["_id"] != before.id)]
        self._insert(now)
        SurvivorStore(self._work).note_last_contact(before.survivor_id, last_day(all_known), self._sealer)

    def first_of(self, contact: Contact) -> Contact:
        """Give the first writing of a contact, out of which its step came."""
        while contact.corrects is not None:
            contact = self.get(contact.corrects, contact.episode_id)
        return contact

    def _insert(self, contact: Contact) -> None:
        self._work.insert(CONTACTS, CONTACT.document(contact, seal=self._sealer.sealing(contact.survivor_id)))
        if not self._work.get(EPISODES, contact.episode_id).get("begun", True):
            # Of a referral of which support has not begun nobody outside this service hears (ADR 0052).
            return
        stated = ContactRecorded(
            contact_id=contact.id,
            episode_id=contact.episode_id,
            survivor_id=contact.survivor_id,
            corrects=contact.corrects,
        )
        self._work.record(stated, sequence=1)


def contact_from(document: Mapping[str, Any], sealer: Sealer) -> Contact:
    """Read a contact's document."""
    return Contact(**CONTACT.values(document, opened=sealer.opening(document["survivor_id"])))
