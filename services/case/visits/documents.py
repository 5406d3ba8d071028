"""Visits, one document each; where one goes, and what to do if, is sealed with the survivor's own key.

The times stand in clear, since what is overdue has to be found by an index without anybody's key; they are the host's
own plan (ADR 0064). All but a new one is written without a key, so that an erased person's visit still has its alarm.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo import IndexModel

from services.case.survivors.sealing import Sealer
from services.case.visits.errors import TooManyVisitsError
from services.case.visits.rules import MOST_OPEN, OPEN, UNCLOSED_FOR, UNTAKEN_FOR, Visit
from shared.outbox.documents import DocumentType, Field, Holds, Open
from shared.outbox.unit_of_work import UnitOfWork

VISITS = "visits"
VISIT = DocumentType(
    collection=VISITS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="goes_id", holds=Holds.ID),
        Field(name="told", holds=Holds.CODE),
        Field(name="from_at", holds=Holds.INSTANT),
        Field(name="until_at", holds=Holds.INSTANT),
        Field(name="every_minutes", holds=Holds.COUNT),
        Field(name="place", holds=Holds.IDENTITY, sealed=True),
        Field(name="what_if", holds=Holds.STORY, sealed=True),
        Field(name="state", holds=Holds.CODE),
        Field(name="due_at", holds=Holds.INSTANT),
        Field(name="safe_at", holds=Holds.INSTANT),
        Field(name="help_at", holds=Holds.INSTANT),
        Field(name="alarm_since", holds=Holds.INSTANT, shown=False),
        Field(name="escalated_at", holds=Holds.INSTANT, shown=False),
        Field(name="taken_by", holds=Holds.ID),
        Field(name="taken_at", holds=Holds.INSTANT),
        Field(name="closed_by", holds=Holds.ID),
        Field(name="closed_at", holds=Holds.INSTANT),
        Field(name="found", holds=Holds.CODE),
        Field(name="ended_at", holds=Holds.INSTANT),
        Field(name="words_gone", holds=Holds.CODE, shown=False),
        Field(name="forget_at", holds=Holds.INSTANT, shown=False),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("state", 1), ("due_at", 1)]),
        IndexModel([("alarm_since", 1)]),
        IndexModel([("forget_at", 1)]),
        IndexModel([("survivor_id", 1), ("state", 1)]),
        IndexModel([("goes_id", 1), ("state", 1), ("due_at", 1)]),
        IndexModel([("goes_id", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("updated_at", 1), ("_id", 1)]),
    ),
)
TYPES = (VISIT,)

_IN_CLEAR = tuple(one.name for one in VISIT.fields if not one.sealed and one.name != "updated_at")
_NO_WORDS = {one.name: None for one in VISIT.fields if one.sealed}
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def visit_from(document: Mapping[str, Any], *, opened: Open | None = None) -> Visit:
    """Read a visit's document; its words only where something is given to open them with."""
    return Visit(**VISIT.values(document, opened=opened or _unopened))


def _unopened(sealed: Mapping[str, Any]) -> Mapping[str, str | None]:
    return dict.fromkeys(sealed)


def standing_at(now: datetime) -> dict[str, Any]:
    """Give the filter of visits with an alarm, noted or not."""
    return {"$or": [{"alarm_since": {"$gt": _EVER}}, _overdue(now)]}


def escalated_at(now: datetime) -> dict[str, Any]:
    """Give the filter of those whose alarm goes to more people, noted or not; as ``Visit.is_escalated``."""
    return {
        "$or": [
            {"alarm_since": {"$gt": _EVER}, "escalated_at": {"$ne": None}},
            {"alarm_since": {"$gt": _EVER, "$lte": now - UNTAKEN_FOR}, "taken_at": None},
            {"alarm_since": {"$gt": _EVER, "$lte": now - UNCLOSED_FOR}},
            {**_overdue(now - UNTAKEN_FOR), "alarm_since": None},
        ]
    }


def unnoted_at(now: datetime) -> dict[str, Any]:
    """Give the filter of those of which something is to be noted."""
    return {
        "$or": [
            {**_overdue(now), "alarm_since": None},
            {"alarm_since": {"$gt": _EVER, "$lte": now - UNTAKEN_FOR}, "taken_at": None, "escalated_at": None},
            {"alarm_since": {"$gt": _EVER, "$lte": now - UNCLOSED_FOR}, "escalated_at": None},
        ]
    }


def _overdue(now: datetime) -> dict[str, Any]:
    return {"state": OPEN, "due_at": {"$lte": now}}


class VisitStore:
    """Visits in one transaction."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def get(self, visit_id: str) -> Visit:
        """Give a visit, its words unopened; ``DocumentMissingError`` if there is none."""
        return visit_from(self._work.get(VISITS, visit_id))

    def find(self, visit_id: str) -> Visit | None:
        """Give a visit, its words unopened, or None."""
        document = self._work.find(VISITS, visit_id)
        return None if document is None else visit_from(document)

    def add(self, visit: Visit, sealer: Sealer) -> None:
        """Keep a new one, in its survivor's turn.

        Raises:
            TooManyVisitsError: As many are open as may be.
        """
        where = {"survivor_id": visit.survivor_id, "state": OPEN}
        if len(self._work.find_where(VISITS, where, limit=MOST_OPEN)) >= MOST_OPEN:
            raise TooManyVisitsError(MOST_OPEN)
        self._work.insert(VISITS, VISIT.document(visit, seal=sealer.sealing(visit.survivor_id)))

    def save(self, visit: Visit) -> int:
        """Write what is new of one, unless nothing is; give its version."""
        known = self._work.get(VISITS, visit.id)
        if visit_from(known) == visit:
            return visit.version
        changed = VISIT.changed(known, updated_at=self._work.now, **{name: getattr(visit, name) for name in _IN_CLEAR})
        if visit.words_gone:
            changed["sealed"] = dict(_NO_WORDS)
        self._work.replace(VISITS, changed)
        return visit.version + 1

    def delete(self, visit_id: str) -> None:
        """Remove one."""
        self._work.delete(VISITS, visit_id)
