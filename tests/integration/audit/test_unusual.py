"""Unusual access over a real log: what the job raises, who sees it, and that it goes on where it stopped."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from pymongo.errors import ExecutionTimeout

from services.audit.tree.appending import append_waiting
from services.audit.unusual.looking import Looking
from services.audit.unusual.reading import LogReader
from services.audit.whose.documents import PEOPLE
from shared.contracts.marks import AUDITS, AuditedAction
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import Received
from shared.kernel.standing import Standing
from tests.kit.audited import NOON, hear

UNUSUAL = "/v1/audit/unusual"
CLOSING = {"reason": "MISTAKE", "words": "We talked about it on the telephone."}
COLLECTIONS = ("unusual_findings", "unusual_passes", "people", "things")


@pytest.fixture
def log(place, context):
    """An empty log, by a clock that the test moves."""
    for collection in COLLECTIONS:
        place.database("audit")[collection].delete_many({})
    place.at(NOON)
    yield context
    place.at(None)


def do(context, actor_id, *objects, at=NOON, service="case", **values):
    """Let somebody do something to each of these; it stands in the log when this returns."""
    action = {"action": "case:survivor:read", "role": "IMSA", "outcome": "ALLOWED", "standing": "ASSIGNED"}
    actions = tuple(AuditedAction(object_id=one, actor_id=actor_id, at=at, **{**action, **values}) for one in objects)
    event = AUDITS[service](batch_id=new_event_id(), actions=actions)
    hear(
        context,
        Received(event=event, event_id=new_event_id(), sequence=1, stream_n=None, recorded_at=at, sender="x"),
    )  # fmt: skip
    append_waiting(context)


def look(context):
    return Looking(context).run()


def findings(place, role="HOST_DPO", actor=None, **wanted):
    answer = place.app.test_client().get(f"{UNUSUAL}?limit=200", headers=place.headers(role, actor=actor))
    assert answer.status_code == 200, answer.json
    return [one for one in answer.json["items"] if all(one[name] == value for name, value in wanted.items())]


def tried(place, context, role="IMSA", actor_id=None):
    """Somebody who tried a record that is not theirs, and the finding of it."""
    actor_id = actor_id or new_id()
    do(context, actor_id, new_id(), outcome="REFUSED", standing=None, role=role)
    look(context)
    return actor_id, place.database("audit")["unusual_findings"].find_one({"actor_id": actor_id})["_id"]


def close(place, finding_id, role="HOST_DPO", actor=None, version=1, **body):
    headers = {**place.headers(role, actor=actor), "Idempotency-Key": new_id(), "If-Match": f'"{version}"'}
    return place.app.test_client().post(f"{UNUSUAL}/{finding_id}/close", json={**CLOSING, **body}, headers=headers)


class TestWhatTheIntentSays:
    """How the reader stands is said by the check that lets them in."""

    @staticmethod
    def said(place, action, object_id, role):
        return place.audited("case", action=action, object_id=object_id, role=role)[-1].get("standing")

    def test_an_advocate_a_cover_and_a_supervisor_of_one_person(self, place, log):
        """And what each becomes once support has ended; of somebody who was refused nothing is said."""
        survivor = place.survivor("IMSA")
        path, covering = f"/v1/survivors/{survivor}", new_id()
        cover = {"cover_id": new_id(), "by": covering, "instead_of": place.actor("IMSA"), "first_on": "2026-07-30",
                 "last_on": "2026-08-03"}  # fmt: skip
        place.database("case")["survivors"].update_one({"_id": survivor}, {"$set": {"covers": [cover]}})
        episode = place.episode("IMSA", survivor_id=survivor, referral_date="2026-07-04")["id"]

        def standings():
            seen = []
            for role, actor in (("IMSA", None), ("IMSA", covering), ("SUPERVISOR", None)):
                answer = place.app.test_client().get(path, headers=place.headers(role, actor=actor))
                assert answer.status_code == 200
                seen.append(self.said(place, "case:survivor:read", survivor, role))
            place.get(f"/v1/episodes/{episode}", "SUPERVISOR")
            return [*seen, self.said(place, "case:episode:read", episode, "SUPERVISOR")]

        assert standings() == ["ASSIGNED", "COVERING", "ROLE", "ROLE"]
        place.database("case")["episodes"].update_one({"_id": episode}, {"$set": {"status": "CLOSED"}})
        assert standings() == ["ASSIGNED_ENDED", "COVERING_ENDED", "ROLE_ENDED", "ROLE_ENDED"]
        stranger = place.headers("IMSA", actor=new_id())
        assert place.app.test_client().get(path, headers=stranger).status_code == 404
        refused = place.audited("case", action="case:survivor:read", object_id=survivor, outcome="REFUSED")[-1]
        assert refused.get("standing") is None

    def test_consent_says_it_too_and_a_search_says_how_many_it_found(self, place, log):
        """A list says nothing: it is about nobody in particular."""
        survivor = place.survivor("IMSA", name="Thanh Mai Nguyen")
        place.post("/v1/consents/search", {"survivor_id": survivor}, "IMSA")
        read = place.audited("consent", object_id=survivor, role="IMSA")[-1]
        assert read.get("standing") == "ASSIGNED"
        for name, found in (("Thanh Mai Nguyen", 1), (f"Nobody {new_id()[:8]}", 0)):
            answer = place.post("/v1/survivors/search", {"name": name}, "IMSA")
            assert answer.status_code == 200, answer.json
            said = place.audited("case", action="case:survivor:search")[-1]
            assert said["found"] == len(answer.json["items"]) >= found
            assert said.get("standing") is None
        place.get("/v1/survivors", "IMSA")
        assert place.audited("case", action="case:survivor:list")[-1].get("found") is None

    def test_the_log_proves_it_and_an_entry_without_it_keeps_its_leaf(self, place, log):
        """Who takes the standing out of an entry is found by the log's check, as with every other field."""
        do(log, new_id(), new_id())
        do(log, new_id(), new_id(), standing=None)
        entries = place.database("audit")["entries"]
        said = place.get("/v1/audit/history", "HOST_DPO").json["items"]
        assert [one.get("standing") for one in said] == [None, "ASSIGNED"]
        assert place.get("/v1/audit/log/check", "HOST_DPO").json["wrong"] == []
        entries.update_many({"standing": "ASSIGNED"}, {"$set": {"standing": "ROLE"}})
        (wrong,) = place.get("/v1/audit/log/check", "HOST_DPO").json["wrong"]
        assert (wrong["what"], wrong["index"]) == ("ENTRY_CHANGED", 0)


