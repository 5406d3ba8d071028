"""Webhooks over HTTP: who may do what, what is shown once, and what is asked of them again."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from services.integrations.webhooks.commands import MOST_ENDPOINTS, MOST_TESTS_WAITING
from shared.contracts.public import PUBLIC
from shared.kernel.ids import new_id

URL = "https://hooks.example.org/in?token=a-token-of-theirs"
SCOPE = ["webhooks:manage"]


@pytest.fixture(autouse=True)
def alone(place):
    """No endpoint of another test."""
    for name in ("webhooks", "webhook_deliveries", "webhook_attempts", "webhook_roll"):
        place.database("integrations")[name].delete_many({})


@pytest.fixture
def machine(place):
    """Calls as a machine of the host that has the scope."""

    def call(method, path, body=None, scopes=SCOPE):
        headers = {**place.headers("INTEGRATOR", scopes=scopes), "Idempotency-Key": new_id()}
        json = {} if body is None and method == "post" else body
        return getattr(place.app.test_client(), method)(path, headers=headers, json=json)

    return call


def add(place, role="HOST_ADMIN", **values):
    return place.post("/v1/webhooks", {"url": URL, **values}, role)


def one(place, webhook_id):
    return place.get(f"/v1/webhooks/{webhook_id}", "HOST_ADMIN").json


class TestAdding:
    def test_the_secret_is_shown_once(self, place):
        """In the first answer; not in a repeat of it, in no view, in no stored answer, and not in the database."""
        key = new_id()
        first = place.post("/v1/webhooks", {"url": URL}, "HOST_ADMIN", key=key)
        again = place.post("/v1/webhooks", {"url": URL}, "HOST_ADMIN", key=key)
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json["secret"].startswith("whsec_")
        assert "secret" not in again.json
        assert first.json["id"] == again.json["id"]
        shown = str(one(place, first.json["id"])) + str(place.get("/v1/webhooks", "HOST_ADMIN").json)
        kept = str(
            [
                list(place.database("integrations")[c].find())
                for c in place.database("integrations").list_collection_names()
            ]
        )
        for text in (first.json["secret"], first.json["secret"].removeprefix("whsec_")):
            assert text not in shown + kept
        assert "a-token-of-theirs" not in kept

    def test_an_ed25519_webhook_shows_its_public_key_always(self, place):
        """It is no secret; the private half is shown nowhere."""
        made = add(place, signature="ED25519").json
        assert made["secret"].startswith("whpk_")
        assert one(place, made["id"])["public_key"] == made["secret"]

    def test_it_says_how_it_stands(self, place):
        """Address, types, status, and what waits."""
        types = sorted(PUBLIC)[:2]
        row = one(place, add(place, types=[*types, types[0]]).json["id"])
        assert (row["url"], row["host"], row["types"], row["status"]) == (URL, "hooks.example.org", types, "ACTIVE")
        assert (row["waiting"], row["not_sent"], row["given_up"], row["disables_at"]) == (0, 0, 0, None)

    @pytest.mark.parametrize(
        "body",
        [
            {"url": "http://hooks.example.org/"}, {"url": "https://10.0.0.1/"}, {"url": "https://localhost/"}, {"url": ""},
            {"url": "https://u:p@hooks.example.org/"}, {"url": "https://hooks.example.org:22/"}, {"url": 1}, {},
            {"url": URL, "types": []}, {"url": URL, "types": ["alongside.case.none.v1"]}, {"url": URL, "signature": "NONE"},
            {"url": URL, "secret": "whsec_mine"}, {"url": "https://" + "a" * 600},
        ],
    )  # fmt: skip
    def test_bad_input_is_refused(self, place, body):
        """With what is wrong, and without repeating it."""
        answer = place.post("/v1/webhooks", body, "HOST_ADMIN")
        assert answer.status_code == 422, answer.json
        assert "u:p" not in str(answer.json)
        assert place.get("/v1/webhooks", "HOST_ADMIN").json["items"] == []

    def test_there_are_twenty_at_most_also_where_many_come_at_once(self, place):
        """All additions write one document."""
        for _ in range(MOST_ENDPOINTS - 1):
            assert add(place).status_code == 201
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(add(place).status_code)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [201, 409, 409, 409]
        removed = place.get("/v1/webhooks", "HOST_ADMIN").json["items"][0]["id"]
        assert place.post(f"/v1/webhooks/{removed}/remove", {}, "HOST_ADMIN").status_code == 200
        assert add(place).status_code == 201


class TestWhoMay:
    PATHS = ("", "/deliveries")
    MANAGES = (("/test", {}), ("/rotate", {}), ("/resend", {"after": 0}), ("/disable", {}))

    @pytest.mark.parametrize("role", ["SUPERVISOR", "ADVOCATE", "HOST_DATA_LEAD", "INTEGRATOR"])
    def test_others_see_and_do_nothing(self, place, role):
        """Neither look nor act."""
        made = add(place).json["id"]
        assert place.get("/v1/webhooks", role).status_code == 404
        assert all(place.get(f"/v1/webhooks/{made}{path}", role).status_code == 404 for path in self.PATHS)
        for path, body in (*self.MANAGES, ("/enable", {}), ("/remove", {})):
            assert place.post(f"/v1/webhooks/{made}{path}", body, role).status_code == 404
        assert add(place, role).status_code == 404

    def test_a_stranger_sees_nothing(self, place):
        """Another host's administrator is nobody here."""
        assert (
            place.app.test_client().get("/v1/webhooks", headers=place.headers("HOST_ADMIN", stranger=True)).status_code
            == 401
        )

    def test_the_data_protection_officer_looks_and_does_not_act(self, place):
        """Where data goes is theirs to see."""
        made = add(place).json["id"]
        assert place.get(f"/v1/webhooks/{made}", "HOST_DPO").status_code == 200
        assert place.post(f"/v1/webhooks/{made}/disable", {}, "HOST_DPO").status_code == 404

    def test_a_machine_manages_and_opens_nothing(self, place, machine):
        """With the scope it sees, tests, rotates, resends and disables; where events go is decided by people."""
        made = add(place).json["id"]
        assert machine("get", "/v1/webhooks").status_code == 200
        assert [machine("post", f"/v1/webhooks/{made}{p}", b).status_code for p, b in self.MANAGES] == [
            202,
            200,
            202,
            200,
        ]
        assert machine("post", f"/v1/webhooks/{made}/enable").status_code == 404
        assert machine("post", f"/v1/webhooks/{made}/remove").status_code == 404
        assert machine("post", "/v1/webhooks", {"url": URL}).status_code == 404
        assert machine("get", "/v1/webhooks", scopes=["events:read"]).status_code == 404

    def test_what_is_done_is_audited(self, place):
        """Under names of its own, with the endpoint's id."""
        made = add(place).json["id"]
        place.post(f"/v1/webhooks/{made}/rotate", {}, "HOST_ADMIN")
        place.post(f"/v1/webhooks/{made}/disable", {}, "HOST_ADMIN")
        actions = [a["action"] for a in place.audited("integrations", object_id=made)]
        assert actions == [f"integrations:webhook:{word}" for word in ("add", "rotate", "disable")]

    @pytest.mark.parametrize("path", ["", "/deliveries", "/deliveries/x.1/attempts"])
    def test_what_is_not_there_is_a_404(self, place, path):
        """An unknown webhook, and a delivery that is not this one's."""
        assert place.get(f"/v1/webhooks/{new_id()}{path}", "HOST_ADMIN").status_code == 404
        assert (
            place.get(f"/v1/webhooks/{add(place).json['id']}/deliveries/x.1/attempts", "HOST_ADMIN").status_code == 404
        )


