"""Withdrawals that are proven, over a whole host: every service answers, in whatever order, and the proof is shown."""

from datetime import UTC, datetime, timedelta

import pytest

from services.consent.withdrawals.jobs import jobs
from shared.kernel.ids import new_id

STATISTICS, AGENCY, STUDY = "AGGREGATE_STATISTICS", "SHARE_WITH_NAMED_AGENCY", "LEARNING_CASE_STUDY_ANONYMISED"
NOBODY = ("audit",)


@pytest.fixture
def whole(place, monkeypatch):
    """The host, where integrations hears too; what earlier tests said is carried first."""
    monkeypatch.setattr(place, "deaf", NOBODY)
    place.pump()
    place.register_wording()
    return place


@pytest.fixture
def survivor(whole):
    return whole.episode()["survivor_id"]


def withdraw(place, consent_id, **body):
    answer = place.post(f"/v1/consents/{consent_id}/withdraw", body)
    assert answer.status_code == 200, answer.json
    return answer


def proofs(place, survivor):
    return place.post("/v1/withdrawals/search", {"survivor_id": survivor}).json["items"]


def proof(place, survivor):
    (found,) = proofs(place, survivor)
    return found


def answers(row):
    return {one["party"]: one["finding"] for one in row["questions"]}


def chase(place):
    (job,) = jobs(place.contexts["consent"])
    job.run()


def agreed(place, survivor, purpose=AGENCY, recipients="NAMED_AGENCY"):
    code = f"w-{purpose.lower()}"
    place.register_wording(code, purpose=purpose, recipient_class=recipients)
    answer = place.give(survivor, purpose=purpose, wording_code=code)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


class TestStatistics:
    def test_the_proof_ends_in_the_tenant_and_says_what_each_found(self, whole, survivor):
        """Everybody who holds something answers; nobody outside is told; the proof is one document."""
        consent_id = whole.give(survivor).json["id"]
        whole.pump()
        withdraw(whole, consent_id)
        opened = proof(whole, survivor)
        assert (opened["state"], opened["proven_at"], answers(opened)) == (
            "OPEN", None, {"reporting": None, "case": None, "integrations": None},
        )  # fmt: skip
        whole.pump()
        proven = proof(whole, survivor)
        assert proven["state"] == "PROVEN"
        assert answers(proven) == {
            "reporting": "IN_NO_UNSEALED_VECTOR", "case": "KEPT_FOR_SUPPORT_ONLY", "integrations": "NO_YES_IS_SERVED",
        }  # fmt: skip
        read = whole.get(f"/v1/withdrawals/{proven['id']}").json
        assert (read["state"], answers(read)) == ("PROVEN", answers(proven))
        (said,) = [e for e in whole.stated("consent", "withdrawal_proven.v1") if e["subject"] == proven["id"]]
        assert said["sequence"] > 0
        assert whole.database("consent")["outbox"].count_documents({"route": {"$ne": "local"}}) == 0

    def test_nobody_can_join_the_questions(self, whole, survivor):
        """Each service has a question id of its own; the statistics meet no survivor, the others no contribution."""
        consent_id = whole.give(survivor).json["id"]
        withdraw(whole, consent_id)
        found = whole.database("consent")["withdrawals"].find_one({"survivor_id": survivor})
        ids = {one["party"]: one["id"] for one in found["questions"]}
        contributions = [one["contribution_id"] for one in found["counted"]]
        assert len(set(ids.values())) == 3
        asked = {e["subject"]: bytes(e["body"]).decode() for e in whole.stated("consent", "withdrawal_asked.v1")}
        assert survivor not in asked[ids["reporting"]]
        assert all(one in asked[ids["reporting"]] for one in contributions)
        for party in ("case", "integrations"):
            assert survivor in asked[ids[party]]
            assert not any(one in asked[ids[party]] for one in contributions)

    def test_where_nothing_was_ever_stated_the_statistics_are_not_asked(self, whole):
        """Consent knows it itself, and says so."""
        survivor = whole.survivor()
        withdraw(whole, whole.give(survivor).json["id"])
        whole.pump()
        proven = proof(whole, survivor)
        assert (proven["state"], answers(proven)["reporting"]) == ("PROVEN", "NOTHING_WAS_SENT")

    def test_a_later_yes_leaves_the_proof_of_the_earlier_no(self, whole, survivor):
        """Somebody said yes again before anybody answered: what ended is proven, and the new yes counts."""
        consent_id = whole.give(survivor).json["id"]
        withdraw(whole, consent_id)
        whole.give(survivor)
        whole.pump()
        assert proof(whole, survivor)["state"] == "PROVEN"
        assert whole.get(f"/v1/consents/{consent_id}").json["status"] == "GIVEN"


