"""Several commands in one request: each its own, and none stops its neighbours."""

import re

import pytest

from shared.kernel.ids import new_id
from shared.web import batch
from tests.integration.test_every_route import CONTACT, OUTCOME
from tests.kit.tenant_place import EPISODE

pytestmark = pytest.mark.integration


def send(place, items, role="IMSA", *, key=None, actor=None):
    headers = {**place.headers(role, actor=actor), "Idempotency-Key": key or new_id()}
    return place.app.test_client().post("/v1/batch", json={"items": items}, headers=headers)


def goals(place, episode_id):
    return place.get(f"/v1/episodes/{episode_id}/goals").json["items"]


def goal(episode_id, area="HOUSING", **more):
    return {"path": f"/v1/episodes/{episode_id}/goals", "body": {"area": area}, **more}


@pytest.fixture
def episode(place):
    return place.episode(advocate_id=place.actor("IMSA"))


def test_one_bad_item_never_stops_its_neighbours(place, episode):
    """Each has the answer that its address gives: a made one, a wrong body, nobody's thing, an address not for batches."""
    theirs = place.episode(advocate_id=new_id())
    answer = send(
        place,
        [
            goal(episode["id"]), goal(episode["id"], "NO-SUCH-AREA"), goal(theirs["id"]), {"path": "/v1/batch"},
            {"path": "/v1/nowhere"}, {"path": f"/v1/episodes/{episode['id']}/contacts", "body": CONTACT},
            {"path": f"/v1/episodes/{episode['id']}/close", "body": {"reason": "DECEASED"}, "version": 7},
            {"path": f"/v1/episodes/{episode['id']}/close", "body": {"reason": "DECEASED"}},
            {"path": f"/v1/episodes/{episode['id']}/outcomes", "body": OUTCOME},
        ],
    )  # fmt: skip
    assert answer.status_code == 207, answer.json
    assert [item["status"] for item in answer.json["items"]] == [201, 422, 404, 422, 422, 201, 412, 428, 201]
    assert (answer.json["failed"], answer.json["again"]) == (6, False)
    assert [i["body"]["code"] for i in answer.json["items"][3:5]] == ["not-in-batch"] * 2
    assert answer.json["items"][1]["body"]["errors"][0]["pointer"] == "#/area"
    assert [one["area"] for one in goals(place, episode["id"])] == ["HOUSING"]


def test_items_are_carried_out_in_order(place, episode):
    """What one makes, the next may name by the version that it gives."""
    answer = send(
        place,
        [
            {"path": f"/v1/episodes/{episode['id']}/exclude", "body": {"excluded": True}, "version": 1},
            {"path": f"/v1/episodes/{episode['id']}/close", "body": {"reason": "DECEASED"}, "version": 2},
            goal(episode["id"]),
        ],
    )
    assert [item["status"] for item in answer.json["items"]] == [200, 200, 409]
    assert answer.json["items"][1]["body"]["version"] == 3


def test_the_same_batch_again_does_nothing_twice(place, episode):
    """By the batch's own key, or by a key of the item's own, also in another batch."""
    items, key, own = [goal(episode["id"]), goal(episode["id"], "NRM")], new_id(), new_id()
    first, again = send(place, items, key=key), send(place, items, key=key)
    assert [i["body"] for i in first.json["items"]] == [i["body"] for i in again.json["items"]]
    assert [i.get("replayed") for i in again.json["items"]] == [True, True]
    for _ in range(2):
        send(place, [goal(episode["id"], key=own)])
    changed = send(place, [goal(episode["id"], "NRM"), goal(episode["id"], "NRM")], key=key)
    assert [i["status"] for i in changed.json["items"]] == [422, 201]
    assert changed.json["items"][0]["body"]["code"] == "idempotency-key-reused"
    assert len(goals(place, episode["id"])) == 3


def test_each_item_is_audited_under_the_caller(place, episode):
    """As if it had been sent alone; refusals too."""
    for actor, outcome in ((place.actor("IMSA"), "ALLOWED"), (new_id(), "REFUSED")):
        send(place, [goal(episode["id"])], actor=actor)
        entries = place.audited("case", actor_id=actor, action="case:goal:set")
        assert entries[-1]["outcome"] == outcome


def test_what_does_not_come_in_time_says_so_and_passes_the_next_time(place, episode, monkeypatch):
    """503 with Retry-After for the batch; sent again with the same key, what was done is not done twice."""
    items, key = [goal(episode["id"]), goal(episode["id"], "NRM")], new_id()
    waits = iter([0.0, 0.0, 99.0])
    monkeypatch.setattr(batch, "waited_s", lambda: next(waits))
    late = send(place, items, key=key)
    monkeypatch.undo()
    assert [i["status"] for i in late.json["items"]] == [201, 503]
    assert (late.json["items"][1]["body"]["code"], late.json["again"]) == ("not-begun", True)
    assert late.headers["Retry-After"]
    again = send(place, items, key=key)
    assert [i["status"] for i in again.json["items"]] == [201, 201]
    assert len(goals(place, episode["id"])) == 2


@pytest.mark.parametrize(
    "items",
    [[], [{}], [{"path": "https://elsewhere.example/v1/x"}], [{"path": "/v1/episodes?x=Jane"}], [goal("x")] * 101],
)
def test_a_batch_that_is_none_is_refused_whole(place, items):
    """Nothing of it is done."""
    assert send(place, items).status_code == 422


def test_a_batch_needs_a_key_and_a_token(place):
    """As every POST does."""
    http = place.app.test_client()
    body = {"items": [{"path": "/v1/survivors"}]}
    assert http.post("/v1/batch", json=body).status_code == 401
    answer = http.post("/v1/batch", json=body, headers=place.headers())
    assert (answer.status_code, answer.json["code"]) == (400, "idempotency-key-missing")


def test_the_document_says_what_a_batch_takes(place):
    """And each of them is taken: nothing that a batch may name is refused as not for it."""
    paths = place.app.test_client().get("/openapi.json").json["paths"]
    named = {path for path, methods in paths.items() if methods.get("post", {}).get("x-in-batch")}
    assert {"/v1/survivors", "/v1/survivors/by-reference", "/v1/episodes", "/v1/episodes/{episode_id}/goals"} <= named
    assert not any(path.startswith(("/v1/token", "/v1/imports", "/v1/users", "/v1/batch")) for path in named)
    items = [{"path": re.sub(r"{\w+}", lambda _: new_id(), path)} for path in sorted(named)]
    codes = [i["body"].get("code") for i in send(place, items, "SUPERVISOR").json["items"]]
    assert "not-in-batch" not in codes


def test_a_hundred_records_of_a_system(place):
    """One batch, one answer each; a survivor is made and given an episode by whoever registers them."""
    body = {**EPISODE, "survivor_id": place.survivor("IMSA")}
    answer = send(
        place,
        [{"path": "/v1/survivors", "body": {"name": f"n{n}"}} for n in range(99)]
        + [{"path": "/v1/episodes", "body": body}],
    )
    statuses = {item["status"] for item in answer.json["items"]}
    assert len(answer.json["items"]) == 100
    assert {201} <= statuses <= {201, 503}
    assert answer.json["again"] == (503 in statuses)
