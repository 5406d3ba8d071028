"""Steps over HTTP: sealed words, days that are found, reviews that come again, and only on one's own people."""

from datetime import UTC, datetime

import pytest

from shared.kernel.ids import new_id

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
SAYS = {"what": "Planted words", "due_on": "2026-09-03"}


@pytest.fixture
def survivor(place):
    """Somebody of the advocate who acts below; it is 1 September."""
    place.at(NOW)
    yield place.survivor(advocate_id=place.actor("IMSA"))
    place.at(None)


def add(place, survivor, role="IMSA", **changes):
    answer = place.post(f"/v1/survivors/{survivor}/steps", {**SAYS, **changes}, role)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def listed(place, survivor, query="", role="IMSA"):
    return {row["id"]: row for row in place.get(f"/v1/survivors/{survivor}/steps{query}", role).json["items"]}


def act(place, step, verb, body=None, role="IMSA"):
    return place.post(f"/v1/steps/{step}/{verb}", body or {}, role)


def test_what_is_to_be_done_is_read_again_and_stands_nowhere_in_clear(place, survivor):
    """The words are sealed; who added it is known."""
    step = add(place, survivor, is_theirs=True)
    row = listed(place, survivor)[step]
    assert (row["what"], row["due_on"], row["state"], row["overdue"]) == ("Planted words", "2026-09-03", "OPEN", False)
    assert row["taken_by"] == row["opened_by"] == place.actor("IMSA")
    database = place.database("case")
    assert "Planted" not in str([list(database[name].find()) for name in database.list_collection_names()])


def test_it_is_overdue_from_the_day_after_in_london(place, survivor):
    """On its last evening it is not; half an hour later it is."""
    step = add(place, survivor)
    undated = add(place, survivor, due_on=None)
    place.at(datetime(2026, 9, 3, 22, 30, tzinfo=UTC))
    assert listed(place, survivor, "?overdue=true") == {}
    place.at(datetime(2026, 9, 3, 23, 30, tzinfo=UTC))
    assert set(listed(place, survivor, "?overdue=true")) == {step}
    assert not listed(place, survivor)[undated]["overdue"]
    assert act(place, step, "done").status_code == 200
    assert listed(place, survivor, "?overdue=true") == {}


@pytest.mark.parametrize(
    ("verb", "body", "wanted"),
    [("take", {}, {"taken_by": True}), ("move", {"due_on": "2026-09-09"}, {"due_on": "2026-09-09"}),
     ("move", {"due_on": None}, {"due_on": None}), ("done", {}, {"state": "DONE", "ended_by": True}),
     ("drop", {"why": "SURVIVOR_DECIDED"}, {"state": "DROPPED", "why": "SURVIVOR_DECIDED", "ended_by": True})],
)  # fmt: skip
def test_what_is_done_to_it_is_kept(place, survivor, verb, body, wanted):
    """With who did it, and audited."""
    step = add(place, survivor)
    answer = act(place, step, verb, body)
    assert answer.status_code == 200, answer.json
    row = listed(place, survivor)[step]
    assert {name: row[name] for name in wanted} == {
        n: place.actor("IMSA") if v is True else v for n, v in wanted.items()
    }
    assert row["version"] == answer.json["version"] == 2
    assert place.audited(action=f"case:step:{verb}", object_id=step)


def test_what_has_ended_takes_nothing_more(place, survivor):
    """409, and it stays as it is."""
    step = add(place, survivor)
    act(place, step, "done")
    for verb, body in (("done", {}), ("take", {}), ("move", {"due_on": None}), ("drop", {"why": "NO_LONGER_NEEDED"})):
        answer = act(place, step, verb, body)
        assert (answer.status_code, answer.json["code"]) == (409, "step-ended")


def test_a_review_comes_again_on_the_rhythm_that_they_agreed(place, survivor):
    """One at a time; a review that is dropped opens none."""
    review = add(place, survivor, kind="REVIEW", what=None, every_weeks=4)
    second = place.post(f"/v1/survivors/{survivor}/steps", {"kind": "REVIEW", "due_on": "2026-10-01"}, "IMSA")
    assert (second.status_code, second.json["code"]) == (409, "review-agreed")
    following = act(place, review, "done").json["next_id"]
    row = listed(place, survivor)[following]
    assert (row["kind"], row["due_on"], row["every_weeks"]) == ("REVIEW", "2026-09-29", 4)
    act(place, following, "drop", {"why": "SURVIVOR_DECIDED"})
    assert listed(place, survivor, "?state=OPEN") == {}
    add(place, survivor, kind="REVIEW", what=None)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"what": " "}, "#/what"), ({"what": "x" * 501}, "#/what"), ({"due_on": "2026-08-31"}, "#/due_on"),
     ({"due_on": "soon"}, "#/due_on"), ({"kind": "PARTY"}, "#/kind"), ({"kind": "REVIEW", "due_on": None}, "#/due_on"),
     ({"kind": "REVIEW", "every_weeks": 53}, "#/every_weeks"), ({"kind": "REVIEW", "every_weeks": 4.5}, "#/every_weeks")],
)  # fmt: skip
def test_a_bad_step_is_pointed_at(place, survivor, changes, pointer):
    """Nothing is added."""
    answer = place.post(f"/v1/survivors/{survivor}/steps", {**SAYS, **changes}, "IMSA")
    assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (422, [pointer])
    assert listed(place, survivor) == {}


