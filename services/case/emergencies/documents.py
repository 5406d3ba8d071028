"""What was opened in an emergency, who never opens whose record, and how often each tried today.

Why it was opened, in words, and what the review says are sealed with the survivor's key. Shown by
tests/integration/case/test_emergencies.py.
"""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from services.case.days import read_day, write_day
from services.case.emergencies.rules import HOLDS, Emergency, Never, Tries
from services.case.survivors.sealing import Sealer
from shared.codelists.periods import london_day
from shared.outbox.documents import DocumentType, Field, Holds, Store
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork

EMERGENCIES, NEVERS, TRIES = "emergencies", "emergency_nevers", "emergency_tries"
MOST_NAMED = 100
"""People of staff who are named of one person; more than a host has of them that could open."""

EMERGENCY = DocumentType(
    collection=EMERGENCIES,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="why", holds=Holds.CODE),
        Field(name="words", holds=Holds.STORY, sealed=True),
        Field(name="actor_id", holds=Holds.ID),
        Field(name="role", holds=Holds.CODE),
        Field(name="opened_at", holds=Holds.INSTANT),
        Field(name="until", holds=Holds.INSTANT),
        # A day on which somebody here is to do something, and none of the person's life.
        Field(name="review_by", holds=Holds.INSTANT, write=write_day, read=read_day),
        Field(name="state", holds=Holds.CODE),
        Field(name="outcome", holds=Holds.CODE),
        Field(name="said", holds=Holds.STORY, sealed=True),
        Field(name="reviewed_by", holds=Holds.ID),
        Field(name="reviewed_role", holds=Holds.CODE),
        Field(name="reviewed_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("updated_at", 1), ("_id", 1)]),
        IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("state", 1), ("review_by", 1), ("_id", 1)]),
        IndexModel([("survivor_id", 1), ("updated_at", 1), ("_id", 1)]),
    ),
)
NEVER = DocumentType(
    collection=NEVERS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="staff_id", holds=Holds.ID),
        Field(name="ground", holds=Holds.CODE),
        Field(name="state", holds=Holds.CODE),
        Field(name="named_by", holds=Holds.ID),
        Field(name="named_role", holds=Holds.CODE),
        Field(name="named_at", holds=Holds.INSTANT),
        Field(name="ended_by", holds=Holds.ID),
        Field(name="ended_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("survivor_id", 1), ("state", 1), ("staff_id", 1)]),
        IndexModel([("staff_id", 1), ("state", 1), ("survivor_id", 1)]),
    ),
)
TRY = DocumentType(
    collection=TRIES,
    fields=(
        Field(name="day", holds=Holds.INSTANT, write=write_day, read=read_day),
        Field(name="opened", holds=Holds.COUNT),
        Field(name="missed", holds=Holds.COUNT),
    ),
)
TYPES = (EMERGENCY, NEVER, TRY)
IN_CLEAR = tuple(one.name for one in EMERGENCY.fields if not one.sealed and one.name != "updated_at")


def nevers(work: UnitOfWork) -> Store[Never]:
    """Give who is named of whom, of a transaction."""
    return Store(work, NEVER, Never)


def holding(survivor_id: str, staff_id: str) -> dict[str, Any]:
    """Give the filter of what holds of somebody of staff with one person."""
    return {"survivor_id": survivor_id, "state": HOLDS, "staff_id": staff_id}


def is_named(work: UnitOfWork, survivor_id: str, staff_id: str) -> bool:
    """Whether somebody of staff never opens one person's record, within a transaction."""
    return bool(work.find_where(NEVERS, holding(survivor_id, staff_id), limit=1))


def emergency_from(document: Mapping[str, Any], sealer: Sealer | None = None) -> Emergency:
    """Read a document; its words where a key is given to open them with, and none of whoever was erased."""
    survivor_id = document["survivor_id"]
    is_open = sealer is not None and survivor_id in sealer.keys
    opened = sealer.opening(survivor_id) if sealer is not None and is_open else dict.fromkeys
    return Emergency(**EMERGENCY.values(document, opened=opened))


class EmergencyStore:
    """What was opened, in one transaction."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def add(self, emergency: Emergency, sealer: Sealer) -> None:
        """Keep a new one."""
        self._work.insert(EMERGENCIES, EMERGENCY.document(emergency, seal=sealer.sealing(emergency.survivor_id)))

    def at_version(self, emergency_id: str, version: int) -> Emergency:
        """Give one as the caller read it, without words.

        Raises:
            DocumentMissingError, StaleVersionError: There is none, or somebody changed it since.
        """
        found = emergency_from(self._work.get(EMERGENCIES, emergency_id))
        if found.version != version:
            raise StaleVersionError(EMERGENCIES)
        return found

    def save(self, emergency: Emergency, said: Mapping[str, bytes | None]) -> int:
        """Write what stands in clear and what is newly sealed; give the version that stands."""
        known = self._work.get(EMERGENCIES, emergency.id)
        clear = {name: getattr(emergency, name) for name in IN_CLEAR}
        changed = EMERGENCY.changed(known, **clear, updated_at=self._work.now)
        self._work.replace(EMERGENCIES, {**changed, "sealed": {**known["sealed"], **said}})
        return int(known["version"]) + 1


def tries_of(work: UnitOfWork, actor_id: str) -> Tries:
    """Give how often somebody opened and tried today."""
    known, today = work.find(TRIES, actor_id), london_day(work.now)
    return Tries(id=actor_id, day=today) if known is None else Tries(**TRY.values(known)).on(today)


def keep_tries(work: UnitOfWork, tries: Tries) -> None:
    """Write it; of two of one person's transactions one comes after the other."""
    work.save(TRIES, {**(work.find(TRIES, tries.id) or {}), **TRY.document(tries)})
