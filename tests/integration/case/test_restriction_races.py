"""A restriction beside a command or the rows of a file: one comes after the other, with the first paused before its commit."""

import pytest

from services.case.episodes.commands import ExcludeEpisode, exclude_episode
from services.case.imports.jobs import ImportJob
from services.case.imports.settle import Settlement
from services.case.restrictions.commands import Restrict, restrict
from services.case.survivors.sealing import Sealer
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Command
from shared.outbox.committer import Committer
from shared.runtime.rooms import service_of
from shared.web.freezing import ProcessingRestrictedError
from tests.kit.import_files import export, line, references
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


def restricting(place, survivor):
    """The officer's command, as the door makes it."""
    body = {"survivor_id": survivor, "kind": "RESTRICTION", "channel": "IN_PERSON"}
    case_id = place.post("/v1/rights-cases", body).json["id"]
    command = Restrict(
        restriction_id=new_id(), rights_case_id=case_id, survivor_id=survivor, version=1, ground="ACCURACY",
        told="IN_PERSON_PRIVATE", actor_id="officer", role="HOST_DPO",
    )  # fmt: skip
    keys = Sealer.of_known(place.contexts["case"], [survivor])
    return lambda work: restrict(command, work, sealer=keys)


def excluding(place, episode):
    """A command that takes nobody's turn by itself, judged as the gateway judges it."""
    context = place.contexts["case"]
    freeze = service_of("case").freeze(context)
    who = Principal(actor_id="supervisor", tenant_id=place.tenant, organisation_id=str(place.tenant), role="SUPERVISOR")
    command = ExcludeEpisode(
        episode_id=episode["id"], survivor_id=episode["survivor_id"], version=episode["version"], excluded=True
    )
    keys = Sealer.of_known(context, [episode["survivor_id"]])
    return lambda work: freeze.judged(work, command, who, lambda work: exclude_episode(command, work, sealer=keys))


def met(pair, first, second):
    """Let ``first`` pause before its commit, let ``second`` come, then let ``first`` go on; give what each met."""
    pause, counted, ended = Pause(), Counted(), {}

    def attempt(name, act):
        try:
            ended[name] = act().status
        except ProcessingRestrictedError as error:
            ended[name] = error.code

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
    return ended, pause.runs > 1 or counted.runs > 1


def test_a_command_that_read_before_the_restriction_changes_nothing_after_it(place, pair):
    """It is judged again, and refused; or it was done before."""
    episode = place.episode()
    ended, again = met(pair, excluding(place, episode), restricting(place, episode["survivor_id"]))
    kept = place.database("case")["episodes"].find_one({"_id": episode["id"]})
    assert again
    assert ended["second"] == 201
    assert (ended["first"], kept["excluded"]) == ("processing-restricted", False)


def test_a_restriction_beside_a_command_begins_after_it(place, pair):
    """Both hold; the record changes no more."""
    episode = place.episode()
    ended, again = met(pair, restricting(place, episode["survivor_id"]), excluding(place, episode))
    assert again
    assert ended["first"] == 201
    kept = place.database("case")["episodes"].find_one({"_id": episode["id"]})
    assert kept["excluded"] is (ended["second"] == 200)


def test_no_row_of_a_file_is_taken_after_a_restriction_that_it_did_not_see(place, pair, monkeypatch):
    """The rows' transaction and the restriction's write one document: the one waits for the other."""
    (ref,) = references(1)
    place.upload(export(line(ref)))
    found = place.post("/v1/survivors/by-reference/search", {"reference": ref}).json["items"]
    restrict_now = restricting(place, found[0]["survivor_id"])
    answer = place.post("/v1/imports", export(line(ref, Gender="Male")), "HOST_DPO")
    assert answer.status_code == 202
    pause, counted = Pause(), Counted()
    monkeypatch.setattr(Settlement, "settle", pause.around(Settlement.settle))
    one = Running(ImportJob(place.contexts["case"]).run, ended=pause.reached)
    assert pause.reached.wait(PATIENCE_S)
    run = counted.around(restrict_now)
    two = Running(lambda: until_taken(lambda: pair[1].execute(Command(run=run))), ended=counted.reached)
    assert counted.reached.wait(PATIENCE_S)
    pause.go.set()
    one.join()
    two.join()
    assert pause.runs > 1 or counted.runs > 1
    assert place.database("case")["survivors"].find_one({"_id": found[0]["survivor_id"]})["restriction_id"]
