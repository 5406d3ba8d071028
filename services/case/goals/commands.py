"""What may be asked of goals; ids are made by the caller, so that a repeat is the same command."""

from dataclasses import dataclass
from typing import ClassVar

from services.case.contacts.rules import says_something
from services.case.episodes.documents import EPISODES
from services.case.episodes.errors import EpisodeClosedError
from services.case.episodes.states import ENDED
from services.case.goals.documents import GoalStore
from services.case.goals.rules import Goal, Score
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OnGoal(DomainCommand):
    """Base of what is done to a goal of an episode.

    Attributes:
        actor_id: Who writes it down.
    """

    episode_id: str
    survivor_id: str
    goal_id: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The goal's id."""
        return self.goal_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The episode, and the survivor whose turn it takes."""
        return frozenset({self.episode_id, self.survivor_id})


@dataclass(frozen=True, kw_only=True)
class SetGoal(OnGoal):
    """The survivor wants to reach something."""

    action: ClassVar[str] = "case:goal:set"
    area: str
    words: str | None
    set_by: str | None


def set_goal(command: SetGoal, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Write a goal down.

    Raises:
        DocumentMissingError, EpisodeClosedError: Nothing is written.
    """
    store = _in_turn(command, work, sealer)
    goal = Goal(
        id=command.goal_id,
        survivor_id=command.survivor_id,
        episode_id=command.episode_id,
        area=command.area,
        words=command.words if says_something(command.words) else None,
        set_by=command.set_by,
        opened_by=command.actor_id,
        recorded_at=work.now,
        updated_at=work.now,
    )
    store.add(goal)
    return Answer(status=201, ids={"id": command.goal_id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class ScoreGoal(OnGoal):
    """The survivor says how far it is, or does not."""

    action: ClassVar[str] = "case:goal:score"
    score_id: str
    answer: str
    score: int | None
    said_by: str


def score_goal(command: ScoreGoal, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Keep what they say; every earlier answer stays.

    Raises:
        DocumentMissingError, EpisodeClosedError, GoalEndedError: Nothing is written.
    """
    store = _in_turn(command, work, sealer)
    score = Score(
        id=command.score_id,
        goal_id=command.goal_id,
        survivor_id=command.survivor_id,
        answer=command.answer,
        score=command.score,
        said_by=command.said_by,
        actor_id=command.actor_id,
        recorded_at=work.now,
        updated_at=work.now,
    )
    store.save(store.get(command.goal_id, command.episode_id).scored(score))
    store.add_score(score)
    return Answer(status=201, ids={"id": command.score_id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class EndGoal(OnGoal):
    """It is reached, partly reached, or no longer wanted."""

    action: ClassVar[str] = "case:goal:end"
    how: str


def end_goal(command: EndGoal, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """End a goal.

    Raises:
        DocumentMissingError, EpisodeClosedError, GoalEndedError: Nothing changes.
    """
    store = _in_turn(command, work, sealer)
    ended = store.get(command.goal_id, command.episode_id).ended(command.how, command.actor_id, at=work.now)
    return Answer(status=200, ids={"id": command.goal_id, "version": store.save(ended)})


@dataclass(frozen=True, kw_only=True)
class TakeGoalUp(OnGoal):
    """They want it again."""

    action: ClassVar[str] = "case:goal:take-up"


def take_goal_up(command: TakeGoalUp, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Go on with a goal that had ended.

    Raises:
        DocumentMissingError, EpisodeClosedError, GoalOpenError: Nothing changes.
    """
    store = _in_turn(command, work, sealer)
    taken = store.get(command.goal_id, command.episode_id).taken_up(at=work.now)
    return Answer(status=200, ids={"id": command.goal_id, "version": store.save(taken)})


def _in_turn(command: OnGoal, work: UnitOfWork, sealer: Sealer) -> GoalStore:
    """Take the survivor's turn, and refuse what belongs to support that has ended."""
    episode = work.get(EPISODES, command.episode_id)
    # Somebody may be closing it at this moment: one of the two comes after the other.
    SurvivorStore(work).take_turn(episode["survivor_id"])
    if episode["status"] in ENDED:
        raise EpisodeClosedError(command.episode_id)
    return GoalStore(work, sealer)
