"""One document a survivor: the random id for statistics, and the turn that every transaction about them takes.

Promise: whoever decides, hears or states something of a survivor writes that survivor's document in ``people``, so
that of two transactions that each read what the other writes one comes after the other (ADR 0017). Shown by
tests/integration/consent/test_consent_races.py. Beside it stands, in a document of its own, who may act on them. Of
whoever was erased that document stays alone, as a tombstone without the random id: nobody takes their turn any more.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pymongo import IndexModel
from pymongo.database import Database

from services.consent.ledger.errors import SurvivorUnknownError
from shared.contracts.case import Covering
from shared.kernel.ids import new_id
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

PEOPLE = "people"
PERSON = DocumentType(
    collection=PEOPLE,
    fields=(
        Field(name="person_id", holds=Holds.ID),
        Field(name="turn", holds=Holds.COUNT, missing=0),
        # Where they are supported, as case told with their latest episode; its law says when they are asked again.
        Field(name="nation", holds=Holds.CODE, missing=None),
        # Of whoever was erased: whether anything is left of them. Of everybody else nothing stands here.
        Field(name="cleared", holds=Holds.CODE, missing=None),
        # While everything is stopped for them: which stop, and how often it was said or lifted.
        Field(name="stop_id", holds=Holds.ID, sparse=True),
        Field(name="stops", holds=Holds.COUNT, missing=0, sparse=True),
        # When the last stop was lifted: no yes that was said before counts any more.
        Field(name="stopped_until", holds=Holds.INSTANT, sparse=True),
        # While the use of their record is restricted: since when; and when that was lifted last, and how new it is.
        Field(name="restricted_at", holds=Holds.INSTANT, sparse=True),
        Field(name="restricted_until", holds=Holds.INSTANT, sparse=True),
        Field(name="restriction_sequence", holds=Holds.COUNT, missing=0, sparse=True),
    ),
    indexes=(IndexModel([("cleared", 1)], sparse=True), IndexModel([("restricted_at", 1)], sparse=True)),
)
ADVOCATES = DocumentType(
    collection=PEOPLE,
    fields=(
        Field(name="advocate_ids", holds=Holds.ID, missing=None),
        # Who may act besides, while somebody is away: each with its first instant and the one at which it is over.
        Field(name="covers", holds=Holds.ID, sparse=True, missing=()),
        Field(name="assigned", holds=Holds.CODE, missing=False),
        # An older process of a rolling upgrade reads one advocate, and a document older than the set names one.
        Field(name="advocate_id", holds=Holds.ID, missing=None),
        Field(name="person_id", holds=Holds.ID, missing=None),
    ),
    indexes=(
        IndexModel([("advocate_ids", 1), ("_id", 1)]),
        IndexModel([("covers.by", 1), ("_id", 1)]),
    ),
)


class PersonStore:
    """The documents of survivors."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def take_turn(self, survivor_id: str) -> None:
        """Write the survivor's document; of two transactions that both do, one is carried out after the other.

        Raises:
            SurvivorUnknownError: They were erased.
        """
        if not self.try_turn(survivor_id):
            raise SurvivorUnknownError

    def try_turn(self, survivor_id: str) -> bool:
        """Take the turn; False of whoever was erased, and then nothing may be written of them."""
        if self.is_erased(survivor_id):
            return False
        known = self._work.find(PEOPLE, survivor_id) or _new_person(survivor_id)
        self._work.save(PEOPLE, PERSON.changed(known, turn=int(known.get("turn", 0)) + 1))
        return True

    def load(self, survivor_ids: Iterable[str]) -> None:
        """Read the documents of many survivors in one query, so that their turns cost none."""
        self._work.find_where(PEOPLE, {"_id": {"$in": list(survivor_ids)}})

    def is_known(self, survivor_id: str) -> bool:
        """Whether case ever told anything of this survivor; the document of their advocates is nobody's own."""
        return (self._work.find(PEOPLE, survivor_id) or {}).get("person_id") is not None

    def is_erased(self, survivor_id: str) -> bool:
        """Whether case told that this survivor was erased."""
        return (self._work.find(PEOPLE, survivor_id) or {}).get("cleared") is not None

    def is_stopped(self, survivor_id: str) -> bool:
        """Whether everything is stopped for them; in their turn, so that no yes comes between."""
        return (self._work.find(PEOPLE, survivor_id) or {}).get("stop_id") is not None

    def is_stopped_for(self, survivor_id: str, said_at: datetime) -> bool:
        """Whether no yes of that moment counts: everything is stopped, or that was lifted only later."""
        until = (self._work.find(PEOPLE, survivor_id) or {}).get("stopped_until")
        return self.is_stopped(survivor_id) or (until is not None and said_at < until)

    def note_stop(self, survivor_id: str, stop_id: str | None) -> int:
        """Keep which stop stands, or that none does; give how often that has changed."""
        known = self._work.get(PEOPLE, survivor_id)
        changed = int(known.get("stops", 0)) + 1
        until = self._work.now if stop_id is None else known.get("stopped_until")
        self._work.save(PEOPLE, PERSON.changed(known, stop_id=stop_id, stops=changed, stopped_until=until))
        return changed

    def restriction_of(self, survivor_id: str) -> tuple[datetime | None, datetime | None]:
        """Give since when the use of somebody's record is restricted, and when the last restriction was lifted."""
        known = self._work.find(PEOPLE, survivor_id) or {}
        return known.get("restricted_at"), known.get("restricted_until")

    def note_restriction(self, survivor_id: str, sequence: int, *, since: datetime | None, at: datetime) -> bool:
        """Keep that a restriction holds or was lifted, unless something newer is known; in their turn."""
        known = self._work.get(PEOPLE, survivor_id)
        if sequence <= int(known.get("restriction_sequence", 0)):
            return False
        until = at if since is None else known.get("restricted_until")
        changed = PERSON.changed(known, restricted_at=since, restricted_until=until, restriction_sequence=sequence)
        self._work.save(PEOPLE, changed)
        return True

    def bury(self, survivor_id: str) -> None:
        """Leave a tombstone where the person's document stood: no random id, and nobody who may act."""
        known = self._work.find(PEOPLE, survivor_id) or {"_id": survivor_id}
        turn = int(known.get("turn", 0)) + 1
        self._work.save(PEOPLE, PERSON.changed({"_id": survivor_id}, person_id=None, turn=turn, cleared=False))
        self._work.delete(PEOPLE, advocates_key(survivor_id))

    def note_cleared(self, survivor_id: str) -> None:
        """Note that nothing is left of somebody who was erased."""
        self._work.replace(PEOPLE, PERSON.changed(self._work.get(PEOPLE, survivor_id), cleared=True))

    def person_id(self, survivor_id: str) -> str:
        """Give the random id of a person for statistics; drawn once.

        Raises:
            SurvivorUnknownError: They were erased.
        """
        if self.is_erased(survivor_id):
            raise SurvivorUnknownError
        known = self._work.find(PEOPLE, survivor_id)
        if known is None:
            known = PERSON.changed(_new_person(survivor_id), turn=1)
            self._work.insert(PEOPLE, known)
        return str(known["person_id"])

    def advocates_of(self, survivor_id: str) -> frozenset[str]:
        """Give who may act on a survivor now beside supervisors and the data protection officer."""
        return advocates_in(self._work.find(PEOPLE, advocates_key(survivor_id)), self._work.now)

    def nation_of(self, survivor_id: str) -> str | None:
        """Give the nation in which somebody is supported; None where case has not told."""
        nation: str | None = (self._work.find(PEOPLE, survivor_id) or {}).get("nation")
        return nation

    def note_nation(self, survivor_id: str, nation: str) -> None:
        """Keep the nation in which somebody is supported; in their turn."""
        self._work.save(PEOPLE, PERSON.changed(self._work.get(PEOPLE, survivor_id), nation=nation))

    def is_assigned(self, survivor_id: str) -> bool:
        """Whether case stated the whole set of who may act, and not only single episodes' advocates."""
        return bool((self._work.find(PEOPLE, advocates_key(survivor_id)) or {}).get("assigned"))

    def set_advocates(
        self, survivor_id: str, advocate_ids: Iterable[str], *, assigned: bool, covers: Iterable[Covering] = ()
    ) -> None:
        """Keep who may act on a survivor."""
        ids = sorted(set(advocate_ids))
        first = ids[0] if ids else None
        document = ADVOCATES.changed(
            {"_id": advocates_key(survivor_id)}, advocate_ids=ids, assigned=assigned, advocate_id=first, person_id=None
        )
        told = [{"by": one.advocate_id, "from": one.starts_at, "until": one.ends_at} for one in covers]
        self._work.save(PEOPLE, ADVOCATES.changed(document, covers=told) if told else document)