def test_what_is_unusual_is_raised_once_and_grows(place, log):
    """Thirteen people in an hour at a small host; read again, nothing more; one more, one more."""
    attacker, people = new_id(), [new_id() for _ in range(14)]
    do(log, attacker, *people[:12])
    assert look(log) == 12
    assert findings(place, actor_id=attacker) == []
    do(log, attacker, people[12], at=NOON + timedelta(minutes=9))
    look(log)
    (one,) = findings(place, actor_id=attacker)
    assert (one["rule"], one["times"], len(one["entry_ids"]), one["state"]) == ("MANY_PEOPLE", 13, 13, "OPEN")
    assert look(log) == 0
    assert findings(place, actor_id=attacker) == [one]
    do(log, attacker, people[13], at=NOON + timedelta(minutes=10))
    look(log)
    (more,) = findings(place, actor_id=attacker)
    assert (more["id"], more["times"], more["version"]) == (one["id"], 14, 2)


def test_bounds_follow_the_people_who_have_an_advocate(place, log):
    """Somebody without one, as of an import that nobody took up, lifts no bound."""
    people = place.database("audit")[PEOPLE]
    people.insert_many([{"_id": new_id(), "advocate_ids": ["a"]} for _ in range(100)])
    people.insert_many([{"_id": new_id(), "advocate_ids": []} for _ in range(100)])
    said = place.get(f"{UNUSUAL}/looking", "HOST_DPO").json
    assert (said["people"], said["people_an_hour"], said["people_a_day"]) == (100, 15, 30)


