"""A record that is frozen for all but the officer: by every way, until it is lifted; a no and a life come first."""

from datetime import timedelta

import pytest

from services.case.restrictions.documents import OPENINGS
from services.case.restrictions.rules import OPEN_FOR
from services.case.restrictions.views import RestrictionViews
from services.case.survivors.views import SurvivorViews
from services.consent.gate.documents import GateStore
from services.consent.gate.reconciler import EQUAL, compare
from services.consent.ledger.documents import ConsentStore
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from tests.kit.import_files import export, line, references
from tests.kit.tenant_place import WORDING

PATH, OPENED = "/v1/restrictions", "/v1/vital-openings"
FROZEN = (409, "processing-restricted")


def asked_for(place, survivor, kind="RESTRICTION"):
    taken = place.post("/v1/rights-cases", {"survivor_id": survivor, "kind": kind, "channel": "IN_PERSON"})
    assert taken.status_code == 201, taken.json
    return taken.json["id"]


def restrict(place, survivor, kind="RESTRICTION", ground="ACCURACY"):
    """Restrict somebody, of which consent has heard when this returns."""
    case_id = asked_for(place, survivor, kind)
    body = {"ground": ground, "told": "IN_PERSON_PRIVATE", "answer": "Planted words of an answer."}
    answer = place.post(f"/v1/rights-cases/{case_id}/restriction", body, "HOST_DPO", If_Match='"1"')
    assert answer.status_code == 201, answer.json
    place.pump()
    return answer.json["id"]


def lift(place, restriction_id, *, version=1, **said):
    body = {"why": "CHECKED", "told": "SAFE_CONTACT", "told_on": real_now().date().isoformat(), **said}
    answer = place.post(f"{PATH}/{restriction_id}/lift", body, "HOST_DPO", If_Match=f'"{version}"')
    place.pump()
    return answer


def said(answer):
    return answer.status_code, (answer.json or {}).get("code")


def reason(place, survivor):
    """Why the gate withholds somebody's one episode; None where it is released."""
    return place.database("consent")["episodes"].find_one({"survivor_id": survivor})["stated"]["reason"]


def compared(place, survivor):
    """What the second line behind the gate says of somebody's one episode."""
    found = []

    def look(work):
        (episode,) = GateStore(work).of_survivors([survivor])
        found.append(compare(episode, ConsentStore(work).of(survivor, "AGGREGATE_STATISTICS"), work))
        return Answer(status=200)

    place.contexts["consent"].committer.execute(Command(run=look))
    return found[-1]


@pytest.fixture
def episode(place):
    """An episode of somebody of the advocate, who said yes to statistics."""
    place.at(None)
    place.know_words(WORDING)
    survivor = place.survivor(advocate_id=place.actor("IMSA"), name="Ida Planted", safe_contact="Only on Tuesdays")
    episode = place.episode(survivor_id=survivor)
    assert place.give(survivor).status_code == 201
    place.pump()
    return episode


@pytest.fixture
def survivor(episode):
    return episode["survivor_id"]


def test_from_the_commit_on_nobody_but_the_officer_reads_or_changes_it(place, episode, survivor):
    """One answer for all, with nothing of the person in it; refused and audited; lifted, it is as before."""
    restriction = restrict(place, survivor)
    answers = [
        place.get(f"/v1/survivors/{survivor}", "IMSA"),
        place.get(f"/v1/episodes/{episode['id']}"),
        place.post(f"/v1/survivors/{survivor}/steps", {"what": "Planted step"}, "IMSA"),
        place.post(f"/v1/episodes/{episode['id']}/goals", {"area": "NRM"}),
        place.post(f"/v1/survivors/{survivor}/advocates", {"advocate_ids": []}),
        place.post("/v1/consents/search", {"survivor_id": survivor}),
    ]
    assert {said(one) for one in answers} == {FROZEN}
    assert len({one.json["detail"] for one in answers}) == 1
    assert "Planted" not in str([one.json for one in answers])
    row = place.get(f"{PATH}/{restriction}", "HOST_DPO").json
    assert (row["state"], row["person"]["name"]) == ("HOLDS", "Ida Planted")
    assert place.audited(action="case:survivor:read", object_id=survivor, outcome="REFUSED")
    assert lift(place, restriction, told=None, told_on=None).status_code == 422
    assert lift(place, restriction).status_code == 200
    assert said(lift(place, restriction, version=2)) == (409, "restriction-lifted")
    assert place.get(f"/v1/survivors/{survivor}", "IMSA").json["name"] == "Ida Planted"
    assert place.post(f"/v1/episodes/{episode['id']}/goals", {"area": "NRM"}).status_code == 201


