"""Emergency access: what keeps somebody safe, for an hour and few times; a no by name wins; somebody else looks at it."""

from datetime import date, datetime, timedelta

import pytest

from services.case.emergencies.documents import EMERGENCIES
from services.case.emergencies.views import EmergencyViews
from services.case.survivors.views import SurvivorViews
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from tests.kit.import_files import export, line, references

PATH = "/v1/emergencies"
LEAD, OFFICER = "SAFEGUARDING_LEAD", "HOST_DPO"


def said(answer):
    return answer.status_code, (answer.json or {}).get("code")


def told(answer):
    """All that a caller can compare of two answers, but for the number of the request."""
    body = {name: value for name, value in answer.json.items() if name not in ("instance", "trace_id")}
    headers = {
        name: value for name, value in answer.headers.items() if name not in ("Date", "X-Request-Id", "traceparent")
    }
    return answer.status_code, body, headers


class Somebody:
    """One person of the staff, of their own: what one may do a day is counted for each."""

    def __init__(self, place, role="IMSA"):
        self.place, self.role, self.id = place, role, new_id()

    def get(self, path):
        headers = self.place.headers(self.role, actor=self.id)
        return self.place.app.test_client().get(path, headers=headers)

    def post(self, path, body, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {**self.place.headers(self.role, actor=self.id), "Idempotency-Key": new_id(), **named}
        return self.place.app.test_client().post(path, json=body, headers=sent)

    def open(self, survivor_id=None, **values):
        body = {"survivor_id": survivor_id, "why": "MISSING", "words": "Planted words of why.", **values}
        return self.post(PATH, {name: value for name, value in body.items() if value is not None})

    def opened(self, survivor_id):
        answer = self.open(survivor_id)
        assert answer.status_code == 201, answer.json
        return answer.json["id"]


@pytest.fixture
def survivor(place):
    """Somebody of the tests' advocate."""
    place.at(None)
    return place.survivor(advocate_id=place.actor("IMSA"), name="Ida Planted", safe_contact="Only on Tuesdays")


def name_never(place, survivor, staff_id, role="IMSA", ground="THEY_SAID_NO"):
    answer = place.post(f"/v1/survivors/{survivor}/emergency-nevers", {"staff_id": staff_id, "ground": ground}, role)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def test_what_keeps_them_safe_is_open_for_an_hour_and_for_whoever_opened_it(place, survivor):
    """And nothing else of the record; each look is in the log with its reason, under the person's id."""
    stranger = Somebody(place)
    assert stranger.get(f"/v1/survivors/{survivor}").status_code == 404
    opened = stranger.opened(survivor)
    shown = stranger.get(f"{PATH}/{opened}/record")
    assert shown.status_code == 200
    assert set(shown.json) == {"id", "until", "reference", "name", "safe_contact", "risks", "why", "advocate_ids"}
    assert (shown.json["safe_contact"], shown.json["advocate_ids"]) == ("Only on Tuesdays", [place.actor("IMSA")])
    assert stranger.get(f"/v1/survivors/{survivor}").status_code == 404
    assert Somebody(place).get(f"{PATH}/{opened}/record").status_code == 404
    for action in ("case:emergency:open", "case:emergency:read-record"):
        (entry,) = place.audited(action=action, object_id=survivor, actor_id=stranger.id)
        assert (entry["standing"], entry["outcome"]) == ("EMERGENCY_MISSING", "ALLOWED")
    place.at(real_now() + timedelta(minutes=60))
    assert said(stranger.get(f"{PATH}/{opened}/record")) == (409, "emergency-over")
    place.at(None)


def test_lead_officer_and_advocate_see_it_at_once(place, survivor):
    """Without words in a list; other advocates see nothing of it; why it was is read by the reviewers."""
    stranger = Somebody(place)
    opened = stranger.opened(survivor)
    for role in (LEAD, OFFICER, "IMSA"):
        (row,) = [one for one in place.every(f"{PATH}?state=OPEN", role) if one["id"] == opened]
        assert (row["why"], row["actor_id"], row["overdue"]) == ("MISSING", stranger.id, False)
        assert "words" not in row
    assert Somebody(place).get(PATH).json["items"] == []
    whole = place.get(f"{PATH}/{opened}", LEAD).json
    assert (whole["words"], whole["person"]["name"]) == ("Planted words of why.", "Ida Planted")
    assert place.get(f"{PATH}/{opened}", "IMSA").status_code == 404
    kept = place.database("case")[EMERGENCIES].find_one({"_id": opened})
    assert "Planted" not in str(kept)


def test_nobody_and_who_is_never_opened_by_the_caller_are_one_answer(place, survivor):
    """In status, body and headers; also by a reference, and when the no comes while it is open; a no by name wins."""
    ref, unknown = references(2)
    place.upload(export(line(ref)))
    found = place.post("/v1/survivors/by-reference/search", {"reference": ref}).json["items"][0]["survivor_id"]
    named = Somebody(place)
    opened = named.opened(survivor)
    assert named.get(f"{PATH}/{opened}/record").status_code == 200
    for person in (survivor, found):
        name_never(place, person, named.id, "SUPERVISOR")
    assert named.get(f"{PATH}/{opened}/record").status_code == 404
    answers = [
        named.open(survivor), named.open(new_id()), named.open(reference=ref), named.open(reference=unknown),
    ]  # fmt: skip
    assert answers[0].status_code == 404
    assert all(told(one) == told(answers[0]) for one in answers)
    assert Somebody(place).open(reference=ref).status_code == 201
    (entry, *_) = place.audited(action="case:emergency:open", actor_id=named.id, object_id=survivor, outcome="REFUSED")
    assert entry["standing"] is None


def test_one_person_opens_three_a_day_and_tries_five_that_show_nothing(place, survivor):
    """Then everything is one answer, whether somebody is known or not; the next day counts anew."""
    opener, guesser = Somebody(place), Somebody(place)
    for _ in range(3):
        opener.opened(survivor)
    assert {said(opener.open(one)) for one in (survivor, new_id(), place.survivor())} == {(429, "emergency-too-often")}
    body, key = {"survivor_id": survivor, "why": "MISSING", "words": "x"}, new_id()
    repeated = Somebody(place)
    repeated.opened(survivor)
    repeated.opened(survivor)
    first, again = (repeated.post(PATH, body, Idempotency_Key=key) for _ in range(2))
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert {opener_missed.status_code for opener_missed in (guesser.open(new_id()) for _ in range(5))} == {404}
    refused = [guesser.open(one) for one in (survivor, new_id())]
    assert {said(one) for one in refused} == {(429, "emergency-too-often")}
    assert told(refused[0]) == told(refused[1])
    place.at(real_now() + timedelta(days=1))
    assert guesser.open(survivor).status_code == 201
    place.at(None)


def test_who_may_act_anyway_is_sent_to_where_they_always_go(place):
    """And nothing is opened or counted."""
    ann = Somebody(place)
    assert said(ann.open(place.survivor(advocate_id=ann.id))) == (409, "emergency-not-needed")
    assert place.database("case")["emergency_tries"].find_one({"_id": ann.id}) is None


def test_somebody_else_looks_at_it_within_three_working_days(place, survivor):
    """Nobody their own; once; what is late is counted and stands in a list of its own."""
    lead = Somebody(place, LEAD)
    views = EmergencyViews(place.contexts["case"], SurvivorViews(place.contexts["case"]))
    place.at(datetime.fromisoformat("2026-12-23T10:00:00+00:00"))
    opened = lead.opened(survivor)
    row = lead.get(f"{PATH}/{opened}").json
    # Christmas, a weekend and Boxing Day's substitute lie between.
    assert date.fromisoformat(row["review_by"]) == date(2026, 12, 30)
    body = {"outcome": "RIGHT", "words": "Planted words of a review."}
    assert said(lead.post(f"{PATH}/{opened}/review", body, If_Match='"1"')) == (409, "emergency-own")
    late = views.counts()[1]
    place.at(datetime.fromisoformat("2026-12-31T10:00:00+00:00"))
    assert views.counts()[1] == late + 1
    assert opened in {one["id"] for one in place.every(f"{PATH}?overdue=true", OFFICER)}
    done = place.post(f"{PATH}/{opened}/review", body, OFFICER, If_Match='"1"')
    assert (done.status_code, done.json["version"]) == (200, 2)
    assert views.counts()[1] == late
    again = place.post(f"{PATH}/{opened}/review", body, OFFICER, If_Match='"2"')
    assert said(again) == (409, "emergency-reviewed")
    place.at(None)
    whole = place.get(f"{PATH}/{opened}", LEAD).json
    assert (whole["outcome"], whole["said"], whole["words"]) == (
        "RIGHT", "Planted words of a review.", "Planted words of why.",
    )  # fmt: skip
    assert "Planted" not in str(place.database("case")[EMERGENCIES].find_one({"_id": opened}))


def test_whoever_is_named_of_a_person_does_not_look_at_it_afterwards_either(place, survivor):
    """No line, no words, no review: a no by name wins here too; somebody else looks at it."""
    opened, lead = Somebody(place).opened(survivor), Somebody(place, LEAD)
    assert opened in {one["id"] for one in lead.get(f"{PATH}?limit=200").json["items"]}
    name_never(place, survivor, lead.id)
    assert opened not in {one["id"] for one in lead.get(f"{PATH}?limit=200").json["items"]}
    assert told(lead.get(f"{PATH}/{opened}")) == told(lead.get(f"{PATH}/{new_id()}"))
    body = {"outcome": "RIGHT", "words": None}
    assert lead.post(f"{PATH}/{opened}/review", body, If_Match='"1"').status_code == 404
    assert place.get(f"{PATH}/{opened}", OFFICER).json["state"] == "OPEN"
    assert place.post(f"{PATH}/{opened}/review", body, OFFICER, If_Match='"1"').status_code == 200


def test_a_restricted_record_opens_what_keeps_them_safe_by_the_same_way(place, survivor):
    """A life comes first (Art 18(2)); it tells the officer, and the rest stays frozen."""
    place.database("case")["survivors"].update_one({"_id": survivor}, {"$set": {"restriction_id": new_id()}})
    stranger = Somebody(place)
    opened = stranger.opened(survivor)
    assert stranger.get(f"{PATH}/{opened}/record").json["safe_contact"] == "Only on Tuesdays"
    assert opened in {one["id"] for one in place.every(f"{PATH}?state=OPEN", OFFICER)}
    review = place.post(f"{PATH}/{opened}/review", {"outcome": "RIGHT"}, LEAD, If_Match='"1"')
    assert said(review) == (409, "processing-restricted")
    name_never(place, survivor, new_id())


def test_who_is_named_never_sees_it_and_whoever_acts_is_not_named(place, survivor):
    """It ends by a reviewer, with the version that they read."""
    named, path = Somebody(place, "SUPERVISOR"), f"/v1/survivors/{survivor}/emergency-nevers"
    acts = place.post(path, {"staff_id": place.actor("IMSA"), "ground": "KNOWS_THEM"}, OFFICER)
    assert said(acts) == (409, "emergency-acts")
    never = name_never(place, survivor, named.id, OFFICER, "COLLEAGUE")
    twice = place.post(path, {"staff_id": named.id, "ground": "COLLEAGUE"}, OFFICER)
    assert said(twice) == (409, "emergency-named")
    assert named.get(path).json["items"] == []
    (row,) = place.get(path, "IMSA").json["items"]
    assert (row["staff_id"], row["ground"]) == (named.id, "COLLEAGUE")
    assert Somebody(place).get(path).status_code == 404
    assert place.post(f"/v1/emergency-nevers/{never}/end", {}, "IMSA", If_Match='"1"').status_code == 404
    own = Somebody(place, LEAD)
    theirs = name_never(place, survivor, own.id, OFFICER)
    assert own.post(f"/v1/emergency-nevers/{theirs}/end", {}, If_Match='"1"').status_code == 404
    assert place.post(f"/v1/emergency-nevers/{theirs}/end", {}, OFFICER, If_Match='"1"').status_code == 200
    assert said(place.post(f"/v1/emergency-nevers/{theirs}/end", {}, OFFICER, If_Match='"2"')) == (
        409, "emergency-not-named",
    )  # fmt: skip
    assert own.open(survivor).status_code == 201


@pytest.mark.parametrize(
    "wrong",
    [
        {"survivor_id": None}, {"reference": "R-1"}, {"why": "VISIT_ALARM"}, {"why": "BECAUSE"}, {"words": " \n"},
        {"words": "x" * 2001}, {"words": None}, {"until": "2199-01-01"}, {"reference": "", "survivor_id": None},
    ],
    ids=["nobody", "two", "an-alarm", "no-reason", "blank", "long", "no-words", "longer", "empty"],
)  # fmt: skip
def test_what_is_not_right_is_refused_before_anybody_is_looked_for(place, wrong):
    """By its schema: nothing is counted, and what was typed is not repeated."""
    somebody = Somebody(place)
    answer = somebody.open(**{"survivor_id": new_id(), **wrong})
    assert answer.status_code == 422, answer.json
    assert place.database("case")["emergency_tries"].find_one({"_id": somebody.id}) is None
