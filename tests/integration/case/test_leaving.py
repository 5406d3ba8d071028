"""Leaving over HTTP: two people of the host, one key, one document."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.kernel.ids import new_id

KEY, OTHER = "age1" + "q" * 58, "age1" + "p" * 58
PATH = "/v1/leaving"


@pytest.fixture
def host(place):
    """A host where nobody asked."""
    place.database("case")["leavings"].delete_many({})
    return place


def read(place):
    return place.get(PATH, "HOST_DPO").json


def ask(place, recipient=KEY):
    return place.post(PATH, {"recipient": recipient}, "HOST_DPO")


def agree(place, version=1, role="HOST_ADMIN"):
    return place.post(f"{PATH}/agree", {}, role, If_Match=f'"{version}"')


def test_one_asks_and_another_agrees(host):
    """Each is audited under its own action, and both see where it stands."""
    assert read(host) == dict.fromkeys(read(host)) | {"id": "leaving", "state": "NOT_ASKED", "version": 0}
    assert ask(host).status_code == 201
    assert agree(host).status_code == 200
    row = host.get(PATH, "HOST_ADMIN").json
    assert (row["state"], row["recipient"], row["version"]) == ("AGREED", KEY, 2)
    assert (row["asked_by"], row["agreed_by"]) == (host.actor("HOST_DPO"), host.actor("HOST_ADMIN"))
    actions = {"case:leaving:ask": "HOST_DPO", "case:leaving:agree": "HOST_ADMIN"}
    for action, role in actions.items():
        assert host.audited(action=action, actor_id=host.actor(role), outcome="ALLOWED")


def test_that_everything_is_deleted_is_stated_by_itself(host):
    """A key alone deletes nothing; whoever agrees sees which it is."""
    assert ask(host).status_code == 201
    assert read(host)["deletes"] is False
    host.post(f"{PATH}/take-back", {}, "HOST_DPO", If_Match='"1"')
    assert host.post(PATH, {"recipient": KEY, "deletes": True}, "HOST_DPO").status_code == 201
    assert read(host)["deletes"] is True
    assert host.post(f"{PATH}/take-back", {}, "HOST_DPO", If_Match='"3"').status_code == 200
    assert ask(host).status_code == 201
    assert read(host)["deletes"] is False


def test_whoever_asked_does_not_agree(host):
    """Though they are an administrator too."""
    ask(host)
    sent = {**host.headers("HOST_ADMIN", actor=host.actor("HOST_DPO")), "Idempotency-Key": new_id(), "If-Match": '"1"'}
    answer = host.app.test_client().post(f"{PATH}/agree", json={}, headers=sent)
    assert (answer.status_code, answer.json["code"]) == (409, "leaving-second-person")
    assert read(host)["state"] == "ASKED"


def test_who_agrees_names_the_version_that_they_read(host):
    """Another key that was asked for meanwhile is not agreed to unseen."""
    ask(host)
    host.post(f"{PATH}/take-back", {}, "HOST_ADMIN", If_Match='"1"')
    assert ask(host, OTHER).status_code == 201
    assert agree(host, 1).status_code == 412
    assert read(host)["state"] == "ASKED"


def test_a_key_that_waits_is_not_replaced(host):
    """It is taken back first, by either of the two."""
    ask(host)
    assert ask(host, OTHER).json["code"] == "leaving-state"
    assert read(host)["recipient"] == KEY
    for role in ("HOST_DPO", "HOST_ADMIN"):
        version = read(host)["version"]
        assert host.post(f"{PATH}/take-back", {}, role, If_Match=f'"{version}"').status_code == 200
        assert read(host)["state"] == "TAKEN_BACK"
        assert ask(host, OTHER).status_code == 201


@pytest.mark.parametrize("recipient", ["", "age1", KEY + "q", "AGE-SECRET-KEY-1" + "Q" * 58, "x" * 101, None, 7])
def test_what_is_no_public_key_is_refused_and_never_repeated(host, recipient):
    """Nothing is kept of it."""
    answer = ask(host, recipient)
    assert answer.status_code == 422
    assert "QQQQ" not in answer.text
    assert host.database("case")["leavings"].count_documents({}) == 0


def test_of_two_who_ask_at_once_one_is_told_that_it_is_asked_for(host):
    """The other's key is not written over."""
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda key: ask(host, key), (KEY, OTHER)))
    assert sorted(one.status_code for one in answers) == [201, 409]
    assert read(host)["version"] == 1


def test_agreeing_and_taking_back_at_once_leave_one_of_both(host):
    """Both write the one document at the version that they read."""
    for _ in range(5):
        host.database("case")["leavings"].delete_many({})
        ask(host)
        calls = (lambda: agree(host), lambda: host.post(f"{PATH}/take-back", {}, "HOST_DPO", If_Match='"1"'))
        with ThreadPoolExecutor(2) as pool:
            codes = sorted(one.result().status_code for one in [pool.submit(call) for call in calls])
        assert codes == [200, 412]
        assert read(host)["version"] == 2
