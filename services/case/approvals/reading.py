"""Reads what an advocacy plan is now, inside a transaction or for a page; all of it of one survivor."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.case.approvals.plan import GOAL, MOST_PARTS, NEED, RISK, STEP, Changes, Part, changes
from services.case.goals.documents import GOALS, goal_from
from services.case.goals.rules import OPEN as OPEN_GOAL
from services.case.needs.documents import NEED_KIND, NEEDS, RISK_KIND, RISKS
from services.case.needs.rules import Need, histories
from services.case.outcomes.keeping import KeptKind
from services.case.outcomes.views import MOST
from services.case.steps.documents import STEPS, step_from
from services.case.steps.rules import DONE, REVIEW
from services.case.steps.rules import OPEN as OPEN_STEP
from services.case.survivors.sealing import Sealer
from shared.outbox.unit_of_work import UnitOfWork

Find = Callable[[str, Mapping[str, Any], int], Sequence[Mapping[str, Any]]]
_CARRIED_OUT = ("REACHED", "PARTLY_REACHED")


def finding(work: UnitOfWork) -> Find:
    """Give what finds documents inside a transaction."""
    return lambda collection, query, most: work.find_where(collection, query, limit=most)


class PlanReader:
    """One person's plan in one episode."""

    def __init__(self, find: Find, sealer: Sealer, *, survivor_id: str, episode_id: str) -> None:
        """Take what finds documents, and the survivor's key."""
        self._find = find
        self._sealer = sealer
        self._survivor = {"survivor_id": survivor_id}
        self._episode = {"episode_id": episode_id}

    def now(self) -> tuple[Part, ...]:
        """Give the plan as it stands, in an order of its own that does not depend on who wrote what first."""
        parts = (*self._goals(), *self._steps(), *self._weighed(NEEDS, NEED), *self._weighed(RISKS, RISK))
        return tuple(sorted(parts, key=lambda one: one.key))[:MOST_PARTS]

    def changes(self, asked: Sequence[Part]) -> Changes:
        """Compare it with what was asked for; without anything asked for, nothing changed."""
        if not asked:
            return Changes()
        ids = [one.id for one in asked if one.part in (GOAL, STEP)]
        steps = self._find(STEPS, {**self._survivor, "_id": {"$in": ids}}, MOST_PARTS)
        goals = self._find(GOALS, {**self._episode, "_id": {"$in": ids}}, MOST_PARTS)
        done = {(STEP, one["_id"]) for one in steps if one["state"] == DONE}
        reached = {(GOAL, one["_id"]) for one in goals if one["state"] in _CARRIED_OUT}
        return changes(asked, self.now(), done | reached)

    def _goals(self) -> list[Part]:
        found = self._find(GOALS, {**self._episode, "state": OPEN_GOAL}, MOST_PARTS)
        goals = [goal_from(one, self._sealer) for one in found]
        return [_part(GOAL, one.id, area=one.area, words=one.words, set_by=one.set_by) for one in goals]

    def _steps(self) -> list[Part]:
        found = self._find(STEPS, {**self._survivor, "state": OPEN_STEP}, MOST_PARTS)
        steps = [step_from(one, self._sealer) for one in found]
        # A review that was held brings the next one: what is planned is the rhythm.
        rhythm = [_part(STEP, REVIEW, every_weeks=one.every_weeks) for one in steps if one.kind == REVIEW]
        once = [_part(STEP, one.id, what=one.what, due_on=one.due_on) for one in steps if one.kind != REVIEW]
        return [*rhythm, *once]

    def _weighed(self, collection: str, part: str) -> list[Part]:
        kind: KeptKind[Any] = NEED_KIND if part == NEED else RISK_KIND
        kept: list[Need] = [kind.read(one, self._sealer) for one in self._find(collection, self._episode, MOST)]
        standing = [one.now for one in histories(kept)]
        return [_part(part, one.about, level=one.level, view=one.view, words=one.words) for one in standing]


def _part(part: str, part_id: str, **says: object) -> Part:
    return Part(part=part, id=part_id, says={name: str(value) for name, value in says.items() if value is not None})
