"""Rights cases and what happened in them; what a person said, and what they were told, is sealed under their own key.

So an erasure reaches it, and what stays of a case is its codes and days: that somebody asked for something, when, and
how it ended. Shown by tests/integration/case/test_rights_api.py.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pymongo import IndexModel

from services.case.days import read_day, write_day
from services.case.rights.rules import CONFIRMED, OPEN, RightsCase, Step
from services.case.survivors.sealing import Sealer
from shared.kernel.ids import new_id
from shared.keys.survivor_keys import KeyDestroyedError
from shared.outbox.documents import DocumentType, Field, Holds, Open, Seal
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork


def _on(name: str) -> Field:
    return Field(name=name, holds=Holds.INSTANT, write=write_day, read=read_day)


RIGHTS_CASES, RIGHTS_STEPS = "rights_cases", "rights_steps"
RIGHTS_CASE = DocumentType(
    collection=RIGHTS_CASES,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="kind", holds=Holds.CODE),
        Field(name="channel", holds=Holds.CODE),
        _on("received_on"),
        Field(name="taken_by", holds=Holds.ID),
        Field(name="taken_role", holds=Holds.CODE),
        Field(name="taken_at", holds=Holds.INSTANT),
        Field(name="nation", holds=Holds.CODE),
        Field(name="calendar_version", holds=Holds.CODE),
        _on("due_on"),
        _on("acknowledge_by"),
        Field(name="state", holds=Holds.CODE),
        Field(name="acknowledged_at", holds=Holds.INSTANT),
        Field(name="stopped_for", holds=Holds.CODE),
        _on("stopped_on"),
        Field(name="stopped_days", holds=Holds.COUNT),
        Field(name="extended_for", holds=Holds.CODE),
        Field(name="outcome", holds=Holds.CODE),
        Field(name="refusals", holds=Holds.CODE, write=list, read=tuple),
        Field(name="told", holds=Holds.CODE),
        Field(name="ico_route_told", holds=Holds.CODE),
        Field(name="erasing", holds=Holds.CODE, missing=None),
        Field(name="closed_by", holds=Holds.ID),
        Field(name="closed_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
        Field(name="words", holds=Holds.STORY, sealed=True),
        Field(name="answer", holds=Holds.STORY, sealed=True),
    ),
    indexes=(
        IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("state", 1), ("due_on", 1)]),
        IndexModel([("survivor_id", 1)]),
        IndexModel([("taken_by", 1), ("updated_at", 1), ("_id", 1)]),
    ),
)
RIGHTS_STEP = DocumentType(
    collection=RIGHTS_STEPS,
    fields=(
        Field(name="rights_case_id", holds=Holds.ID, shown=False),
        Field(name="survivor_id", holds=Holds.ID, shown=False),
        Field(name="step", holds=Holds.CODE),
        Field(name="reason", holds=Holds.CODE),
        Field(name="actor_id", holds=Holds.ID),
        Field(name="role", holds=Holds.CODE),
        Field(name="at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
        Field(name="words", holds=Holds.STORY, sealed=True),
    ),
    indexes=(IndexModel([("rights_case_id", 1), ("at", 1)]), IndexModel([("survivor_id", 1)])),
    append_only=True,
)
TYPES = (RIGHTS_CASE, RIGHTS_STEP)


def overdue(today: date) -> dict[str, Any]:
    """Give the filter of the open cases that are overdue, as ``RightsCase.is_overdue`` has it."""
    day = today.isoformat()
    unheard = {"acknowledge_by": {"$lt": day}, "acknowledged_at": None}
    return {"state": OPEN, "$or": [{"stopped_on": None, "due_on": {"$lt": day}}, unheard]}


def rights_case_from(document: Mapping[str, Any], sealer: Sealer) -> RightsCase:
    """Read a case's document; of somebody who was erased, without words."""
    return RightsCase(**RIGHTS_CASE.values(document, opened=opening(document["survivor_id"], sealer)))


def opening(survivor_id: str, sealer: Sealer) -> Open:
    """Give what opens the words about somebody: nothing where their key is gone."""
    return sealer.opening(survivor_id) if survivor_id in sealer.keys else dict.fromkeys


def sealing(survivor_id: str, sealer: Sealer) -> Seal:
    """Give what seals words about somebody; where their key is gone a case can still be ended, without a word."""
    if survivor_id in sealer.keys:
        return sealer.sealing(survivor_id)

    def refuse(values: Mapping[str, str | None]) -> Mapping[str, Any]:
        if any(value is not None for value in values.values()):
            raise KeyDestroyedError([survivor_id])
        return dict(values)

    return refuse


class RightsStore:
    """Rights cases; words are kept of survivors whose keys are given."""

    def __init__(self, work: UnitOfWork, sealer: Sealer) -> None:
        """Work inside one transaction."""
        self._work = work
        self._sealer = sealer

    def add(self, case: RightsCase) -> None:
        """Keep a new case."""
        self._work.insert(RIGHTS_CASES, RIGHTS_CASE.document(case, seal=sealing(case.survivor_id, self._sealer)))

    def get(self, case_id: str) -> RightsCase:
        """Give a case; ``DocumentMissingError`` if there is none."""
        return rights_case_from(self._work.get(RIGHTS_CASES, case_id), self._sealer)

    def others_open(self, case: RightsCase) -> bool:
        """Whether the same person waits for an answer in another case."""
        where = {"survivor_id": case.survivor_id, "state": OPEN, "_id": {"$ne": case.id}}
        return bool(self._work.find_where(RIGHTS_CASES, where, limit=1))

    def check_not_erasing(self, survivor_id: str) -> None:
        """Check that nobody has confirmed that this person is erased; whoever asks holds the survivor's turn.

        Raises:
            KeyDestroyedError: Somebody has: what was kept now would be lost at once.
        """
        where = {"survivor_id": survivor_id, "state": OPEN, "erasing": CONFIRMED}
        if self._work.find_where(RIGHTS_CASES, where, limit=1):
            raise KeyDestroyedError([survivor_id])

    def at_version(self, case_id: str, version: int) -> RightsCase:
        """Give a case as the caller read it.

        Raises:
            DocumentMissingError: There is none.
            StaleVersionError: Somebody changed it since.
        """
        case = self.get(case_id)
        if case.version != version:
            raise StaleVersionError(RIGHTS_CASES)
        return case

    def save(self, case: RightsCase) -> int:
        """Write the next version; give it."""
        known = self._work.get(RIGHTS_CASES, case.id)
        document = RIGHTS_CASE.document(case, seal=sealing(case.survivor_id, self._sealer))
        if case.survivor_id not in self._sealer.keys:
            # Without the key nothing was read of it, so nothing of it is written over.
            document["sealed"] = known["sealed"]
        # What a newer version of the service keeps there stays.
        self._work.replace(RIGHTS_CASES, {**known, **document, "updated_at": self._work.now})
        return case.version + 1

    def note(self, case: RightsCase, step: str, *, reason: str | None, words: str | None, by: tuple[str, str]) -> None:
        """Add what happened; ``by`` is who, and in which role."""
        actor_id, role = by
        done = Step(
            id=new_id(),
            rights_case_id=case.id,
            survivor_id=case.survivor_id,
            step=step,
            reason=reason,
            actor_id=actor_id,
            role=role,
            at=self._work.now,
            updated_at=self._work.now,
            words=words,
        )
        self._work.insert(RIGHTS_STEPS, RIGHTS_STEP.document(done, seal=sealing(case.survivor_id, self._sealer)))
