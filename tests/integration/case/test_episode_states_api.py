"""Support's states over HTTP: step by step, with history, and nothing told outside before support begins."""

import pytest

from tests.kit.tenant_place import EPISODE


@pytest.fixture
def referred(place):
    """The address of a referral of the advocate who acts below."""
    body = {**EPISODE, "survivor_id": place.survivor("IMSA"), "status": "REFERRED", "referral_source": "SELF"}
    return f"/v1/episodes/{place.post('/v1/episodes', body, 'IMSA').json['id']}"


def move(place, path, after, version=None, **body):
    version = version or place.get(path, "IMSA").json["version"]
    return place.post(f"{path}/move", {"after": after, **body}, "IMSA", If_Match=f'"{version}"')


def told(place, path):
    return [e["type"].split(".")[2] for e in place.stated("case") if e["subject"] == path.rsplit("/", 1)[1]]


def test_from_referral_to_support_each_step_is_kept_and_told_only_then(place, referred):
    """Who, from where, where to and why; consent and integrators hear of it when support begins."""
    for after, body in (("TRIAGED", {"tier": "TIER_2"}), ("WAITING_LIST", {}), ("OFFERED", {})):
        assert move(place, referred, after, **body).status_code == 200
    assert told(place, referred) == []
    assert move(place, referred, "ACTIVE").status_code == 200
    assert told(place, referred) == ["episode_opened", "statistics_facts_changed"]
    row = place.get(referred, "IMSA").json
    assert (row["status"], row["tier"], row["referral_source"]) == ("ACTIVE", "TIER_2", "SELF")
    assert move(place, referred, "ON_HOLD", reason="AWAY_OR_DETAINED").status_code == 200
    (last,) = [e for e in place.stated("case", "episode_status_changed.v1") if e["subject"] == row["id"]]
    assert b"AWAY" not in last["body"]
    states = place.get(f"{referred}/states", "IMSA").json["items"]
    assert [one["after"] for one in states] == ["REFERRED", "TRIAGED", "WAITING_LIST", "OFFERED", "ACTIVE", "ON_HOLD"]
    assert (states[-1]["before"], states[-1]["reason"]) == ("ACTIVE", "AWAY_OR_DETAINED")
    assert {one["actor_id"] for one in states} == {place.actor("IMSA")}
    assert place.audited(action="case:episode:move", object_id=row["id"])


def test_closed_and_reopened_it_takes_entries_again(place):
    """With its reasons; statistics hear of neither."""
    row = place.episode(advocate_id=place.actor("IMSA"))
    path = f"/v1/episodes/{row['id']}"
    place.post(f"{path}/close", {"reason": "SURVIVOR_ENDED_OTHER"}, "IMSA", If_Match='"1"')
    assert place.post(f"{path}/goals", {"area": "NRM"}, "IMSA").json["code"] == "episode-closed"
    assert move(place, path, "REOPENED", reason="NEW_NEED").status_code == 200
    assert place.post(f"{path}/goals", {"area": "NRM"}, "IMSA").status_code == 201
    shown = place.get(path, "IMSA").json
    assert (shown["status"], shown["closure_reason"], shown["closed_at"]) == ("REOPENED", None, None)
    assert told(place, path).count("statistics_facts_changed") == 1
    states = place.get(f"{path}/states", "IMSA").json["items"]
    assert [(one["after"], one["reason"]) for one in states] == [
        ("ACTIVE", None), ("CLOSED", "SURVIVOR_ENDED_OTHER"), ("REOPENED", "NEW_NEED"),
    ]  # fmt: skip


def test_a_declined_referral_takes_no_entries(place, referred):
    """And can be taken up as a referral once more."""
    assert move(place, referred, "DECLINED", reason="NO_CAPACITY").status_code == 200
    assert place.post(f"{referred}/goals", {"area": "NRM"}, "IMSA").json["code"] == "episode-closed"
    assert move(place, referred, "REFERRED").status_code == 200
    assert told(place, referred) == []


