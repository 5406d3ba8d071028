"""The pages of purposes and receipts, over the real consent, case and identity."""

import pytest

from services.consent.purposes.commands import StateBasis
from services.consent.receipts.commands import OfferReceipt
from shared.kernel.ids import new_id
from tests.kit.page_browser import audited, words

PURPOSES, RECEIPTS = "/consents/purposes", "/consents/receipts"
PAGE = f"{PURPOSES}/AGGREGATE_STATISTICS"
GOOD = {
    "article6": "LEGITIMATE_INTERESTS_6_1_F", "article9": "EXPLICIT_CONSENT_9_2_A", "controller": "Host Rowan",
    "contact": "The office", "keeps_months": "96",
}  # fmt: skip


@pytest.fixture
def without(host):
    """The host, which stated no basis yet."""
    host.database("consent")["purpose_bases"].delete_many({})
    return host


class TestPurposes:
    def test_a_gap_is_shown_until_it_is_closed(self, without):
        """Stated by the data protection officer, in words, and audited as the API's command."""
        dpo = without.browser("HOST_DPO")
        assert "14 purposes have no basis" in words(dpo.get(PURPOSES).text)
        answer = dpo.send(PAGE, PAGE, **GOOD)
        assert answer.headers["Location"] == f"{PURPOSES}?done=AGGREGATE_STATISTICS"
        page = words(dpo.get(PURPOSES).text)
        assert "13 purposes have no basis" in page
        assert "Legitimate interests, Article 6(1)(f)" in page
        done = audited(without, "consent", action=StateBasis.action, actor_id=without.people["HOST_DPO"])
        assert [one["object_id"] for one in done] == ["AGGREGATE_STATISTICS"]

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [({"article6": ""}, "Choose the lawful basis"), ({"article9": "x"}, "Choose the condition"),
         ({"controller": " "}, "Say who the controller is"), ({"contact": "y" * 301}, "Say how to reach"),
         ({"keeps_months": "soon"}, "for how many months"), ({"keeps_months": "99999"}, "for how many months")],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
    )  # fmt: skip
    def test_what_is_to_be_mended_is_said_and_what_was_typed_stays(self, without, typed, sentence):
        """Nothing is stated."""
        answer = without.browser("HOST_DPO").send(PAGE, PAGE, **{**GOOD, **typed})
        assert answer.status_code == 422
        assert sentence in words(answer.text)
        assert "Host Rowan" in answer.text or "controller" in typed
        assert without.database("consent")["purpose_bases"].count_documents({}) == 0

    def test_only_the_data_protection_officer_states(self, without):
        """Others read; a purpose that no list has is not there."""
        advocate = without.browser("IMSA")
        assert "What people are asked about" in words(advocate.get(PURPOSES).text)
        assert advocate.get(PAGE).status_code == 404
        assert without.browser("HOST_DPO").get(f"{PURPOSES}/SPAM").status_code == 404


class TestReceipt:
    def test_it_says_what_was_decided_and_keeps_what_became_of_the_copy(self, host):
        """The words that were read out, how to change one's mind, and that nothing depends on it."""
        host.register_wording()
        consent_id = host.give(host.survivor()).json["id"]
        page = f"{RECEIPTS}/{consent_id}"
        supervisor = host.browser("SUPERVISOR")
        shown = words(supervisor.get(page).text)
        for said in ("Be counted in statistics", "Invented words of a test.", "Saying no will not change your support"):
            assert said in shown
        answer = supervisor.send(page, page, answer="DECLINED_TO_HOLD")
        assert answer.headers["Location"] == f"{page}?done=yes"
        assert "Would rather not hold a copy" in words(supervisor.get(page).text)
        done = audited(host, "consent", action=OfferReceipt.action, actor_id=host.people["SUPERVISOR"])
        assert [one["object_id"] for one in done] == [consent_id]

    def test_it_is_for_whoever_may_act_on_them(self, host):
        """An advocate of somebody else meets what is not there, and so does a form of theirs."""
        host.register_wording()
        page = f"{RECEIPTS}/{host.give(host.survivor()).json['id']}"
        advocate = host.browser("IMSA")
        assert advocate.get(page).status_code == 404
        assert host.browser("SUPERVISOR").get(f"{RECEIPTS}/{new_id()}").status_code == 404
