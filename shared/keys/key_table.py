"""The key table, ``as_<tenant>_keys``: wrapped data keys, whom to keep erased, where an erasure stands.

The only module of ``shared.keys`` that speaks to MongoDB. Reads are majority reads, writes majority
writes. Rights: whoever makes keys or erases needs readWrite; who only reads sealed fields needs find.

Limit: an erased survivor's random id stays in ``erasures``, so that no late message makes the person
a new key; the id alone opens nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pymongo import ReadPreference, UpdateOne, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.collection import Collection as MongoCollection
from pymongo.database import Database
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from shared.keys.tenant_key import WrappedKey

KeysDatabase = Database[dict[str, Any]]
KeysSession = ClientSession

_STATE = "tenant_key"
_DUPLICATE = 11000


class ErasureStep(StrEnum):
    """The last finished step of an erasure; the order is the order of the steps."""

    IDLE = "IDLE"
    BEGUN = "BEGUN"
    ROWS_DELETED = "ROWS_DELETED"
    NEXT_PREPARED = "NEXT_PREPARED"
    SWITCHED = "SWITCHED"
    SETTLED = "SETTLED"
    REWRAPPED = "REWRAPPED"
    OLD_DESTROYED = "OLD_DESTROYED"


@dataclass(frozen=True, kw_only=True)
class KeyState:
    """Where the tenant key and its erasure stand.

    Attributes:
        generation: Rows below it are re-wrapped by the running erasure, if one runs.
        step: Last finished step.
        target: Generation that the running erasure leads to; equals ``generation`` when idle.
        survivor_ids: Whom the running erasure ends.
    """

    generation: int
    step: ErasureStep = ErasureStep.IDLE
    target: int
    survivor_ids: tuple[str, ...] = ()


class KeyTable:
    """Rows of one tenant's key database."""

    def __init__(self, database: KeysDatabase) -> None:
        """Take the tenant's key database."""
        strict = database.with_options(
            read_concern=ReadConcern("majority"),
            write_concern=WriteConcern("majority"),
            read_preference=ReadPreference.PRIMARY,
        )
        self._keys: MongoCollection[dict[str, Any]] = strict["survivor_keys"]
        self._erasures: MongoCollection[dict[str, Any]] = strict["erasures"]
        self._states: MongoCollection[dict[str, Any]] = strict["states"]

    def prepare(self, generation: int) -> None:
        """Make indexes and, once, the state; transactions may not create collections under load."""
        self._keys.create_index("generation")
        self._erasures.create_index("closed_by")
        fresh = {"generation": generation, "step": ErasureStep.IDLE, "target": generation, "survivor_ids": []}
        self._states.update_one({"_id": _STATE}, {"$setOnInsert": fresh}, upsert=True)

    def find(self, survivor_ids: Collection[str], session: KeysSession | None = None) -> dict[str, WrappedKey]:
        """Give the rows that exist."""
        rows = self._keys.find({"_id": {"$in": list(survivor_ids)}}, session=session)
        return {row["_id"]: _wrapped(row) for row in rows}

    def insert(self, rows: Mapping[str, WrappedKey], session: KeysSession | None = None) -> frozenset[str]:
        """Insert what is not there; give the ids that another process inserted first.

        In a transaction a duplicate aborts it with pymongo's own error, and the driver runs it again.
        """
        documents = [{"_id": id_, "generation": key.generation, "wrapped": key.data} for id_, key in rows.items()]
        try:
            self._keys.insert_many(documents, ordered=False, session=session)
        except BulkWriteError as error:
            refused = error.details["writeErrors"]
            others = [entry for entry in refused if entry["code"] != _DUPLICATE]
            in_transaction = session is not None and session.in_transaction
            if in_transaction or others or error.details["writeConcernErrors"]:
                raise
            return frozenset(entry["op"]["_id"] for entry in refused)
        return frozenset()

    def rewrap(self, changes: Mapping[str, tuple[WrappedKey, WrappedKey]], session: KeysSession | None = None) -> None:
        """Replace (old, new) row by row where the old one still stands."""
        updates = [
            UpdateOne(
                {"_id": id_, "generation": old.generation, "wrapped": old.data},
                {"$set": {"generation": new.generation, "wrapped": new.data}},
            )
            for id_, (old, new) in changes.items()
        ]
        if updates:
            self._keys.bulk_write(updates, ordered=False, session=session)

    def rows_below(self, generation: int, limit: int) -> dict[str, WrappedKey]:
        """Give up to ``limit`` rows still wrapped by an older generation."""
        rows = self._keys.find({"generation": {"$lt": generation}}).limit(limit)
        return {row["_id"]: _wrapped(row) for row in rows}

    def delete(self, survivor_ids: Iterable[str], session: KeysSession | None = None) -> None:
        """Delete rows; what is gone already stays gone."""
        self._keys.delete_many({"_id": {"$in": list(survivor_ids)}}, session=session)

    def mark_erased(self, survivor_id: str) -> None:
        """Note that this survivor must never have a key again."""
        self._erasures.update_one({"_id": survivor_id}, {"$setOnInsert": {"closed_by": None}}, upsert=True)

    def erased(self, survivor_ids: Collection[str], session: KeysSession | None = None) -> frozenset[str]:
        """Give those of these survivors who are erased."""
        rows = self._erasures.find({"_id": {"$in": list(survivor_ids)}}, {"_id": 1}, session=session)
        return frozenset(row["_id"] for row in rows)

    def open_erasures(self, limit: int) -> tuple[str, ...]:
        """Give up to ``limit`` erased survivors whose old tenant key is not yet destroyed."""
        rows = self._erasures.find({"closed_by": None}, {"_id": 1}).sort("_id", 1).limit(limit)
        return tuple(row["_id"] for row in rows)

    def closed_by(self, survivor_id: str) -> int | None:
        """Give the generation from which on an erasure is complete; None while it is not, and of nobody erased."""
        row = self._erasures.find_one({"_id": survivor_id})
        return None if row is None else row["closed_by"]

    def close_erasures(self, survivor_ids: Iterable[str], generation: int) -> None:
        """Note the generation from which on these erasures are complete."""
        self._erasures.update_many({"_id": {"$in": list(survivor_ids)}}, {"$set": {"closed_by": generation}})

    def state(self, session: KeysSession | None = None) -> KeyState | None:
        """Give where things stand, None in a database that was never prepared."""
        row = self._states.find_one({"_id": _STATE}, session=session)
        if row is None:
            return None
        return KeyState(
            generation=row["generation"],
            step=ErasureStep(row["step"]),
            target=row["target"],
            survivor_ids=tuple(row["survivor_ids"]),
        )

    def advance(self, old: KeyState, new: KeyState) -> None:
        """Move the state on if it still stands at ``old``; otherwise another process has moved it."""
        self._states.update_one(
            {"_id": _STATE, "generation": old.generation, "step": old.step, "target": old.target},
            {
                "$set": {
                    "generation": new.generation,
                    "step": new.step,
                    "target": new.target,
                    "survivor_ids": list(new.survivor_ids),
                }
            },
        )


def _wrapped(row: dict[str, Any]) -> WrappedKey:
    return WrappedKey(generation=row["generation"], data=bytes(row["wrapped"]))
