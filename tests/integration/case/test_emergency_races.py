"""An emergency access beside a no by name, and beside another of one person: one comes after the other."""

import pytest

from services.case.emergencies.commands import NameNever, OpenInEmergency, name_never, open_in_emergency
from services.case.emergencies.documents import EMERGENCIES
from services.case.emergencies.errors import EmergencyTooOftenError
from services.case.survivors.sealing import Sealer
from shared.kernel.errors import NotTheirsError
from shared.kernel.ids import new_id
from shared.outbox.commands import Command
from shared.outbox.committer import Committer
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


def opening(place, survivor, actor):
    command = OpenInEmergency(
        emergency_id=new_id(),
        survivor_id=survivor,
        why="MISSING",
        words="x",
        nation="WALES",
        actor_id=actor,
        role="IMSA",
    )
    sealer = Sealer.of_known(place.contexts["case"], [survivor])
    return lambda work: open_in_emergency(command, work, sealer=sealer)


def naming(survivor, actor):
    command = NameNever(
        never_id=new_id(), survivor_id=survivor, staff_id=actor, ground="KNOWS_THEM", actor_id="b", role="HOST_DPO"
    )
    return lambda work: name_never(command, work)


def met(pair, first, second):
    """Let ``first`` pause before its commit, let ``second`` come, then let ``first`` go on; give what each met."""
    pause, counted, ended = Pause(), Counted(), {}

    def attempt(name, act):
        try:
            ended[name] = act().status
        except (NotTheirsError, EmergencyTooOftenError) as error:
            ended[name] = type(error).__name__

    held, other = pause.around(first), counted.around(second)
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
    assert pause.runs > 1 or counted.runs > 1
    return ended["first"], ended["second"]


def test_whoever_is_named_meanwhile_does_not_open(place, pair):
    """Though the opening had looked before the no was kept: it is judged again."""
    survivor, actor = place.survivor(), new_id()
    assert met(pair, opening(place, survivor, actor), naming(survivor, actor)) == ("NotTheirsError", 201)
    assert place.database("case")[EMERGENCIES].count_documents({"survivor_id": survivor}) == 0


def test_two_at_once_do_not_pass_the_last_of_the_day(place, pair):
    """Of two people: the count is the common document."""
    actor, people = new_id(), [place.survivor() for _ in range(2)]
    for _ in range(2):
        pair[0].execute(Command(run=opening(place, people[0], actor)))
    ended = met(pair, opening(place, people[0], actor), opening(place, people[1], actor))
    assert ended == ("EmergencyTooOftenError", 201)
    assert place.database("case")[EMERGENCIES].count_documents({"actor_id": actor}) == 3
