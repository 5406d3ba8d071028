"""A survivor's goal, and how far it is by their own view: plain rules, no database and no clock.

Promise: a score is the survivor's own, from 0 to 10; that they declined, were not asked, or that nobody knows are
three answers, and none of them is a score. Shown by tests/unit/case/test_goal_rules.py. Source: ADR 0052.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from services.case.goals.errors import GoalEndedError, GoalOpenError

OPEN = "OPEN"
ENDINGS = ("REACHED", "PARTLY_REACHED", "NO_LONGER_WANTED")
STATES = (OPEN, *ENDINGS)
SCORED = "SCORED"
ANSWERS = (SCORED, "DECLINED_TO_ANSWER", "NOT_ASKED", "NOT_KNOWN")
SET_BY = ("SURVIVOR", "SURVIVOR_WITH_ADVOCATE")
"""Who sets a goal, and who says how far it is: never an advocate alone."""
MOST_SCORE = 10


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One goal of one episode.

    Attributes:
        words: What they want, in their own words; None where nobody wrote it down.
        set_by: Who set it; None of goals from before that was kept.
        first_score, last_score: Their first and their newest score; None where there is none.
        last_answer: Their newest answer, a score or not; None where nobody ever asked.
        opened_by: None of goals from before that was kept.
    """

    id: str
    survivor_id: str
    episode_id: str
    area: str
    words: str | None = None
    set_by: str | None = None
    state: str = OPEN
    first_score: int | None = None
    last_score: int | None = None
    last_answer: str | None = None
    opened_by: str | None = None
    recorded_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    def scored(self, score: "Score") -> "Goal":
        """Keep their newest answer; one that is no score leaves the scores that they gave.

        Raises:
            GoalEndedError: It has ended.
        """
        if self.state != OPEN:
            raise GoalEndedError
        asked = replace(self, last_answer=score.answer, updated_at=score.recorded_at)
        if score.score is None:
            return asked
        first = score.score if self.first_score is None else self.first_score
        return replace(asked, first_score=first, last_score=score.score)

    def ended(self, how: str, by: str, *, at: datetime) -> "Goal":
        """End it.

        Raises:
            GoalEndedError: It has ended already.
        """
        if self.state != OPEN:
            raise GoalEndedError
        return replace(self, state=how, ended_by=by, ended_at=at, updated_at=at)

    def taken_up(self, *, at: datetime) -> "Goal":
        """Go on with it.

        Raises:
            GoalOpenError: It has not ended.
        """
        if self.state == OPEN:
            raise GoalOpenError
        return replace(self, state=OPEN, ended_by=None, ended_at=None, updated_at=at)


@dataclass(frozen=True, kw_only=True)
class Score:
    """How far a goal is, as the survivor says.

    Attributes:
        answer: ``SCORED``, or why there is no score.
        score: 0 to 10; None where there is none.
        said_by: The survivor, or the survivor together with their advocate.
        actor_id: Who wrote it down.
    """

    id: str
    goal_id: str
    survivor_id: str
    answer: str
    score: int | None
    said_by: str
    actor_id: str
    recorded_at: datetime
    updated_at: datetime
    version: int = 0


def fits(answer: str, score: int | None) -> bool:
    """Whether a score stands there exactly where they gave one."""
    return (answer == SCORED) == (score is not None)