def advocates_key(survivor_id: str) -> str:
    """Name the document that says who may act on a survivor."""
    return f"advocate:{survivor_id}"


def advocates_in(document: Mapping[str, Any] | None, now: datetime) -> frozenset[str]:
    """Read who may act now; a document older than the set names one."""
    if document is None:
        return frozenset()
    said = ADVOCATES.values(document)
    if said["advocate_ids"] is not None:
        covering = {one["by"] for one in said["covers"] if one["from"] <= now < one["until"]}
        return frozenset(said["advocate_ids"]) | covering
    return frozenset({said["advocate_id"]} - {None})


def stopped_among(database: Database[dict[str, Any]], survivor_ids: Iterable[str]) -> set[str]:
    """Give those of several survivors for whom everything is stopped; nobody is to ask them anything."""
    where = {"_id": {"$in": sorted(set(survivor_ids))}, "stop_id": {"$ne": None}}
    return {document["_id"] for document in database[PEOPLE].find(where, {"_id": 1})}


def within_reach(advocate_id: str, now: datetime) -> dict[str, Any]:
    """Give the filter of the documents that let an advocate act now: their own, and of whom they cover."""
    covered = {"by": advocate_id, "from": {"$lte": now}, "until": {"$gt": now}}
    return {"$or": [{"advocate_ids": advocate_id}, {"covers": {"$elemMatch": covered}}]}


def _new_person(survivor_id: str) -> dict[str, Any]:
    return PERSON.changed({"_id": survivor_id}, person_id=new_id())
