"""The latest facts of each episode, the random id under which they may go out, and what was stated of it last."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from pymongo import IndexModel

from services.consent.gate.rules import Facts
from shared.kernel.ids import new_id
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

EPISODES = "episodes"


def _kept(facts: Facts) -> dict[str, Any]:
    return {**asdict(facts), "exploitation_types": list(facts.exploitation_types)}


def _facts(kept: Mapping[str, Any]) -> Facts:
    said = {one.name: kept[one.name] for one in fields(Facts) if one.name in kept}
    return Facts(**{**said, "exploitation_types": tuple(kept["exploitation_types"])})


EPISODE = DocumentType(
    collection=EPISODES,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="contribution_id", holds=Holds.ID),
        Field(name="facts", holds=Holds.CODE, write=_kept, read=_facts),
        Field(name="gate_version", holds=Holds.COUNT),
        # Episodes of a version that kept no copy of its statement have none.
        Field(name="stated", holds=Holds.CODE, missing=None),
    ),
    indexes=(IndexModel([("survivor_id", 1)]),),
)
TYPES = (EPISODE,)


@dataclass(frozen=True, kw_only=True)
class Episode:
    """An episode at the gate.

    Attributes:
        id: The episode's, as case knows it.
        contribution_id: The random id under which reporting knows it; drawn once.
        gate_version: How often the gate stated it.
        stated: What the gate stated last, with its ``sequence``.
    """

    id: str
    survivor_id: str
    contribution_id: str
    facts: Facts
    gate_version: int
    stated: Mapping[str, Any] | None


class GateStore:
    """The episodes at the gate."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def keep(self, episode_id: str, survivor_id: str, facts: Facts) -> Episode:
        """Keep an episode's facts; its contribution id is drawn once."""
        known = self._work.find(EPISODES, episode_id)
        if known is None:
            known = EPISODE.changed({"_id": episode_id}, contribution_id=new_id(), gate_version=0)
        document = EPISODE.changed(known, survivor_id=survivor_id, facts=facts)
        self._work.save(EPISODES, document)
        return episode_from(document)

    def of_survivors(self, survivor_ids: Iterable[str]) -> list[Episode]:
        """Give all episodes of several survivors, in one query."""
        query = {"survivor_id": {"$in": list(survivor_ids)}}
        return [episode_from(d) for d in self._work.find_where(EPISODES, query, sort=[("_id", 1)])]

    def next_after(self, episode_id: str, most: int) -> list[Episode]:
        """Give the episodes that come next by id, in one query."""
        query = {"_id": {"$gt": episode_id}}
        return [episode_from(d) for d in self._work.find_where(EPISODES, query, sort=[("_id", 1)], limit=most)]

    def note_stated(self, episode: Episode, statement: Mapping[str, Any]) -> int:
        """Keep what the gate states of an episode now, and count it up; give the new sequence."""
        sequence = episode.gate_version + 1
        current = self._work.get(EPISODES, episode.id)
        # The sequence tells a copy of this statement from one that an older process left behind.
        stated = {**statement, "sequence": sequence}
        self._work.replace(EPISODES, EPISODE.changed(current, gate_version=sequence, stated=stated))
        return sequence


def episode_from(document: Mapping[str, Any]) -> Episode:
    """Read an episode's document."""
    said = EPISODE.values(document)
    return Episode(**{name: value for name, value in said.items() if name != "version"})
