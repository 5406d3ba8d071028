"""Consents over HTTP: decisions, the ledger, withdrawal, wordings, and what the gate lets out."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from shared.kernel.ids import new_id
from tests.kit.tenant_place import WORDING

YES = {
    "purpose": "AGGREGATE_STATISTICS", "decision": "GIVEN", "wording_code": WORDING, "language": "en",
    "method": "VERBAL_IN_PERSON", "setting_private": True,
}  # fmt: skip


@pytest.fixture
def survivor(place):
    """Somebody with an open episode, in a host whose DPO registered the words."""
    place.register_wording()
    return place.episode()["survivor_id"]


def statuses(place, survivor):
    place.pump()
    gate = [e for e in place.stated("consent") if e["type"].endswith(("facts_released.v1", "facts_withheld.v1"))]
    episode = place.database("consent")["episodes"].find_one({"survivor_id": survivor})
    mine = [e for e in gate if e["subject"] == episode["contribution_id"]]
    return [e["type"].split(".")[-2].removeprefix("facts_") for e in mine]


def pointers(answer):
    return {e["pointer"] for e in answer.json["errors"]}


class TestDecisions:
    def test_a_yes_is_recorded_read_and_released(self, place, survivor):
        """Who, when, which words, which language, how, where; and the gate lets the facts go."""
        answer = place.give(survivor)
        assert (answer.status_code, answer.json["status"]) == (201, "GIVEN")
        read = place.get(f"/v1/consents/{answer.json['id']}")
        assert read.headers["ETag"] == f'"{read.json["version"]}"'
        (line,) = read.json["history"]
        assert {n: line[n] for n in ("wording_code", "language", "method", "setting_private", "source")} == {
            "wording_code": WORDING, "language": "en", "method": "VERBAL_IN_PERSON", "setting_private": True,
            "source": "DIRECT",
        }  # fmt: skip
        assert line["actor_id"] == place.actor("SUPERVISOR")
        assert statuses(place, survivor)[-1] == "released"

    @pytest.mark.parametrize(
        ("name", "value"),
        [("wording_code", None), ("wording_code", "never-registered"), ("method", None), ("setting_private", None),
         ("setting_private", False), ("said_at", "2025-12-31T00:00:00Z")],
    )  # fmt: skip
    def test_a_yes_without_what_makes_it_one_is_refused(self, place, survivor, name, value):
        """Unregistered words, no method, no private setting, a day before the words: nothing is recorded."""
        answer = place.post("/v1/consents", {**YES, "survivor_id": survivor, name: value})
        assert (answer.status_code, answer.json["code"]) == (409, "wording-not-registered")
        found = place.post("/v1/consents/search", {"survivor_id": survivor}).json["items"]
        assert found == []

    @pytest.mark.parametrize(
        ("name", "value"),
        [("survivor_id", "me"), ("purpose", "SPAM"), ("decision", "MAYBE"), ("said_at", "yesterday"),
         ("said_at", "2026-06-01T00:00:00"), ("said_at", "0001-01-01T00:00:00+14:00"), ("language", "klingon"),
         ("method", "PIGEON"), ("wording_code", "two words"), ("wording_code", "x\n"), ("setting_private", "so-so")],
    )  # fmt: skip
    def test_a_bad_field_is_pointed_at(self, place, survivor, name, value):
        """Codes of the lists, instants with a zone, names that are names."""
        answer = place.post("/v1/consents", {**YES, "survivor_id": survivor, name: value})
        assert (answer.status_code, pointers(answer)) == (422, {f"#/{name}"})

    def test_nothing_is_said_in_the_future(self, place, survivor):
        """A decision has been said."""
        later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        answer = place.give(survivor, said_at=later)
        assert (answer.status_code, answer.json["code"]) == (422, "said-in-future")

    @pytest.mark.parametrize("decision", ["WITHDRAWN", "EXPIRED", "UNKNOWN", "RECONFIRM_REQUIRED"])
    def test_a_state_that_nobody_says_is_no_decision(self, place, survivor, decision):
        """The state machine has no such step."""
        answer = place.give(survivor, decision=decision)
        assert (answer.status_code, answer.json["code"]) == (409, "transition-refused")

    def test_one_permission_is_never_taken_from_another(self, place, survivor):
        """A yes to statistics is no yes to a case study."""
        place.give(survivor)
        other = place.give(survivor, purpose="LEARNING_CASE_STUDY_ANONYMISED")
        assert (other.status_code, other.json["code"]) == (409, "wording-not-registered")
        items = place.post("/v1/consents/search", {"survivor_id": survivor}).json["items"]
        assert [(i["purpose"], i["status"]) for i in items] == [("AGGREGATE_STATISTICS", "GIVEN")]

    @pytest.mark.parametrize(
        "missing", [{"wording_code": None}, {"wording_code": "never-registered"}, {"method": None},
                    {"setting_private": False}, {"recipient_class": "RESEARCHER"}],
    )  # fmt: skip
    def test_a_renewal_needs_what_a_yes_needs(self, place, survivor, missing):
        """Registered words for these recipients, a method, a private setting; else nothing is extended."""
        before = place.give(survivor).json
        answer = place.give(survivor, decision="RENEWED", **missing)
        assert (answer.status_code, answer.json["code"]) == (409, "wording-not-registered")
        assert place.get(f"/v1/consents/{before['id']}").json["version"] == before["version"]
        assert place.give(survivor, decision="RENEWED").json["status"] == "RENEWED"

    def test_words_for_other_recipients_are_no_words(self, place, survivor):
        """Registered for researchers, read out for being counted by the board."""
        place.register_wording("w-researchers", recipient_class="RESEARCHER")
        answer = place.give(survivor, wording_code="w-researchers")
        assert (answer.status_code, answer.json["code"]) == (409, "wording-not-registered")

    def test_how_they_were_asked_stands_in_the_ledger(self, place, survivor):
        """Each as it was said; declined, not asked and not known stay three; the yes ends when they said."""
        until = (datetime.now(UTC) + timedelta(days=30)).replace(microsecond=0)
        told = {
            "explained": "READ_ALOUD", "interpreter": "PROFESSIONAL", "interpreter_id": new_id(), "setting": "PRIVATE",
            "capacity": "DECLINED_TO_ANSWER", "data_classes": ["COUNTED_CODES"], "valid_until": f"{until:%Y-%m-%dT%H:%M:%SZ}",
        }  # fmt: skip
        answer = place.give(survivor, setting_private=None, **told)
        assert (answer.status_code, answer.json["status"]) == (201, "GIVEN")
        read = place.get(f"/v1/consents/{answer.json['id']}").json
        assert {name: read["history"][0][name] for name in told} == told
        assert (read["until"], read["history"][0]["setting_private"]) == (told["valid_until"], True)
        place.pump()
        (said,) = [e for e in place.stated("consent", "status_changed.v1") if e["subject"] == answer.json["id"]]
        assert datetime.fromisoformat(json.loads(said["body"])["until"]) == until

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [({"setting": "NOT_ASKED"}, 409, "wording-not-registered"),
         ({"setting": "OTHERS_PRESENT"}, 422, "setting-contradicted"),
         ({"capacity": "NOT_ESTABLISHED"}, 409, "capacity-not-established"),
         ({"data_classes": ["HEALTH"]}, 422, "data-not-of-purpose"),
         ({"valid_until": "2199-01-01T00:00:00Z"}, 422, "beyond-a-year"),
         ({"ask_from": "2199-01-01T00:00:00Z"}, 422, "misplaced-term"),
         ({"interpreter": "FAMILY_MEMBER"}, 422, "invalid-input"), ({"data_classes": []}, 422, "invalid-input"),
         ({"interpreter_id": "Ann"}, 422, "invalid-input"), ({"setting": ""}, 422, "invalid-input")],
    )  # fmt: skip
    def test_terms_that_cannot_be_are_refused(self, place, survivor, changes, status, code):
        """Nothing is recorded."""
        answer = place.give(survivor, **changes)
        assert (answer.status_code, answer.json["code"]) == (status, code)
        assert place.post("/v1/consents/search", {"survivor_id": survivor}).json["items"] == []

    @pytest.mark.parametrize("beside", [{"setting": "OTHERS_PRESENT"}, {"data_classes": ["HEALTH"]},
                                        {"valid_until": "2199-01-01T00:00:00Z"}, {"ask_from": "2199-01-01T00:00:00Z"}])  # fmt: skip
    def test_a_no_is_taken_whatever_stands_beside_it(self, place, survivor, beside):
        """It ends the yes, and what was said beside it stands in the ledger as it was said."""
        consent = place.give(survivor).json["id"]
        answer = place.give(survivor, decision="REFUSED", **beside)
        assert (answer.status_code, answer.json["status"]) == (201, "REFUSED")
        line = place.get(f"/v1/consents/{consent}").json["history"][-1]
        assert {name: line[name] for name in beside} == beside

    def test_a_no_to_one_recipient_is_no_no_to_another(self, place, survivor):
        """Each class of recipients is granted apart, in a ledger of its own."""
        study = {"purpose": "LEARNING_CASE_STUDY_ANONYMISED"}
        for code, recipients in (("w-board", "PROJECT_BOARD"), ("w-public", "PUBLIC")):
            place.register_wording(code, recipient_class=recipients, **study)
        place.give(survivor, wording_code="w-board", **study)
        place.give(survivor, decision="REFUSED", recipient_class="PUBLIC", **study)
        found = place.post("/v1/consents/search", {"survivor_id": survivor}).json["items"]
        assert {(i["recipient_class"], i["status"]) for i in found} == {(None, "GIVEN"), ("PUBLIC", "REFUSED")}

    def test_words_hold_on_whole_london_days(self, place, survivor):
        """From the first to the last, both included, in summer time."""
        place.register_wording("w-summer", valid_from="2026-06-06T00:00:00Z", valid_to="2026-06-08T00:00:00Z")
        asked = ["2026-06-05T22:59:00Z", "2026-06-05T23:00:00Z", "2026-06-08T22:59:00Z", "2026-06-08T23:00:00Z"]
        answers = [place.give(survivor, wording_code="w-summer", said_at=said).status_code for said in asked]
        assert answers == [409, 201, 201, 409]

    @pytest.mark.parametrize(
        "decision", ["REFUSED", "INVALIDATED", "REVOKED_BY_CONTROLLER", "CAPACITY_NOT_ESTABLISHED"]
    )
    def test_a_no_dated_before_the_yes_takes_the_facts_back(self, place, survivor, decision):
        """Coercion found later and dated to its day: withheld from when it is written down, with that reason."""
        place.give(survivor)
        assert statuses(place, survivor)[-1] == "released"
        said = (datetime.now(UTC) - timedelta(days=30)).isoformat()
        answer = place.post(
            "/v1/consents",
            {"survivor_id": survivor, "purpose": YES["purpose"], "decision": decision, "said_at": said},
        )
        assert (answer.status_code, answer.json["status"]) == (201, decision)
        assert statuses(place, survivor)[-1] == "withheld"
        assert place.give(survivor).json["status"] == "GIVEN"  # Said now, after it.

    def test_whoever_said_no_is_not_asked_again_at_once(self, place, survivor):
        """90 days; the answer says from which day."""
        place.give(survivor, decision="REFUSED")
        answer = place.give(survivor, decision="REQUESTED")
        assert (answer.status_code, answer.json["code"]) == (409, "asked-too-soon")
        assert str((datetime.now(UTC) + timedelta(days=90)).year) in answer.json["detail"]

    def test_the_line_names_the_text_that_was_read_out(self, place, survivor):
        """Its hash, which is that of the registration, and for whom the words are."""
        registered = place.register_wording("w-named").json
        (line,) = place.get(f"/v1/consents/{place.give(survivor, wording_code='w-named').json['id']}").json["history"]
        assert (line["text_hash"], line["recipient_class"]) == (registered["text_hash"], "PROJECT_BOARD")


class TestWithdrawal:
    def test_it_needs_nothing_but_the_wish_and_works_at_once(self, place, survivor):
        """No reason, no version, no wording; the gate states a reason and no fact; the yes stays readable."""
        consent = place.give(survivor).json
        assert statuses(place, survivor)[-1] == "released"
        answer = place.post(f"/v1/consents/{consent['id']}/withdraw")
        assert (answer.status_code, answer.json["status"]) == (200, "WITHDRAWN")
        assert statuses(place, survivor)[-1] == "withheld"
        last = [e["body"] for e in place.stated("consent", "facts_withheld.v1")][-1]
        assert b"LABOUR" not in last
        assert b'"WITHDRAWN"' in last
        history = place.get(f"/v1/consents/{consent['id']}").json["history"]
        assert [line["status"] for line in history] == ["GIVEN", "WITHDRAWN"]

    def test_what_is_not_given_cannot_be_withdrawn_and_a_new_yes_can_be_given(self, place, survivor):
        """Twice is one; afterwards the survivor may change their mind again."""
        consent = place.give(survivor).json
        path = f"/v1/consents/{consent['id']}/withdraw"
        assert place.post(path).status_code == 200
        again = place.post(path)
        assert (again.status_code, again.json["code"]) == (409, "nothing-to-withdraw")
        assert place.give(survivor).json["status"] == "GIVEN"

    def test_an_unknown_consent_is_not_there(self, place):
        """404, for reading and for withdrawing."""
        assert place.get(f"/v1/consents/{new_id()}").status_code == 404
        assert place.post(f"/v1/consents/{new_id()}/withdraw").status_code == 404

    @pytest.mark.parametrize(
        ("body", "pointer"), [({"said_at": "now"}, "#/said_at"), ({"method": "X"}, "#/method"), ({"because": "x"}, "#")]
    )
    def test_a_bad_field_is_pointed_at(self, place, survivor, body, pointer):
        """Also here; "because" is no field, since no reason is asked."""
        consent = place.give(survivor).json
        answer = place.post(f"/v1/consents/{consent['id']}/withdraw", body)
        assert (answer.status_code, pointers(answer)) == (422, {pointer})


class TestSearch:
    def test_it_goes_by_post_with_a_key_and_is_audited(self, place, survivor):
        """No survivor's id stands in an address; who looked stands in audit."""
        place.give(survivor)
        headers = place.headers()
        bare = place.app.test_client().post("/v1/consents/search", json={"survivor_id": survivor}, headers=headers)
        assert (bare.status_code, bare.json["code"]) == (400, "idempotency-key-missing")
        answer = place.post("/v1/consents/search", {"survivor_id": survivor})
        assert (answer.status_code, len(answer.json["items"])) == (200, 1)
        assert place.audited("consent", action="consent:consent:search", object_id=survivor, outcome="ALLOWED")
        assert place.get(f"/v1/consents/search?survivor_id={survivor}").status_code in (404, 405)

    @pytest.mark.parametrize(("body", "pointer"), [({}, "#/survivor_id"), ({"survivor_id": "x"}, "#/survivor_id")])
    def test_a_bad_search_is_pointed_at(self, place, body, pointer):
        """One survivor, by id."""
        answer = place.post("/v1/consents/search", body)
        assert (answer.status_code, pointers(answer)) == (422, {pointer})


