"""Papers over HTTP, with everything that audit hears: whose, by whom, what stands there and what does not."""

from datetime import timedelta

import pytest

from services.audit.log.clearing import clear_erased
from shared.contracts.case import SurvivorErased
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from tests.kit.audited import NOON

PAPERS, WITHHELD = "/v1/audit/papers", "/v1/audit/withholdings"


@pytest.fixture
def now(place):
    """A clock that the test moves."""
    place.at(NOON)
    yield NOON
    place.at(None)


@pytest.fixture
def survivor(place, now):
    """Somebody with an advocate and an episode, of whom audit has heard."""
    survivor_id = place.survivor("IMSA")
    row = place.episode("IMSA", survivor_id=survivor_id, referral_date="2026-07-04")
    place.get(f"/v1/episodes/{row['id']}", "SUPERVISOR")
    place.pump()
    return survivor_id


def ask(place, survivor_id, role="HOST_DPO", **values):
    return place.post(PAPERS, {"survivor_id": survivor_id, "in_private": True, "safe": True, **values}, role)


def sentences(place, survivor_id, role="HOST_DPO", **values):
    answer = ask(place, survivor_id, role, **values)
    assert answer.status_code == 200, answer.json
    return [one["what"] for one in answer.json["lines"]]


def look_of(place, survivor_id):
    """The supervisor's look at this person's episode."""
    things = place.database("audit")["things"].find({"survivor_id": survivor_id})
    return entry_of(place, role="SUPERVISOR", object_id={"$in": [one["_id"] for one in things]})


def entry_of(place, **wanted):
    place.pump()
    return place.database("audit")["entries"].find_one(wanted, sort=[("updated_at", -1), ("_id", -1)])["_id"]


def withhold(place, *entries, until=NOON + timedelta(days=30), role="HOST_DPO"):
    body = {"entry_ids": entries, "reason": "INVESTIGATION", "until": until.isoformat()}
    return place.post(WITHHELD, body, role)


def test_it_tells_of_the_record_and_of_its_parts(place, survivor):
    """Registering, the episode, and a look at it, each by its role; no id of anybody stands there."""
    answer = ask(place, survivor)
    said = {(one["who"], one["what"].split(". ")[0]) for one in answer.json["lines"]}
    assert {
        ("An advocate", "They began your record"),
        ("An advocate", "They wrote about your support"),
        ("A supervisor of advocates", "They read about your support"),
    } <= said
    everybody = {one["actor_id"] for one in place.database("audit")["entries"].find({}, {"actor_id": 1})}
    assert not any(one in answer.text for one in {*everybody, survivor} - {"system", "job"})
    assert {one["organisation"] for one in answer.json["lines"]} == {"Host <Rowan> & Co"}
    assert not any("may be missing" in one for one in answer.json["also"])


def test_that_it_was_made_is_audited_and_stands_on_the_next_one(place, survivor):
    """Before the answer leaves, under the person's own id."""
    ask(place, survivor)
    assert len(place.audited("audit", action="audit:paper:read", object_id=survivor)) == 1
    place.pump()
    assert any("made a list like this one" in one for one in sentences(place, survivor))


def test_an_advocate_makes_it_for_their_own_people_alone(place, survivor):
    """For anybody else's there is nothing here, as for nobody's; both are audited as refused."""
    assert ask(place, survivor, "IMSA").status_code == 200
    theirs = place.survivor()
    place.pump()
    for one in (theirs, new_id()):
        assert ask(place, one, "IMSA").status_code == 404
        assert place.audited("audit", action="audit:paper:read", object_id=one)[-1]["outcome"] == "REFUSED"
    assert ask(place, theirs, "HOST_DPO").status_code == 200
    assert ask(place, new_id(), "HOST_DPO").status_code == 404
    for role in ("HOST_ADMIN", "HOST_DATA_LEAD", "SAFEGUARDING_LEAD", "HUB_TRIAGE", "INTEGRATOR"):
        assert ask(place, survivor, role).status_code == 404


def test_whoever_is_not_their_advocate_any_more_makes_none(place, survivor):
    """As soon as audit has heard of it."""
    place.post(f"/v1/survivors/{survivor}/advocates", {"advocate_ids": []}, If_Match=version_of(place, survivor))
    place.pump()
    assert ask(place, survivor, "IMSA").status_code == 404


def version_of(place, survivor_id):
    return place.get(f"/v1/survivors/{survivor_id}").headers["ETag"]


@pytest.mark.parametrize("doubt", [{"in_private": False}, {"safe": False}])
def test_nothing_is_shown_where_somebody_may_listen_or_press_them(place, survivor, doubt):
    """The answer says what to do instead, and has no line."""
    answer = ask(place, survivor, **doubt)
    assert (answer.status_code, answer.json["code"]) == (409, "paper-not-safe-now")
    assert "lines" not in answer.json


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"safe": True}, "#/in_private"),
        ({"in_private": True}, "#/safe"),
        ({"in_private": True, "safe": True, "language": "xx"}, "#/language"),
        ({"in_private": True, "safe": True, "why": "x"}, "#/why"),
    ],
)
def test_what_is_not_said_is_no_yes(place, survivor, body, pointer):
    """Left out, misspelt or of another list."""
    answer = place.post(PAPERS, {"survivor_id": survivor, **body}, "HOST_DPO")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == pointer


