"""The pages of withdrawals, over the real consent, case, reporting and identity."""

import pytest

from services.consent.withdrawals.commands import NoteAnswer
from tests.kit.page_browser import audited, words

WITHDRAWALS = "/consents/withdrawals"


@pytest.fixture
def withdrawal(host):
    """Somebody who took back a yes to an agency; gives the proof as it is kept."""
    host.database("consent")["withdrawals"].delete_many({})
    host.register_wording("w-agency", purpose="SHARE_WITH_NAMED_AGENCY", recipient_class="NAMED_AGENCY")
    consent_id = host.give(host.survivor(), purpose="SHARE_WITH_NAMED_AGENCY", wording_code="w-agency").json["id"]
    host.post(f"/v1/consents/{consent_id}/withdraw", {})
    host.pump()
    return host.database("consent")["withdrawals"].find_one({"consent_id": consent_id})


def outside(withdrawal):
    (one,) = [one for one in withdrawal["questions"] if one["kind"] == "RECIPIENT"]
    return one["id"]


def test_whoever_has_not_answered_is_shown_until_it_is_noted(host, withdrawal):
    """By the data protection officer, as the API's command; then nobody waits and the proof says why not."""
    dpo, page = host.browser("HOST_DPO"), f"{WITHDRAWALS}/{withdrawal['_id']}"
    assert "Named agency: no answer yet" in words(dpo.get(WITHDRAWALS).text)
    assert "The case file here Done: Kept for their support only" in words(dpo.get(page).text)
    answer = dpo.send(page, page, question=outside(withdrawal), answer="COURT_ORDER")
    assert answer.headers["Location"] == f"{page}?done=yes"
    shown = words(dpo.get(page).text)
    assert "Named agency Not done, and this is why: An order of a court" in shown
    assert "Your support goes on as before" in shown
    done = audited(host, "consent", action=NoteAnswer.action, actor_id=host.people["HOST_DPO"])
    assert [one["object_id"] for one in done] == [withdrawal["_id"]]


@pytest.mark.parametrize("said", ["", "EATEN", "IN_NO_UNSEALED_VECTOR"])
def test_an_answer_has_to_be_chosen(host, withdrawal, said):
    """Nothing is noted, and the page says what is missing."""
    dpo, page = host.browser("HOST_DPO"), f"{WITHDRAWALS}/{withdrawal['_id']}"
    answer = dpo.send(page, page, question=outside(withdrawal), answer=said)
    assert answer.status_code == 422
    assert "Choose what they answered" in words(answer.text)
    kept = host.database("consent")["withdrawals"].find_one({"_id": withdrawal["_id"]})
    assert kept["version"] == withdrawal["version"]


def test_an_advocate_shows_the_proof_and_notes_nothing(host, withdrawal):
    """Of somebody they may act on; of nobody else."""
    advocate, page = host.browser("IMSA"), f"{WITHDRAWALS}/{withdrawal['_id']}"
    assert advocate.get(page).status_code == 404
    host.post(f"/v1/survivors/{withdrawal['survivor_id']}/advocates", {"advocate_ids": [host.people["IMSA"]]})
    host.pump()
    shown = advocate.get(page)
    assert "What was taken back" in words(shown.text)
    assert "What did they answer?" not in shown.text
    assert advocate.get(WITHDRAWALS).status_code == 404
