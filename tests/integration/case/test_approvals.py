"""Approvals over HTTP: a plan as it stood, an end of support, nobody's own, never over a no."""

import pytest

from shared.kernel.ids import new_id
from tests.integration.case.test_who_may_act import Advocate

YES = {"agreement": "AGREED", "agreed_on": "2026-08-05", "agreed_how": "VIA_INTERPRETER"}
MOVED = {"reason": "MOVED_OUT_OF_AREA"}


@pytest.fixture
def ann(place):
    return Advocate(place)


@pytest.fixture
def episode(place, ann):
    """The address of an episode of an advocate, with a goal and a risk."""
    path = f"/v1/episodes/{place.episode(advocate_id=ann.id)['id']}"
    assert ann.post(f"{path}/goals", {"area": "HOUSING", "words": "Planted home"}).status_code == 201
    assert ann.post(f"{path}/risks", {"about": "HEALTH_CRISIS", "level": "HIGH"}).status_code == 201
    return path


def ask(who, episode, kind="plan", **body):
    answer = who.post(f"{episode}/approvals/{kind}", {**(YES if kind == "plan" else MOVED), **body})
    assert answer.status_code == 201, answer.json
    return f"/v1/approvals/{answer.json['id']}"


def survivor_of(place, episode):
    return place.get(episode).json["survivor_id"]


def as_supervisor(place, actor):
    """Somebody who signs in as a supervisor, with the id that they have as an advocate."""
    headers = {**place.headers("SUPERVISOR", actor=actor), "Idempotency-Key": new_id()}
    return lambda path, body: place.app.test_client().post(path, json=body, headers=headers)


def test_an_approval_names_exactly_what_was_approved(place, ann, episode):
    """When and how they agreed stands beside it; what is planned later is a change, what is carried out is none."""
    one = ask(ann, episode)
    asked = place.get(one).json
    assert [(part["part"], part["says"]) for part in asked["plan"]] == [
        ("GOAL", {"area": "HOUSING", "words": "Planted home"}), ("RISK", {"level": "HIGH"}),
    ]  # fmt: skip
    assert {name: asked[name] for name in YES} == YES
    assert place.post(f"{one}/approve").status_code == 200
    decided = ann.get(one).json
    assert (decided["state"], decided["decided_by"]) == ("APPROVED", place.actor("SUPERVISOR"))
    assert decided["changed"] is False
    goal = asked["plan"][0]["id"]
    assert ann.post(f"{episode}/goals/{goal}/end", {"how": "REACHED"}).status_code == 200
    assert ann.get(one).json["changed"] is False
    assert ann.post(f"{episode}/goals", {"area": "NRM"}).status_code == 201
    after = ann.get(one).json
    assert (after["changed"], after["changes"]) == (True, {"added": 1, "rewritten": 0, "gone": 0})
    assert after["plan"] == asked["plan"]
    stored = place.database("case")["approvals"].find_one({"_id": one.split("/")[-1]})
    assert not {"plan", "said", "words"} & set(stored)
    assert place.audited("case", action="case:approval:approve", object_id=episode.split("/")[-1], outcome="ALLOWED")


def test_what_is_sent_back_says_why_and_asking_again_keeps_history(place, ann, episode):
    """Until the advocate has read it, it waits for them."""
    one = ask(ann, episode)
    assert place.post(f"{one}/send-back", {"words": " "}).status_code == 422
    assert place.post(f"{one}/send-back", {"words": "Planted question"}).status_code == 200
    assert place.post(f"{one}/approve").json["code"] == "approval-decided"
    back = [row for row in ann.get("/v1/approvals?waits_for=ADVOCATE").json["items"] if row["id"] in one]
    assert [row["words"] for row in back] == ["Planted question"]
    other = ask(ann, episode, agreement="WANTS_TIME", agreed_on=None, agreed_how=None)
    history = ann.get(f"{episode}/approvals").json["items"]
    assert {row["id"] in one: row["waits_for"] for row in history} == {True: "NOBODY", False: "APPROVER"}
    assert ann.post(f"{other}/settle", {}).status_code == 200
    assert ann.post(f"{other}/settle", {}).json["code"] == "nothing-to-settle"
    assert place.post(f"{other}/approve").json["code"] == "approval-decided"


