"""Visits on which somebody goes alone: one press while out, and an alarm that depends on nothing but the clock."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from services.case.visits.documents import VISITS
from services.case.visits.jobs import WatchVisits
from services.case.visits.rules import MOST_OPEN, UNTAKEN_FOR, VISIT_KEPT, WORDS_KEPT
from services.case.visits.views import VisitViews
from services.identity.people.rules import HOST_ROLES
from shared.contracts.marks import AUDITS
from shared.kernel.ids import new_id

NOW = datetime(2026, 9, 1, 13, tzinfo=UTC)
BACK = NOW + timedelta(hours=2)
GOES, WATCHES = "IMSA", "SUPERVISOR"
WATCHERS = ("SUPERVISOR", "SAFEGUARDING_LEAD", "HOST_ADMIN")
SECRET = {"place": "7 Zlatan Row", "what_if": "Zlatan-Brother may open"}


@pytest.fixture
def host(place):
    """It is 1 September; the host's other visits are whoever's they were."""
    place.at(NOW)
    yield place
    place.at(None)


def plan(host, **said):
    """Somebody of the advocate's, whom they go to see until three o'clock."""
    answer = ask(host, someone(host), **said)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def someone(host, role=GOES):
    return host.post("/v1/survivors", {}, role).json["id"]


def ask(host, survivor, role=GOES, **said):
    body = {"from_at": NOW.isoformat(), "until_at": BACK.isoformat(), **SECRET, **said}
    return host.post(f"/v1/survivors/{survivor}/visits", body, role)


def instant(text):
    return datetime.fromisoformat(text)


def say(host, visit, verb, body=None, role=GOES):
    return host.post(f"/v1/visits/{visit}/{verb}", body, role)


def act(host, visit, verb, body=None, role=WATCHES):
    return host.post(f"/v1/visit-alarms/{visit}/{verb}", body, role)


def alarms(host, role=WATCHES):
    """What a role hears of, by visit."""
    return {row["id"]: row for row in host.every("/v1/visit-alarms", role)}


def stored(host, visit):
    return host.database("case")[VISITS].find_one({"_id": visit})


def test_from_going_to_coming_back(host):
    """Planned, safe, longer, back: no alarm ever stands, and nobody but whoever goes reads where."""
    visit = plan(host)
    assert host.get(f"/v1/visits/{visit}", GOES).json["place"] == SECRET["place"]
    assert host.get(f"/v1/visits/{visit}", WATCHES).status_code == 404
    host.at(BACK - timedelta(minutes=25))
    due_at = instant(say(host, visit, "safe").json["due_at"])
    assert due_at == stored(host, visit)["safe_at"] + timedelta(minutes=30)
    longer = say(host, visit, "longer", {"minutes": 60}).json
    assert instant(longer["due_at"]) == BACK + timedelta(hours=1)
    host.at(BACK + timedelta(minutes=40))
    assert visit not in alarms(host)
    assert say(host, visit, "end").status_code == 200
    host.at(BACK + timedelta(days=1))
    assert visit not in alarms(host)
    assert say(host, visit, "safe").json["code"] == "visit-ended"
    for action in ("plan", "read", "safe", "longer", "end"):
        assert host.audited("case", action=f"case:visit:{action}", object_id=visit, outcome="ALLOWED")


def test_silence_is_an_alarm_with_no_worker_alive(host):
    """No job has run; what was never said stands, in the list and in the numbers of whoever runs the service."""
    visit, views = plan(host), VisitViews(host.contexts["case"])
    host.at(BACK - timedelta(minutes=20))
    assert visit not in alarms(host)
    untaken, escalated = views.count_untaken(), views.count_escalated()
    host.at(BACK)
    row = alarms(host)[visit]
    assert (row["alarm"], instant(row["alarm_at"]), row["escalated"]) == ("OVERDUE", BACK, False)
    assert views.count_untaken() > untaken
    host.at(BACK + UNTAKEN_FOR)
    assert alarms(host)[visit]["escalated"]
    assert views.count_escalated() > escalated
    assert stored(host, visit)["alarm_since"] is None


def test_an_alarm_is_taken_and_closed_by_somebody_with_what_was_found(host):
    """Its place is for a supervisor while it stands; what they press meanwhile ends nothing."""
    visit = plan(host)
    assert act(host, visit, "take").json["code"] == "no-alarm"
    host.at(BACK)
    assert say(host, visit, "safe").status_code == 200
    assert say(host, visit, "end").status_code == 200
    host.at(BACK + timedelta(days=3))
    WatchVisits(host.contexts["case"]).run()
    whole = host.get(f"/v1/visits/{visit}", WATCHES).json
    assert (whole["place"], whole["what_if"], whole["alarm"]) == (*SECRET.values(), "OVERDUE")
    assert act(host, visit, "take").status_code == 200
    assert alarms(host)[visit]["taken_by"] == host.actor(WATCHES)
    assert act(host, visit, "close", {"found": "SAFE_AND_STAYS"}).status_code == 422
    assert act(host, visit, "close", {"found": "SAFE_AND_BACK"}).status_code == 200
    assert visit not in alarms(host)
    assert host.get(f"/v1/visits/{visit}", WATCHES).status_code == 404
    assert act(host, visit, "close", {"found": "SAFE_AND_BACK"}).json["code"] == "no-alarm"
    for action in ("alarm-take", "alarm-close", "read"):
        assert host.audited("case", action=f"case:visit:{action}", object_id=visit, actor_id=host.actor(WATCHES))


def test_who_hears_of_it_and_of_what(host):
    """Supervisors at once; the others when nobody took it; never whom it was about, and never where."""
    visit, also = plan(host), plan(host, told="SUPERVISORS_AND_SAFEGUARDING_LEAD")
    host.at(BACK)
    assert [visit in alarms(host, role) for role in WATCHERS] == [True, False, False]
    assert [also in alarms(host, role) for role in WATCHERS] == [True, True, False]
    assert act(host, visit, "take", role="HOST_ADMIN").status_code == 404
    host.at(BACK + UNTAKEN_FOR)
    for role in WATCHERS:
        row = alarms(host, role)[visit]
        assert (row["survivor_id"] is None) == (role != WATCHES)
        assert "Zlatan" not in str(row)
    assert act(host, visit, "take", role="HOST_ADMIN").status_code == 200
    assert act(host, visit, "close", {"found": "OTHERS_TOOK_OVER"}, "SAFEGUARDING_LEAD").status_code == 200


def test_help_is_heard_by_everybody_at_once(host):
    """Before the time is over; coming back does not silence it."""
    visit = plan(host)
    assert say(host, visit, "help").status_code == 200
    assert say(host, visit, "end").status_code == 200
    assert {alarms(host, role)[visit]["alarm"] for role in WATCHERS} == {"HELP_ASKED"}


@pytest.mark.parametrize("role", sorted(set(HOST_ROLES) - {GOES}))
def test_only_whoever_goes_says_that_they_are_safe(host, role):
    """Nobody else can silence it, a supervisor neither."""
    visit = plan(host)
    for verb, body in (("safe", {}), ("longer", {"minutes": 15}), ("help", {}), ("end", {})):
        assert say(host, visit, verb, body, role).status_code == 404
    assert (stored(host, visit)["version"], visit in alarms(host)) == (1, False)


def test_a_supervisor_does_not_close_their_own(host):
    """Another one does."""
    visit = ask(host, someone(host, WATCHES), WATCHES).json["id"]
    host.at(BACK)
    assert act(host, visit, "take").json["code"] == "own-alarm"
    assert act(host, visit, "close", {"found": "SAFE_AND_BACK"}).json["code"] == "own-alarm"
    host.at(BACK + UNTAKEN_FOR)
    assert act(host, visit, "close", {"found": "SAFE_AND_BACK"}, "HOST_ADMIN").status_code == 200


def test_the_job_notes_once_and_one_bad_visit_stops_no_other(host):
    """Killed between two visits, or run twice: each alarm is noted since when it stood."""
    bad, good, job = plan(host), plan(host), WatchVisits(host.contexts["case"])
    host.at(BACK + timedelta(minutes=1))
    host.database("case")[VISITS].update_one({"_id": bad}, {"$unset": {"told": ""}})
    job.run()
    job.run()
    assert (stored(host, good)["alarm_since"], stored(host, good)["version"]) == (BACK, 2)
    host.database("case")[VISITS].update_one({"_id": bad}, {"$set": {"told": "SUPERVISORS"}})
    host.at(BACK + UNTAKEN_FOR + timedelta(minutes=1))
    job.run()
    job.run()
    assert (stored(host, bad)["alarm_since"], stored(host, bad)["escalated_at"] is not None) == (BACK, True)
    assert stored(host, good)["version"] == 3


def test_a_press_and_the_job_at_once_lose_neither(host):
    """Whichever comes first, what was overdue stays an alarm and what was said is kept."""
    visits, job = [plan(host) for _ in range(4)], WatchVisits(host.contexts["case"])
    host.at(BACK + timedelta(minutes=1))
    threads = [threading.Thread(target=job.run)]
    threads += [threading.Thread(target=say, args=(host, visit, "safe")) for visit in visits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    job.run()
    for visit in visits:
        known = stored(host, visit)
        assert (known["alarm_since"], known["safe_at"] > BACK) == (BACK, True)
        assert visit in alarms(host)


def test_where_somebody_went_is_kept_for_a_day_and_the_rest_for_thirty(host):
    """Nothing goes while an alarm stands."""
    quiet, alarmed, job = plan(host), plan(host), WatchVisits(host.contexts["case"])
    say(host, quiet, "end")
    say(host, alarmed, "help")
    say(host, alarmed, "end")
    host.at(NOW + WORDS_KEPT + timedelta(hours=1))
    job.run()
    assert set(stored(host, quiet)["sealed"].values()) == {None}
    assert host.get(f"/v1/visits/{quiet}", GOES).json["place"] is None
    host.at(NOW + VISIT_KEPT + timedelta(hours=1))
    job.run()
    assert stored(host, quiet) is None
    assert host.get(f"/v1/visits/{alarmed}", WATCHES).json["place"] == SECRET["place"]


def test_of_an_erased_person_the_alarm_stands_and_no_word_is_left(host):
    """It is about whoever went; they still say that they are safe."""
    visit = plan(host)
    host.contexts["case"].survivor_keys.forget(stored(host, visit)["survivor_id"])
    assert say(host, visit, "safe").status_code == 200
    host.at(BACK)
    assert visit in alarms(host)
    assert host.get(f"/v1/visits/{visit}", WATCHES).json["place"] is None
    assert act(host, visit, "close", {"found": "SAFE_AND_BACK"}).status_code == 200


def test_nothing_of_it_stands_in_clear_or_leaves(host):
    """No word in the database or in a message, and no message at all but the audit's."""
    visit = plan(host)
    host.at(BACK)
    WatchVisits(host.contexts["case"]).run()
    act(host, visit, "close", {"found": "SOMETHING_HAPPENED"})
    told = [one for one in host.stated("case") if visit in str(one)]
    assert "Zlatan" not in str([stored(host, visit), told])
    assert {one["type"] for one in told} == {AUDITS["case"].event_type}