class TestWordings:
    def test_only_registered_words_are_listed_with_their_history(self, place):
        """The same code registered again keeps the earlier text readable."""
        code = f"w-{new_id()[:8]}"
        for text in ("First words.", "Second words."):
            assert place.register_wording(code, text=text).status_code == 201
        found, path = [], "/v1/consent-wordings?limit=2"
        while path:
            answer = place.get(path, "HOST_DATA_LEAD")
            found += answer.json["items"]
            path = answer.headers["Link"].split(">")[0][1:] if answer.json["next"] else None
        (mine,) = [w for w in found if w["code"] == code]
        assert [t["text"] for t in mine["texts"]] == ["First words.", "Second words."]
        assert len({w["code"] for w in found}) == len(found)

    @pytest.mark.parametrize(
        ("name", "value"),
        [("code", "two words"), ("code", "x\n"), ("code", ""), ("purpose", "SPAM"), ("recipient_class", "ALL"),
         ("languages", ["klingon"]), ("languages", "en"), ("valid_from", "2026"), ("valid_from", None),
         ("valid_to", "9999-12-31T23:59:59-12:00"), ("text", ""), ("text", "x" * 20_001)],
    )  # fmt: skip
    def test_a_bad_field_is_pointed_at(self, place, name, value):
        """Nothing is registered."""
        answer = place.register_wording(**{"code": "w", name: value})
        assert answer.status_code == 422
        assert all(pointer.startswith(f"#/{name}") for pointer in pointers(answer))

    def test_an_imported_yes_counts_once_its_words_are_registered(self, place):
        """Before: must be asked again. After: given, recorded when the words were registered."""
        code = f"w-{new_id()[:8]}"
        header = (
            "Client Ref,Referral Date,Age At Referral,Gender,Nationality,Exploitation Type,Nation,Statistics Consent,"
            "Consent Date,Consent Wording,Consent Language,Consent Method,Private Setting"
        )
        row = f"{new_id()},05/06/2026,34,Female,Viet Nam,Labour,Wales,Given,06/06/2026,{code},en,In person,Yes"
        report = place.upload(f"{header}\n{row}\n".encode())
        place.pump()
        kept = place.database("case")["import_rows"].find_one({"import_id": report["id"]})
        search = {"survivor_id": kept["survivor_id"]}
        (before,) = place.post("/v1/consents/search", search).json["items"]
        place.register_wording(code)
        (after,) = place.post("/v1/consents/search", search).json["items"]
        assert (before["status"], after["status"]) == ("RECONFIRM_REQUIRED", "GIVEN")
        assert after["history"][-1]["recorded_at"] > before["history"][-1]["recorded_at"]
        assert after["history"][-1]["said_at"] < "2026-06-07"
