"""The register of requests for a survivor's information: taken down by many, answered by one, and nothing leaves by itself."""

import pytest

from services.case.erasures.errors import AskedForError
from services.case.information_requests.commands import TakeInformationRequest, take_information_request
from services.identity.people.rules import HOST_ROLES
from shared.codelists.periods import london_day
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from shared.keys.survivor_keys import KeyDestroyedError
from tests.integration.case.test_erasure_races import Asked
from tests.integration.case.test_erasures import ask, asked_for
from tests.integration.case.test_erasures import change as on_erasure
from tests.integration.case.test_rights_races import interleave, pair

__all__ = ["pair"]
DPO, PATH = "HOST_DPO", "/v1/information-requests"
TAKERS = {"IMSA", "SUPERVISOR", "HOST_DPO", "SAFEGUARDING_LEAD", "HOST_ADMIN"}
REFUSED = {"outcome": "REFUSED", "refusals": ["NO_POWER"], "words": "Zlatan-Answer"}
COMPLIED = {"outcome": "COMPLIED", "left": ["SUPPORT_PLAN"]}


def judged(**said):
    met = dict.fromkeys(("relevant", "necessary", "proportionate"), "MET")
    heard = {"legal_power": "COURT_ORDER", "counselling": "NO", "counsel_on": london_day(real_now()).isoformat()}
    return {**met, **heard, **said}


def take(place, survivor, role="IMSA", **said):
    body = {"survivor_id": survivor, "asked_by": "POLICE_REQUEST", "words": "Zlatan-Words"}
    return place.post(PATH, {**body, **said}, role)


def change(place, request, verb, body, *, version=None, role=DPO):
    known = version or place.get(f"{PATH}/{request}", DPO).json["version"]
    return place.post(f"{PATH}/{request}/{verb}", body, role, If_Match=f'"{known}"')


@pytest.fixture
def survivor(place):
    return place.survivor("IMSA", name="Zlatan-Name", safe_contact="Tuesdays")


def test_from_the_letter_to_the_answer(place, survivor):
    """US9: referred to counsel by itself; what was judged, who knows, and what left stand in it."""
    taken = take(place, survivor).json
    assert taken["outcome"] == "REFERRED_TO_COUNSEL"
    found = place.get(f"{PATH}/{taken['id']}", DPO).json
    assert (found["words"], found["person"]["safe_contact"]) == ("Zlatan-Words", "Tuesdays")
    assert (found["notice"], found["judged"]["necessary"]) == ("NOT_TOLD_YET", "NOT_JUDGED")
    early = change(place, taken["id"], "answer", COMPLIED)
    assert (early.status_code, early.json["code"]) == (422, "information-request-answer")
    assert change(place, taken["id"], "judge", judged()).status_code == 200
    assert change(place, taken["id"], "answer", COMPLIED).status_code == 422
    assert change(place, taken["id"], "notice", {"notice": "TOLD_BY_SAFE_CONTACT"}).status_code == 200
    assert change(place, taken["id"], "answer", COMPLIED).json["outcome"] == "COMPLIED"
    ended = place.get(f"{PATH}/{taken['id']}", DPO).json
    assert (ended["state"], ended["left"], ended["judged"]["legal_power"]) == (
        "CLOSED",
        ["SUPPORT_PLAN"],
        "COURT_ORDER",
    )
    for action in ("take", "judge", "notice", "answer"):
        assert place.audited("case", action=f"case:information_request:{action}", object_id=taken["id"])


def test_one_that_names_nobody_is_never_met(place):
    """Such as "all nationals of X": it is kept without a word, and only refused."""
    assert take(place, None).json["errors"][0]["pointer"] == "#/words"
    request = take(place, None, words=None).json["id"]
    assert place.get(f"{PATH}/{request}", DPO).json["notice"] == "NOBODY_IN_PARTICULAR"
    change(place, request, "judge", judged())
    assert change(place, request, "answer", COMPLIED).status_code == 422
    assert change(place, request, "answer", REFUSED).status_code == 422
    assert change(place, request, "answer", {**REFUSED, "words": None}).status_code == 200