@pytest.mark.parametrize("said", [
    {"until_at": NOW.isoformat()}, {"until_at": (NOW + timedelta(hours=13)).isoformat()}, {"from_at": "today"},
    {"from_at": (NOW - timedelta(hours=3)).isoformat()}, {"from_at": "2026-09-01T14:00:00"}, {"place": " "},
    {"place": None}, {"place": "x" * 501}, {"what_if": "x" * 2001}, {"told": "EVERYBODY"}, {"every_minutes": 14},
    {"every_minutes": 241}, {"every_minutes": "30"}, {"phone": "x"},
])  # fmt: skip
def test_what_cannot_be_is_not_planned(host, said):
    """And nothing is kept of it."""
    survivor = someone(host)
    answer = ask(host, survivor, **said)
    assert (answer.status_code, b"Zlatan" in answer.data) == (422, False)
    assert host.database("case")[VISITS].find_one({"survivor_id": survivor}) is None


def test_somebody_elses_person_is_not_visited(host):
    """By an advocate; and of no such visit there is nothing."""
    assert ask(host, someone(host, WATCHES)).status_code == 404
    assert say(host, new_id(), "safe").status_code == 404
    assert act(host, new_id(), "take").status_code == 404


def test_so_many_visits_are_planned_to_one_person(host):
    """Those that are over do not count; and of two sent at once at the bound one is refused."""
    visit = plan(host)
    known, visits = stored(host, visit), host.database("case")[VISITS]
    others = [{**known, "_id": new_id()} for _ in range(MOST_OPEN - 2)]
    visits.insert_many([*others, {**known, "_id": new_id(), "state": "ENDED"}])
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(ask(host, known["survivor_id"]).status_code)) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 409]
    visits.delete_many({"survivor_id": known["survivor_id"]})


@pytest.mark.parametrize("index", [{"state": "OPEN", "due_at": {"$lte": NOW}}, {"forget_at": {"$lte": NOW}}])
def test_what_is_looked_for_each_15_seconds_stands_on_an_index(host, index):
    """However many visits there are."""
    plan(host)
    plan_of = host.database("case")[VISITS].find(index).explain()["queryPlanner"]["winningPlan"]
    assert "COLLSCAN" not in str(plan_of)