class TestChanging:
    def test_disabled_and_enabled(self, place):
        """Both may be repeated."""
        made = add(place).json["id"]
        for _ in range(2):
            assert place.post(f"/v1/webhooks/{made}/disable", {}, "HOST_ADMIN").status_code == 200
        assert (one(place, made)["status"], one(place, made)["disabled_for"]) == ("DISABLED", "BY_PERSON")
        for _ in range(2):
            assert place.post(f"/v1/webhooks/{made}/enable", {}, "HOST_ADMIN").status_code == 200
        assert (one(place, made)["status"], one(place, made)["disabled_for"]) == ("ACTIVE", None)

    @pytest.mark.parametrize(("path", "body"), [("/test", {}), ("/resend", {"after": 0})])
    def test_while_it_is_disabled_nothing_is_queued_by_hand(self, place, path, body):
        """The answer says what to do first."""
        made = add(place).json["id"]
        place.post(f"/v1/webhooks/{made}/disable", {}, "HOST_ADMIN")
        answer = place.post(f"/v1/webhooks/{made}{path}", body, "HOST_ADMIN")
        assert (answer.status_code, answer.json["code"]) == (409, "webhook-disabled")

    def test_another_key_with_and_without_overlap(self, place):
        """24 hours if nothing is said; 0 ends the old key at once; more than a week is refused."""
        made = add(place).json
        turned = place.post(f"/v1/webhooks/{made['id']}/rotate", {}, "HOST_ADMIN").json
        assert turned["secret"] not in (None, made["secret"])
        until = datetime.fromisoformat(one(place, made["id"])["former_until"])
        assert timedelta(hours=23) < until - datetime.now(UTC) < timedelta(hours=25)
        assert place.post(f"/v1/webhooks/{made['id']}/rotate", {"overlap_hours": 0}, "HOST_ADMIN").status_code == 200
        assert one(place, made["id"])["former_until"] is None
        assert place.post(f"/v1/webhooks/{made['id']}/rotate", {"overlap_hours": 169}, "HOST_ADMIN").status_code == 422

    def test_few_tests_wait(self, place):
        """Nobody fills a receiver with tests."""
        made = add(place).json["id"]
        codes = [
            place.post(f"/v1/webhooks/{made}/test", {}, "HOST_ADMIN").status_code for _ in range(MOST_TESTS_WAITING + 1)
        ]
        assert codes == [202] * MOST_TESTS_WAITING + [409]

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"after": 1, "since": "2026-11-01T00:00:00Z"},
            {"deliveries": []},
            {"deliveries": ["a"] * 101},
            {"after": -1},
            {"after": "1"},
        ],
    )
    def test_resend_wants_one_thing(self, place, body):
        """Named ones, a position, or an instant."""
        assert place.post(f"/v1/webhooks/{add(place).json['id']}/resend", body, "HOST_ADMIN").status_code == 422

    def test_another_webhook_s_delivery_is_not_resent(self, place):
        """It is as unknown here as one that never was."""
        first, second = add(place).json["id"], add(place).json["id"]
        delivery = place.post(f"/v1/webhooks/{first}/test", {}, "HOST_ADMIN").json["delivery_id"]
        body = {"deliveries": [delivery]}
        assert place.post(f"/v1/webhooks/{second}/resend", body, "HOST_ADMIN").status_code == 404
        assert place.post(f"/v1/webhooks/{first}/resend", body, "HOST_ADMIN").json["queued"] == 0


def test_one_whose_key_does_not_open_hides_no_other(place):
    """It is shown without its address; its neighbour is whole."""
    moved, whole = add(place).json["id"], add(place).json["id"]
    database = place.database("integrations")["webhooks"]
    other = database.find_one({"_id": whole})
    database.update_one({"_id": moved}, {"$set": {"url": other["url"], "key": other["key"]}})
    rows = {row["id"]: row["url"] for row in place.get("/v1/webhooks", "HOST_ADMIN").json["items"]}
    assert rows == {moved: None, whole: URL}
