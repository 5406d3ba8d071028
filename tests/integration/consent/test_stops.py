"""Stop everything: at once, whoever says it, whatever comes later, until a person lifts it with a reason."""

import json
import threading
from datetime import timedelta

import pytest

from services.consent.erasing.facts import erase
from services.consent.erasing.jobs import clear_all
from services.consent.ledger.facts import weigh_statement
from services.consent.stops.documents import STOPS
from services.consent.stops.jobs import chase
from services.consent.stops.rules import SPEAK_WITHIN
from services.consent.stops.views import StopViews
from services.identity.people.rules import HOST_ROLES
from shared.contracts.case import ImportConsentStated, SurvivorErased
from shared.kernel.clock import real_now
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import Received
from shared.outbox.commands import Answer, Command
from shared.runtime.steps import Steps
from tests.kit.tenant_place import WORDING

PATH = "/v1/stops"
STOPPERS = {"IMSA", "SUPERVISOR", "HOST_DPO", "SAFEGUARDING_LEAD", "HOST_ADMIN"}
RESEARCH = "stop-research-1"


@pytest.fixture
def survivor(place):
    """Somebody of the advocate who said yes to statistics and to research."""
    place.at(None)
    place.know_words(WORDING)
    place.know_words(RESEARCH, purpose="ACADEMIC_RESEARCH", recipient_class="RESEARCHER")
    survivor = place.survivor(advocate_id=place.actor("IMSA"))
    assert place.give(survivor).status_code == 201
    return survivor


def stop(place, survivor, role="IMSA"):
    return place.post(PATH, {"survivor_id": survivor}, role)


def lift(place, stop_id, role="SUPERVISOR", why="WANTS_TO_BE_ASKED"):
    return place.post(f"{PATH}/{stop_id}/lift", {"why": why}, role)


def hear(place, event, handle):
    """Let consent hear something, as from its queue."""
    received = Received(
        event=event,
        event_id=new_event_id(),
        sequence=9,
        stream_n=None,
        recorded_at=real_now(),
        sender=str(place.tenant),
    )

    def run(work):
        handle(received, work)
        return Answer(status=200)

    place.contexts["consent"].committer.execute(Command(run=run))


def statement(survivor, purpose):
    """A row of a file that says yes, to words that are registered."""
    return ImportConsentStated(
        statement_id=new_id(), import_id=new_id(), survivor_id=survivor, purpose=purpose, stated="GIVEN",
        said_at=real_now() - timedelta(days=1),
        wording_code=WORDING if purpose == "AGGREGATE_STATISTICS" else RESEARCH, language="en",
        method="VERBAL_IN_PERSON", setting_private=True, stated_recorded_at=real_now(),
    )  # fmt: skip


def statuses(place, survivor):
    found = place.post("/v1/consents/search", {"survivor_id": survivor}).json["items"]
    return {one["purpose"]: one["status"] for one in found}


def test_everything_ends_at_once_and_stays_ended(place, survivor):
    """The proof of each withdrawal is opened; no yes is taken; lifting brings none back."""
    stopped = stop(place, survivor)
    assert stopped.status_code == 201
    assert statuses(place, survivor) == {"AGGREGATE_STATISTICS": "WITHDRAWN"}
    again = place.give(survivor)
    assert (again.status_code, again.json["code"]) == (409, "everything-stopped")
    whole = place.get(f"{PATH}/{stopped.json['id']}", "IMSA").json
    assert (whole["ended"], whole["waiting"], whole["ended_purposes"]) == (1, 0, ["AGGREGATE_STATISTICS"])
    assert [one["purpose"] for one in whole["withdrawals"]] == ["AGGREGATE_STATISTICS"]
    assert lift(place, stopped.json["id"]).status_code == 200
    assert statuses(place, survivor) == {"AGGREGATE_STATISTICS": "WITHDRAWN"}
    assert place.give(survivor).status_code == 201
    assert lift(place, stopped.json["id"]).json["code"] == "stop-lifted"
    for action in ("ask", "read", "lift"):
        about = survivor if action == "ask" else stopped.json["id"]
        assert place.audited("consent", action=f"consent:stop:{action}", object_id=about, outcome="ALLOWED")


