"""Copies, read through, judged by two people and given: over a whole host, by the API."""

from datetime import UTC, datetime, timedelta

import pytest

from services.identity.people.rules import HOST_ROLES
from shared.kernel.ids import new_id
from tests.integration.case.test_access_parts import DPO, asked_by, collect, run, state

SAFE = {"way_confirmed": True, "not_forced": True, "safe_to_keep": True}
GIVE = {"how": "IN_PERSON_PRIVATE"}
PARTIES = ("case", "consent", "audit", "integrations", "reporting")


@pytest.fixture
def whole(place, monkeypatch):
    """The host, where audit and integrations hear too; what earlier tests said is carried first."""
    place.pump()
    monkeypatch.setattr(place, "deaf", ())
    return place


@pytest.fixture
def case_id(whole):
    """The request of somebody whose copy is collected, and not read yet."""
    survivor = whole.survivor("IMSA", name="Zlatan-Name", safe_contact="Tuesdays")
    one = asked_by(whole, survivor)
    collect(whole, one)
    run(whole)
    whole.pump()
    assert state(whole, one)[0] == "TO_READ"
    return one


def path(case_id, rest=""):
    return f"/v1/rights-cases/{case_id}/copy{rest}"


def seen(place, case_id):
    return place.get(path(case_id), DPO).json


def do(place, case_id, rest, body=None, *, role=DPO, actor=None, version=None):
    """Change a copy at the version that stands, as somebody of a role."""
    known = version or place.database("case")["access_copies"].find_one({"_id": case_id})["version"]
    sent = {**place.headers(role, actor=actor), "Idempotency-Key": new_id(), "If-Match": f'"{known}"'}
    return place.app.test_client().post(path(case_id, rest), json=body or {}, headers=sent)


def read_through(place, case_id):
    for party in PARTIES:
        assert do(place, case_id, f"/parts/{party}/look-through").status_code == 200


def number_of(place, case_id, words, party="case"):
    items = place.get(path(case_id, f"/parts/{party}"), DPO).json["items"]
    return next(one["number"] for one in items if words in str(one["lines"]))


def survivor_of(place, case_id):
    return place.database("case")["rights_cases"].find_one({"_id": case_id})["survivor_id"]


def test_what_two_people_leave_out_stands_nowhere_in_the_copy(whole, case_id):
    """Not in the JSON either; while one of them is missing there is no copy, and none of it is given."""
    number = number_of(whole, case_id, "Zlatan-Words")
    left = {"numbers": [number], "reason": "OTHER_PEOPLE"}
    assert do(whole, case_id, "/parts/case/leave-out", left).status_code == 201
    read_through(whole, case_id)
    waits = seen(whole, case_id)
    assert waits["state"] == "WAITS"
    assert whole.get(path(case_id, "/document"), DPO).status_code == 409
    (one,) = waits["left_out"]
    agree = f"/left-out/{one['id']}/agree"
    assert do(whole, case_id, agree).status_code == 409
    for role in ("SUPERVISOR", "IMSA", "HOST_ADMIN"):
        assert do(whole, case_id, agree, role=role).status_code == 404
    (listed,) = [r for r in whole.every("/v1/copies-left-out", "SAFEGUARDING_LEAD") if r["id"] == case_id]
    assert "Zlatan-Words" in str(listed["waiting"])
    assert "Zlatan-Name" not in str(listed)
    assert do(whole, case_id, agree, role="SAFEGUARDING_LEAD").status_code == 200
    assert do(whole, case_id, agree, actor=new_id()).status_code == 409
    copy = whole.get(path(case_id, "/document"), DPO)
    assert (copy.status_code, "Zlatan-Name" in copy.text, "Zlatan-Words" in copy.text) == (200, True, False)
    assert copy.json["left_out"] == ["It would tell about somebody else"]
    assert survivor_of(whole, case_id) not in copy.text
    assert case_id not in copy.text
    assert do(whole, case_id, f"/left-out/{one['id']}/show").status_code == 200
    assert seen(whole, case_id)["state"] == "TO_READ"
    for action in ("case:access:leave-out", "case:access:agree-left-out", "case:access:read-document"):
        assert whole.audited(action=action, object_id=case_id, outcome="ALLOWED")