@pytest.mark.parametrize("role", sorted(set(HOST_ROLES) - {DPO}))
def test_only_the_data_protection_officer_reads_and_answers(place, survivor, role):
    """Others take one down, about their own people or about nobody."""
    own = take(place, survivor, role).status_code
    assert own == (201 if role in TAKERS else 404)
    assert take(place, None, role, words=None).status_code == own
    request = take(place, survivor, DPO).json["id"]
    assert place.get(PATH, role).status_code == 404
    assert place.get(f"{PATH}/{request}", role).status_code == 404
    for verb, body in (("judge", judged()), ("notice", {"notice": "TOLD_IN_PRIVATE"}), ("answer", REFUSED)):
        assert change(place, request, verb, body, role=role).status_code == 404


def test_an_advocate_takes_down_what_is_about_their_own_people(place, survivor):
    """Of anybody else nobody is there, and nothing says whether there is."""
    headers = {**place.headers("IMSA", actor=new_id()), "Idempotency-Key": new_id()}
    body = {"survivor_id": survivor, "asked_by": "POLICE_REQUEST"}
    assert place.app.test_client().post(PATH, json=body, headers=headers).status_code == 404
    for role in sorted(TAKERS):
        assert take(place, new_id(), role).status_code == 404


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("judge", {"legal_power": "BECAUSE"}), ("judge", {"necessary": None}), ("judge", {"counsel_on": "2999-01-01"}),
        ("judge", {"counsel_on": "1/1/26"}), ("notice", {"notice": "POSTCARD"}), ("notice", {}),
        ("notice", {"notice": "NOBODY_IN_PARTICULAR"}), ("answer", {"outcome": "REFERRED_TO_COUNSEL"}),
        ("answer", {**REFUSED, "refusals": ["BUSY"]}), ("answer", {**COMPLIED, "left": ["EVERYTHING"]}),
        ("answer", {**REFUSED, "words": "x" * 4001}), ("answer", {**REFUSED, "who": "x"}),
    ],
)  # fmt: skip
def test_what_is_not_right_changes_nothing(place, survivor, verb, body):
    """422, and the request stands as it was."""
    request = take(place, survivor).json["id"]
    assert change(place, request, verb, body).status_code == 422
    found = place.get(f"{PATH}/{request}", DPO).json
    assert (found["version"], found["outcome"]) == (1, "REFERRED_TO_COUNSEL")


def test_who_read_an_older_version_looks_again(place, survivor):
    """And of nobody's request there is none."""
    request = take(place, survivor).json["id"]
    change(place, request, "judge", judged())
    assert change(place, request, "answer", REFUSED, version=1).status_code == 412
    assert change(place, new_id(), "answer", REFUSED, version=1).status_code == 404


def test_an_erasure_waits_for_the_answer_and_then_reaches_every_word(place, survivor):
    """Neither asked for nor confirmed while somebody outside waits; nothing stood in the clear."""
    case_id = asked_for(place, survivor)
    request = take(place, survivor).json["id"]
    assert ask(place, case_id).json["code"] == "erasure-information-asked-for"
    change(place, request, "answer", REFUSED)
    assert ask(place, case_id).status_code == 201
    second = take(place, survivor).json["id"]
    assert on_erasure(place, case_id, "confirm", "SUPERVISOR").json["code"] == "erasure-information-asked-for"
    change(place, second, "answer", REFUSED)
    assert on_erasure(place, case_id, "confirm", "SUPERVISOR").status_code == 202
    assert take(place, survivor).status_code == 404
    database = place.database("case")
    assert "Zlatan" not in str([*database["information_requests"].find(), *database["outbox"].find()])
    place.contexts["case"].survivor_keys.forget(survivor)
    left = place.get(f"{PATH}/{request}", DPO).json
    assert (left["words"], left["answer"], left["person"], left["outcome"]) == (None, None, None, "REFUSED")


@pytest.mark.parametrize("confirms_first", [True, False])
def test_a_request_and_an_erasure_come_one_after_the_other(place, pair, confirms_first):
    """Either the request was there and holds it back, or the erasure was and the request finds nobody."""
    asked = Asked(place)
    command = TakeInformationRequest(
        request_id=new_id(), survivor_id=asked.survivor, asked_by="COURT_ORDER", received_on=None, words=None,
        actor_id="a", role="HOST_DPO",
    )  # fmt: skip
    confirm, take_it = asked.confirms(), lambda work: take_information_request(command, work, sealer=asked.sealer)
    first, second = (confirm, take_it) if confirms_first else (take_it, confirm)
    refusals = (AskedForError, KeyDestroyedError)
    ended, met = interleave(pair, first, second, refusals=refusals)
    assert met
    assert sum(one in refusals for one in ended.values()) == 1
