"""An erasure from the request to its certificate: two people, killed at each step, and *never known* is a failure."""

import pytest

from services.case.erasures.jobs import PersonErasures
from services.case.survivors.erasure import ErasureJob
from shared.codelists.lists import get
from shared.kernel.ids import new_id
from shared.keys.key_table import KeyTable
from shared.keys.tenant_key import UnknownGenerationError

DPO, PATH = "HOST_DPO", "/v1/person-erasures"
ASK = {"holds": [], "looked_for_holds": True, "told": "IN_PERSON_PRIVATE"}


@pytest.fixture
def survivor(place):
    return place.survivor("IMSA", name="Zlatan-Name", safe_contact="Tuesdays")


def asked_for(place, survivor, kind="ERASURE"):
    body = {"survivor_id": survivor, "kind": kind, "channel": "IN_PERSON", "words": "Zlatan-Words"}
    return place.post("/v1/rights-cases", body, "IMSA").json["id"]


def ask(place, case_id, **said):
    version = place.get(f"/v1/rights-cases/{case_id}", DPO).json["version"]
    return place.post(f"/v1/rights-cases/{case_id}/erasure", {**ASK, **said}, DPO, If_Match=f'"{version}"')


def change(place, case_id, verb, role, *, version=None):
    version = version or place.get(f"{PATH}/{case_id}", DPO).json["version"]
    return place.post(f"{PATH}/{case_id}/{verb}", {}, role, If_Match=f'"{version}"')


def run(place):
    PersonErasures(place.contexts["case"]).run()


def replace_the_tenant_key(place):
    ErasureJob(place.contexts["case"], wait=lambda _: None, settle_s=0.0).run()


def state(place, case_id):
    return place.get(f"{PATH}/{case_id}", DPO).json["state"]


def test_from_the_request_to_the_certificate(place, survivor):
    """Three dates in their order, what stays and why; the words are gone, copies of the key open no more."""
    case_id = asked_for(place, survivor)
    keys = place.contexts["case"].keys_database["survivor_keys"]
    copied = KeyTable(place.contexts["case"].keys_database).find([survivor])[survivor]
    assert ask(place, case_id).status_code == 201
    waiting = place.every(f"{PATH}?state=ASKED", "SUPERVISOR")
    assert case_id in {one["id"] for one in waiting}
    assert place.get(f"{PATH}/{case_id}", "SUPERVISOR").json["person"]["name"] == "Zlatan-Name"
    run(place)
    assert keys.find_one({"_id": survivor}), "nothing is erased before a second person confirms it"
    assert change(place, case_id, "confirm", "SUPERVISOR").status_code == 202
    run(place)
    assert keys.find_one({"_id": survivor}) is None
    assert state(place, case_id) == "KEY_DESTROYED"
    run(place)
    assert state(place, case_id) == "KEY_DESTROYED", "not done before the tenant key is replaced"
    replace_the_tenant_key(place)
    run(place)
    told = place.get(f"{PATH}/{case_id}", DPO).json
    assert (told["state"], told["person"], told["backups_closed_at"]) == ("ERASED", None, None)
    assert told["confirmed_at"] <= told["erased_at"] <= told["copies_closed_at"]
    assert [one["code"] for one in told["remains"]] == list(get("erasure_remains").codes)
    with pytest.raises(UnknownGenerationError):
        place.contexts["case"].tenant_key.unwrap(copied)
    case = place.get(f"/v1/rights-cases/{case_id}", DPO).json
    assert (case["state"], case["outcome"], case["told"], case["words"]) == ("CLOSED", "MET", ASK["told"], None)
    assert [one["step"] for one in case["steps"]] == ["TAKEN", "ERASURE_ASKED", "ERASURE_CONFIRMED", "ERASED"]
    assert change(place, case_id, "backups-closed", DPO).status_code == 200
    assert place.get(f"{PATH}/{case_id}", DPO).json["backups_closed_at"] is not None
    assert change(place, case_id, "backups-closed", DPO).status_code == 409
    assert place.get(f"/v1/survivors/{survivor}", "IMSA").status_code == 404


