"""Breaches, one document each; whom one touches stands there by random ids alone."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.case.breaches.rules import OPEN, PRESSING, Breach, Report, Touched
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork


def _touched(people: Iterable[Touched]) -> list[dict[str, Any]]:
    return [asdict(one) for one in people]


def _read_touched(stored: Iterable[Mapping[str, Any]]) -> tuple[Touched, ...]:
    return tuple(Touched(**one) for one in stored)


def _report(report: Report | None) -> dict[str, Any] | None:
    return None if report is None else {**asdict(report), "also_told": list(report.also_told)}


def _read_report(stored: Mapping[str, Any] | None) -> Report | None:
    return None if stored is None else Report(**{**stored, "also_told": tuple(stored["also_told"])})


BREACHES = "breaches"
BREACH = DocumentType(
    collection=BREACHES,
    fields=(
        Field(name="kind", holds=Holds.CODE),
        Field(name="aware_at", holds=Holds.INSTANT),
        Field(name="contents", holds=Holds.CODE, write=list, read=tuple),
        Field(name="taken_by", holds=Holds.ID),
        Field(name="taken_role", holds=Holds.CODE),
        Field(name="taken_at", holds=Holds.INSTANT),
        Field(name="ico_due_at", holds=Holds.INSTANT),
        Field(name="state", holds=Holds.CODE),
        Field(name="risk", holds=Holds.CODE),
        Field(name="judged_by", holds=Holds.ID),
        Field(name="touched", holds=Holds.ID, write=_touched, read=_read_touched),
        Field(name="report", holds=Holds.CODE, write=_report, read=_read_report),
        Field(name="remedies", holds=Holds.CODE, write=list, read=tuple),
        Field(name="closed_by", holds=Holds.ID),
        Field(name="closed_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("updated_at", 1), ("_id", 1)]),
        IndexModel([("state", 1), ("ico_due_at", 1)]),
    ),
)
TYPES = (BREACH,)


def breach_from(document: Mapping[str, Any]) -> Breach:
    """Read a breach's document."""
    return Breach(**BREACH.values(document))


def pressing_at(now: datetime) -> dict[str, Any]:
    """Give the filter of open, unreported breaches of which fewer than 24 of the 72 hours are left, or none."""
    return {"state": OPEN, "report": None, "ico_due_at": {"$lt": now + PRESSING}}


class BreachStore:
    """Breaches."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def add(self, breach: Breach) -> None:
        """Keep a new one."""
        self._work.insert(BREACHES, BREACH.document(breach))

    def at_version(self, breach_id: str, version: int) -> Breach:
        """Give one as the caller read it.

        Raises:
            DocumentMissingError: There is none.
            StaleVersionError: Somebody changed it since.
        """
        breach = breach_from(self._work.get(BREACHES, breach_id))
        if breach.version != version:
            raise StaleVersionError(BREACHES)
        return breach

    def save(self, breach: Breach) -> int:
        """Write the next version; give it."""
        known = self._work.get(BREACHES, breach.id)
        # What a newer version of the service keeps there stays.
        self._work.replace(BREACHES, {**known, **BREACH.document(breach), "updated_at": self._work.now})
        return breach.version + 1
