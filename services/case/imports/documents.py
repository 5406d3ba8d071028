"""Imports, and what is kept of their rows: keys and contents as HMACs, so that a row is known again."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from pymongo import IndexModel

from services.case.imports.rules.progress import ASK, FAILED, Import, Tried
from services.case.imports.rules.said import ConsentStatement
from services.case.imports.rules.settling import KnownRow, Statement
from shared.outbox.documents import DocumentType, Failing, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork


def _tried(tried: Tried | None) -> dict[str, int] | None:
    return None if tried is None else tried._asdict()


def _said(statement: Statement | None) -> dict[str, Any] | None:
    if statement is None:
        return None
    return {"id": statement.id, "sequence": statement.sequence, "said": statement.said.by_name()}


def _statement(stored: Mapping[str, Any] | None) -> Statement | None:
    if stored is None:
        return None
    said = {one.name: stored["said"].get(one.name) for one in fields(ConsentStatement)}
    return Statement(id=stored["id"], sequence=stored["sequence"], said=ConsentStatement(**said))


def _listed(values: tuple[Any, ...] | None) -> list[Any] | None:
    return None if values is None else list(values)


def _day(stored: str | None) -> date | None:
    return None if stored is None else date.fromisoformat(stored)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


IMPORTS, ROWS, TURNS = "imports", "import_rows", "import_turns"
TURN_ID = "turn"
IMPORT = DocumentType(
    collection=IMPORTS,
    fields=(
        Field(name="state", holds=Holds.CODE),
        Field(name="why", holds=Holds.TEXT),
        # Imports that began to wait before 2026-11-27 were asked neither.
        Field(name="known_rows", holds=Holds.CODE, shown=False, missing=ASK),
        Field(name="exact_references", holds=Holds.CODE, shown=False, missing=False),
        Field(name="profile", holds=Holds.CODE),
        Field(name="source", holds=Holds.TEXT, missing=None),
        Field(name="actor_id", holds=Holds.ID, shown=False),
        Field(name="received_at", holds=Holds.INSTANT, shown=False),
        Field(name="done", holds=Holds.COUNT),
        Field(name="counts", holds=Holds.COUNT, write=dict),
        Field(name="problems", holds=Holds.TEXT, write=list, read=tuple),
        Field(name="problems_omitted", holds=Holds.COUNT, missing=0),
        Field(name="held_rows", holds=Holds.COUNT, write=list, read=tuple),
        # Imports of before 2026-11-27 have counted no ended consents.
        Field(name="consents_ended", holds=Holds.COUNT, missing=0),
        Field(name="traceparent", holds=Holds.ID, shown=False, missing=None),
        Field(name="tried", holds=Holds.COUNT, sparse=True, shown=False, write=_tried, read=lambda at: Tried(**at)),
        # What is known of the file at the end.
        Field(name="source_is_new", holds=Holds.CODE, sparse=True),
        Field(name="dropped_columns", holds=Holds.TEXT, write=list, read=tuple, missing=()),
        Field(name="unread_columns", holds=Holds.TEXT, sparse=True, write=_listed, read=tuple),
        Field(name="ignored_rows", holds=Holds.COUNT, sparse=True, write=_listed, read=tuple),
        Field(name="header_row", holds=Holds.COUNT, sparse=True),
        Field(name="encoding", holds=Holds.CODE, sparse=True),
        Field(name="ended_at", holds=Holds.INSTANT, sparse=True, shown=False),
        # Of one that is planned first; imports of before have none of these.
        Field(name="planned", holds=Holds.CODE, sparse=True, missing=False),
        Field(name="is_part", holds=Holds.CODE, sparse=True, missing=False),
        Field(name="of", holds=Holds.COUNT, sparse=True),
        Field(name="plan_place", holds=Holds.ID, shown=False, sparse=True, missing=""),
        Field(name="held_by", holds=Holds.ID, shown=False, sparse=True),
        Field(name="held_until", holds=Holds.INSTANT, shown=False, sparse=True),
        Field(name="plan_hash", holds=Holds.HASH, sparse=True),
        Field(name="plan_counts", holds=Holds.COUNT, write=dict, sparse=True, missing={}),
        Field(name="planned_day", holds=Holds.CODE, sparse=True, shown=False, write=_iso, read=_day),
        Field(name="planned_at", holds=Holds.INSTANT, sparse=True),
        Field(name="expires_at", holds=Holds.INSTANT, sparse=True),
        Field(name="noes", holds=Holds.COUNT, sparse=True, missing=0),
        Field(name="reminded", holds=Holds.CODE, shown=False, sparse=True, missing=False),
        Field(name="checked", holds=Holds.CODE, shown=False, sparse=True, missing=False),
        Field(name="changed_rows", holds=Holds.COUNT, write=list, read=tuple, sparse=True, missing=()),
        Field(name="committed_by", holds=Holds.ID, sparse=True, shown=False),
        Field(name="undo_until", holds=Holds.INSTANT, sparse=True),
        Field(name="undone", holds=Holds.COUNT, sparse=True, missing=0),
        Field(name="left_rows", holds=Holds.COUNT, write=list, read=tuple, sparse=True, missing=()),
    ),
    indexes=(IndexModel([("state", 1)]), IndexModel([("received_at", -1), ("_id", -1)])),
    failing=Failing(where={"state": FAILED}, at="ended_at"),
)
_IMPORT_FIELDS = frozenset(one.name for one in IMPORT.fields)
KNOWN_ROW = DocumentType(
    collection=ROWS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="episode_id", holds=Holds.ID),
        Field(name="statement", holds=Holds.CODE, write=_said, read=_statement, missing=None),
        Field(name="tasked", holds=Holds.HASH, write=list, read=tuple, missing=()),
        Field(name="twins", holds=Holds.HASH, sparse=True, write=_listed, read=tuple),
        Field(name="import_id", holds=Holds.ID),
        Field(name="row", holds=Holds.COUNT),
        Field(name="kind", holds=Holds.CODE),
        Field(name="content", holds=Holds.HASH),
    ),
    indexes=(IndexModel([("import_id", 1), ("row", 1)]), IndexModel([("twins", 1)])),
)
TURN = DocumentType(collection=TURNS, fields=(Field(name="at", holds=Holds.COUNT),))
CHANGES = "import_changes"
CHANGE = DocumentType(
    collection=CHANGES,
    fields=(
        Field(name="import_id", holds=Holds.ID),
        Field(name="row", holds=Holds.COUNT),
        Field(name="key", holds=Holds.HASH),
        Field(name="known_before", holds=Holds.CIPHERTEXT),
        Field(name="known_version", holds=Holds.COUNT),
        Field(name="episode_id", holds=Holds.ID),
        Field(name="episode_before", holds=Holds.CIPHERTEXT),
        Field(name="episode_version", holds=Holds.COUNT),
    ),
    indexes=(IndexModel([("import_id", 1), ("row", 1)]),),
)
TYPES = (IMPORT, KNOWN_ROW, TURN, CHANGE)


class ImportStore:
    """Imports."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def get(self, import_id: str) -> Import:
        """Give an import; ``DocumentMissingError`` if there is none."""
        return import_from(self._work.get(IMPORTS, import_id))

    def add(self, one: Import) -> None:
        """Add an import."""
        self._work.insert(IMPORTS, IMPORT.document(one))

    def save(self, one: Import) -> None:
        """Write the next version; what a newer version of the service keeps there stays."""
        known = self._work.get(IMPORTS, one.id)
        # What is no longer said is not kept either.
        others = {name: value for name, value in known.items() if name not in _IMPORT_FIELDS}
        self._work.replace(IMPORTS, {**others, **IMPORT.document(one), "version": one.version})


