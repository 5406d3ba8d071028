"""Goals, one document each; the words are sealed. Scores, one document each, and nobody can write over one."""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from services.case.episodes.documents import of_episode
from services.case.goals.rules import Goal, Score
from services.case.survivors.sealing import Sealer
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

GOALS, SCORES = "goals", "goal_scores"
GOAL = DocumentType(
    collection=GOALS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID, shown=False),
        Field(name="episode_id", holds=Holds.ID, shown=False),
        Field(name="area", holds=Holds.CODE),
        Field(name="words", holds=Holds.STORY, sealed=True),
        Field(name="set_by", holds=Holds.CODE),
        Field(name="state", holds=Holds.CODE),
        Field(name="first_score", holds=Holds.COUNT),
        Field(name="last_score", holds=Holds.COUNT),
        Field(name="last_answer", holds=Holds.CODE),
        Field(name="opened_by", holds=Holds.ID),
        Field(name="recorded_at", holds=Holds.INSTANT),
        Field(name="ended_by", holds=Holds.ID),
        Field(name="ended_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("episode_id", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("survivor_id", 1), ("state", 1)]),
    ),
)
SCORE = DocumentType(
    collection=SCORES,
    fields=(
        Field(name="goal_id", holds=Holds.ID, shown=False),
        Field(name="survivor_id", holds=Holds.ID, shown=False),
        Field(name="answer", holds=Holds.CODE),
        Field(name="score", holds=Holds.COUNT),
        Field(name="said_by", holds=Holds.CODE),
        Field(name="actor_id", holds=Holds.ID),
        Field(name="recorded_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(IndexModel([("goal_id", 1), ("updated_at", 1), ("_id", 1)]),),
    append_only=True,
)
TYPES = (GOAL, SCORE)


class GoalStore:
    """Goals of one survivor, in whose turn they are written."""

    def __init__(self, work: UnitOfWork, sealer: Sealer) -> None:
        """Work inside one transaction."""
        self._work = work
        self._sealer = sealer

    def get(self, goal_id: str, episode_id: str) -> Goal:
        """Give a goal of an episode.

        Raises:
            DocumentMissingError: That episode has none of this id.
        """
        return goal_from(of_episode(self._work, GOALS, goal_id, episode_id), self._sealer)

    def add(self, goal: Goal) -> None:
        """Keep a new goal."""
        self._work.insert(GOALS, self._document(goal))

    def save(self, goal: Goal) -> int:
        """Write a goal's next version; give it."""
        self._work.replace(GOALS, {**self._document(goal), "version": goal.version})
        return goal.version + 1

    def add_score(self, score: Score) -> None:
        """Keep an answer."""
        self._work.insert(SCORES, SCORE.document(score))

    def _document(self, goal: Goal) -> dict[str, Any]:
        return GOAL.document(goal, seal=self._sealer.sealing(goal.survivor_id))


def goal_from(document: Mapping[str, Any], sealer: Sealer) -> Goal:
    """Read a goal's document."""
    return Goal(**GOAL.values(document, opened=sealer.opening(document["survivor_id"])))