def test_a_part_can_be_refused_whole_and_collected_anew(whole, case_id):
    """With a reason; collected anew it is judged anew, and the others stay as they are."""
    assert (
        do(whole, case_id, "/parts/audit/leave-out", {"whole": True, "reason": "PREVENTION_OF_CRIME"}).status_code
        == 201
    )
    read_through(whole, case_id)
    (one,) = seen(whole, case_id)["left_out"]
    assert do(whole, case_id, f"/left-out/{one['id']}/agree", actor=new_id()).status_code == 200
    parts = {p["title"]: p for p in whole.get(path(case_id, "/document"), DPO).json["parts"]}
    assert (parts["Who saw your record"]["items"], parts["Who saw your record"]["nothing"]) == ([], None)
    assert do(whole, case_id, "/parts/audit/collect").status_code == 202
    assert seen(whole, case_id)["left_out"] == []
    assert whole.get(path(case_id, "/parts/audit"), DPO).status_code == 409
    whole.pump()
    row = seen(whole, case_id)
    assert (row["state"], [p["party"] for p in row["parts"] if p["looked_at"] is None]) == ("TO_READ", ["audit"])


def test_it_is_given_once_it_was_found_safe_on_that_day(whole, case_id):
    """A no keeps nothing; the next day it is asked again; and it stands in the request that they have it."""
    assert do(whole, case_id, "/safe-to-send", SAFE).status_code == 409
    read_through(whole, case_id)
    assert do(whole, case_id, "/give", GIVE).status_code == 409
    for no in SAFE:
        assert do(whole, case_id, "/safe-to-send", {**SAFE, no: False}).status_code == 409
    assert seen(whole, case_id)["safe"] is None
    assert do(whole, case_id, "/safe-to-send", SAFE).status_code == 200
    assert seen(whole, case_id)["safe"]["by"] == whole.actor(DPO)
    whole.at(datetime.now(UTC) + timedelta(days=1))
    assert do(whole, case_id, "/give", GIVE).status_code == 409
    assert do(whole, case_id, "/safe-to-send", SAFE).status_code == 200
    assert do(whole, case_id, "/give", {"how": "NOT_SAFE_YET"}).status_code == 422
    version = seen(whole, case_id)["version"]
    assert do(whole, case_id, "/give", GIVE, version=version - 1).status_code == 412
    assert do(whole, case_id, "/give", GIVE).status_code == 200
    assert (seen(whole, case_id)["state"], seen(whole, case_id)["given"]["how"]) == ("GIVEN", GIVE["how"])
    steps = whole.get(f"/v1/rights-cases/{case_id}", DPO).json["steps"]
    assert [(s["step"], s["reason"]) for s in steps][-1] == ("COPY_GIVEN", GIVE["how"])
    assert do(whole, case_id, "/parts/case/collect").status_code == 409


def test_only_the_data_protection_officer_reads_a_copy(whole, case_id):
    """Nor collects, judges or gives one anybody else; each is the 404 of what is not there."""
    roles = sorted(set(HOST_ROLES) - {DPO})
    assert {"IMSA", "SUPERVISOR"} <= set(roles)
    for role in roles:
        for rest in ("", "/document", *(f"/parts/{party}" for party in PARTIES)):
            assert whole.get(path(case_id, rest), role).status_code == 404, (role, rest)
        for rest, body in (("", {}), ("/parts/case/look-through", {}), ("/safe-to-send", SAFE), ("/give", GIVE)):
            assert do(whole, case_id, rest, body, role=role).status_code == 404, (role, rest)
        listed = whole.get("/v1/copies-left-out", role).status_code
        assert listed == (200 if role == "SAFEGUARDING_LEAD" else 404), role


