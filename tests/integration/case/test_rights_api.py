"""Rights cases over HTTP: taken down by many, seen and decided by one, sealed, and reached by an erasure."""

from datetime import UTC, datetime, timedelta

import pytest

from services.case.rights.documents import overdue, rights_case_from
from services.case.rights.jobs import jobs
from services.case.survivors.sealing import Sealer
from services.identity.people.rules import HOST_ROLES
from shared.codelists.lists import get
from shared.codelists.periods import london_day
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id

PATH = "/v1/rights-cases"
DPO = "HOST_DPO"
KINDS = get("rights_request").codes
TAKERS = {"IMSA", "SUPERVISOR", "HOST_DPO", "SAFEGUARDING_LEAD", "HOST_ADMIN"}
REFUSED = {
    "outcome": "REFUSED", "refusals": ["EXCESSIVE"], "told": "SAFE_CONTACT", "ico_route_told": True, "answer": "No.",
}  # fmt: skip


def take(place, survivor, kind="ACCESS", role="IMSA", **said):
    body = {"survivor_id": survivor, "kind": kind, "channel": "IN_PERSON", **said}
    return place.post(PATH, body, role)


def change(place, case_id, verb, body, *, version=None, role=DPO):
    known = version or place.get(f"{PATH}/{case_id}", DPO).json["version"]
    return place.post(f"{PATH}/{case_id}/{verb}", body, role, If_Match=f'"{known}"')


@pytest.fixture
def survivor(place):
    return place.survivor("IMSA", name="Zlatan-Name", reference="R-7", safe_contact="Tuesdays")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_taken_decided_and_told(place, survivor, kind):
    """With its clock, whose it is, and what happened in order."""
    taken = take(place, survivor, kind, words="Zlatan-Words").json
    found = place.get(f"{PATH}/{taken['id']}", DPO).json
    assert (found["kind"], found["state"], found["words"]) == (kind, "OPEN", "Zlatan-Words")
    assert found["person"] == {"reference": "R-7", "name": "Zlatan-Name", "safe_contact": "Tuesdays"}
    assert found["due_on"] == taken["due_on"] > found["received_on"]
    assert (found["acknowledge_by"] is not None) == (kind == "COMPLAINT")
    assert change(place, taken["id"], "acknowledge", {"told": "SAFE_CONTACT"}).status_code == 200
    assert change(place, taken["id"], "notes", {"words": "Asked the archive."}).status_code == 200
    assert change(place, taken["id"], "decide", REFUSED).status_code == 200
    ended = place.get(f"{PATH}/{taken['id']}", DPO).json
    assert (ended["state"], ended["outcome"], ended["refusals"]) == ("CLOSED", "REFUSED", ["EXCESSIVE"])
    assert [s["step"] for s in ended["steps"]] == ["TAKEN", "ACKNOWLEDGED", "NOTED", "DECIDED"]
    assert ended["answer"] == "No."


def test_the_clock_counts_from_arrival_by_the_nations_calendar(place, survivor):
    """US5: asked on 31 October and written down later; the host is in Wales, so St Andrew's Day does not count."""
    place.at(datetime(2026, 11, 4, 12, tzinfo=UTC))
    taken = take(place, survivor, received_on="2026-10-31").json
    assert taken["due_on"] == "2026-11-30"
    stopped = change(place, taken["id"], "stop-clock", {"why": "IDENTITY"})
    assert stopped.status_code == 200
    place.at(datetime(2026, 11, 8, 12, tzinfo=UTC))
    assert change(place, taken["id"], "resume-clock", {}).json["due_on"] == "2026-12-04"
    assert change(place, taken["id"], "extend", {"why": "COMPLEX"}).json["due_on"] == "2027-02-04"


def test_overdue_is_one_rule_on_page_list_and_alarm(place, survivor):
    """What the database finds is what the rule says, whatever state a case is in, on each day around its last."""
    plain = take(place, survivor).json["id"]
    stands = take(place, survivor).json["id"]
    change(place, stands, "stop-clock", {"why": "CLARIFICATION"})
    complaint = take(place, survivor, "COMPLAINT").json["id"]
    heard = take(place, survivor, "COMPLAINT").json["id"]
    change(place, heard, "acknowledge", {"told": "SAFE_CONTACT"})
    change(place, heard, "stop-clock", {"why": "CLARIFICATION"})
    ended = take(place, survivor).json["id"]
    change(place, ended, "decide", REFUSED)
    cases, nobody = place.database("case")["rights_cases"], Sealer(tenant=str(place.tenant), keys={})
    own = {"_id": {"$in": [plain, stands, complaint, heard, ended]}}
    today = london_day(real_now())
    for days in (0, 29, 30, 31, 32, 33, 40):
        day = today + timedelta(days=days)
        found = {d["_id"] for d in cases.find({**overdue(day), **own})}
        assert found == {d["_id"] for d in cases.find(own) if rights_case_from(d, nobody).is_overdue(day)}
    place.at(real_now() + timedelta(days=60))
    listed = {one["id"] for one in place.every(f"{PATH}?overdue=true", DPO)}
    assert {plain, complaint} <= listed
    assert not {stands, heard, ended} & listed
    (job,) = jobs(place.contexts["case"])
    job.run()


