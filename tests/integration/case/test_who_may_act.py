"""Who may act on a survivor: stated at registration, changed by a supervisor, checked in the command's transaction."""

import pytest

from services.case.survivors.assigning import state_assignments
from shared.kernel.ids import new_id
from tests.kit.tenant_place import EPISODE

REFUSED = {"purpose": "AGGREGATE_STATISTICS", "decision": "REFUSED"}


class Advocate:
    """An advocate of the host, who asks for themself."""

    def __init__(self, place):
        self.id, self._place = new_id(), place
        self._http = place.app.test_client()

    def get(self, path):
        return self._http.get(path, headers=self._place.headers("IMSA", actor=self.id))

    def post(self, path, body, **headers):
        sent = {**self._place.headers("IMSA", actor=self.id), "Idempotency-Key": new_id(), **headers}
        return self._http.post(path, json=body, headers=sent)

    def opens(self, survivor_id, **values):
        return self.post("/v1/episodes", {**EPISODE, "survivor_id": survivor_id, **values})

    def records(self, survivor_id):
        return self.post("/v1/consents", {**REFUSED, "survivor_id": survivor_id})


@pytest.fixture
def ann(place):
    return Advocate(place)


@pytest.fixture
def ben(place):
    return Advocate(place)


def assign(place, survivor_id, *advocates):
    body = {"advocate_ids": [advocate.id for advocate in advocates]}
    answer = place.post(f"/v1/survivors/{survivor_id}/advocates", body)
    place.pump()
    return answer


def registered_by(place, advocate, **values):
    answer = advocate.post("/v1/survivors", {"name": "Planted", **values})
    place.pump()
    return answer


def test_whoever_registers_somebody_may_act_on_them_at_once(place, ann, ben):
    """Read, open an episode, record a decision; a colleague finds nothing there."""
    survivor_id = registered_by(place, ann).json["id"]
    assert ann.get(f"/v1/survivors/{survivor_id}").status_code == 200
    assert ben.get(f"/v1/survivors/{survivor_id}").status_code == 404
    assert (ann.records(survivor_id).status_code, ben.records(survivor_id).status_code) == (201, 404)
    assert (ben.opens(survivor_id).status_code, ann.opens(survivor_id).status_code) == (404, 201)


def test_opening_an_episode_takes_nobody(place, ann, ben):
    """An advocate who knows an id is refused as for an id of nobody; the survivor's own keeps everything."""
    survivor_id = place.episode(advocate_id=ann.id)["survivor_id"]
    place.pump()
    tried, nobody = ben.opens(survivor_id), ben.opens(new_id())
    assert (tried.status_code, tried.json["code"]) == (nobody.status_code, nobody.json["code"]) == (404, "not-found")
    place.pump()
    assert ben.get(f"/v1/survivors/{survivor_id}").status_code == 404
    assert ben.records(survivor_id).status_code == 404
    assert ann.records(survivor_id).status_code == 201
    assert place.audited("case", actor_id=ben.id, outcome="REFUSED", object_id=survivor_id)


def test_an_advocate_names_nobody_but_themself(place, ann, ben):
    """Neither at registration nor by an episode does an advocate hand somebody on."""
    answer = registered_by(place, ann, advocate_id=ben.id)
    assert (answer.status_code, answer.json["code"]) == (409, "supervisor-assigns")
    survivor_id = registered_by(place, ann, advocate_id=ann.id).json["id"]
    answer = ann.opens(survivor_id, advocate_id=ben.id)
    assert (answer.status_code, answer.json["code"]) == (409, "supervisor-assigns")
    assert ben.get(f"/v1/survivors/{survivor_id}").status_code == 404


def test_a_supervisor_changes_who_may_act_everywhere(place, ann, ben):
    """Survivor, episode, entries, list and consents: the one who is left out finds nothing, the new one does."""
    row = place.episode(advocate_id=ann.id)
    survivor_id, episode = row["survivor_id"], f"/v1/episodes/{row['id']}"
    place.pump()
    assert ann.get(episode).status_code == 200
    assert assign(place, survivor_id, ben).status_code == 200
    for path in (episode, f"{episode}/goals", f"/v1/survivors/{survivor_id}"):
        assert ann.get(path).status_code == 404, path
    assert ann.post(f"{episode}/goals", {"area": "NRM"}).status_code == 404
    assert ann.post(f"{episode}/close", {"reason": "DECEASED"}, **{"If-Match": '"1"'}).status_code == 404
    assert ann.get("/v1/episodes").json["items"] == []
    assert (ann.records(survivor_id).status_code, ben.records(survivor_id).status_code) == (404, 201)
    assert ben.get(f"/v1/survivors/{survivor_id}").status_code == 200
    shown = place.get(f"/v1/survivors/{survivor_id}/advocates").json
    assert shown["advocate_ids"] == [ben.id]


def test_two_advocates_of_one_survivor_do_not_shut_each_other_out(place, ann, ben):
    """A supervisor opens a second episode with another advocate: both may act."""
    survivor_id = place.episode(advocate_id=ann.id)["survivor_id"]
    place.episode(survivor_id=survivor_id, advocate_id=ben.id)
    place.pump()
    for advocate in (ann, ben):
        assert advocate.post("/v1/consents/search", {"survivor_id": survivor_id}).status_code == 200


