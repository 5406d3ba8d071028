"""Approvals that meet what they are about, both ways round: a plan that changes, an end, who works with the person."""

import pytest

from services.case.approvals.commands import AskForClosure, AskForPlan, ask_for_closure, ask_for_plan
from services.case.approvals.deciding import Approve, approve
from services.case.approvals.errors import ApprovalDecidedError, OwnApprovalError, PlanChangedError
from shared.kernel.ids import new_id
from shared.outbox.commands import Command
from shared.outbox.unit_of_work import StaleVersionError
from tests.integration.case.test_case_races import Case, both_ways, processes, race

__all__ = ["processes"]


class Asked(Case):
    """Somebody whose advocate asked for an approval."""

    def __init__(self, place, kind):
        super().__init__(place)
        self.approval_id = new_id()
        place.contexts["case"].committer.execute(Command(run=self.sets_goal()))
        ask = self.asks_plan() if kind == "plan" else self.asks_closure()
        place.contexts["case"].committer.execute(Command(run=ask))

    def about_approval(self, actor="ann", role="IMSA"):
        return {
            "approval_id": self.approval_id, "episode_id": self.episode_id, "survivor_id": self.survivor_id,
            "actor_id": actor, "role": role,
        }  # fmt: skip

    def asks_plan(self):
        command = AskForPlan(
            **self.about_approval(), agreement="NOT_ASKED_YET", agreed_on=None, agreed_how=None, asked_of="SUPERVISOR"
        )
        return lambda work: ask_for_plan(command, work, sealer=self.sealer)

    def asks_closure(self):
        command = AskForClosure(**self.about_approval(), reason="INELIGIBLE", asked_of="SUPERVISOR")
        return lambda work: ask_for_closure(command, work, sealer=self.sealer)

    def approves(self, actor="ben"):
        command = Approve(**self.about_approval(actor, "SUPERVISOR"))
        return lambda work: approve(command, work, sealer=self.sealer)

    def state(self):
        return self.place.database("case")["approvals"].find_one({"_id": self.approval_id})["state"]

    def status(self):
        return self.place.database("case")["episodes"].find_one({"_id": self.episode_id})["status"]


@pytest.fixture
def plan(place):
    return Asked(place, "plan")


@pytest.fixture
def closure(place):
    return Asked(place, "closure")


@both_ways
def test_no_plan_is_approved_that_changes_at_that_moment(processes, plan, turned):
    """Approved before it changed, or refused; the goal is there either way."""
    met, failures = race(processes, turned, plan.approves(), plan.sets_goal())
    assert met
    found = (plan.state(), [type(error) for error in failures])
    assert found in (("APPROVED", []), ("WAITING", [PlanChangedError]))
    goals = plan.place.database("case")["goals"].count_documents({"episode_id": plan.episode_id})
    assert goals == 2


@both_ways
def test_an_end_is_approved_or_overtaken(processes, closure, turned):
    """Support ends once; who comes second is told."""
    met, failures = race(processes, turned, closure.approves(), closure.closes())
    assert met
    assert closure.status() == "CLOSED"
    found = (closure.state(), [type(error) for error in failures])
    assert found in (("APPROVED", [StaleVersionError]), ("OVERTAKEN", [ApprovalDecidedError]))


@both_ways
def test_nobody_approves_who_comes_to_work_with_the_person_at_that_moment(processes, plan, turned):
    """Approved while it was not their work, or refused."""
    ben = new_id()
    met, failures = race(processes, turned, plan.approves(ben), plan.assigns(ben))
    assert met
    found = (plan.state(), [type(error) for error in failures])
    assert found in (("APPROVED", []), ("WAITING", [OwnApprovalError]))
