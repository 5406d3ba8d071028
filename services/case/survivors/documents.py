"""Survivors and the host's own people: one document each."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pymongo import IndexModel

from services.case.days import read_day
from services.case.episodes.documents import EPISODES
from services.case.survivors.covers import Cover, read_covers, write_covers
from services.case.survivors.errors import NotAnAdvocateError
from services.case.survivors.rules import Colleague, Survivor
from services.case.survivors.sealing import Sealer
from shared.codelists.periods import london_day
from shared.contracts.case import SurvivorAssigned
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork


def _listed(ids: tuple[str, ...] | None) -> list[str] | None:
    return None if ids is None else list(ids)


SURVIVORS, STAFF = "survivors", "staff"
SURVIVOR = DocumentType(
    collection=SURVIVORS,
    fields=(
        Field(name="reference", holds=Holds.IDENTITY, sealed=True),
        Field(name="name", holds=Holds.IDENTITY, sealed=True),
        Field(name="safe_contact", holds=Holds.IDENTITY, sealed=True),
        Field(
            name="last_contact_on",
            holds=Holds.IDENTITY,
            sealed=True,
            sparse=True,
            shown=False,
            write=date.isoformat,
            read=read_day,
        ),
        # Of survivors from before this was stated, and of imports until a job states it, none stands here.
        Field(name="advocate_ids", holds=Holds.ID, sparse=True, shown=False, write=_listed, read=tuple),
        Field(
            name="covers",
            holds=Holds.ID,
            sparse=True,
            missing=(),
            shown=False,
            write=write_covers,
            read=read_covers,
        ),
        Field(name="turn", holds=Holds.COUNT, sparse=True, shown=False),
        # While the use of their record is restricted: by which restriction. This is the one stated fact of it.
        Field(name="restriction_id", holds=Holds.ID, sparse=True, shown=False),
        # Of whoever cannot be found yet, as from before there was a search and of imports, none stands here.
        Field(name="marked_under", holds=Holds.COUNT, sparse=True, shown=False),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("updated_at", 1), ("_id", 1)]),
        IndexModel([("advocate_ids", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("covers.by", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("covers.cover_id", 1)], sparse=True),
        IndexModel([("marked_under", 1)]),
        IndexModel([("restriction_id", 1)], sparse=True),
    ),
)
COLLEAGUE = DocumentType(
    collection=STAFF,
    fields=(Field(name="is_advocate", holds=Holds.CODE),),
    indexes=(IndexModel([("is_advocate", 1)]),),
)
TYPES = (SURVIVOR, COLLEAGUE)

ROSTER = "roster"
"""The document that says that identity has told of everybody."""


class SurvivorStore:
    """Survivors, who may act on them, and the turn that every transaction about them takes (ADR 0017).

    What is written here needs nobody's key, but for a survivor who is added: the sealed fields stay as they are.
    """

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def take_turn(self, survivor_id: str) -> None:
        """Write the survivor's document; of two transactions that both do, one is carried out after the other.

        Raises:
            DocumentMissingError: There is no such survivor.
        """
        self._change(survivor_id, turn=int(self._work.get(SURVIVORS, survivor_id).get("turn", 0)) + 1)

    def load(self, survivor_ids: Iterable[str]) -> None:
        """Read the documents of many survivors in one query, so that each of them costs none."""
        self._work.find_where(SURVIVORS, {"_id": {"$in": list(survivor_ids)}})

    def is_known(self, survivor_id: str) -> bool:
        """Whether there is such a survivor."""
        return self._work.find(SURVIVORS, survivor_id) is not None

    def advocates_of(self, survivor_id: str) -> frozenset[str]:
        """Give the advocates who may act on a survivor.

        Of a survivor from before this was stated, they are the advocates of the episodes.
        """
        known = self._work.get(SURVIVORS, survivor_id)
        if known.get("advocate_ids") is not None:
            return frozenset(known["advocate_ids"])
        episodes = self._work.find_where(EPISODES, {"survivor_id": survivor_id})
        return frozenset(e["advocate_id"] for e in episodes if e["advocate_id"] is not None)

    def covers_of(self, survivor_id: str) -> tuple[Cover, ...]:
        """Give who covers for whom on a survivor, on whichever days."""
        return read_covers(self._work.get(SURVIVORS, survivor_id).get("covers", ()))

    def may_act(self, survivor_id: str, advocate_id: str) -> bool:
        """Whether an advocate is one of a survivor's, or covers for one of them today."""
        if advocate_id in self.advocates_of(survivor_id):
            return True
        today = london_day(self._work.now)
        return any(one.by == advocate_id and one.holds(today) for one in self.covers_of(survivor_id))

    def is_restricted(self, survivor_id: str) -> bool:
        """Whether the use of somebody's record is restricted; of nobody it is not."""
        return (self._work.find(SURVIVORS, survivor_id) or {}).get("restriction_id") is not None

    def restricted(self) -> frozenset[str]:
        """Give everybody the use of whose record is restricted; they are few."""
        where = {"restriction_id": {"$exists": True, "$ne": None}}
        return frozenset(one["_id"] for one in self._work.find_where(SURVIVORS, where))

    def restrict(self, survivor_id: str, restriction_id: str | None) -> int:
        """Keep by which restriction the use is restricted, or None where it no longer is; give their new version.

        Raises:
            DocumentMissingError: There is no such survivor.
        """
        return self._change(survivor_id, restriction_id=restriction_id, updated_at=self._work.now)

    def add(self, survivor: Survivor, sealer: Sealer) -> None:
        """Add a survivor, and state who may act on them if anybody said so."""
        self._work.insert(SURVIVORS, SURVIVOR.document(survivor, seal=sealer.sealing(survivor.id)))
        if survivor.advocate_ids is not None:
            self._state(survivor.id, survivor.advocate_ids, 1)

    def assign(self, survivor_id: str, advocate_ids: Iterable[str]) -> int:
        """Keep and state who may act on a survivor from now on; give the survivor's new version.

        Whoever covers for somebody who is no longer among them covers no more.

        Raises:
            DocumentMissingError: There is no such survivor.
        """
        ids = tuple(sorted(set(advocate_ids)))
        covers = self.covers_of(survivor_id)
        kept = tuple(one for one in covers if one.instead_of in ids)
        changed = {"covers": kept} if kept != covers else {}
        version = self._change(survivor_id, advocate_ids=ids, updated_at=self._work.now, **changed)
        self._state(survivor_id, ids, version)
        return version

    def cover(self, survivor_id: str, covers: Iterable[Cover]) -> int:
        """Keep and state who covers for whom on a survivor from now on; what is over is kept no longer.

        Raises:
            DocumentMissingError: There is no such survivor.
        """
        today = london_day(self._work.now)
        kept = tuple(one for one in covers if one.last_on >= today)
        # Of a survivor from before it was stated who may act, it is stated now.
        ids = tuple(sorted(self.advocates_of(survivor_id)))
        version = self._change(survivor_id, advocate_ids=ids, covers=kept, updated_at=self._work.now)
        self._state(survivor_id, ids, version)
        return version

    def last_contact(self, survivor_id: str, sealer: Sealer) -> date | None:
        """Give the day of the last contact with a survivor; None where no day is known."""
        sealed = self._work.get(SURVIVORS, survivor_id)["sealed"].get("last_contact_on")
        return read_day(sealer.open(survivor_id, {"last_contact_on": sealed})["last_contact_on"])

    def note_last_contact(self, survivor_id: str, on: date | None, sealer: Sealer) -> None:
        """Keep the day of the last contact with a survivor, sealed; None where no day is known any more."""
        known = self._work.get(SURVIVORS, survivor_id)
        sealed = {name: value for name, value in known["sealed"].items() if name != "last_contact_on"}
        said = sealer.seal(survivor_id, {"last_contact_on": on.isoformat()}) if on is not None else {}
        self._work.replace(SURVIVORS, {**known, "sealed": {**sealed, **said}})

    def _change(self, survivor_id: str, **changes: Any) -> int:
        known = self._work.get(SURVIVORS, survivor_id)
        self._work.replace(SURVIVORS, SURVIVOR.changed(known, **changes))
        return int(known["version"]) + 1

    def _state(self, survivor_id: str, advocate_ids: tuple[str, ...], version: int) -> None:
        covers = tuple(one.told() for one in self.covers_of(survivor_id))
        told = SurvivorAssigned(survivor_id=survivor_id, advocate_ids=advocate_ids, covers=covers)
        self._work.record(told, sequence=version)


class StaffStore:
    """Who of the host's people is an active advocate, as far as identity told (ADR 0026).

    Shown by tests/integration/case/test_who_may_act.py.
    """

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def note(self, colleague: Colleague) -> None:
        """Learn whether somebody is an active advocate here."""
        self._work.save(STAFF, COLLEAGUE.document(colleague))

    def note_roster(self) -> None:
        """Learn that identity has told of everybody."""
        if not self._knows_everybody():
            self.note(Colleague(id=ROSTER, is_advocate=False))

    def check_advocates(self, advocate_ids: Iterable[str]) -> None:
        """Check that each is an active advocate here.

        Until identity has told of everybody once, only those are refused of whom it told that they are none.

        Raises:
            NotAnAdvocateError: One is not.
        """
        for advocate_id in advocate_ids:
            known = self._work.find(STAFF, advocate_id)
            if not (known["is_advocate"] if known is not None else not self._knows_everybody()):
                raise NotAnAdvocateError

    def _knows_everybody(self) -> bool:
        return self._work.find(STAFF, ROSTER) is not None
