"""Moves of people between advocates, one document each, with what came of each person; and the host's limit."""

from collections.abc import Iterable, Mapping
from datetime import date

from pymongo import IndexModel

from services.case.caseload.rules import Limit, Move, Result
from services.case.days import read_day
from shared.outbox.documents import DocumentType, Field, Holds, Store
from shared.outbox.unit_of_work import UnitOfWork


def _write_results(results: Iterable[Result]) -> list[dict[str, str]]:
    return [{"survivor_id": one.survivor_id, "result": one.result} for one in results]


def _read_results(stored: Iterable[Mapping[str, str]]) -> tuple[Result, ...]:
    return tuple(Result(survivor_id=one["survivor_id"], result=one["result"]) for one in stored)


MOVES, LIMITS = "caseload_moves", "caseload_limits"
MOVE = DocumentType(
    collection=MOVES,
    fields=(
        Field(name="kind", holds=Holds.CODE),
        Field(name="from_id", holds=Holds.ID),
        Field(name="to_id", holds=Holds.ID),
        Field(name="results", holds=Holds.ID, write=_write_results, read=_read_results),
        # Days of the host's own rota, not of a survivor's life.
        Field(name="first_on", holds=Holds.INSTANT, sparse=True, write=date.isoformat, read=read_day),
        Field(name="last_on", holds=Holds.INSTANT, sparse=True, write=date.isoformat, read=read_day),
        Field(name="ended_by", holds=Holds.ID, sparse=True),
        Field(name="ended_at", holds=Holds.INSTANT, sparse=True),
        Field(name="moved_by", holds=Holds.ID),
        Field(name="moved_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(IndexModel([("updated_at", 1), ("_id", 1)]), IndexModel([("kind", 1), ("last_on", 1)])),
)
LIMIT = DocumentType(
    collection=LIMITS,
    fields=(
        Field(name="people", holds=Holds.COUNT),
        Field(name="stated_by", holds=Holds.ID),
        Field(name="updated_at", holds=Holds.INSTANT),
    ),
)
TYPES = (MOVE, LIMIT)
THE_LIMIT = "limit"
"""The one document of the host's limit."""


def moves(work: UnitOfWork) -> Store[Move]:
    """Give the moves of a transaction."""
    return Store(work, MOVE, Move)


def limits(work: UnitOfWork) -> Store[Limit]:
    """Give the host's limit in a transaction."""
    return Store(work, LIMIT, Limit)