class ImportTurn:
    """The one document that every chunk of rows writes, of whichever import, and every step of an undo.

    Each reads who is known under which reference, and makes or unmakes them: of two at once one has to come first.
    Shown by tests/integration/case/test_import_plan_races.py.
    """

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def at(self) -> int:
        """Give how many chunks were carried out so far."""
        found = self._work.find(TURNS, TURN_ID)
        return 0 if found is None else int(found["at"])

    def take(self, at: int) -> bool:
        """Take the turn after a reading of this number; False where another chunk came in between."""
        if self.at() != at:
            return False
        self._work.save(TURNS, {"_id": TURN_ID, "at": at + 1})
        return True


class RowStore:
    """What is kept of rows."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def preload(self, keys: Iterable[str]) -> None:
        """Read many in one round trip."""
        self._work.preload(ROWS, keys)

    def find(self, key: str) -> KnownRow | None:
        """Give what is kept of a row, if it was there before."""
        document = self._work.find(ROWS, key)
        return None if document is None else _row_from(document)

    def sharing(self, forms: Iterable[str]) -> list[KnownRow]:
        """Give the rows that are found by one of these forms of a reference."""
        return [_row_from(document) for document in self._work.find_where(ROWS, {"twins": {"$in": list(forms)}})]

    def save(self, row: KnownRow) -> None:
        """Keep a row, or its next version; what a newer version of the service keeps there stays."""
        known = self._work.find(ROWS, row.id) or {}
        self._work.save(ROWS, {**known, **KNOWN_ROW.document(row)})


def import_from(document: Mapping[str, Any]) -> Import:
    """Read an import's document."""
    return Import(**IMPORT.values(document))


def _row_from(document: Mapping[str, Any]) -> KnownRow:
    return KnownRow(**KNOWN_ROW.values(document))