def test_an_entry_is_left_out_when_two_people_say_so_and_shown_again_by_itself(place, survivor):
    """Not by one; from the end on it stands there without anybody's doing."""
    entry = look_of(place, survivor)
    look = "They read about your support. Supervisors do this to see that you are supported well."
    made = withhold(place, entry)
    assert made.status_code == 201, made.json
    one, path = made.json["id"], f"{WITHHELD}/{made.json['id']}/agree"
    assert look in sentences(place, survivor)
    same = place.post(path, None, "HOST_DPO", If_Match='"1"')
    assert (same.status_code, same.json["code"]) == (409, "withholding-second-person")
    # The supervisor did what is left out; another one may agree.
    own = place.post(path, None, "SUPERVISOR", If_Match='"1"')
    assert (own.status_code, own.json["code"]) == (409, "withholding-second-person")
    place._actors["SUPERVISOR"], before = new_id(), place._actors["SUPERVISOR"]
    assert place.post(path, None, "SUPERVISOR", If_Match='"1"').status_code == 200
    place._actors["SUPERVISOR"] = before
    hidden = ask(place, survivor)
    assert look not in [line["what"] for line in hidden.json["lines"]]
    listed = {row["id"]: row for row in place.every(WITHHELD, "HOST_DPO")}
    assert (listed[one]["state"], listed[one]["entries"][0]["act"]) == ("WITHHELD", "SUPPORT_READ")
    place.at(NOON + timedelta(days=30, seconds=1))
    assert look in sentences(place, survivor)
    assert {row["id"]: row for row in place.every(WITHHELD, "HOST_DPO")}[one]["state"] == "SHOWN_AGAIN"


def test_that_something_was_left_out_is_on_no_paper(place, survivor):
    """Neither the asking nor the agreeing is an entry about the person."""
    withhold(place, look_of(place, survivor))
    place.pump()
    found = place.database("audit")["entries"].find({"action": "audit:withholding:ask"})
    assert survivor not in {one["object_id"] for one in found}


def test_what_cannot_be_left_out_is_refused(place, survivor):
    """An entry of nobody's record, two people's together, one's own, and an end that is too far."""
    theirs = look_of(place, survivor)
    other = place.survivor()
    place.pump()
    others = entry_of(place, object_id=other)
    assert withhold(place, new_id()).status_code == 404
    mixed = withhold(place, theirs, others)
    assert mixed.json["errors"][0]["pointer"] == "#/entry_ids"
    assert withhold(place, theirs, until=NOON + timedelta(days=200)).json["errors"][0]["pointer"] == "#/until"
    ask(place, survivor)
    assert (
        withhold(place, entry_of(place, action="audit:paper:read", role="HOST_DPO", object_id=survivor)).status_code
        == 409
    )
    assert withhold(place, theirs).status_code == 201
    assert withhold(place, entry_of(place, action="audit:withholding:ask")).status_code == 404
    assert withhold(place, theirs, role="SUPERVISOR").status_code == 404


def test_nobody_is_named_unless_the_host_says_so_and_the_reader_may_know(place, survivor):
    """Where nothing is stated, no; a copy never names anybody."""
    assert place.get(f"{PAPERS}/policy", "IMSA").json["names_shown"] is False
    assert place.post(f"{PAPERS}/policy", {"names_shown": True}, "SUPERVISOR").status_code == 404

    def named(role, **values):
        return {one.get("staff_id") for one in ask(place, survivor, role, **values).json["lines"]} - {None}

    assert named("SUPERVISOR") == set()
    assert place.post(f"{PAPERS}/policy", {"names_shown": True}, "HOST_DPO").status_code == 200
    assert place.actor("IMSA") in named("SUPERVISOR")
    assert named("HOST_DPO") == named("SUPERVISOR", nameless=True) == set()
    assert place.post(f"{PAPERS}/policy", {"names_shown": False}, "HOST_DPO").status_code == 200
    assert named("SUPERVISOR") == set()


def test_somebody_from_before_audit_heard_of_people_is_told_what_may_be_missing(place, survivor):
    """The officer makes it; for advocates nobody is known to be theirs, so there is none."""
    place.database("audit")["people"].delete_one({"_id": survivor})
    assert any("may be missing" in one for one in ask(place, survivor).json["also"])
    assert ask(place, survivor, "IMSA").status_code == 404


def test_an_erasure_takes_out_all_that_a_paper_needs(place, survivor):
    """Who worked with them, whose an id was, and what was left out."""
    withhold(place, look_of(place, survivor))

    def state(work):
        work.record(SurvivorErased(survivor_id=survivor), sequence=9)
        return Answer(status=200)

    place.contexts["case"].committer.execute(Command(run=state))
    place.pump()
    clear_erased(place.contexts["audit"])
    database = place.database("audit")
    for collection in ("people", "things", "withholdings"):
        assert survivor not in str(list(database[collection].find()))
    assert ask(place, survivor).status_code == 404