def test_a_contact_before_support_begins_is_told_to_nobody(place, referred):
    """Neither that there was one nor that it was corrected: who waits or was turned away is nobody's business."""
    contacts, says = f"{referred}/contacts", {"mode": "PHONE", "interpreter": "NONE_NEEDED"}
    first = place.post(contacts, says, "IMSA").json["id"]
    mended = {"why": "WRITTEN_WRONGLY", "mode": "EMAIL"}
    assert place.post(f"{contacts}/{first}/corrections", mended, "IMSA").status_code == 201

    def said():
        about = referred.rsplit("/", 1)[1].encode()
        return [e["subject"] for e in place.stated("case", "contact_recorded.v1") if about in e["body"]]

    assert said() == []
    for after, body in (("TRIAGED", {"tier": "TIER_2"}), ("OFFERED", {}), ("ACTIVE", {})):
        move(place, referred, after, **body)
    later = place.post(contacts, says, "IMSA").json["id"]
    assert said() == [later]


def test_a_machine_finds_no_referral_before_support_begins(place, referred):
    """Its key is another system's; from then on it does."""
    since = place.get("/v1/episodes").json["again_from"]

    def found():
        headers = place.headers("INTEGRATOR", scopes={"episodes:read"})
        query, ids = {"updated_since": since, "limit": 200}, set()
        while query:
            page = place.app.test_client().get("/v1/episodes", headers=headers, query_string=query).json
            ids |= {row["id"] for row in page["items"]}
            query = {"after": page["next"], "limit": 200} if page["next"] else None
        return ids

    episode_id = referred.rsplit("/", 1)[1]
    assert episode_id not in found()
    for after, body in (("TRIAGED", {"tier": "TIER_2"}), ("OFFERED", {}), ("ACTIVE", {})):
        move(place, referred, after, **body)
    assert episode_id in found()


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [({"after": "PARTY"}, 422, "#/after"), ({"after": "CLOSED"}, 422, "#/after"), ({"after": "DECLINED"}, 422, "#/reason"),
     ({"after": "DECLINED", "reason": "HEALTH"}, 422, "#/reason"), ({"after": "DECLINED", "reason": "x"}, 422, "#/reason"),
     ({"after": "TRIAGED"}, 422, "#/tier"), ({"after": "TRIAGED", "tier": "TIER_9"}, 422, "#/tier")],
)  # fmt: skip
def test_a_bad_step_is_pointed_at(place, referred, body, status, pointer):
    """Nothing changes."""
    answer = place.post(f"{referred}/move", body, "IMSA", If_Match='"1"')
    assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (status, [pointer])
    assert place.get(referred, "IMSA").json["status"] == "REFERRED"


def test_a_step_that_does_not_follow_is_refused_with_what_may(place, referred):
    """And a version that is no longer the newest."""
    answer = move(place, referred, "ACTIVE")
    assert (answer.status_code, answer.json["code"]) == (409, "wrong-step")
    assert "TRIAGED" in answer.json["detail"]
    assert move(place, referred, "TRIAGED", version=9, tier="TIER_1").status_code == 412


def test_those_who_wait_are_found_by_their_state(place, referred):
    """By each code of the list; an unknown one is pointed at."""
    found = place.every("/v1/episodes?status=REFERRED", "IMSA")
    assert referred.rsplit("/", 1)[1] in {row["id"] for row in found}
    assert place.get("/v1/episodes?status=LOST", "IMSA").status_code == 422


def test_episodes_from_before_states_were_kept_go_on(place):
    """Their support had begun; nobody knows who referred."""
    row = place.episode(advocate_id=place.actor("IMSA"))
    gone = dict.fromkeys(("begun", "referral_source", "tier", "state_since"), "")
    place.database("case")["episodes"].update_one({"_id": row["id"]}, {"$unset": gone})
    path = f"/v1/episodes/{row['id']}"
    shown = place.get(path, "IMSA").json
    assert [shown[name] for name in ("referral_source", "tier", "state_since")] == [None, None, None]
    assert move(place, path, "ON_HOLD", reason="HEALTH").status_code == 200
    assert told(place, path)[-1] == "episode_status_changed"
