"""Survivors and episodes over HTTP, with the real database and real keys."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.kernel.ids import new_id
from tests.kit.tenant_place import EPISODE


def pointers(answer):
    return {e["pointer"]: e["code"] for e in answer.json["errors"]}


class TestSurvivors:
    def test_a_survivor_is_sealed_and_read_again(self, place):
        """What identifies a person stands in no document in clear; whoever may read it gets it whole."""
        said = {"reference": "R-77", "name": "Jane Doe-Planted", "safe_contact": "Call the library at 3"}
        answer = place.post("/v1/survivors", said)
        survivor_id = answer.json["id"]
        assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/survivors/{survivor_id}")
        read = place.get(f"/v1/survivors/{survivor_id}")
        assert read.json == {"id": survivor_id, "version": 1, **said}
        assert read.headers["ETag"] == '"1"'
        stored = str(
            [list(place.database("case")[name].find()) for name in place.database("case").list_collection_names()]
        )
        assert "Planted" not in stored
        assert len(place.audited(action="case:survivor:read", object_id=survivor_id, outcome="ALLOWED")) == 1

    @pytest.mark.parametrize(
        ("body", "wanted"),
        [
            ({"name": 7}, {"#/name": "invalid"}),
            ({"name": "x" * 501}, {"#/name": "invalid"}),
            ({"nom": "x"}, {"#": "unknown-field"}),
            ({"name": "\ud800"}, {"#": "invalid"}),
        ],
    )
    def test_a_bad_survivor_is_pointed_at(self, place, body, wanted):
        """Each place that is not right, by pointer, without what was sent."""
        answer = place.post("/v1/survivors", body)
        assert answer.status_code == 422
        assert pointers(answer).values() == wanted.values() or pointers(answer) == wanted

    def test_an_unknown_survivor_is_not_there(self, place):
        """404 for a read, and for an episode of nobody."""
        assert place.get(f"/v1/survivors/{new_id()}").status_code == 404
        assert place.get("/v1/survivors/not-an-id").status_code == 404
        assert place.post("/v1/episodes", {**EPISODE, "survivor_id": new_id()}).status_code == 404

    def test_a_body_that_is_no_json_is_told_apart(self, place):
        """415 for another kind of content, 400 for broken JSON."""
        http = place.app.test_client()
        headers = {**place.headers(), "Idempotency-Key": new_id()}
        assert http.post("/v1/survivors", data="name=x", headers=headers).status_code == 415
        broken = http.post("/v1/survivors", data="{", headers=headers, content_type="application/json")
        assert broken.status_code == 400


class TestOpening:
    def test_an_episode_states_codes_and_a_month(self, place):
        """The day stays here, sealed; the event carries the month."""
        row = place.episode()
        assert (row["status"], row["referral_date"], row["nationality"]) == ("ACTIVE", "2026-08-04", ["VNM"])
        facts = [e for e in place.stated("case", "statistics_facts_changed.v1") if e["subject"] == row["id"]]
        assert len(facts) == 1
        assert b'"referral_month":"2026-08"' in facts[0]["body"]
        assert b"2026-08-04" not in facts[0]["body"]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("survivor_id", "7"), ("survivor_id", None), ("referral_date", "04/08/2026"), ("referral_date", "0001-01-01"),
            ("referral_date", "9999-12-31"), ("age_band", "ADULT"), ("age_band", ["AGE_25_34"]), ("gender", "female"),
            ("gender", "FEMALE\n"), ("nationality", "Atlantis"), ("nationality", ""), ("exploitation_types", []),
            ("exploitation_types", ["LABOUR", "OTHER"]), ("exploitation_types", "LABOUR"), ("nation", "FRANCE"),
            ("advocacy_area", "CHESS"), ("advocate_id", "me"), ("transfer_in", "perhaps"), ("excluded", {}),
        ],
    )  # fmt: skip
    def test_a_bad_field_is_pointed_at(self, place, name, value):
        """An unknown code is never taken for another, and nobody is an adult by a misspelt band."""
        answer = place.post("/v1/episodes", {**EPISODE, "survivor_id": place.survivor(), name: value})
        assert answer.status_code == 422, answer.json
        assert any(pointer.startswith(f"#/{name}") for pointer in pointers(answer))

    @pytest.mark.parametrize("name", ["survivor_id", "referral_date", "age_band", "gender", "nationality", "nation"])
    def test_a_missing_field_is_named(self, place, name):
        """Nothing is guessed."""
        body = {**EPISODE, "survivor_id": place.survivor()}
        body.pop(name)
        answer = place.post("/v1/episodes", body)
        assert (answer.status_code, pointers(answer)) == (422, {f"#/{name}": "required"})

    @pytest.mark.parametrize("band", ["CHILD_17_UNDER", "NOT_SPECIFIED_OR_UNKNOWN", "NOT_KNOWN", "NOT_ASKED"])
    def test_who_may_be_a_child_is_refused_with_what_to_do(self, place, band):
        """The pilot is for adults; the safeguarding lead is the next step."""
        answer = place.post("/v1/episodes", {**EPISODE, "survivor_id": place.survivor(), "age_band": band})
        assert (answer.status_code, answer.json["code"]) == (409, "under-eighteen")
        assert "safeguarding lead" in answer.json["detail"]

    def test_a_day_that_has_not_come_is_refused_by_the_business_clock(self, place):
        """Tomorrow is refused, today is not."""
        place.at(datetime(2026, 8, 3, 12, tzinfo=UTC))
        body = {**EPISODE, "survivor_id": place.survivor()}
        early = place.post("/v1/episodes", body)
        assert (early.status_code, pointers(early)) == (422, {"#/referral_date": "referral-in-future"})
        place.at(datetime(2026, 8, 4, 12, tzinfo=UTC))
        assert place.post("/v1/episodes", body).status_code == 201


class TestVersions:
    @pytest.mark.parametrize("suffix", ["close", "exclude"])
    def test_a_change_names_the_version_that_was_read(self, place, suffix):
        """None or several: 428. Another, or a tag that is none of ours: 412. The one that was read: done."""
        row = place.episode()
        path = f"/v1/episodes/{row['id']}/{suffix}"
        body = {"reason": "DECEASED"} if suffix == "close" else {"excluded": True}
        assert place.get(f"/v1/episodes/{row['id']}").headers["ETag"] == '"1"'
        for tag, status in ((None, 428), ("*", 428), ('"1", "2"', 428), ('"9"', 412), ('"abc"', 412), ('W/"1"', 412)):
            headers = {} if tag is None else {"If-Match": tag}
            answer = place.app.test_client().post(
                path, json=body, headers={**place.headers(), "Idempotency-Key": new_id(), **headers}
            )
            assert answer.status_code == status, tag
        done = place.post(path, body, If_Match='"1"')
        assert (done.status_code, done.headers["ETag"], done.json["version"]) == (200, '"2"', 2)
        assert place.post(path, body, If_Match='"1"').status_code == 412

    def test_an_unknown_episode_is_not_there_whatever_version_is_named(self, place):
        """404 comes before 412."""
        answer = place.post(f"/v1/episodes/{new_id()}/close", {"reason": "DECEASED"}, If_Match='"1"')
        assert answer.status_code == 404


class TestClosing:
    def test_a_closed_episode_takes_no_entries_and_closes_once(self, place):
        """Support that has ended has ended."""
        row = place.episode()
        path = f"/v1/episodes/{row['id']}"
        assert place.post(f"{path}/close", {"reason": "GOALS_MET_SURVIVOR_DECISION"}, If_Match='"1"').status_code == 200
        assert place.get(path).json["status"] == "CLOSED"
        for suffix, body in (("goals", {"area": "NRM"}), ("contacts", {"mode": "PHONE", "interpreter": "NONE_NEEDED"})):
            answer = place.post(f"{path}/{suffix}", body)
            assert (answer.status_code, answer.json["code"]) == (409, "episode-closed")
        again = place.post(f"{path}/close", {"reason": "DECEASED"}, If_Match='"2"')
        assert (again.status_code, again.json["code"]) == (409, "episode-closed")

    def test_an_unknown_reason_is_pointed_at(self, place):
        """Only codes of the list close an episode."""
        answer = place.post(f"/v1/episodes/{place.episode()['id']}/close", {"reason": "BORED"}, If_Match='"1"')
        assert (answer.status_code, set(pointers(answer))) == (422, {"#/reason"})

    def test_the_safety_flag_is_set_and_lifted_also_after_the_end(self, place):
        """An ended episode is still counted, so somebody's safety may still need the flag."""
        row = place.episode()
        path = f"/v1/episodes/{row['id']}"
        place.post(f"{path}/close", {"reason": "DECEASED"}, If_Match='"1"')
        for version, excluded in ((2, True), (3, False)):
            answer = place.post(f"{path}/exclude", {"excluded": excluded}, If_Match=f'"{version}"')
            assert answer.status_code == 200, answer.json
            assert place.get(path).json["excluded"] is excluded
        facts = [e for e in place.stated("case", "statistics_facts_changed.v1") if e["subject"] == row["id"]]
        assert [b'"excluded":true' in e["body"] for e in facts] == [False, True, False]
        assert all(a["sequence"] < b["sequence"] for a, b in pairwise(facts))


