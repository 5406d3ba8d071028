"""The pages of disclosures: ask and give in two steps, why not, and who is told to stop."""

import pytest

from shared.kernel.ids import new_id
from tests.kit.page_browser import fields_of, words

PURPOSE, LAWYER, WORDS = "SHARE_WITH_LEGAL_REPRESENTATIVE", "LEGAL_REPRESENTATIVE", "w-shared-on-a-page"
FORM = {
    "purpose": PURPOSE, "recipient_class": LAWYER, "recipient": "Invented <Law>", "means": "POST",
    "contact": "ONLY_THROUGH_US", "item_NRM": "The <decision> of May",
}  # fmt: skip


@pytest.fixture
def survivor(host):
    """Somebody of the advocate, who said yes to this."""
    host.login("IMSA")
    survivor_id = host.survivor(name="Ida", advocate_id=host.people["IMSA"])
    host.know_words(WORDS, purpose=PURPOSE, recipient_class=LAWYER)
    said = host.give(survivor_id, purpose=PURPOSE, wording_code=WORDS, recipient_class=LAWYER)
    assert said.status_code == 201, said.json
    return survivor_id


def ask(browser, survivor, **fields):
    path = f"/support/{survivor}/share"
    return browser.send(path, path, **{**FORM, **fields})


def test_from_the_persons_screen_to_what_was_given_and_the_recipient_who_is_told(host, survivor):
    """Two steps; then the proof of the withdrawal, and the officer's list without a name."""
    advocate, officer = host.browser("IMSA"), host.browser("HOST_DPO")
    assert f'href="/support/{survivor}/share"' in advocate.get(f"/support/{survivor}").text
    one = ask(advocate, survivor).headers["Location"]
    waiting = words(advocate.get(one).text)
    assert "Waiting for the answer" in waiting
    assert "I give it now" not in waiting
    host.pump()
    page = words(advocate.get(one).text)
    assert "You may give it now" in page
    assert "The <decision> of May" in page
    given = advocate.send(one, f"{one}/give")
    assert given.headers["Location"] == f"{one}?done=give"
    assert "Invented <Law>" in words(advocate.get(f"/support/{survivor}/share").text)
    (row,) = host.post("/v1/consents/search", {"survivor_id": survivor}).json["items"]
    host.post(f"/v1/consents/{row['id']}/withdraw", {})
    host.pump()
    assert "Tell them to stop" in words(advocate.get(one).text)
    proof = host.database("consent")["withdrawals"].find_one({"survivor_id": survivor})["_id"]
    shown = words(advocate.get(f"/consents/withdrawals/{proof}").text)
    assert "Invented <Law>" in shown
    assert "they have still to be told to stop" in shown
    listed = words(officer.get("/disclosures?show=tell").text)
    assert "Legal representative" in listed
    assert "Invented" not in listed
    unsaid = officer.send(one, f"{one}/told")
    assert unsaid.status_code == 422
    officer.send(one, f"{one}/told", answer="DELETED")
    assert "They were told, and answered" in words(officer.get(one).text)
    assert "they were told to stop, and answered" in words(advocate.get(f"/consents/withdrawals/{proof}").text)


def test_what_they_did_not_agree_to_says_why_and_what_to_do(host, survivor):
    """It is asked again from there, and never given."""
    advocate = host.browser("IMSA")
    one = ask(advocate, survivor, purpose="SHARE_WITH_NAMED_AGENCY", recipient_class="NAMED_AGENCY").headers["Location"]
    host.pump()
    page = words(advocate.get(one).text)
    assert "Give nothing. They have not been asked." in page
    assert "Ask them, with the words for this purpose" in page
    refused = advocate.send(one, f"{one}/ask-again")
    assert refused.headers["Location"] == f"{one}?done=ask-again"
    form = fields_of(advocate.get(one).text, "/sign-out")
    assert advocate.post(f"{one}/give", **{**form, "form_number": new_id()}).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"purpose": ""}, "Choose what it is for."),
        ({"recipient": " "}, "Write down to whom"),
        ({"item_NRM": ""}, "Write beside at least one kind"),
        ({"item_HEALTH": "x" * 501}, "Write at most 500 letters."),
        ({"contact": "AS_THEY_SAID_IS_SAFE"}, "How to reach this person safely is not written down."),
    ],
)
def test_nothing_is_chosen_beforehand_and_what_was_typed_stays(host, survivor, wrong, sentence):
    """Each fault by its field."""
    answer = ask(host.browser("IMSA"), survivor, **wrong)
    assert answer.status_code == 422
    assert sentence in words(answer.text)
    assert "Invented &lt;Law&gt;" in answer.text or "recipient" in wrong


def test_a_colleague_finds_nothing(host, survivor):
    """By the same 404; the officer reads and gives nothing."""
    advocate, officer = host.browser("IMSA"), host.browser("HOST_DPO")
    one = ask(advocate, survivor).headers["Location"]
    assert officer.get(f"/support/{survivor}/share").status_code in (403, 404)
    form = fields_of(officer.get(one).text, "/sign-out")
    assert officer.post(f"{one}/give", **{**form, "form_number": new_id()}).status_code in (403, 404)
    host.database("case")["survivors"].update_one({"_id": survivor}, {"$set": {"advocate_ids": []}})
    assert advocate.get(one).status_code == 404
    assert advocate.get(f"/support/{survivor}/share").status_code == 404
    assert host.browser("HOST_DATA_LEAD").get("/disclosures").status_code in (403, 404)