class TestEverything:
    @pytest.mark.parametrize("silent", ["case", "reporting", "integrations"])
    def test_one_who_is_silent_holds_up_nobody_and_is_chased(self, whole, survivor, silent, monkeypatch):
        """The others' answers stand; asked again, it answers, and then it is proven."""
        consent_id = whole.give(survivor).json["id"]
        whole.pump()
        monkeypatch.setattr(whole, "deaf", (*NOBODY, silent))
        withdraw(whole, consent_id)
        whole.pump()
        waiting = proof(whole, survivor)
        assert {party for party, found in answers(waiting).items() if found is None} == {silent}
        monkeypatch.setattr(whole, "deaf", NOBODY)
        whole.at(datetime.now(UTC) + timedelta(minutes=5))
        chase(whole)
        if silent != "case":  # What it was deaf to besides is told it again.
            whole._pump._carried["consent"] = ""
        whole.pump()
        assert proof(whole, survivor)["state"] == "PROVEN"

    def test_a_question_that_comes_twice_is_answered_twice_and_counted_once(self, whole, survivor):
        """Duplicates change nothing."""
        withdraw(whole, whole.give(survivor).json["id"])
        whole.at(datetime.now(UTC) + timedelta(minutes=5))
        chase(whole)
        whole.pump()
        proven = proof(whole, survivor)
        assert proven["state"] == "PROVEN"
        assert {one["asked"] for one in proven["questions"]} == {2}
        told = [e for e in whole.stated("consent", "withdrawal_proven.v1") if e["subject"] == proven["id"]]
        assert len(told) == 1

    def test_a_recipient_outside_is_listed_and_chased_until_somebody_notes_the_answer(self, whole, survivor):
        """Late from the fourteenth day, seen by the data protection officer; then noted, and proven."""
        withdraw(whole, agreed(whole, survivor))
        whole.pump()
        waiting = proof(whole, survivor)
        (outside,) = [one for one in waiting["questions"] if one["kind"] == "RECIPIENT"]
        assert (outside["party"], outside["late"]) == ("NAMED_AGENCY", False)
        whole.at(datetime.now(UTC) + timedelta(days=14, minutes=1))
        chase(whole)
        (listed,) = [r for r in whole.every("/v1/withdrawals", "HOST_DPO") if r["id"] == waiting["id"]]
        assert [one["late"] for one in listed["questions"] if one["kind"] == "RECIPIENT"] == [True]
        kept = whole.database("consent")["withdrawals"].find_one({"_id": waiting["id"]})
        assert kept["late_since"] is not None
        body = {"question_id": outside["id"], "answer": "REFUSED", "legal_reason": "COURT_ORDER"}
        noted = whole.post(f"/v1/withdrawals/{waiting['id']}/answers", body, "HOST_DPO")
        assert (noted.status_code, noted.json["state"]) == (200, "PROVEN")
        assert proof(whole, survivor)["questions"][-1]["legal_reason"] == "COURT_ORDER"
        assert waiting["id"] not in [r["id"] for r in whole.every("/v1/withdrawals", "HOST_DPO")]

    @pytest.mark.parametrize(
        "said",
        [{"answer": "DONE"}, {"answer": "REFUSED"}, {"answer": "DONE", "finding": "DELETED", "legal_reason": "COURT_ORDER"},
         {"answer": "REFUSED", "finding": "DELETED"}, {"answer": "MAYBE"}, {"answer": "DONE", "finding": "EATEN"},
         {"answer": "REFUSED", "legal_reason": "BECAUSE"}, {"answer": "DONE", "finding": "IN_NO_UNSEALED_VECTOR"}],
    )  # fmt: skip
    def test_an_answer_that_says_too_little_or_too_much_is_refused(self, whole, survivor, said):
        """Nothing is noted."""
        withdraw(whole, agreed(whole, survivor))
        waiting = proof(whole, survivor)
        (outside,) = [one for one in waiting["questions"] if one["kind"] == "RECIPIENT"]
        answer = whole.post(
            f"/v1/withdrawals/{waiting['id']}/answers", {"question_id": outside["id"], **said}, "HOST_DPO"
        )
        assert answer.status_code == 422
        assert proof(whole, survivor) == waiting

    def test_nobody_answers_for_a_service(self, whole, survivor):
        """Nor in a withdrawal that is not there."""
        withdraw(whole, agreed(whole, survivor))
        waiting = proof(whole, survivor)
        (service,) = [one for one in waiting["questions"] if one["party"] == "case"]
        body = {"question_id": service["id"], "answer": "DONE", "finding": "DELETED"}
        assert whole.post(f"/v1/withdrawals/{waiting['id']}/answers", body, "HOST_DPO").status_code == 404
        assert whole.post(f"/v1/withdrawals/{new_id()}/answers", body, "HOST_DPO").status_code == 404
        assert whole.post(f"/v1/withdrawals/{waiting['id']}/answers", body, "IMSA").status_code == 404

    def test_whoever_may_not_act_on_them_sees_nothing(self, whole, survivor):
        """Somebody else's advocate meets what is not there."""
        withdraw(whole, whole.give(survivor).json["id"])
        one = proof(whole, survivor)
        assert whole.get(f"/v1/withdrawals/{one['id']}", "IMSA").status_code == 404
        assert whole.post("/v1/withdrawals/search", {"survivor_id": survivor}, "IMSA").status_code == 404
        assert whole.post("/v1/withdrawals/search", {"survivor_id": new_id()}).status_code == 404
        assert whole.get("/v1/withdrawals", "IMSA").status_code == 404

    def test_a_no_that_was_never_a_yes_opens_nothing(self, whole, survivor):
        """There is nothing to prove."""
        whole.give(survivor, decision="REFUSED")
        assert proofs(whole, survivor) == []

    def test_a_second_yes_that_ends_has_a_proof_of_its_own(self, whole, survivor):
        """Each end is proven."""
        consent_id = whole.give(survivor).json["id"]
        for _ in range(2):
            withdraw(whole, consent_id)
            whole.give(survivor)
        assert len(proofs(whole, survivor)) == 2
        whole.pump()
        assert {one["state"] for one in proofs(whole, survivor)} == {"PROVEN"}