def test_saying_it_twice_is_once(place, survivor):
    """Also by two people at the same moment."""
    answers = []
    threads = [
        threading.Thread(target=lambda role=role: answers.append(stop(place, survivor, role).json["id"]))
        for role in ("IMSA", "SAFEGUARDING_LEAD")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    assert place.database("consent")[STOPS].count_documents({"survivor_id": survivor}) == 1


@pytest.mark.parametrize("role", sorted(HOST_ROLES))
def test_anybody_to_whom_it_is_said_stops_and_only_two_lift(place, survivor, role):
    """The advocate's own people; no advocate lifts, since it may be about them."""
    answer = stop(place, survivor, role)
    assert answer.status_code == (201 if role in STOPPERS else 404)
    stop_id = stop(place, survivor).json["id"]
    assert place.get(f"{PATH}/{stop_id}", role).status_code == (200 if role in STOPPERS else 404)
    assert lift(place, stop_id, role).status_code == (200 if role in ("SUPERVISOR", "SAFEGUARDING_LEAD") else 404)


def test_another_advocate_stops_nobody_elses(place):
    """And there is nothing for them to see."""
    survivor = place.survivor()
    assert stop(place, survivor).status_code == 404
    stop_id = stop(place, survivor, "SUPERVISOR").json["id"]
    assert place.get(f"{PATH}/{stop_id}", "IMSA").status_code == 404
    assert stop(place, new_id(), "SUPERVISOR").status_code == 404


def test_a_yes_that_races_with_it_never_stands(place):
    """Whichever comes first: ended by it, or refused."""
    place.know_words(WORDING)
    for _ in range(6):
        survivor = place.survivor()
        threads = [
            threading.Thread(target=place.give, args=(survivor,)),
            threading.Thread(target=stop, args=(place, survivor, "SUPERVISOR")),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses(place, survivor) in ({}, {"AGGREGATE_STATISTICS": "WITHDRAWN"})


@pytest.mark.parametrize("purpose", ["AGGREGATE_STATISTICS", "ACADEMIC_RESEARCH"])
def test_a_file_that_says_yes_brings_no_permission(place, survivor, purpose):
    """It comes from a system that has not heard; neither of what was ended nor of what they were never asked."""
    stop(place, survivor)
    hear(place, statement(survivor, purpose), weigh_statement)
    assert not {"GIVEN", "RENEWED"} & set(statuses(place, survivor).values())


def test_what_cannot_be_ended_is_listed_and_chased_and_nothing_else_waits(place, survivor):
    """A ledger that cannot be read: the others end, the job ends it later, and it is not lifted before."""
    consents = place.database("consent")["consents"]
    (known,) = consents.find({"survivor_id": survivor})
    broken = {**known, "_id": new_id(), "purpose": "ACADEMIC_RESEARCH", "entries": "unreadable"}
    consents.insert_one(broken)
    stop_id = stop(place, survivor).json["id"]
    row = place.get(f"{PATH}/{stop_id}").json
    assert (row["ended_purposes"], row["waiting_purposes"]) == (["AGGREGATE_STATISTICS"], ["ACADEMIC_RESEARCH"])
    assert lift(place, stop_id).json["code"] == "stop-not-done"
    consents.update_one({"_id": broken["_id"]}, {"$set": {"entries": known["entries"]}})
    chase(place.contexts["consent"])
    chase(place.contexts["consent"])
    row = place.get(f"{PATH}/{stop_id}").json
    assert (row["ended"], row["waiting"]) == (2, 0)
    assert lift(place, stop_id).status_code == 200


def test_somebody_speaks_with_them_within_a_day(place, survivor):
    """Else it counts as late, for whoever runs the service too."""
    stop_id = stop(place, survivor).json["id"]
    views = StopViews(place.contexts["consent"])
    before = views.count_late()
    place.at(real_now() + SPEAK_WITHIN * 1.5)
    assert views.count_late() > before
    assert place.get(f"{PATH}/{stop_id}").json["late"]
    place.at(None)


def test_the_rest_of_the_host_is_told_that_it_stands_and_that_it_was_lifted(place, survivor):
    """In the order in which it was said; who says it again says it anew."""
    stop_id = stop(place, survivor).json["id"]
    lift(place, stop_id)
    again = stop(place, survivor).json["id"]
    assert again != stop_id
    told = [json.loads(one["body"]) for one in place.stated("consent", "everything_stopped.v1")]
    assert [one["is_stopped"] for one in told if one["survivor_id"] == survivor] == [True, False, True]


def test_an_erased_person_has_nothing_left_to_stop(place, survivor):
    """The record of the stop goes too."""
    stop(place, survivor)
    hear(place, SurvivorErased(survivor_id=survivor), erase)
    clear_all(Steps(execute=place.contexts["consent"].committer.execute), [survivor])
    assert stop(place, survivor, "SUPERVISOR").status_code == 404
    assert place.database("consent")[STOPS].find_one({"survivor_id": survivor}) is None


@pytest.mark.parametrize("body", [{}, {"survivor_id": "me"}, {"survivor_id": None}, {"reason": "x"}])
def test_no_reason_is_asked_and_somebody_is_named(place, body):
    """By an id alone."""
    assert place.post(PATH, body, "SUPERVISOR").status_code == 422