class TestEntries:
    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("goals", {"area": "HOUSING"}),
            ("contacts", {"mode": "PHONE", "interpreter": "PROFESSIONAL", "minutes": 45}),
            ("contacts", {"mode": "LETTER", "interpreter": "NONE_NEEDED"}),
        ],
    )
    def test_what_is_added_is_listed(self, place, kind, body):
        """In codes, with when it was written down; the list of another kind stays empty."""
        path = f"/v1/episodes/{place.episode()['id']}"
        assert place.post(f"{path}/{kind}", body).status_code == 201
        (row,) = place.get(f"{path}/{kind}").json["items"]
        assert {name: row[name] for name in body} == body
        other = "goals" if kind != "goals" else "contacts"
        assert place.get(f"{path}/{other}").json["items"] == []

    @pytest.mark.parametrize(
        ("kind", "body", "pointer"),
        [
            ("goals", {}, "#/area"), ("goals", {"area": "housing"}, "#/area"),
            ("contacts", {"mode": "PHONE"}, "#/interpreter"),
            ("contacts", {"mode": "PHONE", "interpreter": "NONE_NEEDED", "minutes": 1441}, "#/minutes"),
            ("contacts", {"mode": "PIGEON", "interpreter": "NONE_NEEDED"}, "#/mode"),
        ],
    )  # fmt: skip
    def test_a_bad_entry_is_pointed_at(self, place, kind, body, pointer):
        """Missing fields and unknown codes are named; nothing is added."""
        path = f"/v1/episodes/{place.episode()['id']}/{kind}"
        answer = place.post(path, body)
        assert (answer.status_code, set(pointers(answer))) == (422, {pointer})
        assert place.get(path).json["items"] == []

    def test_another_kinds_field_is_unknown(self, place):
        """A goal has no minutes."""
        answer = place.post(f"/v1/episodes/{place.episode()['id']}/goals", {"area": "NRM", "minutes": 3})
        assert (answer.status_code, pointers(answer)) == (422, {"#/minutes": "unknown-field"})


