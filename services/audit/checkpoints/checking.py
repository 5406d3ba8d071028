"""Holds what staff read against the tree, and the tree against its checkpoint: finds what the database's keeper wrote.

Promise: an entry that was changed, taken out or put in, and a leaf or a tile that was changed, are each found and
named, whoever wrote to the database. Shown by tests/integration/audit/test_log_check.py.
Limit: it asks this host's own database. Only somebody outside who kept a checkpoint can see that everything was
replaced together; for them there is the export. Who takes an id and its salt out of an entry, as an erasure does, is
not told from one. When an entry came here, by which lists are ordered, is in no leaf.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from pymongo import DESCENDING
from pymongo.database import Database

from services.audit.checkpoints.documents import CHECKPOINTS
from services.audit.log.documents import ENTRIES, ENTRY, ERASED_PERSON
from services.audit.log.leaves import ACTOR, OBJECT, commitment, leaf_of
from services.audit.tree.documents import HEAD, HEADS, WAITING
from services.audit.tree.padding import count_padding, is_padding
from services.audit.tree.reading import LogTree
from shared.kernel.errors import InvalidInputError
from shared.transparency.tiles import HEIGHT, WIDTH, TileDamagedError, top
from shared.transparency.tree import HASH_BYTES, leaf_hash

LEAF_CHANGED, LEAF_MISSING = "LEAF_CHANGED", "LEAF_MISSING"
ENTRY_CHANGED, ENTRY_MISSING, ENTRIES_ADDED = "ENTRY_CHANGED", "ENTRY_MISSING", "ENTRIES_ADDED"
ROOT_DIFFERS = "ROOT_DIFFERS"
FINDINGS = (LEAF_CHANGED, LEAF_MISSING, ENTRY_CHANGED, ENTRY_MISSING, ENTRIES_ADDED, ROOT_DIFFERS)
Wrong = dict[str, Any]


class LogCheck:
    """Checks one tenant's log, a part at a time."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take audit's database."""
        self._database = database
        self._tree = LogTree(database)
        self._held: tuple[int, bytes] | None = None

    def part(self, first: int, limit: int) -> dict[str, Any]:
        """Check the leaves from ``first`` on; the last part also looks at the whole."""
        size = self._tree.size()
        end = min(first + limit, size)
        wrong = [*self._leaves(first, end), *self._tiles(first, end)] if first < end else []
        if end >= size:
            wrong += self._whole(size)
        return {"first": first, "checked": max(0, end - first), "next": end if end < size else None, "wrong": wrong}

    def _leaves(self, first: int, end: int) -> Iterator[Wrong]:
        leaves = list(self._tree.leaves(first, end))
        said = [_read(leaf) for leaf in leaves]
        ids = [one["id"] for one in said if "id" in one]
        entries = {one["_id"]: one for one in self._database[ENTRIES].find({"_id": {"$in": ids}})}
        for n, (leaf, content) in enumerate(zip(leaves, said, strict=True), start=first):
            name = content.get("id")
            if not leaf:
                yield {"index": n, "entry_id": None, "what": LEAF_MISSING}
            elif leaf_hash(leaf) != self._hash(n):
                yield {"index": n, "entry_id": name, "what": LEAF_CHANGED}
            elif is_padding(leaf):
                continue
            elif name not in entries:
                yield {"index": n, "entry_id": name, "what": ENTRY_MISSING}
            elif not _fits(entries[name], content, leaf):
                yield {"index": n, "entry_id": name, "what": ENTRY_CHANGED}

    def _tiles(self, first: int, end: int) -> Iterator[Wrong]:
        """Hold each tile that is whole within these leaves against its hash in the tile above; the root is of those."""
        level, width = 0, HEIGHT
        while end >> width:
            for index in range(first >> width, end >> width):
                hashes, above = self._tree.tile(level, index), self._tree.tile(level + 1, index // WIDTH)
                at = index % WIDTH * HASH_BYTES
                if len(hashes) != WIDTH * HASH_BYTES or top(hashes) != above[at : at + HASH_BYTES]:
                    yield {"index": index << width, "entry_id": None, "what": ROOT_DIFFERS}
            level, width = level + 1, width + HEIGHT

    def _whole(self, size: int) -> Iterator[Wrong]:
        # In the order in which an entry goes on, so that one which goes on meanwhile is counted twice, and never not.
        known = self._database[ENTRIES].count_documents({}, hint="_id_")
        # Of leaves that are no entry too few may be counted, so that one which comes meanwhile raises no alarm.
        filled, to_come, waiting = count_padding(self._database), self._to_come(), self._waiting()
        if known > to_come + waiting + max(size, self._tree.size()) - filled:
            yield {"index": None, "entry_id": None, "what": ENTRIES_ADDED}
        newest = self._database[CHECKPOINTS].find_one(sort=[("at", DESCENDING), ("size", DESCENDING)])
        if newest is not None and not self._is_signed(newest):
            yield {"index": None, "entry_id": None, "what": ROOT_DIFFERS}

    def _to_come(self) -> int:
        """Count what an older version kept without leaves and a job has not looked through yet."""
        swept_to = (self._database[HEADS].find_one({"_id": HEAD}) or {}).get("swept_to")
        since = {} if swept_to is None else {"updated_at": {"$gte": swept_to}}
        return self._database[ENTRIES].count_documents({"actor_salt": None, **since})

    def _waiting(self) -> int:
        return sum(int(one["count"]) for one in self._database[WAITING].find({}, {"count": 1}))

    def _is_signed(self, newest: Mapping[str, Any]) -> bool:
        lines = newest["note"].split("\n")
        try:
            found = base64.b64encode(self._tree.root(newest["size"])).decode()
        except TileDamagedError:
            return False
        return bool(lines[1:3] == [str(newest["size"]), found])

    def _hash(self, n: int) -> bytes:
        index = n // WIDTH
        if self._held is None or self._held[0] != index:
            self._held = (index, self._tree.tile(0, index))
        at = n % WIDTH * HASH_BYTES
        return self._held[1][at : at + HASH_BYTES]


def _read(leaf: bytes) -> dict[str, Any]:
    try:
        said = json.loads(leaf)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) and isinstance(said.get("id"), str) else {}


def _fits(document: dict[str, Any], said: Mapping[str, Any], leaf: bytes) -> bool:
    """Whether an entry opens its leaf; one that lacks a field, or has one of another kind, does not."""
    try:
        return _opens(document, said, leaf)
    except (AttributeError, KeyError, TypeError, ValueError, InvalidInputError):
        return False


def _opens(document: dict[str, Any], said: Mapping[str, Any], leaf: bytes) -> bool:
    """Open a leaf; where the id of an erased person is gone, the commitment is taken as it is."""
    entry = ENTRY.values(document)
    if entry["actor_salt"] is None:
        return False
    actor = commitment(ACTOR, entry["actor_salt"], entry["actor_id"])
    object_ = said.get(OBJECT, "")
    if entry["object_salt"] is not None:
        object_ = commitment(OBJECT, entry["object_salt"], entry["object_id"])
    elif entry["object_id"] != ERASED_PERSON:
        return False
    return leaf_of(entry, actor=actor, object_=object_) == leaf