def test_killed_after_the_key_was_destroyed_it_is_noted_by_the_next_run(place, survivor):
    """And one that runs twice changes nothing."""
    case_id = asked_for(place, survivor)
    ask(place, case_id)
    change(place, case_id, "confirm", "SUPERVISOR")
    place.contexts["case"].survivor_keys.forget(survivor)
    replace_the_tenant_key(place)
    for expected in ("KEY_DESTROYED", "ERASED", "ERASED"):
        run(place)
        assert state(place, case_id) == expected


def test_never_known_is_a_failure(place, survivor):
    """No key was there: nothing is certified, the case stays open, and others are erased all the same."""
    case_id, other = asked_for(place, survivor), place.survivor("IMSA")
    other_case = asked_for(place, other)
    for one in (case_id, other_case):
        ask(place, one)
        change(place, one, "confirm", "SUPERVISOR")
    place.contexts["case"].survivor_keys.discard(survivor)
    run(place)
    assert (state(place, case_id), state(place, other_case)) == ("NEVER_KNOWN", "KEY_DESTROYED")
    case = place.get(f"/v1/rights-cases/{case_id}", DPO).json
    assert (case["state"], case["erasing"], case["steps"][-1]["step"]) == ("OPEN", None, "NOT_ERASED")


def test_one_that_breaks_stops_no_other(place, survivor, monkeypatch):
    """The next run meets it again."""
    cases = [asked_for(place, survivor), asked_for(place, place.survivor("IMSA"))]
    for one in cases:
        ask(place, one)
        change(place, one, "confirm", "SUPERVISOR")
    keys = place.contexts["case"].survivor_keys
    forget = keys.forget

    def breaks(survivor_id):
        if survivor_id == survivor:
            raise RuntimeError
        forget(survivor_id)

    with monkeypatch.context() as broken:
        broken.setattr(keys, "forget", breaks)
        run(place)
    assert [state(place, one) for one in cases] == ["CONFIRMED", "KEY_DESTROYED"]
    run(place)
    assert state(place, cases[0]) == "KEY_DESTROYED"


def test_those_whose_copies_wait_to_be_closed_hold_up_nobody(place, survivor, monkeypatch):
    """However many wait for the next tenant key, whoever was confirmed after them is erased by the next run."""
    monkeypatch.setattr("services.case.erasures.jobs._CHUNK", 1)
    cases = [asked_for(place, survivor), *(asked_for(place, place.survivor("IMSA")) for _ in range(2))]
    for confirmed in (cases[:1], cases[1:]):
        for one in confirmed:
            ask(place, one)
            change(place, one, "confirm", "SUPERVISOR")
        run(place)
        assert {state(place, one) for one in confirmed} == {"KEY_DESTROYED"}


