"""What an outsider is given: the newest checkpoint, the leaves below it, and the proof of one entry."""

import base64
from typing import Any

from pymongo import DESCENDING
from pymongo.database import Database

from services.audit.checkpoints.documents import CHECKPOINTS, PUBLIC_KEYS
from services.audit.log.documents import ENTRIES
from services.audit.tree.reading import LogTree
from shared.kernel.errors import TemporarilyUnavailableError
from shared.outbox.unit_of_work import DocumentMissingError
from shared.transparency.canonical import canonical

PROOF_HEAD = "c2sp.org/tlog-proof@v1"


class NotSignedYetError(TemporarilyUnavailableError):
    """The entry has no place below a checkpoint yet; HTTP 503."""

    code = "not-signed-yet"

    def __init__(self) -> None:
        """Say when to ask again."""
        super().__init__(
            "This entry is not below a signed checkpoint yet. Ask again in two minutes; if it is still so then, ask "
            "whoever runs the service to run: alongside doctor."
        )


class LogViews:
    """Reads of one tenant's log for whoever verifies it."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take audit's database."""
        self._database = database
        self._tree = LogTree(database)

    def log(self) -> dict[str, Any]:
        """Give size, newest checkpoint and public keys."""
        newest = self._newest() or {"note": None, "size": 0}
        keys = [line for one in self._database[PUBLIC_KEYS].find().sort("_id", 1) for line in one["lines"]]
        return {
            "size": self._tree.size(),
            "signed_size": newest["size"],
            "checkpoint": newest["note"],
            "keys": keys,
        }

    def leaves(self, first: int, limit: int) -> dict[str, Any]:
        """Give signed leaves in the log's order, and from where to read on."""
        newest = self._newest()
        end = min(first + limit, newest["size"]) if newest is not None else 0
        # What is no text any more was changed. It goes out all the same, so that the verifier names it.
        items = [leaf.decode(errors="replace") for leaf in self._tree.leaves(first, end)]
        more = newest is not None and items and first + len(items) < newest["size"]
        return {"first": first, "items": items, "next": first + len(items) if more else None}

    def proof(self, entry_id: str) -> dict[str, Any]:
        """Prove that an entry is in the log: a portable tlog-proof, which holds the leaf and what opens it.

        Raises:
            DocumentMissingError: There is no such entry.
            NotSignedYetError: No checkpoint covers it yet.
        """
        entry = self._database[ENTRIES].find_one({"_id": entry_id})
        if entry is None:
            raise DocumentMissingError(ENTRIES)
        place, newest = self._tree.place_of(entry_id), self._newest()
        if place is None or newest is None or newest["size"] <= place:
            raise NotSignedYetError
        (leaf,) = self._tree.leaves(place, place + 1)
        extra = canonical({"leaf": leaf.decode(), "opening": _opening(entry)})
        hashes = self._tree.inclusion(place, newest["size"])
        lines = [PROOF_HEAD, f"extra {_text(extra)}", f"index {place}", *map(_text, hashes), "", newest["note"]]
        return {"index": place, "proof": "\n".join(lines)}

    def _newest(self) -> dict[str, Any] | None:
        return self._database[CHECKPOINTS].find_one(sort=[("at", DESCENDING), ("size", DESCENDING)])


def _opening(entry: dict[str, Any]) -> dict[str, str]:
    """Give ids and salts; of an erased person neither is there any more."""
    opened = {"actor_id": entry["actor_id"], "actor_salt": bytes(entry["actor_salt"]).hex()}
    if "object_salt" in entry:
        opened |= {"object_id": entry["object_id"], "object_salt": bytes(entry["object_salt"]).hex()}
    return opened


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
