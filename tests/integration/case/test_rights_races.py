"""Two people at one rights case, and a request that arrives while its survivor's file changes: one after the other."""

import pytest

from services.case.rights.commands import DecideRightsCase, decide
from services.case.rights.decisions import Decision
from services.case.rights.taking import TakeRightsCase, take_rights_case
from services.case.survivors.acting import check_may_act
from services.case.survivors.commands import AssignAdvocates, assign_advocates
from services.case.survivors.sealing import Sealer
from shared.kernel.errors import NotTheirsError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Command
from shared.outbox.committer import Committer
from shared.outbox.unit_of_work import StaleVersionError
from tests.kit.racing import PATIENCE_S, Counted, Pause, Running, until_taken

pytestmark = pytest.mark.integration


@pytest.fixture
def pair(place):
    """Committers as two processes of case have them."""
    context = place.contexts["case"]
    made = [
        Committer(
            client=context.client, database=context.database_name, tenant_id=place.tenant, service="case",
            now=context.clock.now,
        )
        for _ in range(2)
    ]  # fmt: skip
    yield made
    for committer in made:
        committer.close()


def interleave(pair, first, second, *, refusals=(NotTheirsError,), pause=None):
    """Let ``first`` read and write and pause before its commit, let ``second`` come, then let ``first`` go on.

    Where ``pause`` is given, it stands inside ``first`` already.
    """
    counted, ended = Counted(), {}
    held = first if pause is not None else None
    pause = pause or Pause()

    def attempt(name, act):
        try:
            ended[name] = act()
        except (StaleVersionError, *refusals) as error:
            ended[name] = type(error)

    held, other = held or pause.around(first), counted.around(second)
    one = Running(lambda: attempt("first", lambda: pair[0].execute(Command(run=held))), ended=pause.reached)
    assert pause.reached.wait(PATIENCE_S)
    two = Running(
        lambda: attempt("second", lambda: until_taken(lambda: pair[1].execute(Command(run=other)))),
        ended=counted.reached,
    )
    assert counted.reached.wait(PATIENCE_S)
    pause.go.set()
    one.join()
    two.join()
    return ended, pause.runs > 1 or counted.runs > 1


def sealer(place, survivor):
    return Sealer.of_known(place.contexts["case"], [survivor])


def taking(place, survivor, actor, pause=None):
    """An advocate takes a request down, as the door and the page both do it; it may pause where it was judged."""
    may_act = check_may_act if pause is None else pause.around(check_may_act)
    who = Principal(
        actor_id=actor, tenant_id=place.tenant, organisation_id=str(place.tenant), role="IMSA", scopes=frozenset()
    )
    command = TakeRightsCase(
        rights_case_id=new_id(), survivor_id=survivor, kind="ACCESS", channel="IN_PERSON", received_on=None,
        nation="WALES", words=None, actor_id=actor, role="IMSA",
    )  # fmt: skip
    keys = sealer(place, survivor)

    def run(work):
        may_act(work, survivor, who)
        return take_rights_case(command, work, sealer=keys)

    return run


def deciding(place, survivor, case_id, outcome):
    command = DecideRightsCase(
        rights_case_id=case_id, survivor_id=survivor, version=1, actor_id=outcome, role="HOST_DPO",
        decision=Decision(outcome=outcome, told="IN_PERSON_PRIVATE"),
    )  # fmt: skip
    keys = sealer(place, survivor)
    return lambda work: decide(command, work, sealer=keys)


def test_of_two_decisions_one_holds(place, pair):
    """The other one is told to look again; two steps are never kept of one end."""
    survivor = place.survivor("IMSA")
    body = {"survivor_id": survivor, "kind": "ACCESS", "channel": "IN_PERSON"}
    case_id = place.post("/v1/rights-cases", body, "IMSA").json["id"]
    ended, met = interleave(
        pair, deciding(place, survivor, case_id, "MET"), deciding(place, survivor, case_id, "TAKEN_BACK")
    )
    assert met
    assert list(ended.values()).count(StaleVersionError) == 1
    steps = list(place.database("case")["rights_steps"].find({"rights_case_id": case_id, "step": "DECIDED"}))
    found = place.database("case")["rights_cases"].find_one({"_id": case_id})
    assert [s["reason"] for s in steps] == [found["outcome"]]


@pytest.mark.parametrize("takes_first", [True, False])
def test_an_advocate_who_is_taken_off_takes_nothing_down_afterwards(place, pair, takes_first):
    """Both take the survivor's turn: the request was taken before, or not at all."""
    survivor, actor = place.survivor("IMSA"), place.actor("IMSA")
    taken_off = AssignAdvocates(survivor_id=survivor, advocate_ids=())
    pause = Pause() if takes_first else None
    take, assign = taking(place, survivor, actor, pause), lambda work: assign_advocates(taken_off, work)
    ended, met = interleave(pair, take, assign, pause=pause) if takes_first else interleave(pair, assign, take)
    assert met
    outcome = ended["first" if takes_first else "second"]
    kept = place.database("case")["rights_cases"].count_documents({"survivor_id": survivor})
    assert kept == (0 if outcome is NotTheirsError else 1)
    # Whoever comes second begins again, and reads what the first one wrote.
    assert (outcome is NotTheirsError) == takes_first
