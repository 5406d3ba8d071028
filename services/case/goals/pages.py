"""The pages of goals: what somebody wants in their own words, how far it is by their own view, how it ended.

Promise: the same rights, commands and audited reads as the API's; no score is chosen before they gave one. Shown by
tests/integration/pages/test_goal_pages.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, render_template, request

from services.case.episodes.errors import EpisodeClosedError
from services.case.goals.commands import (
    EndGoal,
    ScoreGoal,
    SetGoal,
    TakeGoalUp,
    end_goal,
    score_goal,
    set_goal,
    take_goal_up,
)
from services.case.goals.errors import GoalEndedError, GoalOpenError
from services.case.goals.rules import ANSWERS, ENDINGS, MOST_SCORE, OPEN, SCORED, SET_BY
from services.case.goals.schemas import LONGEST_WORDS
from services.case.goals.views import GoalViews
from services.case.goals.words import ANSWERS as ANSWER_WORDS
from services.case.goals.words import SET_BY as SET_BY_WORDS
from services.case.goals.words import STATES, answer_words, in_words
from services.case.steps.views import StepViews
from services.case.support.admission import CASEWORK, PATH, Admission
from services.case.survivors.sealing import Sealer
from shared.codelists.lists import get
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.listing import MOST as MOST_OF_A_PAGE
from shared.web.listing import PageRequest
from shared.web.pages.answers import ask_again
from shared.web.pages.site import PageSet, go_to

_PERSON = f"{PATH}/<uuid:survivor_id>"
_ONE = f"{_PERSON}/goals/<uuid:goal_id>"
_SCORES = {str(score) for score in range(MOST_SCORE + 1)}


class GoalPages:
    """What the forms do, as the API does it."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        """Take case's context and the way to its committer."""
        self._context = context
        self._web = web
        self._admission = Admission(context, web)
        self._views = GoalViews(context)
        self._steps = StepViews(context, self._admission.survivors)

    def ask(self, survivor_id: Any) -> str:
        """Ask what they want."""
        who, key = self._admission.about(survivor_id, SetGoal.action)
        return self._form(who, key, {}, {})

    def add(self, survivor_id: Any) -> Any:
        """Write it down."""
        who, key = self._admission.about(survivor_id, SetGoal.action)
        typed = {
            name: request.form.get(name, "")[: LONGEST_WORDS + 1] for name in ("episode", "area", "words", "set_by")
        }
        wrong = {
            "episode": "Choose to which support this belongs.",
            "area": "Choose what it is about.",
            "words": f"Write it in at most {LONGEST_WORDS} letters.",
            "set_by": "Say who set this goal.",
        }
        open_ids = {row["id"] for row in self._admission.open_episodes_of(who, key)}
        right = {
            "episode": typed["episode"] in open_ids,
            "area": typed["area"] in get("advocacy_area").codes,
            "words": len(typed["words"]) <= LONGEST_WORDS,
            "set_by": typed["set_by"] in SET_BY,
        }
        wrong = {name: sentence for name, sentence in wrong.items() if not right[name]}
        if not wrong:
            command = SetGoal(
                **self._about(who, key, typed["episode"], new_id()),
                area=typed["area"],
                words=typed["words"].strip() or None,
                set_by=typed["set_by"],
            )
            wrong = self._tried(who, key, command, set_goal, place="episode")
        if wrong:
            return ask_again(self._form(who, key, typed, wrong))
        return go_to(f"{PATH}/{key}?done=goal")

    def show(self, survivor_id: Any, goal_id: Any) -> str:
        """Show a goal and what they said of it."""
        who, key = self._admission.about(survivor_id, "case:goal:read")
        return self._page(key, self._goal(who, key, goal_id), {})

    def act(self, survivor_id: Any, goal_id: Any, what: str) -> Any:
        """Keep what they say of it, end it, or take it up again."""
        who, key = self._admission.about(survivor_id, "case:goal:change")
        row = self._goal(who, key, goal_id)
        command, by, wrong = _asked(what, self._about(who, key, row["episode_id"], row["id"]))
        wrong = wrong or self._tried(who, key, command, by, place="goal")
        if wrong:
            return ask_again(self._page(key, row, wrong))
        return go_to(f"{PATH}/{key}/goals/{row['id']}?done={what}")

    def _tried(
        self, who: Principal, key: str, command: DomainCommand, by: Callable[..., Answer], *, place: str
    ) -> dict[str, str]:
        sealer = Sealer.of_known(self._context, [key])

        def run(work: UnitOfWork) -> Answer:
            return by(command, work, sealer=sealer)

        try:
            self._admission.carry_out(who, key, command, run)
        except (EpisodeClosedError, GoalEndedError, GoalOpenError) as error:
            return {place: str(error)}
        return {}

    def _goal(self, who: Principal, key: str, goal_id: Any) -> dict[str, Any]:
        """Give a goal of a support that they may see; another one's is not there."""
        ids = [row["id"] for row in self._admission.episodes_of(who, key)]
        rows = [row for row in self._views.of_person(key, ids) if row["id"] == str(goal_id)]
        if not rows:
            abort(404)
        return rows[0]

    def _form(self, who: Principal, key: str, typed: dict[str, str], wrong: dict[str, str]) -> str:
        person = self._web.read("case:survivor:read", key, lambda: self._admission.survivors.survivor(key))
        return render_template(
            "case/goal_new.html",
            person=person,
            base=f"{PATH}/{key}",
            episodes=[
                (row["id"], f"Referred {row['referral_date']:%-d %B %Y}")
                for row in self._admission.open_episodes_of(who, key)
            ],
            areas=[(code, get("advocacy_area").label(code)) for code in get("advocacy_area").codes],
            set_by=list(SET_BY_WORDS.items()),
            typed=typed,
            wrong=wrong,
        )

    def _page(self, key: str, row: dict[str, Any], wrong: dict[str, str]) -> str:
        wanted = PageRequest(limit=MOST_OF_A_PAGE)
        said = self._web.read(
            "case:goal:read", row["id"], lambda: self._views.scores(row["episode_id"], row["id"], wanted)
        )
        return render_template(
            "case/goal.html",
            goal=in_words(row),
            base=f"{PATH}/{key}",
            target=f"{PATH}/{key}/goals/{row['id']}",
            said=[{**one, "words": answer_words(one)} for one in said.items[::-1]],
            steps=[one for one in self._steps.open_of(key) if one["goal_id"] == row["id"]],
            is_open=row["state"] == OPEN,
            answers=ANSWER_WORDS,
            said_by=list(SET_BY_WORDS.items()),
            endings=[(code, STATES[code]) for code in ENDINGS],
            wrong=wrong,
            done=request.args.get("done", "")[:20],
        )

    @staticmethod
    def _about(who: Principal, key: str, episode_id: str, goal_id: str) -> dict[str, str]:
        return {"episode_id": episode_id, "survivor_id": key, "goal_id": goal_id, "actor_id": who.actor_id}


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    goals = GoalPages(context, web)
    blueprint = Blueprint("goals", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(f"{_PERSON}/goal")(goals.ask)
    blueprint.post(f"{_PERSON}/goal")(goals.add)
    blueprint.get(_ONE)(goals.show)
    blueprint.post(f"{_ONE}/<what>")(goals.act)
    return PageSet(blueprint=blueprint, prefixes=(), roles=CASEWORK, home=PATH, begins=())


def _asked(what: str, about: dict[str, Any]) -> tuple[DomainCommand, Callable[..., Answer], dict[str, str]]:
    """Give the command that a form asks for, who carries it out, and what is to be mended."""
    if what == "end":
        how = request.form.get("how", "")[:80]
        return EndGoal(how=how, **about), end_goal, {} if how in ENDINGS else {"how": "Choose how it ended."}
    if what == "take-up":
        return TakeGoalUp(**about), take_goal_up, {}
    if what != "score":
        abort(404)
    given, said_by = request.form.get("answer", "")[:80], request.form.get("said_by", "")[:80]
    wrong = {}
    if given not in _SCORES and given not in ANSWERS[1:]:
        wrong["answer"] = "Tick what they answered. If you did not ask, tick that."
    if said_by not in SET_BY:
        wrong["said_by"] = "Say who answered."
    command = ScoreGoal(
        score_id=new_id(),
        answer=SCORED if given in _SCORES else given,
        score=int(given) if given in _SCORES else None,
        said_by=said_by,
        **about,
    )
    return command, score_goal, wrong