class TestPages:
    @settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(limit=st.integers(1, 7), changes=st.lists(st.integers(0, 6), max_size=3))
    def test_paging_shows_every_unchanged_episode_once(self, place, limit, changes):
        """Whatever the page size, and while others are changed meanwhile."""
        since = datetime.now(UTC)
        advocate = new_id()
        survivor = place.survivor()
        rows = [place.episode(survivor_id=survivor, advocate_id=advocate) for _ in range(7)]
        changed = {rows[n]["id"] for n in changes}
        headers = place.headers("IMSA", actor=advocate)
        http, seen = place.app.test_client(), []
        path, first = f"/v1/episodes?limit={limit}&updated_since={since.isoformat().replace('+00:00', 'Z')}", True
        while path:
            answer = http.get(path, headers=headers)
            assert answer.status_code == 200
            assert len(answer.json["items"]) <= limit
            seen += [row["id"] for row in answer.json["items"]]
            link = answer.headers.get("Link")
            assert (link is None) == (answer.json["next"] is None)
            path = link.split(">", maxsplit=1)[0][1:] if link else None
            if first:
                for episode_id in changed:
                    place.post(f"/v1/episodes/{episode_id}/exclude", {"excluded": True}, If_Match='"1"')
                first = False
        unchanged = [row["id"] for row in rows if row["id"] not in changed]
        assert [i for i in seen if i in unchanged] == unchanged
        assert set(seen) == {row["id"] for row in rows}

    def test_updated_since_gives_what_changed_and_no_more(self, place):
        """Whoever synchronises gets the changed episode, not the others."""
        advocate = new_id()
        first, second = (place.episode(advocate_id=advocate) for _ in range(2))
        since = datetime.fromisoformat(second["updated_at"]) + timedelta(microseconds=1000)
        place.post(f"/v1/episodes/{first['id']}/exclude", {"excluded": True}, If_Match='"1"')
        headers = place.headers("IMSA", actor=advocate)
        answer = place.app.test_client().get(
            "/v1/episodes", query_string={"updated_since": since.isoformat()}, headers=headers
        )
        assert [row["id"] for row in answer.json["items"]] == [first["id"]]

    def test_an_erased_person_is_left_out_and_the_pages_go_on(self, place):
        """A page with an erased person's episodes is shorter, and is not the last one for it."""
        advocate = new_id()
        gone, stays = place.survivor(), place.survivor()
        for _ in range(3):
            place.episode(survivor_id=gone, advocate_id=advocate)
        last = place.episode(survivor_id=stays, advocate_id=advocate)
        place.contexts["case"].survivor_keys.forget(gone)
        headers, http = place.headers("IMSA", actor=advocate), place.app.test_client()
        first = http.get("/v1/episodes?limit=2", headers=headers)
        assert first.json["items"] == []
        rest = http.get(first.headers["Link"].split(">")[0][1:], headers=headers)
        assert [row["id"] for row in rest.json["items"]] == [last["id"]]
        assert place.get(f"/v1/survivors/{gone}").status_code == 404

    def test_reads_are_audited_by_who_and_what(self, place):
        """A list and a single read each leave one entry with the reader's id."""
        advocate = new_id()
        row = place.episode(advocate_id=advocate)
        http, headers = place.app.test_client(), place.headers("IMSA", actor=advocate)
        http.get("/v1/episodes", headers=headers)
        http.get(f"/v1/episodes/{row['id']}", headers=headers)
        http.get(f"/v1/episodes/{row['id']}/goals", headers=headers)
        found = {(a["action"], a["object_id"]) for a in place.audited(actor_id=advocate)}
        assert found == {
            ("case:episode:list", "list"),
            ("case:episode:read", row["id"]),
            ("case:goal:list", row["id"]),
        }