@pytest.mark.parametrize("role", sorted(set(HOST_ROLES) - {DPO}))
def test_only_the_data_protection_officer_reads_and_decides(place, survivor, role):
    """A complaint may be about anybody else here; whoever took one down sees how it goes, and nothing of what was said."""
    mine = take(place, survivor, "COMPLAINT", role, words="Zlatan-Words") if role in TAKERS else None
    assert (mine is not None and mine.status_code == 201) == (role in TAKERS)
    case_id = take(place, survivor, "COMPLAINT", DPO).json["id"]
    assert place.get(PATH, role).status_code == 404
    assert place.get(f"{PATH}/{case_id}", role).status_code == 404
    for verb, body in (("decide", REFUSED), ("notes", {"words": "x"}), ("stop-clock", {"why": "IDENTITY"})):
        assert change(place, case_id, verb, body, role=role).status_code == 404
    told = place.get(f"{PATH}/taken?limit=200", role)
    assert told.status_code == (200 if role in TAKERS else 404)
    if mine is not None:
        ids = [one["id"] for one in told.json["items"]]
        assert mine.json["id"] in ids
        assert case_id not in ids
        assert "Zlatan" not in told.text
        assert survivor not in told.text


def test_an_advocate_takes_down_what_their_own_people_say(place, survivor):
    """Nobody else's, by the 404 of somebody who is not there; nothing is kept."""
    headers = {**place.headers("IMSA", actor=new_id()), "Idempotency-Key": new_id()}
    body = {"survivor_id": survivor, "kind": "ACCESS", "channel": "IN_PERSON"}
    before = place.database("case")["rights_cases"].count_documents({})
    assert place.app.test_client().post(PATH, json=body, headers=headers).status_code == 404
    for role in sorted(TAKERS):
        assert take(place, new_id(), role=role).status_code == 404
    assert place.database("case")["rights_cases"].count_documents({}) == before


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"kind": "PORTABILITY"}, "#/kind"), ({"channel": None}, "#/channel"), ({"received_on": "31/10/2026"}, "#/received_on"),
        ({"received_on": "2999-01-01"}, "#/received_on"), ({"received_on": "2001-01-01"}, "#/received_on"),
        ({"words": "x" * 4001}, "#/words"), ({"words": ["x"]}, "#/words"), ({"survivor_id": "me"}, "#/survivor_id"),
        ({"reason": "x"}, "#/reason"),
    ],
)  # fmt: skip
def test_what_is_not_right_is_pointed_at(place, survivor, said, pointer):
    """And nothing is kept."""
    before = place.database("case")["rights_cases"].count_documents({})
    answer = take(place, survivor, **said)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert place.database("case")["rights_cases"].count_documents({}) == before


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("decide", {**REFUSED, "refusals": []}, 422), ("decide", {**REFUSED, "ico_route_told": False}, 422),
        ("decide", {**REFUSED, "refusals": ["NO_REPLY"]}, 422), ("decide", {**REFUSED, "outcome": "IGNORED"}, 422),
        ("decide", {**REFUSED, "outcome": "MET"}, 422), ("notes", {"words": ""}, 422), ("notes", {}, 422),
        ("stop-clock", {"why": "BUSY"}, 422), ("extend", {"why": "BUSY"}, 422), ("resume-clock", {}, 409),
        ("acknowledge", {"told": "POSTCARD"}, 422),
    ],
)  # fmt: skip
def test_a_change_that_is_not_whole_changes_nothing(place, survivor, verb, body, status):
    """No step is kept of it either."""
    case_id = take(place, survivor).json["id"]
    assert change(place, case_id, verb, body).status_code == status
    found = place.get(f"{PATH}/{case_id}", DPO).json
    assert (found["version"], found["state"], len(found["steps"])) == (1, "OPEN", 1)


def test_who_read_an_older_version_looks_again(place, survivor):
    """And without a version nothing is done."""
    case_id = take(place, survivor).json["id"]
    assert change(place, case_id, "notes", {"words": "one"}, version=1).status_code == 200
    again = change(place, case_id, "decide", REFUSED, version=1)
    assert (again.status_code, again.json["code"]) == (412, "stale-version")
    assert place.post(f"{PATH}/{case_id}/decide", REFUSED, DPO).status_code == 428
    assert change(place, new_id(), "decide", REFUSED, version=1).status_code == 404


def test_an_erasure_reaches_every_word_and_leaves_codes(place):
    """Nothing stands in the clear before it; after it kind, days and outcome stay, and the case can still be ended."""
    survivor = place.survivor("IMSA", name="Zlatan-Name")
    case_id = take(place, survivor, words="Zlatan-Words").json["id"]
    change(place, case_id, "notes", {"words": "Zlatan-Note"})
    database = place.database("case")
    stored = [*database["rights_cases"].find(), *database["rights_steps"].find(), *database["outbox"].find()]
    assert "Zlatan" not in str(stored)
    place.contexts["case"].survivor_keys.forget(survivor)
    left = place.get(f"{PATH}/{case_id}", DPO).json
    assert (left["person"], left["words"], left["kind"]) == (None, None, "ACCESS")
    assert [s["words"] for s in left["steps"]] == [None, None]
    assert take(place, survivor, role=DPO).status_code == 404
    assert change(place, case_id, "notes", {"words": "Zlatan-Later"}).status_code == 404
    assert change(place, case_id, "decide", REFUSED).status_code == 404
    assert change(place, case_id, "decide", {**REFUSED, "answer": None}).status_code == 200
    assert place.get(f"{PATH}/{case_id}", DPO).json["outcome"] == "REFUSED"


def test_each_reading_and_change_is_audited(place, survivor):
    """Under the case, by whom."""
    case_id = take(place, survivor).json["id"]
    change(place, case_id, "decide", REFUSED)
    for action, role in (("take", "IMSA"), ("read", DPO), ("decide", DPO)):
        wanted = {"action": f"case:rights:{action}", "object_id": case_id, "actor_id": place.actor(role)}
        assert place.audited("case", **wanted, outcome="ALLOWED"), action
