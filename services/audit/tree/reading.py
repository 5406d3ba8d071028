"""Reads the tree out of the database: size, root, tiles, leaves and proofs."""

from collections.abc import Iterator
from typing import Any

from pymongo.database import Database

from services.audit.tree.appending import tile_id
from services.audit.tree.documents import BATCHES, HEAD, HEADS, STRETCHES, TILES
from shared.transparency import tree
from shared.transparency.tiles import nodes
from shared.transparency.tree import OutsideTreeError


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
        return bytes(found["hashes"]) if found is not None else b""

    def root(self, size: int) -> bytes:
        """Give the root of the first so many leaves."""
        return tree.root(size, nodes(self.tile))

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Prove that a leaf is in the tree of that size.

        Raises:
            OutsideTreeError: That tree has no such leaf.
        """
        return tree.inclusion_proof(index, size, nodes(self.tile))

    def consistency(self, before: int, size: int) -> list[bytes]:
        """Prove that the tree of one size begins with that of another.

        Raises:
            OutsideTreeError: There was no such tree.
        """
        return tree.consistency_proof(before, size, nodes(self.tile))

    def leaves(self, first: int, end: int) -> Iterator[bytes]:
        """Give leaves in the log's order, from ``first`` on and before ``end``, as far as they are there."""
        place = self._stretch_of(first)["first"] if first < end else end
        for stretch in self._database[STRETCHES].find({"first": {"$gte": place, "$lt": end}}).sort("first", 1):
            ids = [one["id"] for one in stretch["batches"]]
            batches = {one["_id"]: one["leaves"] for one in self._database[BATCHES].find({"_id": {"$in": ids}})}
            place = stretch["first"]
            for one in stretch["batches"]:
                for leaf in batches.get(one["id"], ()):
                    if first <= place < end:
                        yield bytes(leaf)
                    place += 1

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

    def _stretch_of(self, index: int) -> dict[str, Any]:
        found = self._database[STRETCHES].find_one({"first": {"$lte": index}}, sort=[("first", -1)])
        if found is None:
            raise OutsideTreeError(index, 0)
        return found