def test_parts_of_a_record_count_as_their_person(place, log):
    """Thirteen episodes of one person are one person."""
    person, parts = new_id(), [new_id() for _ in range(13)]
    place.database("audit")["things"].insert_many([{"_id": one, "survivor_id": person} for one in parts])
    do(log, new_id(), *parts, action="case:episode:read")
    look(log)
    assert findings(place) == []


def test_a_look_after_the_end_is_judged_when_later_days_could_have_explained_it(place, log):
    """Not at once, for whoever reopens a case reads it first; work of anybody on that person explains it."""
    nosy, busy, cold, warm = new_id(), new_id(), new_id(), new_id()
    ended = {"standing": "ROLE_ENDED", "role": "SUPERVISOR"}
    do(log, nosy, cold, **ended)
    do(log, busy, warm, **ended)
    do(log, new_id(), warm, action="case:survivor:assign", at=NOON + timedelta(days=1))
    look(log)
    assert findings(place, rule="AFTER_THE_END") == []
    place.at(NOON + timedelta(days=4))
    look(log)
    assert [one["actor_id"] for one in findings(place, rule="AFTER_THE_END")] == [nosy]


def test_what_nobody_said_is_not_known(place, log):
    """It is counted and shown; it is no finding, and no proof of anything good."""
    do(log, new_id(), new_id(), standing=None)
    look(log)
    (now, later) = place.get(f"{UNUSUAL}/looking", "HOST_DPO").json["passes"]
    assert (now["not_known"], now["next"], later["next"]) == (1, 1, 0)
    assert now["looked_at"] is not None
    assert findings(place) == []


def test_one_entry_that_cannot_be_understood_stops_nobody_elses(place, log):
    """It is counted and shown; whoever is behind it in the log is judged."""
    broken, attacker = new_id(), new_id()
    do(log, broken, new_id(), outcome="REFUSED")
    place.database("audit")["entries"].update_one({"actor_id": broken}, {"$set": {"at": "yesterday"}})
    do(log, attacker, new_id(), outcome="REFUSED")
    look(log)
    assert [one["actor_id"] for one in findings(place)] == [attacker]
    assert place.get(f"{UNUSUAL}/looking", "HOST_DPO").json["passes"][0]["not_understood"] == 1


def test_a_database_that_is_late_for_once_hides_nothing(place, log, monkeypatch):
    """Nothing is passed over: the next run judges what this one could not read around."""
    attacker = new_id()
    do(log, attacker, new_id(), outcome="REFUSED")
    with monkeypatch.context() as late:
        late.setattr(LogReader, "around", Mock(side_effect=ExecutionTimeout("late")))
        with pytest.raises(ExecutionTimeout):
            Looking(log).run()
    Looking(log).run()
    assert [one["actor_id"] for one in findings(place)] == [attacker]


def test_two_who_look_at_once_raise_it_once(place, log, monkeypatch):
    """And so does one who was killed before the end of a step: place and findings are one transaction."""
    attacker, kept = new_id(), Looking._kept
    do(log, attacker, new_id(), outcome="REFUSED")
    raced = []

    def late(self, name, begun, judged):
        if not raced:
            raced.append(name)
            Looking(log).run()
        return kept(self, name, begun, judged)

    monkeypatch.setattr(Looking, "_kept", late)
    Looking(log).run()
    (one,) = findings(place, actor_id=attacker)
    assert (one["times"], one["version"]) == (1, 1)
    assert LogReader(place.database("audit")).place_of_pass("now") == 1


