"""The audit log over HTTP: complete, in the order of arrival, filtered, paged, and itself audited."""

import pytest

from shared.kernel.ids import new_id
from shared.web.listing import make_cursor
from tests.kit.tenant_place import EPISODE


def entries(place, role="HOST_DPO", **query):
    """Every entry that a reader gets, page by page."""
    found, http = [], place.app.test_client()
    answer = http.get("/v1/audit/entries", query_string=query, headers=place.headers(role))
    while True:
        assert answer.status_code == 200, answer.json
        found += answer.json["items"]
        # A page that repeats an entry would be followed for ever.
        assert len({e["id"] for e in found}) == len(found)
        if answer.json["next"] is None:
            return found
        answer = http.get(answer.headers["Link"].split(">")[0][1:], headers=place.headers(role))


class TestEntries:
    def test_commands_reads_and_refusals_of_every_service_are_there(self, place):
        """Who did or saw what, when and with which right: ids and codes, nothing else."""
        row = place.episode()
        place.get(f"/v1/episodes/{row['id']}")
        place.get(f"/v1/episodes/{row['id']}", "BOARD_MEMBER")
        consent = place.give(row["survivor_id"], decision="REFUSED").json
        place.pump()
        mine = entries(place, object_id=row["id"])
        assert [(e["action"], e["outcome"]) for e in mine][:2] == [
            ("case:episode:open", "ALLOWED"), ("case:episode:read", "ALLOWED"),
        ]  # fmt: skip
        actions = {e["action"] for e in entries(place, object_id=consent["id"])}
        assert actions == {"consent:consent:record", "consent:decision:refused"}
        refused = entries(place, actor_id=place.actor("BOARD_MEMBER"))
        assert {e["outcome"] for e in refused} == {"REFUSED"}
        known = {"id", "service", "action", "actor_id", "role", "object_id", "outcome", "at"}
        assert set(mine[0]) == {*known, "standing"}
        assert (mine[0]["standing"], set(refused[0])) == ("ROLE", known)

    def test_every_entry_is_there_once_whatever_the_page(self, place):
        """A cursor loses nothing and shows nothing twice."""
        advocate = new_id()
        headers = place.headers("IMSA", actor=advocate)
        for _ in range(7):
            place.app.test_client().get("/v1/episodes", headers=headers)
        place.pump()
        whole = [e["id"] for e in entries(place, actor_id=advocate, limit=200)]
        assert len(whole) == len(set(whole)) == 7
        for limit in (1, 2, 3):
            assert [e["id"] for e in entries(place, actor_id=advocate, limit=limit)] == whole

    def test_what_came_late_comes_after_what_a_reader_has(self, place):
        """While the broker was away an action waited; whoever pages on meets it, though it is older."""
        survivor_id = place.survivor()
        place.pump()
        assert place.post("/v1/episodes", {**EPISODE, "survivor_id": survivor_id}, "SUPERVISOR").status_code == 201
        place.register_wording()
        place.pump(silent=("case",))
        http, headers = place.app.test_client(), place.headers("HOST_DPO")
        newest = place.database("audit")["entries"].find_one(sort=[("updated_at", -1), ("_id", -1)])
        cursor = make_cursor(newest["updated_at"], newest["_id"])
        place.pump()
        later = http.get("/v1/audit/entries", query_string={"limit": 200, "after": cursor}, headers=headers).json[
            "items"
        ]
        late = next(e for e in later if e["action"] == "case:episode:open")
        assert late["at"] < newest["at"].isoformat()
        since = {"updated_since": newest["updated_at"].isoformat()}
        assert late["id"] in {e["id"] for e in entries(place, **since)}

    def test_reading_the_log_is_in_the_log(self, place):
        """A reader is read about too."""
        place.get("/v1/audit/entries", "PLATFORM_OPERATOR")
        place.pump()
        mine = entries(place, actor_id=place.actor("PLATFORM_OPERATOR"))
        assert ("audit:entries:list", "ALLOWED") in {(e["action"], e["outcome"]) for e in mine}

    @pytest.mark.parametrize(("name", "value"), [("object_id", "a b"), ("actor_id", ""), ("object_id", "x" * 81)])
    def test_a_filter_that_is_no_id_is_pointed_at(self, place, name, value):
        """422, not an empty list that would look like "nothing happened"."""
        answer = place.app.test_client().get(
            "/v1/audit/entries", query_string={name: value}, headers=place.headers("HOST_DPO")
        )
        assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (422, [f"#/{name}"])

    def test_it_holds_no_personal_data(self, place):
        """Not even where somebody put a name into an address."""
        place.get("/v1/episodes/Jane-Doe")
        place.get("/v1/periods/Jane%20Doe/preview", "HOST_DPO")
        place.post("/v1/survivors", {"name": "Jane Doe"})
        place.pump()
        stored = str(list(place.database("audit")["entries"].find()))
        assert "Jane" not in stored
