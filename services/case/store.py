"""Case's documents; what identifies a person is sealed under that person's own key."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bson import Binary
from pymongo import IndexModel

from services.case.domain import Episode
from shared.contracts.case import SurvivorAssigned
from shared.keys.fields import open_fields, seal_fields
from shared.outbox.unit_of_work import UnitOfWork

SURVIVORS, EPISODES, IMPORTS, ROWS, TASKS, ENTRIES = (
    "survivors",
    "episodes",
    "imports",
    "import_rows",
    "tasks",
    "entries",
)
STAFF = "staff"
"""What identity told of the host's own people, by id."""

WAITING, DONE, REFUSED, FAILED = "WAITING", "DONE", "REFUSED", "FAILED"
"""States of an import; ``REFUSED`` took nothing, ``FAILED`` took the rows before what went wrong."""

COLLECTIONS = (SURVIVORS, EPISODES, IMPORTS, ROWS, TASKS, ENTRIES, STAFF)
INDEXES: dict[str, list[IndexModel]] = {
    SURVIVORS: [IndexModel([("updated_at", 1), ("_id", 1)]), IndexModel([("advocate_ids", 1)])],
    EPISODES: [IndexModel([("survivor_id", 1)]), IndexModel([("updated_at", 1), ("_id", 1)])],
    IMPORTS: [IndexModel([("state", 1)])],
    ROWS: [IndexModel([("import_id", 1), ("row", 1)]), IndexModel([("twins", 1)])],
    TASKS: [IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)])],
    ENTRIES: [IndexModel([("episode_id", 1), ("kind", 1), ("updated_at", 1), ("_id", 1)])],
}


@dataclass(frozen=True, kw_only=True)
class Sealer:
    """Seals and opens the fields of survivors whose data keys it was given."""

    tenant: str
    keys: Mapping[str, bytes]

    def seal(self, survivor_id: str, values: Mapping[str, str | None]) -> dict[str, Any]:
        """Seal fields of one survivor."""
        sealed = seal_fields(self.keys[survivor_id], values, tenant=self.tenant, survivor_id=survivor_id)
        return {name: None if value is None else Binary(value) for name, value in sealed.items()}

    def open(self, survivor_id: str, sealed: Mapping[str, Any]) -> dict[str, str | None]:
        """Open fields of one survivor."""
        content = {name: None if value is None else bytes(value) for name, value in sealed.items()}
        return open_fields(self.keys[survivor_id], content, tenant=self.tenant, survivor_id=survivor_id)


class SurvivorStore:
    """Who may act on a survivor, and the turn that every transaction about them takes (ADR 0017)."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def take_turn(self, survivor_id: str) -> None:
        """Write the survivor's document; of two transactions that both do, one is carried out after the other.

        Raises:
            DocumentMissingError: There is no such survivor.
        """
        known = self._work.get(SURVIVORS, survivor_id)
        self._work.replace(SURVIVORS, {**known, "turn": int(known.get("turn", 0)) + 1})

    def advocates_of(self, survivor_id: str) -> frozenset[str]:
        """Give the advocates who may act on a survivor.

        Of a survivor from before this was stated, they are the advocates of the episodes.
        """
        known = self._work.get(SURVIVORS, survivor_id)
        if known.get("advocate_ids") is not None:
            return frozenset(known["advocate_ids"])
        episodes = self._work.find_where(EPISODES, {"survivor_id": survivor_id})
        return frozenset(e["advocate_id"] for e in episodes if e["advocate_id"] is not None)

    def add(self, survivor_id: str, sealed: Mapping[str, Any], advocate_ids: Iterable[str]) -> None:
        """Add a survivor and state who may act on them."""
        ids = sorted(set(advocate_ids))
        document = {"_id": survivor_id, "sealed": sealed, "updated_at": self._work.now, "advocate_ids": ids}
        self._work.insert(SURVIVORS, document)
        self._work.record(SurvivorAssigned(survivor_id=survivor_id, advocate_ids=tuple(ids)), sequence=1)

    def assign(self, survivor_id: str, advocate_ids: Iterable[str]) -> int:
        """Keep and state who may act on a survivor from now on; give the survivor's new version.

        Raises:
            DocumentMissingError: There is no such survivor.
        """
        ids = sorted(set(advocate_ids))
        known = self._work.get(SURVIVORS, survivor_id)
        self._work.replace(SURVIVORS, {**known, "advocate_ids": ids, "updated_at": self._work.now})
        version = int(known["version"]) + 1
        self._work.record(SurvivorAssigned(survivor_id=survivor_id, advocate_ids=tuple(ids)), sequence=version)
        return version


class EpisodeStore:
    """Support episodes; the exact day of referral and the nationalities are sealed."""

    def __init__(self, work: UnitOfWork, sealer: Sealer) -> None:
        """Work inside one transaction."""
        self._work = work
        self._sealer = sealer

    def get(self, episode_id: str) -> Episode:
        """Give an episode; ``DocumentMissingError`` if there is none."""
        return episode_from(self._work.get(EPISODES, episode_id), self._sealer)

    def add(self, episode: Episode) -> None:
        """Add an opened episode and state its facts."""
        self._work.insert(EPISODES, self._document(episode))
        self._state(episode, 1)

    def save(self, episode: Episode) -> int:
        """Write the next version and state its facts; give that version."""
        self._work.replace(EPISODES, {**self._document(episode), "version": episode.version})
        self._state(episode, episode.version + 1)
        return episode.version + 1

    def _state(self, episode: Episode, version: int) -> None:
        for event in episode.events:
            self._work.record(event, sequence=version)

    def _document(self, episode: Episode) -> dict[str, Any]:
        sealed = {"referral_date": episode.referral_date.isoformat(), "nationality": json.dumps(episode.nationality)}
        return {
            "_id": episode.id,
            "survivor_id": episode.survivor_id,
            "status": episode.status,
            "sealed": self._sealer.seal(episode.survivor_id, sealed),
            "age_band": episode.age_band,
            "gender": episode.gender,
            "region": episode.region,
            "exploitation_types": list(episode.exploitation_types),
            "nation": episode.nation,
            "advocacy_area": episode.advocacy_area,
            "advocate_id": episode.advocate_id,
            "transfer_in": episode.transfer_in,
            "excluded": episode.excluded,
            "recorded_in_error": episode.recorded_in_error,
            "left_out": list(episode.left_out),
            "facts_recorded_at": episode.facts_recorded_at,
            "closure_reason": episode.closure_reason,
            "closed_at": episode.closed_at,
            "updated_at": self._work.now,
        }


def episode_from(document: Mapping[str, Any], sealer: Sealer) -> Episode:
    """Read an episode's document."""
    opened = sealer.open(document["survivor_id"], document["sealed"])
    plain = {
        name: document[name]
        for name in (
            "survivor_id", "status", "age_band", "gender", "region", "nation", "advocacy_area", "advocate_id",
            "transfer_in", "excluded", "recorded_in_error", "facts_recorded_at", "version",
        )
    }  # fmt: skip
    return Episode(
        id=document["_id"],
        referral_date=date.fromisoformat(opened["referral_date"] or ""),
        nationality=tuple(json.loads(opened["nationality"] or "[]")),
        exploitation_types=tuple(document["exploitation_types"]),
        # Episodes that were closed before these were kept have neither.
        closure_reason=document.get("closure_reason"),
        closed_at=document.get("closed_at"),
        # Episodes of before 2026-11-27 have none.
        left_out=tuple(document.get("left_out", ())),
        **plain,
    )
