"""Episodes, one document each; the exact day of referral and the nationalities are sealed."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from pymongo import IndexModel

from services.case.episodes.rules import Episode
from services.case.episodes.states import Change
from services.case.survivors.sealing import Sealer
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import Document, DocumentMissingError, StaleVersionError, UnitOfWork


def _day(text: str | None) -> date:
    return date.fromisoformat(text or "")


def _codes(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text or "[]"))


EPISODES = "episodes"
EPISODE = DocumentType(
    collection=EPISODES,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="status", holds=Holds.CODE),
        Field(name="referral_date", holds=Holds.IDENTITY, sealed=True, write=date.isoformat, read=_day),
        Field(name="age_band", holds=Holds.CODE),
        Field(name="gender", holds=Holds.CODE),
        Field(name="nationality", holds=Holds.IDENTITY, sealed=True, write=json.dumps, read=_codes),
        Field(name="region", holds=Holds.CODE, shown=False),
        Field(name="exploitation_types", holds=Holds.CODE, write=list, read=tuple),
        Field(name="nation", holds=Holds.CODE),
        Field(name="advocacy_area", holds=Holds.CODE),
        Field(name="advocate_id", holds=Holds.ID),
        Field(name="transfer_in", holds=Holds.CODE),
        Field(name="excluded", holds=Holds.CODE),
        Field(name="recorded_in_error", holds=Holds.CODE),
        # Episodes that were closed before these were kept have neither.
        Field(name="closure_reason", holds=Holds.CODE, missing=None),
        Field(name="closed_at", holds=Holds.INSTANT, missing=None),
        # Of episodes from before states were kept none of these stands here: their support had begun.
        Field(name="begun", holds=Holds.CODE, missing=True, sparse=True, shown=False),
        Field(name="referral_source", holds=Holds.CODE, sparse=True),
        Field(name="tier", holds=Holds.CODE, sparse=True),
        Field(name="state_since", holds=Holds.INSTANT, sparse=True),
        # Episodes of before 2026-11-27 have none.
        Field(name="left_out", holds=Holds.CODE, write=list, read=tuple, missing=()),
        Field(name="facts_recorded_at", holds=Holds.INSTANT, shown=False),
        Field(name="updated_at", holds=Holds.INSTANT),
    ),
    indexes=(
        IndexModel([("survivor_id", 1)]),
        IndexModel([("updated_at", 1), ("_id", 1)]),
        IndexModel([("advocate_id", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("status", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("nation", 1), ("updated_at", 1), ("_id", 1)]),
    ),
)
CHANGES = "episode_states"
CHANGE = DocumentType(
    collection=CHANGES,
    fields=(
        Field(name="episode_id", holds=Holds.ID, shown=False),
        Field(name="survivor_id", holds=Holds.ID, shown=False),
        Field(name="before", holds=Holds.CODE),
        Field(name="after", holds=Holds.CODE),
        Field(name="reason", holds=Holds.CODE),
        Field(name="tier", holds=Holds.CODE),
        Field(name="actor_id", holds=Holds.ID),
        Field(name="role", holds=Holds.CODE),
        Field(name="recorded_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(IndexModel([("episode_id", 1), ("updated_at", 1), ("_id", 1)]),),
    append_only=True,
)
TYPES = (EPISODE, CHANGE)


class EpisodeStore:
    """Support episodes of survivors whose keys are given."""

    def __init__(self, work: UnitOfWork, sealer: Sealer) -> None:
        """Work inside one transaction."""
        self._work = work
        self._sealer = sealer

    def get(self, episode_id: str) -> Episode:
        """Give an episode; ``DocumentMissingError`` if there is none."""
        return episode_from(self._work.get(EPISODES, episode_id), self._sealer)

    def at_version(self, episode_id: str, version: int) -> Episode:
        """Give an episode as the caller read it.

        Raises:
            DocumentMissingError: There is none.
            StaleVersionError: Somebody changed it since.
        """
        episode = self.get(episode_id)
        if episode.version != version:
            raise StaleVersionError(EPISODES)
        return episode

    def find(self, episode_id: str) -> Episode | None:
        """Give an episode, or None if there is none or its survivor's key is not given, as of somebody erased."""
        document = self._work.find(EPISODES, episode_id)
        if document is None or document["survivor_id"] not in self._sealer.keys:
            return None
        return episode_from(document, self._sealer)

    def left_out_by_imports(self, episode_id: str) -> frozenset[str]:
        """Give why imports alone leave an episode out of the statistics; nothing is opened for it."""
        document = self._work.find(EPISODES, episode_id)
        if document is None or document["excluded"]:
            return frozenset()
        return frozenset(document.get("left_out", ()))

    def add(self, episode: Episode) -> None:
        """Add an opened episode and state its facts."""
        self._work.insert(EPISODES, self._document(episode))
        self._state(episode, 1)

    def save(self, episode: Episode) -> int:
        """Write the next version and state its facts; give that version."""
        self._work.replace(EPISODES, {**self._document(episode), "version": episode.version})
        self._state(episode, episode.version + 1)
        return episode.version + 1

    def note(self, change: Change) -> None:
        """Keep a step in the episode's history."""
        self._work.insert(CHANGES, CHANGE.document(change))

    def _document(self, episode: Episode) -> dict[str, Any]:
        document = EPISODE.document(episode, seal=self._sealer.sealing(episode.survivor_id))
        return {**document, "updated_at": self._work.now}

    def _state(self, episode: Episode, version: int) -> None:
        for event in episode.events:
            self._work.record(event, sequence=version)


def episode_from(document: Mapping[str, Any], sealer: Sealer) -> Episode:
    """Read an episode's document."""
    return Episode(**EPISODE.values(document, opened=sealer.opening(document["survivor_id"])))


def of_episode(work: UnitOfWork, collection: str, document_id: str, episode_id: str) -> Document:
    """Give a document of an episode before anything of it is opened: another person's words have another key.

    Raises:
        DocumentMissingError: That episode has none of this id.
    """
    document = work.get(collection, document_id)
    if document["episode_id"] != episode_id:
        raise DocumentMissingError(collection)
    return document