def test_the_request_ends_with_it_and_is_never_merely_noted_as_met(place, survivor):
    """What they were told is sealed; one for something else stays open."""
    case_id = asked_for(place, survivor)
    decided = place.post(
        f"/v1/rights-cases/{case_id}/decide", {"outcome": "MET", "told": "SAFE_CONTACT"}, "HOST_DPO", If_Match='"1"'
    )
    assert said(decided) == (409, "rights-not-restricted")
    restrict(place, survivor, "OBJECTION", "OBJECTION")
    body = {"ground": "ACCURACY", "told": "SAFE_CONTACT"}
    again = place.post(f"/v1/rights-cases/{case_id}/restriction", body, "HOST_DPO", If_Match='"1"')
    assert said(again) == (409, "restricted-already")
    cases = place.database("case")["rights_cases"]
    assert {one["kind"]: one["state"] for one in cases.find({"survivor_id": survivor})} == {
        "RESTRICTION": "OPEN", "OBJECTION": "OPEN",
    }  # fmt: skip


def test_whoever_is_looked_for_stands_in_a_list_as_restricted_alone(place, episode, survivor):
    """In other lists they do not stand; the others do."""
    other = place.episode(advocate_id=place.actor("IMSA"))
    for one in (episode, other):
        assert place.post(f"/v1/survivors/{one['survivor_id']}/steps", {"what": "x"}, "IMSA").status_code == 201
    restrict(place, survivor)
    rows = {row["id"]: row for row in place.every("/v1/survivors", "IMSA")}
    masked = rows[survivor]
    assert masked.pop("restricted")
    assert {name for name, value in masked.items() if value is not None} <= {"id", "version", "updated_at"}
    assert not rows[other["survivor_id"]].get("restricted")
    named = place.post("/v1/survivors/references", {"survivor_ids": [survivor, other["survivor_id"]]}).json["items"]
    assert [row["id"] for row in named if row.get("restricted")] == [survivor]
    for path in ("/v1/episodes", "/v1/steps"):
        people = {row["survivor_id"] for row in place.every(path, "IMSA")}
        assert other["survivor_id"] in people
        assert survivor not in people


def test_while_it_holds_they_are_in_no_statistics_and_a_no_is_always_taken(place, survivor):
    """A yes is refused; lifted, it is judged anew by the ledger as it stands, and as of then."""
    assert reason(place, survivor) is None
    first = restrict(place, survivor)
    assert reason(place, survivor) == "RESTRICTED"
    assert said(place.give(survivor)) == FROZEN
    assert compared(place, survivor) == EQUAL
    lifted_at = real_now()
    assert lift(place, first).status_code == 200
    stated = place.database("consent")["episodes"].find_one({"survivor_id": survivor})["stated"]
    assert stated["reason"] is None
    # So it enters no period that was sealed while it held.
    assert stated["decided_recorded_at"] >= lifted_at - timedelta(seconds=1)
    second = restrict(place, survivor)
    consent = place.database("consent")["consents"].find_one({"survivor_id": survivor})["_id"]
    assert place.post(f"/v1/consents/{consent}/withdraw", {}).status_code == 200
    assert reason(place, survivor) == "WITHDRAWN"
    assert place.give(survivor, decision="REFUSED", wording_code=None).status_code == 201
    assert place.post("/v1/stops", {"survivor_id": survivor}, "IMSA").status_code == 201
    lift(place, second)
    assert reason(place, survivor) == "REFUSED"


def test_rows_of_a_file_are_held_by_their_number_but_for_a_no(place):
    """Nothing else of them is taken, planned or not; the row beside is; lifted, the same file is taken."""
    ref, other = references(2)
    place.upload(export(line(ref), line(other)))
    survivor = next(
        row["survivor_id"] for row in place.post("/v1/survivors/by-reference/search", {"reference": ref}).json["items"]
    )
    restriction = restrict(place, survivor)
    changed = export(line(ref, Gender="Male", Statistics_Consent="withdrawn"), line(other, Gender="Male"))
    report = place.upload(changed)
    assert [(one["row"], one["code"]) for one in report["problems"]] == [(2, "restricted")]
    kept = place.database("case")["episodes"].find_one({"survivor_id": survivor})
    assert kept["gender"] == "FEMALE"
    assert report["counts"]["CHANGED"] == 1
    lift(place, restriction)
    assert place.upload(changed)["problems"] == []
    assert place.database("case")["episodes"].find_one({"survivor_id": survivor})["gender"] == "MALE"