def test_nobody_keeps_a_hundred_and_one_in_view(place, survivor, monkeypatch):
    """A bound, with what to do."""
    monkeypatch.setattr("services.case.steps.documents.MOST_OPEN", 2)
    first = add(place, survivor)
    add(place, survivor)
    answer = place.post(f"/v1/survivors/{survivor}/steps", SAYS, "IMSA")
    assert (answer.status_code, answer.json["code"]) == (409, "too-many-steps")
    act(place, first, "done")
    add(place, survivor)


def test_an_advocate_sees_their_own_peoples_and_a_supervisor_everybodys(place, survivor):
    """Of who was taken off a person nothing is left, also of what they had taken."""
    mine, others = add(place, survivor, is_theirs=True), add(place, place.survivor(), "SUPERVISOR")

    def seen(role):
        query = "/v1/steps?limit=200&state=OPEN"
        rows, path = [], query
        while path:
            page = place.get(path, role).json
            rows += [row["id"] for row in page["items"]]
            path = f"{query}&after={page['next']}" if page["next"] else None
        return set(rows)

    assert mine in seen("IMSA")
    assert others not in seen("IMSA")
    assert {mine, others} <= seen("SUPERVISOR")
    assert act(place, others, "done").status_code == 404
    assert place.audited(action="case:step:done", outcome="REFUSED")
    place.post(f"/v1/survivors/{survivor}/advocates", {"advocate_ids": []})
    assert mine not in seen("IMSA")
    assert act(place, mine, "done").status_code == 404
    assert act(place, new_id(), "done", role="SUPERVISOR").status_code == 404


class TestOfAContact:
    @pytest.fixture
    def contacts(self, place, survivor):
        return f"/v1/episodes/{place.episode(survivor_id=survivor, advocate_id=place.actor('IMSA'))['id']}/contacts"

    def record(self, place, contacts, **said):
        return place.post(contacts, {"mode": "PHONE", "interpreter": "NONE_NEEDED", **said}, "IMSA")

    def test_its_next_step_is_to_be_done_from_now_on(self, place, survivor, contacts):
        """By its day, by whoever wrote it; a contact without one adds nothing."""
        self.record(place, contacts)
        contact = self.record(place, contacts, next_step="Ring", next_step_by="2026-09-04").json["id"]
        (row,) = listed(place, survivor).values()
        assert (row["what"], row["due_on"], row["contact_id"]) == ("Ring", "2026-09-04", contact)
        assert row["taken_by"] == place.actor("IMSA")

    def test_taken_back_its_step_is_dropped(self, place, survivor, contacts):
        """It was another person's; one that was done stays done."""
        for ended, state in ((False, "DROPPED"), (True, "DONE")):
            contact = self.record(place, contacts, next_step="Ring").json["id"]
            (step,) = [row["id"] for row in listed(place, survivor).values() if row["contact_id"] == contact]
            if ended:
                act(place, step, "done")
            place.post(f"{contacts}/{contact}/take-back", {"why": "ANOTHER_PERSON"}, "IMSA")
            assert listed(place, survivor)[step]["state"] == state

    def test_of_a_contact_that_was_corrected_before_it_is_taken_back_it_is_dropped_too(self, place, survivor, contacts):
        """It was with somebody else: their words do not stay open here."""
        contact = self.record(place, contacts, next_step="Ring").json["id"]
        for _ in range(2):
            mended = {"why": "WRITTEN_WRONGLY", "minutes": 20}
            contact = place.post(f"{contacts}/{contact}/corrections", mended, "IMSA").json["id"]
        place.post(f"{contacts}/{contact}/take-back", {"why": "ANOTHER_PERSON"}, "IMSA")
        assert [row["state"] for row in listed(place, survivor).values()] == ["DROPPED"]

    @pytest.mark.parametrize(
        ("said", "pointer"),
        [
            ({"next_step_by": "2026-09-04"}, "#/next_step"),
            ({"next_step": "Ring", "next_step_by": "2026-08-31"}, "#/next_step_by"),
        ],
    )
    def test_a_day_of_nothing_or_one_that_is_over_writes_neither(self, place, survivor, contacts, said, pointer):
        """Contact and step are one command."""
        answer = self.record(place, contacts, **said)
        assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (422, [pointer])
        assert place.get(contacts, "IMSA").json["items"] == []
        assert listed(place, survivor) == {}

    def test_several_in_one_request_are_each_written(self, place, survivor, contacts):
        """Also where commands share a transaction with contacts that nothing may change."""
        others = [place.episode(advocate_id=place.actor("IMSA"))["id"] for _ in range(3)]
        paths = [contacts, *(f"/v1/episodes/{one}/contacts" for one in others)]
        body = {"mode": "PHONE", "interpreter": "NONE_NEEDED", "next_step": "Ring"}
        sent = place.post("/v1/batch", {"items": [{"path": path, "body": body} for path in paths]}, "IMSA")
        assert [item["status"] for item in sent.json["items"]] == [201] * 4
