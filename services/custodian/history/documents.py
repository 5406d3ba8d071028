"""What the custodian sent to be shown: rounded figures only, kept for good as the gate's history.

The custodian keeps its own, so that a board cannot shorten the history by forgetting a release.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.contracts.custodian import ProtectedTable, TablesProtected
from shared.contracts.task import TaskTerms, terms_to
from shared.outbox.documents import DocumentType, Field, Holds, Store, take_turn
from shared.outbox.unit_of_work import UnitOfWork

RELEASES = "releases"


@dataclass(frozen=True, kw_only=True)
class SentRelease:
    """What was sent for a task; its id is the task's.

    Attributes:
        terms: Its own copy, so that a lost task takes no release out of the history that later ones are set against.
            None in one of an earlier version.
    """

    id: str
    period: str
    terms: Mapping[str, Any] | None
    hosts: int
    people: int | None
    tables: tuple[ProtectedTable, ...]
    version: int = 0


def _tables_from(stored: list[Any]) -> tuple[ProtectedTable, ...]:
    return tuple(msgspec.convert(table, ProtectedTable) for table in stored)


RELEASE = DocumentType(
    collection=RELEASES,
    append_only=True,
    fields=(
        Field(name="period", holds=Holds.CODE),
        Field(name="terms", holds=Holds.CODE, missing=None),
        Field(name="hosts", holds=Holds.COUNT),
        Field(name="people", holds=Holds.COUNT),
        Field(name="tables", holds=Holds.COUNT, write=msgspec.to_builtins, read=_tables_from),
    ),
)
TYPES = (RELEASE,)


def releases(work: UnitOfWork) -> Store[SentRelease]:
    """Give the releases of a transaction."""
    return Store(work, RELEASE, SentRelease)


def take_turn_of_history(work: UnitOfWork) -> frozenset[str]:
    """Give the ids of all releases, and write what every transaction writes that adds one."""
    take_turn(work, RELEASES)
    return frozenset(release.id for release in releases(work).where({}))


def sent_release(terms: TaskTerms, sent: TablesProtected) -> SentRelease:
    """Give what is kept of what was sent for a task."""
    return SentRelease(
        id=sent.task_id,
        period=terms.draft.period,
        terms=terms_to(terms),
        hosts=sent.hosts,
        people=sent.people,
        tables=sent.tables,
    )
