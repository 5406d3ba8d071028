"""Reads the log for the rules: stretch after stretch by its places, what a person did around them, and whose it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.audit.history.rules import is_record_id
from services.audit.log.documents import ENTRIES, ENTRY
from services.audit.tree.documents import STRETCHES
from services.audit.unusual.documents import PASS, PASSES
from services.audit.unusual.rules import DAY, WORK_AFTER, WORK_BEFORE, Bounds, Seen, is_work
from services.audit.whose.documents import PEOPLE, THINGS, WhoseViews

MOST_AROUND = 5_000
"""Entries of one person around a stretch that are read, the newest."""
MOST_COUNTED = 10_000
_MOST_WORK = 2_000


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """What was put into the log together.

    Attributes:
        end: The place behind it.
        entries: In the log's order.
        newest: When the last of them came here.
        not_understood: How many have not the form of an entry.
    """

    end: int
    entries: tuple[Seen, ...]
    newest: datetime | None
    not_understood: int

    def by_actor(self) -> dict[str, list[Seen]]:
        """Give the entries of each actor."""
        found: dict[str, list[Seen]] = {}
        for one in self.entries:
            found.setdefault(one.actor_id, []).append(one)
        return found


class LogReader:
    """Reads of audit's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._database = database
        self._whose = WhoseViews(database)

    def pass_of(self, name: str) -> dict[str, Any]:
        """Give how far a pass is."""
        return PASS.values(self._database[PASSES].find_one({"_id": name}) or {"_id": name, "version": 0})

    def place_of_pass(self, name: str) -> int:
        """Give the place from which a pass reads on."""
        return int(self.pass_of(name)["next"])

    def bounds(self) -> Bounds:
        """Give this host's bounds, by how many people have an advocate."""
        return Bounds.of(self.people())

    def people(self) -> int:
        """Count the people who have an advocate, up to ``MOST_COUNTED``."""
        return self._database[PEOPLE].count_documents({"advocate_ids.0": {"$exists": True}}, limit=MOST_COUNTED)

    def stretch(self, place: int) -> Stretch | None:
        """Give what stands in the log from a place on; None at its end."""
        found = self._database[STRETCHES].find_one({"first": {"$gte": place}}, sort=[("first", 1)])
        if found is None:
            return None
        ids = [f"{one['id']}-{n:04d}" for one in found["batches"] for n in range(int(one["count"]))]
        documents = {one["_id"]: one for one in self._database[ENTRIES].find({"_id": {"$in": ids}})}
        # In the log's order; what somebody took out of the entries is missing here, which the log's check tells.
        entries, wrong = self._seen([documents[one] for one in ids if one in documents])
        came = [one["updated_at"] for one in documents.values() if isinstance(one.get("updated_at"), datetime)]
        return Stretch(
            end=int(found["first"]) + len(ids),
            entries=tuple(entries),
            newest=max(came, default=None),
            not_understood=wrong,
        )

    def around(self, actor_id: str, entries: Sequence[Seen]) -> list[Seen]:
        """Give what a person did from two days before the first of these until a day after the last."""
        times = [one.at for one in entries]
        where = {"actor_id": actor_id, "at": {"$gt": min(times) - 2 * DAY, "$lt": max(times) + DAY}}
        found = self._database[ENTRIES].find(where).sort([("at", -1)]).limit(MOST_AROUND)
        known = {one.id: one for one in self._seen(found)[0]}
        return list({**known, **{one.id: one for one in entries}}.values())

    def worked_at(self, one: Seen) -> list[datetime]:
        """Give when people did something for the person of an entry, in the days around it."""
        if one.person is None:
            return []
        where = {
            "object_id": {"$in": self._whose.parts_of(one.person)},
            "outcome": "ALLOWED",
            "at": {"$gte": one.at - WORK_BEFORE, "$lte": one.at + WORK_AFTER},
        }
        found = self._database[ENTRIES].find(where, {"action": 1, "role": 1, "at": 1}).limit(_MOST_WORK)
        return [entry["at"] for entry in found if is_work(entry["action"], entry["role"])]

    def _seen(self, documents: Iterable[Mapping[str, Any]]) -> tuple[list[Seen], int]:
        kept = list(documents)
        whose = self._people_of(str(one.get("object_id")) for one in kept)
        seen: list[Seen] = []
        for document in kept:
            try:
                seen.append(_as_seen(document, whose))
            except (KeyError, TypeError, ValueError, AttributeError):
                continue
        return seen, len(kept) - len(seen)

    def _people_of(self, object_ids: Iterable[str]) -> dict[str, str]:
        ids = sorted(set(object_ids))
        things = self._database[THINGS].find({"_id": {"$in": ids}})
        people = self._database[PEOPLE].find({"_id": {"$in": ids}}, {"_id": 1})
        return {one["_id"]: one["_id"] for one in people} | {one["_id"]: one["survivor_id"] for one in things}


def _as_seen(document: Mapping[str, Any], whose: Mapping[str, str]) -> Seen:
    """Read an entry; ``KeyError``, ``TypeError`` or ``ValueError`` where it has not the form of one."""
    entry = ENTRY.values(document)
    texts = ("actor_id", "role", "service", "action", "outcome", "object_id")
    if not isinstance(entry["at"], datetime) or not all(isinstance(entry[name], str) for name in texts):
        raise TypeError
    person = whose.get(entry["object_id"])
    if person is None and entry["action"].startswith("case:survivor:") and is_record_id(entry["object_id"]):
        # Somebody of whom audit heard nothing, as from before it did: the action says whose record it is.
        person = entry["object_id"]
    return Seen(
        id=entry["id"],
        at=entry["at"],
        person=person,
        standing=entry["standing"],
        found=entry["found"],
        **{name: entry[name] for name in texts},
    )
