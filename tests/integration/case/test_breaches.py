"""The register of breaches: taken down by many, dealt with by one, and alarmed before the 72 hours are over."""

from datetime import datetime, timedelta

import pytest

from services.case.breaches.jobs import jobs
from services.case.breaches.views import BreachViews
from services.identity.people.rules import HOST_ROLES
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id

DPO, PATH = "HOST_DPO", "/v1/breaches"
TAKERS = {"IMSA", "SUPERVISOR", "HOST_DPO", "SAFEGUARDING_LEAD", "HOST_ADMIN"}


def take(place, role="IMSA", **said):
    body = {"kind": "SENT_TO_SOMEBODY_ELSE", "contents": ["CONTACT"]}
    return place.post(PATH, {**body, **said}, role)


def change(place, breach, verb, body, *, version=None, role=DPO):
    known = version or place.get(f"{PATH}/{breach}", DPO).json["version"]
    return place.post(f"{PATH}/{breach}/{verb}", body, role, If_Match=f'"{known}"')


@pytest.fixture
def place(place):
    place.database("case")["breaches"].delete_many({})
    return place


def test_from_noticing_to_closing(place):
    """With the safe way to each person; it closes once the ICO and everybody was told."""
    survivor = place.survivor("IMSA", name="Zlatan-Name", safe_contact="Tuesdays")
    taken = take(place).json
    found = place.get(f"{PATH}/{taken['id']}", DPO).json
    hours = datetime.fromisoformat(found["ico_due_at"]) - datetime.fromisoformat(found["aware_at"])
    assert (hours, found["stands_at"], found["pressing"]) == (timedelta(hours=72), "HIGH", False)
    assert change(place, taken["id"], "judge", {"risk": "HIGH", "contents": ["CONTACT"]}).status_code == 200
    assert change(place, taken["id"], "people", {"survivor_ids": [survivor]}).status_code == 200
    (touched,) = place.get(f"{PATH}/{taken['id']}", DPO).json["touched"]
    assert (touched["safe_contact"], touched["told"]) == ("Tuesdays", "NOT_TOLD_YET")
    early = change(place, taken["id"], "close", {"remedies": ["TAUGHT"]})
    assert (early.status_code, early.json["code"]) == (409, "breach-not-done")
    assert change(place, taken["id"], "report", {"also_told": ["PARTNERS"]}).status_code == 200
    assert change(place, taken["id"], "close", {"remedies": ["TAUGHT"]}).status_code == 409
    told = {"survivor_id": survivor, "told": "TOLD_BY_SAFE_CONTACT"}
    assert change(place, taken["id"], "told", told).status_code == 200
    assert change(place, taken["id"], "close", {"remedies": ["TAUGHT"]}).status_code == 200
    ended = place.get(f"{PATH}/{taken['id']}", DPO).json
    assert (ended["state"], ended["untold"], ended["report"]["also_told"]) == ("CLOSED", 0, ["PARTNERS"])
    stored = [*place.database("case")["breaches"].find(), *place.database("case")["outbox"].find()]
    assert "Zlatan" not in str(stored)
    for action in ("take", "judge", "people", "report", "told", "close"):
        assert place.audited("case", action=f"case:breach:{action}", object_id=taken["id"])


def test_it_is_alarmed_before_the_hours_are_over(place):
    """From 24 hours before; one that was reported, or judged unlikely, presses nobody."""
    waits = take(place).json["id"]
    reported = take(place).json["id"]
    change(place, reported, "report", {"also_told": []})
    unlikely = take(place, contents=["NUMBERS_AND_CODES"]).json["id"]
    change(place, unlikely, "judge", {"risk": "UNLIKELY", "contents": ["NUMBERS_AND_CODES"]})
    views = BreachViews(place.contexts["case"])
    assert views.count_pressing() == 0
    place.at(real_now() + timedelta(hours=48, minutes=1))
    assert views.count_pressing() == 1
    pressing = {one["id"] for one in place.get(PATH, DPO).json["items"] if one["pressing"]}
    assert pressing == {waits}
    (job,) = jobs(place.contexts["case"])
    job.run()
    place.at(real_now() + timedelta(hours=73))
    late = change(place, waits, "report", {"also_told": []})
    assert (late.status_code, late.json["errors"][0]["pointer"]) == (422, "#/late")
    assert change(place, waits, "report", {"also_told": [], "late": "NOT_NOTICED"}).status_code == 200