def test_no_plan_is_approved_over_a_no(place, ann, episode):
    """Not asked for, and ended by it at any time."""
    refused = ann.post(f"{episode}/approvals/plan", {"agreement": "SAID_NO"})
    assert (refused.status_code, refused.json["code"]) == (409, "survivor-said-no")
    one = ask(ann, episode, agreement="NOT_ASKED_YET", agreed_on=None, agreed_how=None)
    assert place.post(f"{one}/approve").status_code == 200
    assert ann.post(f"{one}/agreement", YES).status_code == 200
    assert ann.post(f"{one}/agreement", {"agreement": "SAID_NO"}).status_code == 200
    after = ann.get(one).json
    assert (after["state"], after["agreement"]) == ("TAKEN_BACK", "SAID_NO")
    assert [said["agreement"] for said in after["said"]] == ["NOT_ASKED_YET", "AGREED", "SAID_NO"]


def test_nobody_approves_their_own(place, ann, episode):
    """An advocate who is a supervisor too asks the safeguarding lead, who sees that and nothing else."""
    one, other = ask(ann, episode), ask(ann, episode, "closure", asked_of="SAFEGUARDING_LEAD")
    for verb, body in (("approve", {}), ("send-back", {"words": "x"})):
        own = as_supervisor(place, ann.id)(f"{one}/{verb}", body)
        assert (own.status_code, own.json["code"]) == (409, "own-approval")
        assert ann.post(f"{one}/{verb}", body).status_code == 404
        assert place.post(f"{one}/{verb}", body, "SAFEGUARDING_LEAD").status_code == 404
    seen = {row["id"] for row in place.every("/v1/approvals", "SAFEGUARDING_LEAD")}
    assert (one.split("/")[-1] in seen, other.split("/")[-1] in seen) == (False, True)
    assert place.get(one, "SAFEGUARDING_LEAD").status_code == 404
    assert place.get(other, "SAFEGUARDING_LEAD").status_code == 200
    assert place.post(f"{other}/approve", {}, "SAFEGUARDING_LEAD").status_code == 200
    assert place.get(episode).json["status"] == "CLOSED"


def test_somebody_who_only_covers_does_not_approve_either(place, ann, episode):
    """On the days on which they act on the person."""
    one, cover = ask(ann, episode), new_id()
    today = place.contexts["case"].clock.now().date().isoformat()
    body = {"from_id": ann.id, "to_id": cover, "survivor_ids": [survivor_of(place, episode)], "first_on": today,
            "last_on": "2199-01-01"}  # fmt: skip
    moved = place.post("/v1/caseload/cover", {**body, "last_on": today})
    assert moved.json["moved"] == 1, moved.json
    assert as_supervisor(place, cover)(f"{one}/approve", {}).json["code"] == "own-approval"


def test_a_plan_that_changed_since_it_was_asked_for_is_not_approved(place, ann, episode):
    """Nobody approves what they did not read."""
    one = ask(ann, episode)
    survivor = survivor_of(place, episode)
    assert ann.post(f"/v1/survivors/{survivor}/steps", {"what": "Planted", "due_on": "2199-01-01"}).status_code == 201
    refused = place.post(f"{one}/approve")
    assert (refused.status_code, refused.json["code"]) == (409, "plan-changed")
    assert place.get(one).json["state"] == "WAITING"
    assert "Planted" not in refused.text


def test_of_nothing_no_approval_is_asked(place, ann):
    """A plan has something in it."""
    path = f"/v1/episodes/{place.episode(advocate_id=ann.id)['id']}"
    assert ann.post(f"{path}/approvals/plan", YES).json["code"] == "nothing-planned"


