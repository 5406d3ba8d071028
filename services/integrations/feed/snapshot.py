"""The newest state of everything, by ids and codes, page by page as of one instant of the database.

Promise: every page shows the same instant, and the position that goes with it is exact: state at the first page plus
the events after that position is the state at the feed's head. Of what today's consent and rights do not allow,
nothing is shown. Shown by tests/integration/integrations/test_snapshot.py.
Limit: the database keeps an old instant for five minutes; a reader who is slower begins again, and is told so.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import Timestamp
from pymongo.errors import OperationFailure

from services.integrations.store.documents import ERASED, HEAD, POSITIONS, RESTRICTED, STATE, STATES, STOPPED
from services.integrations.store.reading import STREAMS, complete_through, has_everything_told
from services.integrations.store.rules import is_cut_off, says_yes, still_yes
from shared.kernel.errors import GoneError, InvalidInputError
from shared.runtime.context import ServiceContext

_TOO_OLD = frozenset({239, 246})
"""SnapshotTooOld and SnapshotUnavailable."""
_NOT_YET = 72
"""InvalidOptions: the instant lies ahead of the database's own."""
_SHOWN = ("kind", "subject", "type", "sequence", "position", "data")


class SnapshotOverError(GoneError):
    """A snapshot's instant is no longer kept; HTTP 410. Begin a new one."""

    code = "snapshot-over"

    def __init__(self) -> None:
        """Say how to go on."""
        super().__init__("This snapshot was begun more than a few minutes ago and is over. Begin again without after.")


class NoSnapshotCursorError(InvalidInputError):
    """This is not a cursor of a snapshot."""

    code = "no-snapshot-cursor"

    def __init__(self) -> None:
        """Say where a cursor comes from."""
        super().__init__("This is not a cursor that an earlier page of a snapshot gave as next.")


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """Where a snapshot goes on: its instant, and the last thing that was looked at."""

    at: Timestamp
    last: str

    def text(self) -> str:
        """Give the cursor as an answer shows it."""
        return base64.urlsafe_b64encode(f"{self.at.time}.{self.at.inc}.{self.last}".encode()).decode()

    @classmethod
    def of(cls, text: str) -> "Cursor":
        """Read a cursor.

        Raises:
            NoSnapshotCursorError: It is none.
        """
        try:
            time, inc, last = base64.b64decode(text, altchars=b"-_", validate=True).decode("ascii").split(".", 2)
            return cls(at=Timestamp(int(time), int(inc)), last=last)
        except (ValueError, binascii.Error) as error:
            raise NoSnapshotCursorError from error


class Snapshots:
    """Reads integrations' own database as of one instant."""

    def __init__(self, context: ServiceContext) -> None:
        """Take the database and the business clock."""
        self._database = context.client[context.database_name]
        self._now = context.clock.now

    def page(self, after: str | None, *, limit: int) -> dict[str, Any]:
        """Give one page: ``items``, the ``position`` at which they are exact, since when, and the ``next`` cursor.

        Raises:
            SnapshotOverError: The instant of the cursor is no longer kept.
            NoSnapshotCursorError: The cursor is none.
        """
        cursor = Cursor.of(after) if after is not None else None
        try:
            documents, at = self._read(cursor, limit + 1)
            head = next(iter(self._as_of(at, POSITIONS, {"_id": HEAD})), {})
            streams = self._as_of(at, STREAMS, {})
        except OperationFailure as error:
            if error.code in _TOO_OLD:
                raise SnapshotOverError from error
            if error.code == _NOT_YET:
                raise NoSnapshotCursorError from error
            raise
        more = len(documents) > limit
        shown = documents[:limit]
        return {
            "items": self._as_of_today(shown),
            "position": head.get("position", 0),
            "known_since": head.get("since"),
            "whole": has_everything_told(head.get("told_at"), streams),
            "complete_through": complete_through(streams),
            "next": Cursor(at=at, last=shown[-1]["_id"]).text() if more else None,
        }

    def _read(self, cursor: Cursor | None, limit: int) -> tuple[list[dict[str, Any]], Timestamp]:
        concern: dict[str, Any] = {"level": "snapshot"}
        if cursor is not None:
            concern["atClusterTime"] = cursor.at
        command = {
            "find": STATES,
            "filter": {"_id": {"$gt": cursor.last}} if cursor is not None else {},
            "sort": {"_id": 1},
            "limit": limit,
            "batchSize": limit,
            "readConcern": concern,
        }
        found = self._database.command(command, codec_options=self._database.codec_options)["cursor"]
        return list(found["firstBatch"]), found["atClusterTime"]

    def _as_of(self, at: Timestamp, collection: str, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        """Give the few rows of a small collection as they were; of today's, some would be of what is not shown."""
        concern = {"level": "snapshot", "atClusterTime": at}
        command = {"find": collection, "filter": wanted, "singleBatch": True, "readConcern": concern}
        found = self._database.command(command, codec_options=self._database.codec_options)["cursor"]
        return list(found["firstBatch"])

    def _as_of_today(self, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        survivors = sorted({d["survivor_id"] for d in documents if d.get("survivor_id") is not None})
        # As of now, not of the snapshot's instant: an erasure takes effect at once.
        erased = {row["_id"] for row in self._database[ERASED].find({"_id": {"$in": survivors}}, {"_id": 1})}
        stopped = {row["_id"] for row in self._database[STOPPED].find({"_id": {"$in": survivors}}, {"_id": 1})}
        restricted = self._database[RESTRICTED].find({"_id": {"$in": survivors}, "holds": True}, {"_id": 1})
        stopped |= {row["_id"] for row in restricted}
        ids = [d["_id"] for d in documents if d.get("survivor_id") not in erased and not _is_cut_off(d, stopped)]
        now = {d["_id"]: STATE.values(d) for d in self._database[STATES].find({"_id": {"$in": ids}})}
        found = (_todays(STATE.values(d), now[d["_id"]], self._now()) for d in documents if d["_id"] in now)
        return [{name: values[name] for name in _SHOWN} for values in found if values is not None]


def _is_cut_off(document: dict[str, Any], stopped: set[str]) -> bool:
    return document.get("survivor_id") in stopped and is_cut_off(document["type"], document["data"])


def _todays(then: dict[str, Any], now: dict[str, Any], at: datetime) -> dict[str, Any] | None:
    """Give a state as it was at the instant, unless it permitted something then that it does not permit today.

    Then it is today's state; of a yes whose year has passed, and of which nobody has yet heard so, nothing.
    """
    if not says_yes(then["type"], then["data"]) or still_yes(now["type"], now["data"], at):
        return then
    return None if says_yes(now["type"], now["data"]) else now