@pytest.mark.parametrize("role", sorted(set(HOST_ROLES) - {DPO}))
def test_only_the_data_protection_officer_deals_with_it(place, role):
    """Others say that it happened."""
    assert take(place, role).status_code == (201 if role in TAKERS else 404)
    breach = take(place, DPO).json["id"]
    assert place.get(PATH, role).status_code == 404
    assert place.get(f"{PATH}/{breach}", role).status_code == 404
    for verb, body in (
        ("judge", {"risk": "HIGH", "contents": ["CONTACT"]}), ("people", {"survivor_ids": [new_id()]}),
        ("report", {"also_told": []}), ("close", {"remedies": ["TAUGHT"]}),
    ):  # fmt: skip
        assert change(place, breach, verb, body, role=role).status_code == 404


@pytest.mark.parametrize("said", [
    {"kind": "GOSSIP"}, {"contents": ["EVERYTHING"]}, {"contents": None}, {"aware_at": "yesterday"},
    {"aware_at": "2999-01-01T00:00:00Z"}, {"aware_at": "2001-01-01T00:00:00Z"}, {"aware_at": "2026-11-01T00:00:00"},
    {"words": "x"},
])  # fmt: skip
def test_what_cannot_be_is_not_taken(place, said):
    """Nothing is kept; there is no place for free words."""
    assert take(place, **said).status_code == 422
    assert place.get(PATH, DPO).json["items"] == []


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("judge", {"risk": "UNLIKELY", "contents": ["CONTACT"]}, 422), ("judge", {"risk": "HIGH", "contents": []}, 422),
        ("people", {"survivor_ids": []}, 422), ("people", {"survivor_ids": ["me"]}, 422),
        ("people", {"survivor_ids": ["0b7ed1a2-2f6e-4d0e-9b8e-0a9f1d2c3b4a"]}, 404),
        ("told", {"survivor_id": "0b7ed1a2-2f6e-4d0e-9b8e-0a9f1d2c3b4a", "told": "TOLD_IN_PRIVATE"}, 422),
        ("report", {"also_told": ["GOSSIP"]}, 422), ("report", {"also_told": [], "reported_at": "2001-01-01T00:00:00Z"}, 422),
        ("close", {"remedies": []}, 422), ("close", {"remedies": ["TAUGHT"]}, 409),
    ],
)  # fmt: skip
def test_what_does_not_fit_changes_nothing(place, verb, body, status):
    """The breach stands as it was."""
    breach = take(place).json["id"]
    assert change(place, breach, verb, body).status_code == status
    assert place.get(f"{PATH}/{breach}", DPO).json["version"] == 1


def test_who_read_an_older_version_looks_again(place):
    """And of no such breach there is nothing."""
    breach = take(place).json["id"]
    change(place, breach, "report", {"also_told": []})
    assert change(place, breach, "report", {"also_told": []}, version=1).status_code == 412
    assert change(place, new_id(), "report", {"also_told": []}, version=1).status_code == 404


def test_an_erased_person_holds_nothing_open(place):
    """Nobody can name them any more, and it is said that they cannot be told."""
    survivor = place.survivor("IMSA", name="Zlatan-Name")
    breach = take(place).json["id"]
    change(place, breach, "people", {"survivor_ids": [survivor]})
    change(place, breach, "report", {"also_told": []})
    place.contexts["case"].survivor_keys.forget(survivor)
    (touched,) = place.get(f"{PATH}/{breach}", DPO).json["touched"]
    assert (touched["name"], touched["safe_contact"]) == (None, None)
    change(place, breach, "told", {"survivor_id": survivor, "told": "CANNOT_BE_TOLD"})
    assert change(place, breach, "close", {"remedies": ["NOTHING_COULD_BE_DONE"]}).status_code == 200