def test_an_end_of_support_waits_for_somebody_else(place, ann, episode):
    """It ends when they approve, and says by whom; then nothing of it waits."""
    refused = ann.post(f"{episode}/close", MOVED, **{"If-Match": '"1"'})
    assert (refused.status_code, refused.json["code"]) == (409, "closure-needs-approval")
    plan, closure = ask(ann, episode), ask(ann, episode, "closure")
    assert place.post(f"{closure}/approve").status_code == 200
    row = place.get(episode).json
    assert (row["status"], row["closure_reason"]) == ("CLOSED", "MOVED_OUT_OF_AREA")
    (last,) = [step for step in place.get(f"{episode}/states").json["items"] if step["after"] == "CLOSED"]
    assert (last["actor_id"], last["role"]) == (place.actor("SUPERVISOR"), "SUPERVISOR")
    assert place.get(plan).json["state"] == "OVERTAKEN"
    assert ann.post(f"{episode}/approvals/closure", MOVED).json["code"] == "episode-closed"


@pytest.mark.parametrize("reason", ["DECEASED", "SURVIVOR_ENDED_OTHER"])
def test_a_death_and_a_person_who_wants_to_leave_wait_for_nobody(place, ann, episode, reason):
    """It is looked at afterwards."""
    asked = ann.post(f"{episode}/approvals/closure", {"reason": reason})
    assert asked.status_code == 422
    assert ann.post(f"{episode}/close", {"reason": reason}, **{"If-Match": '"1"'}).status_code == 200
    (review,) = ann.get(f"{episode}/approvals").json["items"]
    assert (review["state"], review["closure_reason"], review["waits_for"]) == ("TO_REVIEW", reason, "APPROVER")
    one = f"/v1/approvals/{review['id']}"
    assert as_supervisor(place, ann.id)(f"{one}/approve", {}).json["code"] == "own-approval"
    assert place.post(f"{one}/approve").status_code == 200
    assert place.get(one).json["state"] == "REVIEWED"


def test_a_supervisor_who_works_with_the_person_waits_too_and_another_does_not(place, ann, episode):
    """Whose work it is not, decides alone; then nothing is to be looked at."""
    close = {**place.headers("SUPERVISOR", actor=ann.id), "Idempotency-Key": new_id(), "If-Match": '"1"'}
    own = place.app.test_client().post(f"{episode}/close", json=MOVED, headers=close)
    assert own.json["code"] == "closure-needs-approval"
    assert place.post(f"{episode}/close", MOVED, If_Match='"1"').status_code == 200
    assert ann.get(f"{episode}/approvals").json["items"] == []


def test_a_host_may_say_that_no_end_waits(place, ann, episode):
    """Only its administrator, and back again."""
    setting = "/v1/approvals/setting"
    try:
        assert place.post(setting, {"closures_wait": False}).status_code == 404
        assert place.post(setting, {"closures_wait": False}, "HOST_ADMIN").status_code == 200
        assert place.get(setting, "IMSA").json["closures_wait"] is False
        assert ann.post(f"{episode}/close", MOVED, **{"If-Match": '"1"'}).status_code == 200
        assert ann.get(f"{episode}/approvals").json["items"] == []
    finally:
        place.post(setting, {"closures_wait": True}, "HOST_ADMIN")
    assert place.get(setting, "IMSA").json["closures_wait"] is True


def test_a_colleague_sees_none_and_an_erasure_reaches_all(place, ann, episode):
    """By the same 404; on no list."""
    one, ben = ask(ann, episode), Advocate(place)
    assert ben.get(one).status_code == 404
    assert ben.post(f"{one}/settle", {}).status_code == 404
    survivor = survivor_of(place, episode)
    place.post(f"/v1/survivors/{survivor}/advocates", {"advocate_ids": [ann.id, ben.id]})
    assert ben.get(one).status_code == 404
    assert one.split("/")[-1] not in str(ben.get("/v1/approvals").json)
    place.contexts["case"].survivor_keys.forget(survivor)
    assert ann.get(one).status_code == 404
    assert place.post(f"{one}/approve").status_code == 404
    assert survivor not in str(place.every("/v1/approvals"))