class TestWhoJudges:
    def test_the_person_concerned_meets_no_sign_of_it(self, place, log):
        """Neither on the list, nor by its id, nor by closing it; the same for an officer as for anybody."""
        actor, one = tried(place, log, role="HOST_DPO")
        asks = place.app.test_client()
        own = place.headers("HOST_DPO", actor=actor)
        assert findings(place, actor=actor) == []
        assert asks.get(f"{UNUSUAL}/{one}", headers=own).status_code == 404
        assert close(place, one, actor=actor).status_code == 404
        assert [row["id"] for row in findings(place)] == [one]

    def test_an_officers_own_goes_to_another_officer_and_the_administrator(self, place, log):
        """The administrator sees nobody else's; whoever acts as an officer later is one from then on."""
        officer, one = tried(place, log, role="HOST_DPO")
        later, other = tried(place, log)
        assert [row["id"] for row in findings(place, "HOST_ADMIN")] == [one]
        assert place.get(f"{UNUSUAL}/{other}", "HOST_ADMIN").status_code == 404
        assert close(place, other, "HOST_ADMIN").status_code == 404
        do(log, later, "list", action="audit:unusual:list", role="HOST_DPO", service="audit")
        look(log)
        assert {row["id"] for row in findings(place, "HOST_ADMIN")} == {one, other}
        assert close(place, one, "HOST_ADMIN").status_code == 200
        assert officer != later

    @pytest.mark.parametrize("role", ["IMSA", "SUPERVISOR", "HOST_DATA_LEAD", "SAFEGUARDING_LEAD", "INTEGRATOR"])
    def test_for_anybody_else_there_is_nothing_here(self, place, log, role):
        """Also for a supervisor."""
        assert place.get(UNUSUAL, role).status_code == 404
        assert place.get(f"{UNUSUAL}/looking", role).status_code == 404

    def test_it_is_closed_with_a_reason_and_sealed_words_and_opened_again(self, place, log):
        """What was written stands in no database; the log names no finding, only that one was closed."""
        actor, one = tried(place, log)
        assert close(place, one, version=9).status_code == 412
        assert close(place, one, reason="BORED").status_code == close(place, one, words=" ").status_code == 422
        assert close(place, one).status_code == 200
        assert close(place, one, version=2).status_code == 409
        row = place.get(f"{UNUSUAL}/{one}", "HOST_DPO").json
        assert (row["state"], row["closings"][0]["words"]) == ("CLOSED", CLOSING["words"])
        stored = repr(place.database("audit")["unusual_findings"].find_one({"_id": one}))
        assert "telephone" not in stored
        told = place.audited("audit", action="audit:unusual:close")[-1]
        assert (told["object_id"], told["actor_id"]) == ("finding", place.actor("HOST_DPO"))
        assert place.audited("audit", action="audit:unusual:read")[-1]["object_id"] == "finding"
        tried(place, log, actor_id=actor)
        again = place.get(f"{UNUSUAL}/{one}", "HOST_DPO").json
        assert (again["state"], again["times"], len(again["closings"])) == ("OPEN", 1, 1)

    def test_no_survivors_id_stands_in_a_finding(self, place, log):
        """So an erasure has nothing to take out of it."""
        survivor = new_id()
        do(log, new_id(), survivor, outcome="REFUSED", standing=None)
        look(log)
        assert survivor not in repr(list(place.database("audit")["unusual_findings"].find()))


def test_a_standing_has_a_code_of_its_own():
    """Each says whether support had ended."""
    assert [one.once_ended().is_ended for one in Standing] == [True] * 6 + [False] * 6
    assert [one.is_ended for one in Standing] == [False] * 3 + [True] * 3 + [False] * 6
    assert {one for one in Standing if not one.once_ended().is_ended} == {
        "EMERGENCY_RISK_TO_LIFE", "EMERGENCY_MISSING", "EMERGENCY_FOUND_BY_TRAFFICKER", "EMERGENCY_MEDICAL_EMERGENCY",
        "EMERGENCY_CHILD_AT_RISK", "EMERGENCY_SOMEBODY_ELSE_AT_RISK",
    }  # fmt: skip