def test_with_no_known_advocate_only_supervisor_and_dpo_record(place, ann):
    """Somebody whom a supervisor registered for nobody yet."""
    survivor_id = place.survivor()
    place.pump()
    assert ann.records(survivor_id).status_code == 404
    body = {**REFUSED, "survivor_id": survivor_id}
    assert [place.post("/v1/consents", body, role).status_code for role in ("SUPERVISOR", "HOST_DPO")] == [201, 201]


@pytest.mark.parametrize("role", ["IMSA", "SUPERVISOR", "HOST_DPO"])
def test_a_survivor_that_does_not_exist_is_not_there(place, role):
    """For everybody: 404, and nothing is recorded or found."""
    survivor_id = new_id()
    answer = place.post("/v1/consents", {**REFUSED, "survivor_id": survivor_id}, role)
    assert (answer.status_code, answer.json["code"]) == (404, "not-found")
    assert place.post("/v1/consents/search", {"survivor_id": survivor_id}, role).status_code == 404
    assert place.database("consent")["consents"].count_documents({"survivor_id": survivor_id}) == 0


def test_the_right_is_checked_in_the_transaction(place, ann, monkeypatch):
    """Taken away between the look at the door and the commit: refused all the same, and audited."""
    row = place.episode(advocate_id=ann.id)
    survivor_id = row["survivor_id"]
    place.pump()
    assign(place, survivor_id)
    for view in (
        "services.case.survivors.views.SurvivorViews.may_act",
        "services.consent.ledger.views.LedgerViews.advocates_of",
    ):
        monkeypatch.setattr(view, lambda *_: _Everybody())
    assert ann.opens(survivor_id).status_code == 404
    assert ann.post(f"/v1/episodes/{row['id']}/goals", {"area": "NRM"}).status_code == 404
    assert ann.records(survivor_id).status_code == 404
    for service in ("case", "consent"):
        assert place.audited(service, actor_id=ann.id, outcome="REFUSED", object_id=survivor_id)


class _Everybody:
    """Holds whoever is looked for."""

    def __contains__(self, _one):
        return True


def test_somebody_from_before_it_was_stated_is_their_episodes_advocates(place, ann, ben):
    """Databases of the version before: no field, so the advocates of the episodes may act, and nobody else."""
    survivor_id = place.episode(advocate_id=ann.id)["survivor_id"]
    place.database("case")["survivors"].update_one({"_id": survivor_id}, {"$unset": {"advocate_ids": ""}})
    assert ann.get(f"/v1/survivors/{survivor_id}").status_code == 200
    assert ben.get(f"/v1/survivors/{survivor_id}").status_code == 404
    assert (ben.opens(survivor_id).status_code, ann.opens(survivor_id).status_code) == (404, 201)
    assert place.get(f"/v1/survivors/{survivor_id}/advocates").json["advocate_ids"] == [ann.id]


@pytest.mark.parametrize(
    ("path", "body"),
    [("exclude", {"excluded": True}), ("close", {"reason": "DECEASED"}), ("goals", {"area": "NRM"}),
     ("contacts", {"mode": "PHONE", "interpreter": "PROFESSIONAL", "minutes": 5})],
)  # fmt: skip
def test_a_colleagues_episode_is_not_there(place, ann, ben, path, body):
    """Both are this survivor's advocates, and each has an episode of their own: the other's is nobody's but theirs."""
    row = place.episode(advocate_id=ann.id)
    assign(place, row["survivor_id"], ann, ben)
    address = f"/v1/episodes/{row['id']}/{path}"
    assert ben.post(address, body, **{"If-Match": '"1"'}).status_code == 404
    assert place.audited("case", actor_id=ben.id, outcome="REFUSED", object_id=row["id"])
    assert place.get(f"/v1/episodes/{row['id']}").json["version"] == row["version"]
    assert ann.post(address, body, **{"If-Match": '"1"'}).status_code in (200, 201)


def test_a_job_states_who_may_act_where_nobody_did(place, ann):
    """Of the version before, and of imports: consent hears who they are, and that they are there."""
    survivor_id, registered = place.episode(advocate_id=ann.id)["survivor_id"], place.survivor()
    ids = {"$in": [survivor_id, registered]}
    place.database("case")["survivors"].update_many({"_id": ids}, {"$unset": {"advocate_ids": ""}})
    place.database("consent")["people"].delete_many({"_id": {"$in": [registered, f"advocate:{survivor_id}"]}})
    assert ann.records(survivor_id).status_code == 404
    assert state_assignments(place.contexts["case"].committer.execute) >= 2
    place.pump()
    assert ann.records(survivor_id).status_code == 201
    assert place.post("/v1/consents", {**REFUSED, "survivor_id": registered}).status_code == 201
    assert state_assignments(place.contexts["case"].committer.execute) == 0


@pytest.mark.parametrize(("body", "pointer"), [({}, "#/advocate_ids"), ({"advocate_ids": ["me"]}, "#/advocate_ids")])
def test_a_bad_set_is_pointed_at(place, body, pointer):
    """Ids, and the whole set."""
    answer = place.post(f"/v1/survivors/{place.survivor()}/advocates", body)
    assert answer.status_code == 422
    assert all(e["pointer"].startswith(pointer) for e in answer.json["errors"])


def test_nobody_is_assigned_to_nobody(place, ann):
    """An unknown survivor is 404."""
    assert assign(place, new_id(), ann).status_code == 404
