"""Reads the tree out of the database: size, root, tiles, leaves and proofs."""

from collections.abc import Iterator
from typing import Any

from pymongo.database import Database

from services.audit.tree.appending import tile_id
from services.audit.tree.documents import BATCHES, HEAD, HEADS, STRETCHES, TILES
from shared.transparency import tree
from shared.transparency.tiles import HEIGHT, Load, nodes

_LEVELS = 7
"""Of tiles; as many as the greatest size that a checkpoint may have."""


class LogTree:
    """One tenant's log as it stands in audit's database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take audit's database."""
        self._database = database

    def size(self) -> int:
        """Give how many leaves have their place."""
        return int((self._database[HEADS].find_one({"_id": HEAD}) or {}).get("size", 0))

    def tile(self, level: int, index: int) -> bytes:
        """Give the hashes that a tile holds so far; none where there is no such tile."""
        found = self._database[TILES].find_one({"_id": tile_id(level, index)})
        return _bytes(found.get("hashes")) if found is not None else b""

    def _near(self, size: int, *places: int) -> Load:
        """Read the tiles on the way from these places, and from the log's end, to the root in one question."""
        ids = {
            tile_id(level, place >> HEIGHT * (level + 1))
            for level in range(_LEVELS)
            for place in (*places, size)
            if place >> HEIGHT * level or level == 0
        }
        found = self._database[TILES].find({"_id": {"$in": sorted(ids)}})
        held = {document["_id"]: _bytes(document.get("hashes")) for document in found}

        def load(level: int, index: int) -> bytes:
            known = held.get(tile_id(level, index))
            return known if known is not None else self.tile(level, index)

        return load

    def root(self, size: int) -> bytes:
        """Give the root of the first so many leaves."""
        return tree.root(size, nodes(self._near(size)))

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Prove that a leaf is in the tree of that size.

        Raises:
            OutsideTreeError: That tree has no such leaf.
        """
        return tree.inclusion_proof(index, size, nodes(self._near(size, index)))

    def consistency(self, before: int, size: int) -> list[bytes]:
        """Prove that the tree of one size begins with that of another.

        Raises:
            OutsideTreeError: There was no such tree.
        """
        return tree.consistency_proof(before, size, nodes(self._near(size, before - 1, before)))

    def leaves(self, first: int, end: int) -> Iterator[bytes]:
        """Give leaves in the log's order, from ``first`` on and before ``end``; nothing for one that was taken out.

        One that is gone leaves its place empty, so that its neighbours keep theirs.
        """
        place = first
        for at, leaf in self._placed(first, end):
            yield from [b""] * (at - place)
            yield leaf
            place = at + 1
        yield from [b""] * (end - place)

    def _placed(self, first: int, end: int) -> Iterator[tuple[int, bytes]]:
        begins = self._database[STRETCHES].find_one({"first": {"$lte": first}}, sort=[("first", -1)])
        since = begins["first"] if begins is not None else first
        for stretch in self._database[STRETCHES].find({"first": {"$gte": since, "$lt": end}}).sort("first", 1):
            ids = [one["id"] for one in stretch["batches"]]
            batches = {one["_id"]: one["leaves"] for one in self._database[BATCHES].find({"_id": {"$in": ids}})}
            place = int(stretch["first"])
            for one in stretch["batches"]:
                for n, leaf in enumerate(batches.get(one["id"], ())[: one["count"]], start=place):
                    if first <= n < end:
                        yield n, _bytes(leaf)
                place += int(one["count"])

    def place_of(self, entry_id: str) -> int | None:
        """Give an entry's place in the log; None while it waits for one."""
        batch_id, _, position = entry_id.rpartition("-")
        stretch = self._database[STRETCHES].find_one({"batches.id": batch_id})
        if stretch is None or not position.isdecimal():
            return None
        place = int(stretch["first"])
        for one in stretch["batches"]:
            if one["id"] == batch_id:
                return place + int(position) if int(position) < one["count"] else None
            place += int(one["count"])
        return None


def _bytes(value: Any) -> bytes:
    """Take what is no bytes for nothing: somebody wrote it there, and what is around it must still be read."""
    return value if isinstance(value, bytes) else b""