def test_for_the_sake_of_a_life_what_keeps_them_safe_is_open_for_an_hour(place, survivor):
    """For whoever opened it; the officer is told at once, and has seen it."""
    body = {"survivor_id": survivor, "why": "MISSING"}
    assert said(place.post(OPENED, body, "IMSA")) == (409, "not-restricted")
    restrict(place, survivor)
    views = RestrictionViews(place.contexts["case"], SurvivorViews(place.contexts["case"]))
    unseen = views.count_unseen()
    opened = place.post(OPENED, body, "IMSA").json["id"]
    assert views.count_unseen() == unseen + 1
    shown = place.get(f"{OPENED}/{opened}", "IMSA")
    assert (shown.json["safe_contact"], shown.json["risks"]) == ("Only on Tuesdays", [])
    assert place.get(f"{OPENED}/{opened}", "SUPERVISOR").status_code == 404
    (row,) = [one for one in place.every(f"{OPENED}?unseen=true", "HOST_DPO") if one["id"] == opened]
    assert (row["why"], row["actor_id"]) == ("MISSING", place.actor("IMSA"))
    assert place.post(f"{OPENED}/{opened}/seen", {}, "HOST_DPO").status_code == 200
    assert views.count_unseen() == unseen
    place.at(real_now() + OPEN_FOR)
    assert said(place.get(f"{OPENED}/{opened}", "IMSA")) == (409, "vital-opening-over")
    place.at(None)
    assert place.post(OPENED, {**body, "survivor_id": place.survivor()}, "IMSA").status_code == 404


def test_somebody_out_alone_is_helped_and_the_officer_is_told_of_it(place, survivor):
    """What was planned before goes on; nothing new is planned."""
    now = real_now()
    times = {"from_at": now.isoformat(), "until_at": (now + timedelta(hours=1)).isoformat()}
    plan = {**times, "told": "SUPERVISORS", "place": "Planted place"}
    planned = place.post(f"/v1/survivors/{survivor}/visits", plan, "IMSA")
    assert planned.status_code == 201, planned.json
    visit = planned.json["id"]
    restrict(place, survivor)
    assert said(place.post(f"/v1/survivors/{survivor}/visits", plan, "IMSA")) == FROZEN
    assert place.post(f"/v1/visits/{visit}/help", {}, "IMSA").status_code == 200
    assert place.get(f"/v1/visits/{visit}", "SUPERVISOR").json["place"] == "Planted place"
    assert place.post(f"/v1/visit-alarms/{visit}/take", {}).status_code == 200
    assert place.post(f"/v1/visit-alarms/{visit}/take", {}).status_code == 200
    told = list(place.database("case")[OPENINGS].find({"survivor_id": survivor}))
    assert {one["actor_id"] for one in told} == {place.actor("IMSA"), place.actor("SUPERVISOR")}
    assert {one["why"] for one in told} == {"VISIT_ALARM"}
    assert len(told) == 2


def test_of_several_people_the_others_are_given_on(place, survivor):
    """Whoever is restricted stays with whom they are; the page and the API say so."""
    giver, taker = new_id(), place.actor("IMSA")
    people = [place.survivor(advocate_id=giver) for _ in range(2)]
    alone = place.survivor()
    for one in (people[0], alone):
        restrict(place, one)
    given = place.post("/v1/caseload/give", {"from_id": giver, "to_id": taker, "survivor_ids": people})
    assert (given.status_code, given.json["moved"], given.json["left"]) == (201, 1, 1)
    results = {one["survivor_id"]: one["result"] for one in moved(place, given)}
    assert results == {people[0]: "RESTRICTED", people[1]: "MOVED"}
    told = place.post("/v1/survivors/assign", {"survivor_ids": [alone], "advocate_id": taker}).json
    assert (told["assigned"], told["left"]) == (0, 1)


def moved(place, given):
    return place.database("case")["caseload_moves"].find_one({"_id": given.json["id"]})["results"]


def test_another_right_goes_on_while_one_holds(place, survivor):
    """They ask to be erased: a second person confirms it, though nobody else reads the record."""
    restrict(place, survivor, ground="LEGAL_CLAIM")
    case_id = asked_for(place, survivor, "ERASURE")
    body = {"holds": [], "looked_for_holds": True, "told": "IN_PERSON_PRIVATE"}
    asked = place.post(f"/v1/rights-cases/{case_id}/erasure", body, "HOST_DPO", If_Match='"1"')
    assert asked.status_code == 201, asked.json
    confirmed = place.post(f"/v1/person-erasures/{case_id}/confirm", {}, "SUPERVISOR", If_Match='"1"')
    assert confirmed.status_code == 202, confirmed.json


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ground": "BECAUSE", "told": "SAFE_CONTACT"},
        {"ground": "ACCURACY", "told": "x"},
        {"ground": "ACCURACY", "told": "SAFE_CONTACT", "answer": "x" * 4001},
        {"ground": "ACCURACY", "told": "SAFE_CONTACT", "until": "2027-01-01"},
    ],
)
def test_what_is_not_right_is_refused_before_anything_is_frozen(place, body):
    """By its schema."""
    case_id = asked_for(place, place.survivor())
    answer = place.post(f"/v1/rights-cases/{case_id}/restriction", body, "HOST_DPO", If_Match='"1"')
    assert answer.status_code == 422
