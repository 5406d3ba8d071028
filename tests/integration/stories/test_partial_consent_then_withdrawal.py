"""She agrees to two of five purposes, refuses two, wants time for one; two months later she ends one by telephone."""

from datetime import datetime, timedelta

import pytest

from shared.kernel.clock import real_now

STATISTICS, OUTCOMES = "AGGREGATE_STATISTICS", "OUTCOME_EVALUATION"
ANSWERS = {
    STATISTICS: "GIVEN", OUTCOMES: "GIVEN", "ACADEMIC_RESEARCH": "REFUSED", "STORY_OR_MEDIA": "REFUSED",
    "RECONTACT_AFTER_CLOSURE": "DEFERRED",
}  # fmt: skip
RECIPIENTS = {
    STATISTICS: "PROJECT_BOARD", OUTCOMES: "PROJECT_BOARD", "ACADEMIC_RESEARCH": "RESEARCHER", "STORY_OR_MEDIA": "PUBLIC",
    "RECONTACT_AFTER_CLOSURE": "OWN_ORGANISATION",
}  # fmt: skip


@pytest.fixture
def whole(place, monkeypatch):
    """The host, where every service but audit hears; what earlier tests said is carried first."""
    monkeypatch.setattr(place, "deaf", ("audit",))
    place.pump()
    for purpose, recipients in RECIPIENTS.items():
        place.know_words(f"story-{purpose.lower()}", purpose=purpose, recipient_class=recipients)
    return place


def decided(place, survivor):
    rows = place.post("/v1/consents/search", {"survivor_id": survivor}, "IMSA").json["items"]
    return {row["purpose"]: row for row in rows}


def supported(place, episode):
    """What those who support her see of her support."""
    of_support = (f"/v1/survivors/{episode['survivor_id']}", f"/v1/episodes/{episode['id']}")
    return [*(place.get(path).json for path in of_support), place.get(f"{of_support[1]}/goals").json["items"]]


def told(moment):
    return moment.isoformat().replace("+00:00", "Z")


def counted_as(place, episode):
    """Whether reporting may count her: what the gate said last."""
    kept = place.database("consent")["episodes"].find_one({"_id": episode["id"]})
    return place.database("reporting")["contributions"].find_one({"_id": kept["contribution_id"]})["versions"][-1][
        "state"
    ]


def test_five_answers_stay_apart_and_one_is_taken_back(whole):
    """Nothing is yes by itself, each answer has its own words and receipt, and her support stays to the letter as it was.

    What she ends counts as ended from when she said it; for what she did not end she stays counted; who holds something
    under what she ended answers, and the proof can be shown to her. The board hears of neither.
    """
    ann = whole.actor("IMSA")
    episode = whole.episode(survivor_id=whole.survivor(advocate_id=ann), advocate_id=ann)
    survivor = episode["survivor_id"]
    whole.post(f"/v1/episodes/{episode['id']}/goals", {"area": "HOUSING"}, "IMSA")
    before = supported(whole, episode)
    assert decided(whole, survivor) == {}

    now = real_now().replace(microsecond=0)
    asked_at, said_at = now - timedelta(days=60), now - timedelta(hours=20)
    for purpose, decision in ANSWERS.items():
        said = whole.give(
            survivor, purpose=purpose, decision=decision, wording_code=f"story-{purpose.lower()}",
            method="VIA_INTERPRETER", interpreter="PROFESSIONAL", said_at=asked_at.isoformat(),
        )  # fmt: skip
        assert said.status_code == 201, said.json
    rows = decided(whole, survivor)
    assert {purpose: row["status"] for purpose, row in rows.items()} == ANSWERS
    offer = whole.post(f"/v1/consents/{rows[STATISTICS]['id']}/receipt-offers", {"answer": "DECLINED_TO_HOLD"}, "IMSA")
    assert offer.status_code == 201
    whole.pump()

    ended = whole.post(
        f"/v1/consents/{rows[OUTCOMES]['id']}/withdraw",
        {"method": "VERBAL_PHONE", "said_at": said_at.isoformat()}, "IMSA",
    )  # fmt: skip
    assert (ended.status_code, ended.json["status"]) == (200, "WITHDRAWN")
    whole.pump()
    after = {purpose: row["status"] for purpose, row in decided(whole, survivor).items()}
    assert after == {**ANSWERS, OUTCOMES: "WITHDRAWN"}
    ledger = whole.get(f"/v1/consents/{rows[OUTCOMES]['id']}", "IMSA").json["history"]
    assert [(one["status"], one["said_at"], one["method"]) for one in ledger] == [
        ("GIVEN", told(asked_at), "VIA_INTERPRETER"), ("WITHDRAWN", told(said_at), "VERBAL_PHONE"),
    ]  # fmt: skip
    (proof,) = whole.post("/v1/withdrawals/search", {"survivor_id": survivor}, "IMSA").json["items"]
    assert (proof["state"], proof["purpose"]) == ("PROVEN", OUTCOMES)
    assert datetime.fromisoformat(proof["effective_at"]) == said_at
    assert {one["party"]: one["finding"] for one in proof["questions"]} == {
        "case": "KEPT_FOR_SUPPORT_ONLY", "integrations": "NO_YES_IS_SERVED",
    }  # fmt: skip
    assert counted_as(whole, episode) == "RELEASED"
    assert supported(whole, episode) == before
    for service in ("case", "consent"):
        assert whole.database(service)["outbox"].count_documents({"route": {"$ne": "local"}}) == 0
    again = whole.post(f"/v1/consents/{rows[STATISTICS]['id']}/withdraw", {}, "IMSA")
    assert again.status_code == 200
    whole.pump()
    assert counted_as(whole, episode) == "WITHHELD"
    assert supported(whole, episode) == before
