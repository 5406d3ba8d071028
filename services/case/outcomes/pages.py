"""The page of one person's outcomes: what changed by their own view, what they gained, and when to ask again.

Promise: outcomes that describe services are never shown as the person's change; a review goes on the list of what is to
be done by one press. Shown by tests/integration/pages/test_outcome_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.goals.views import GoalViews
from services.case.outcomes.asking import entitlement_asks, entitlement_pages, outcome_pages
from services.case.outcomes.documents import ENTITLEMENT_KIND, RATING_KIND
from services.case.outcomes.rules import review_day
from services.case.outcomes.shown import KeptPages
from services.case.outcomes.views import KeptViews, Row, change_rows
from services.case.outcomes.words import change_words, entitlement_words, rating_words
from services.case.steps.commands import AddStep, add_step
from services.case.steps.errors import ReviewAgreedError, TooManyStepsError
from services.case.steps.rules import DEFAULT_WEEKS, REVIEW
from services.case.steps.views import StepViews
from services.case.support.admission import CASEWORK, PATH, Admission
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again, go_to
from shared.web.pages.site import PageSet

_PERSON = f"{PATH}/<uuid:survivor_id>"


class OutcomePages:
    """One person's outcomes and entitlements at one look."""

    def __init__(self, context: ServiceContext, web: Gateway, admission: Admission) -> None:
        """Take case's context, the way to its committer, and who may act."""
        self._context = context
        self._web = web
        self._admission = admission
        self._ratings = KeptViews(context, RATING_KIND)
        self._gained = KeptViews(context, ENTITLEMENT_KIND)
        self._steps = StepViews(context, admission.survivors)
        self._goals = GoalViews(context)

    def show(self, survivor_id: Any) -> str:
        """Show them."""
        who, key = self._admission.about(survivor_id, "case:outcome:list")
        return self._page(who, key, {})

    def review(self, survivor_id: Any) -> Any:
        """Put the review that is due on the list of what is to be done."""
        who, key = self._admission.about(survivor_id, AddStep.action)
        ids = [row["id"] for row in self._admission.episodes_of(who, key)]
        due = review_day(self._ratings.of_person(key, ids), weeks=DEFAULT_WEEKS, today=self._steps.today)
        command = AddStep(
            step_id=new_id(),
            survivor_id=key,
            actor_id=who.actor_id,
            kind=REVIEW,
            what=None,
            due_on=due,
            every_weeks=DEFAULT_WEEKS,
            is_theirs=who.role == ADVOCATE,
        )
        sealer = Sealer.of_known(self._context, [key])

        def run(work: UnitOfWork) -> Answer:
            return add_step(command, work, sealer=sealer)

        try:
            self._admission.carry_out(who, key, command, run)
        except (ReviewAgreedError, TooManyStepsError) as error:
            return ask_again(self._page(who, key, {"review": str(error)}))
        return go_to(f"{PATH}/{key}/outcomes?done=review")

    def goals_of(self, who: Principal, key: str) -> tuple[tuple[str, str], ...]:
        """Give the goals to which something that they gained may belong."""
        return tuple(self._goal_words(who, key).items())

    def _goal_words(self, who: Principal, key: str) -> dict[str, str]:
        ids = [row["id"] for row in self._admission.episodes_of(who, key)]
        return {row["id"]: row["words"] or "A goal without words" for row in self._goals.of_person(key, ids)}

    def _page(self, who: Principal, key: str, wrong: dict[str, str]) -> str:
        person, supports, due, reviews = self._web.read("case:outcome:list", key, lambda: self._load(who, key))
        return render_template(
            "case/outcomes.html",
            person=person,
            base=f"{PATH}/{key}",
            supports=supports,
            writes=who.role == ADVOCATE and any(one["is_open"] for one in supports),
            due=due,
            reviews=reviews,
            wrong=wrong,
            done=request.args.get("done", "")[:20],
        )

    def _load(self, who: Principal, key: str) -> tuple[Row, list[Row], Any, list[Row]]:
        episodes = self._admission.episodes_of(who, key)
        ids = [row["id"] for row in episodes]
        ratings, gained = self._ratings.of_person(key, ids), self._gained.of_person(key, ids)
        said = [rating_words(row) for row in self._ratings.rows(ratings)]
        goals = self._goal_words(who, key) if gained else {}
        got = [entitlement_words(row, goals) for row in self._gained.rows(gained)]
        is_open = {row["id"] for row in self._admission.open_episodes_of(who, key)}
        supports = [
            {
                "referred": row["referral_date"],
                "is_open": row["id"] in is_open,
                "changes": [
                    change_words(one) for one in change_rows([r for r in ratings if r.episode_id == row["id"]])
                ],
                "said": [one for one in said if one["episode_id"] == row["id"]],
                "gained": [one for one in got if one["episode_id"] == row["id"]],
            }
            for row in episodes
        ]
        reviews = [row for row in self._steps.open_of(key) if row["kind"] == REVIEW]
        due = review_day(ratings, weeks=DEFAULT_WEEKS, today=self._steps.today)
        return self._admission.survivors.survivor(key), supports, due, reviews


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    admission = Admission(context, web)
    outcomes = OutcomePages(context, web, admission)
    blueprint = Blueprint("outcomes", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(f"{_PERSON}/outcomes")(outcomes.show)
    blueprint.post(f"{_PERSON}/outcomes/review")(outcomes.review)
    gained = entitlement_pages(lambda who, key: entitlement_asks(outcomes.goals_of(who, key)))
    for shown in (outcome_pages(), gained):
        KeptPages(context, web, admission, shown).add_to(blueprint)
    return PageSet(blueprint=blueprint, prefixes=(), roles=CASEWORK, home=PATH, begins=())