def test_two_people_and_no_way_back(place, survivor):
    """Whoever asked does not confirm; taken back it may be asked for anew; confirmed it is not taken back."""
    case_id = asked_for(place, survivor)
    ask(place, case_id)
    own = change(place, case_id, "confirm", DPO)
    assert (own.status_code, own.json["code"]) == (409, "erasure-second-person")
    assert ask(place, case_id).status_code == 409
    decision = {"outcome": "TAKEN_BACK", "told": "SAFE_CONTACT"}
    version = place.get(f"/v1/rights-cases/{case_id}", DPO).json["version"]
    ended = place.post(f"/v1/rights-cases/{case_id}/decide", decision, DPO, If_Match=f'"{version}"')
    assert (ended.status_code, ended.json["code"]) == (409, "rights-erasure-under-way")
    assert change(place, case_id, "take-back", DPO).status_code == 200
    assert change(place, case_id, "confirm", "SUPERVISOR").status_code == 409
    assert ask(place, case_id).status_code == 201
    assert change(place, case_id, "confirm", "SUPERVISOR", version=1).status_code == 412
    assert change(place, case_id, "confirm", "SUPERVISOR").status_code == 202
    assert change(place, case_id, "take-back", DPO).status_code == 409
    assert change(place, case_id, "confirm", "SUPERVISOR").status_code == 409


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"holds": ["COURT_ORDER"]}, "#/holds"), ({"holds": ["BUSY"]}, "#/holds/0"), ({"holds": None}, "#/holds"),
        ({"looked_for_holds": False}, "#/looked_for_holds"), ({"told": "POSTCARD"}, "#/told"), ({"told": "NOT_SAFE_YET"}, "#/told"), ({"why": "x"}, "#/why"),
    ],
)  # fmt: skip
def test_what_holds_it_back_refuses_it(place, survivor, said, pointer):
    """As does that nobody looked; nothing is kept."""
    case_id = asked_for(place, survivor)
    answer = ask(place, case_id, **said)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert place.get(f"{PATH}/{case_id}", DPO).status_code == 404
    assert place.get(f"/v1/rights-cases/{case_id}", DPO).json["version"] == 1


def test_nobody_is_erased_while_they_wait_for_an_answer(place, survivor):
    """Neither asked for nor confirmed; once the other case has ended it goes on. And what asks for something else erases nobody."""
    case_id = asked_for(place, survivor)
    access = asked_for(place, survivor, "ACCESS")
    assert ask(place, access).json["code"] == "erasure-not-asked"
    assert ask(place, case_id).json["code"] == "erasure-other-rights-open"
    decision = {"outcome": "TAKEN_BACK", "told": "SAFE_CONTACT"}
    place.post(f"/v1/rights-cases/{access}/decide", decision, DPO, If_Match='"1"')
    assert ask(place, case_id).status_code == 201
    later = asked_for(place, survivor, "COMPLAINT")
    assert change(place, case_id, "confirm", "SUPERVISOR").json["code"] == "erasure-other-rights-open"
    place.post(f"/v1/rights-cases/{later}/decide", decision, DPO, If_Match='"1"')
    assert change(place, case_id, "confirm", "SUPERVISOR").status_code == 202
    body = {"survivor_id": survivor, "kind": "ACCESS", "channel": "IN_PERSON"}
    assert place.post("/v1/rights-cases", body, "IMSA").status_code == 404


def test_a_doubt_about_who_asks_holds_it_back(place, survivor):
    """While the clock stands nobody confirms, although it was asked for before; once confirmed no doubt is noted."""
    case_id = asked_for(place, survivor)
    ask(place, case_id)

    def clock(verb, body):
        version = place.get(f"/v1/rights-cases/{case_id}", DPO).json["version"]
        return place.post(f"/v1/rights-cases/{case_id}/{verb}", body, DPO, If_Match=f'"{version}"')

    assert clock("stop-clock", {"why": "IDENTITY"}).status_code == 200
    refused = change(place, case_id, "confirm", "SUPERVISOR")
    assert (refused.status_code, refused.json["code"]) == (409, "rights-clock-stands")
    assert state(place, case_id) == "ASKED"
    assert clock("resume-clock", {}).status_code == 200
    assert change(place, case_id, "confirm", "SUPERVISOR").status_code == 202
    late = clock("stop-clock", {"why": "IDENTITY"})
    assert (late.status_code, late.json["code"]) == (409, "rights-erasure-under-way")


def test_nobody_of_that_number(place):
    """404, by whichever door."""
    assert place.post(f"/v1/rights-cases/{new_id()}/erasure", ASK, DPO, If_Match='"1"').status_code == 404
    for verb, role in (("confirm", "SUPERVISOR"), ("take-back", DPO), ("backups-closed", DPO)):
        assert change(place, new_id(), verb, role, version=1).status_code == 404