def test_an_erasure_reaches_the_copy(whole, case_id):
    """Nothing of it opens from that moment, and the job deletes it; what stays says who did what."""
    read_through(whole, case_id)
    whole.contexts["case"].survivor_keys.forget(survivor_of(whole, case_id))
    assert whole.get(path(case_id, "/document"), DPO).status_code == 410
    assert whole.get(path(case_id, "/parts/case"), DPO).status_code == 410
    run(whole)
    assert whole.database("case")["access_parts"].count_documents({"copy_id": case_id}) == 0
    kept = whole.database("case")["access_copies"].find_one({"_id": case_id})
    assert kept["sealed"] == {"secret_key": None}
    assert (seen(whole, case_id)["state"], seen(whole, case_id)["began_by"]) == ("GONE", whole.actor(DPO))
    assert do(whole, case_id, "/parts/case/look-through").status_code == 410


@pytest.mark.parametrize("why", ["its days are over", "they took it back"])
def test_a_copy_that_is_over_is_deleted(whole, case_id, why):
    """After 31 days nobody reads it, deleted or not; nor is it kept for a request that ended without it."""
    if why == "its days are over":
        whole.at(datetime.now(UTC) + timedelta(days=31, minutes=1))
        assert whole.get(path(case_id, "/parts/case"), DPO).status_code == 410
    else:
        version = whole.get(f"/v1/rights-cases/{case_id}", DPO).json["version"]
        body = {"outcome": "TAKEN_BACK", "told": "IN_PERSON_PRIVATE"}
        assert whole.post(f"/v1/rights-cases/{case_id}/decide", body, DPO, If_Match=f'"{version}"').status_code == 200
    run(whole)
    assert whole.database("case")["access_parts"].count_documents({"copy_id": case_id}) == 0
    assert seen(whole, case_id)["state"] == "GONE"


def test_what_is_said_twice_or_again_after_a_restart_is_one_thing(whole, case_id):
    """The same command again is the same answer; the job run again changes nothing; two who judge at once are told."""
    before = seen(whole, case_id)
    run(whole)
    whole.pump()
    assert seen(whole, case_id) == before
    again = do(whole, case_id, "/parts/case/look-through", version=before["version"])
    assert again.status_code == 200
    assert do(whole, case_id, "/parts/consent/look-through", version=before["version"]).status_code == 412


def test_what_is_left_out_is_named_and_has_a_reason(whole, case_id):
    """Else nothing is kept."""
    reason = {"reason": "OTHER_PEOPLE"}
    for said in (
        {"numbers": [1]}, reason, {"numbers": [1], "whole": True, **reason}, {"numbers": [1], "reason": "BECAUSE"},
        {"numbers": [999], **reason}, {"numbers": [0], **reason}, {"numbers": ["1"], **reason},
    ):  # fmt: skip
        assert do(whole, case_id, "/parts/case/leave-out", said).status_code == 422, said
    assert do(whole, case_id, "/parts/nowhere/leave-out", {"whole": True, **reason}).status_code == 404
    assert seen(whole, case_id)["left_out"] == []


def test_a_copy_is_collected_for_who_asked_to_see_alone(whole):
    """Nor while the clock stands: perhaps it is not they who ask."""
    other = asked_by(whole, whole.survivor("IMSA"), "COMPLAINT")
    collecting = whole.post(path(other), {}, DPO, If_Match='"1"')
    assert (collecting.status_code, whole.get(path(other), DPO).status_code) == (409, 404)
    asked = asked_by(whole, whole.survivor("IMSA"))
    whole.post(f"/v1/rights-cases/{asked}/stop-clock", {"why": "IDENTITY"}, DPO, If_Match='"1"')
    assert whole.post(path(asked), {}, DPO, If_Match='"2"').status_code == 409
