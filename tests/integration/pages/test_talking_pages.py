"""The conversation on the pages: no answer before they gave one, the words that were shown, and two taps to take back."""

import re

import pytest

from services.consent.ledger.commands import RecordDecision, WithdrawConsent
from shared.kernel.ids import new_id
from tests.kit.page_browser import audited, fields_of, words
from tests.kit.tenant_place import WORDING

PEOPLE, STATISTICS = "/consents/people", "AGGREGATE_STATISTICS"
HOW = {
    "language": "en", "method": "VERBAL_IN_PERSON", "interpreter": "NONE_NEEDED", "setting": "PRIVATE",
    "capacity": "PRESUMED",
}  # fmt: skip


@pytest.fixture
def survivor(host):
    """Somebody with an episode, whose advocate is the one who signs in; the words are registered."""
    host.login("IMSA")
    host.register_wording()
    return host.episode(advocate_id=host.people["IMSA"])["survivor_id"]


@pytest.fixture
def advocate(host, survivor):
    return host.browser("IMSA")


def ask(advocate, survivor, purpose=STATISTICS, **how):
    """Go to the words; gives the page's answer."""
    page = f"{PEOPLE}/{survivor}/{purpose}"
    return advocate.send(page, page, **{**HOW, **how})


def answer(advocate, survivor, shown, purpose=STATISTICS, **said):
    target = f"{PEOPLE}/{survivor}/{purpose}"
    return advocate.post(target, **{**fields_of(shown.text, target), **said})


def ledger(host, survivor):
    found = host.post("/v1/consents/search", {"survivor_id": survivor}).json["items"]
    return {one["purpose"]: one for one in found}


class TestAsking:
    def test_it_is_asked_step_by_step_and_kept_as_it_was_said(self, host, survivor, advocate):
        """The words, what would be shared, an answer that nothing chose before, and how it was asked."""
        shown = ask(advocate, survivor)
        page = words(shown.text)
        for said in ("Invented words of a test.", "Saying no will not change your support", "Labour", "Project board"):
            assert said in page
        radios = re.findall(r'<input[^>]*type="radio"[^>]*>', shown.text)
        assert len(radios) == 3
        assert not any("checked" in one for one in radios)
        done = answer(advocate, survivor, shown, decision="GIVEN", explained="READ_ALOUD", months="3")
        assert done.headers["Location"] == f"{PEOPLE}/{survivor}?done=recorded"
        (line,) = ledger(host, survivor)[STATISTICS]["history"]
        told = {**HOW, "explained": "READ_ALOUD", "wording_code": WORDING, "status": "GIVEN", "setting_private": True}
        assert {name: line[name] for name in told} == told
        assert line["valid_until"] is not None
        assert audited(host, "consent", action=RecordDecision.action, actor_id=host.people["IMSA"])

    def test_nothing_is_recorded_before_they_answered(self, host, survivor, advocate):
        """Looking at the words is no answer, and neither is sending the form without one."""
        shown = ask(advocate, survivor)
        again = answer(advocate, survivor, shown, explained="READ_ALOUD")
        assert again.status_code == 422
        assert "Choose what they answered" in words(again.text)
        assert ledger(host, survivor) == {}

    @pytest.mark.parametrize("changes", [{"setting": "OTHERS_PRESENT"}, {"setting": "NOT_KNOWN"}, {"language": "cy"},
                                         {"capacity": "NOT_ESTABLISHED"}])  # fmt: skip
    def test_where_a_yes_would_not_count_only_a_no_is_offered(self, host, survivor, advocate, changes):
        """A yes that is sent nevertheless is refused; a no is taken."""
        if "language" in changes:
            host.database("consent")["wordings"].update_many({}, {"$set": {"registrations.$[].languages": ["en"]}})
        shown = ask(advocate, survivor, **changes)
        assert 'value="GIVEN"' not in shown.text
        refused = answer(advocate, survivor, shown, decision="GIVEN", explained="READ_ALOUD")
        assert refused.status_code == 422
        assert ledger(host, survivor) == {}
        assert answer(advocate, survivor, shown, decision="REFUSED").status_code == 303
        assert ledger(host, survivor)[STATISTICS]["status"] == "REFUSED"

    @pytest.mark.parametrize("code", [WORDING, "stats-2026-2"])
    def test_words_that_changed_meanwhile_are_read_anew(self, host, survivor, advocate, code):
        """A yes to the words that were shown is none to others, also not to others of the same code."""
        shown = ask(advocate, survivor)
        host.register_wording(code, text=f"Other words of {new_id()}.")
        again = answer(advocate, survivor, shown, decision="GIVEN", explained="READ_ALOUD")
        assert again.status_code == 422
        assert "Other words of" in words(again.text)
        assert ledger(host, survivor) == {}

    def test_a_no_to_words_that_changed_meanwhile_is_taken(self, host, survivor, advocate):
        """Its line names no words that nobody read out."""
        shown = ask(advocate, survivor)
        host.register_wording("stats-2026-3", text=f"Other words of {new_id()}.")
        assert answer(advocate, survivor, shown, decision="REFUSED").status_code == 303
        (line,) = ledger(host, survivor)[STATISTICS]["history"]
        assert (line["status"], line["wording_code"]) == ("REFUSED", None)

    @pytest.mark.parametrize("name", ["language", "method", "interpreter", "setting", "capacity"])
    @pytest.mark.parametrize("value", ["", "ANYTHING"])
    def test_how_they_are_asked_is_told_first(self, survivor, advocate, name, value):
        """Each gap is said."""
        again = ask(advocate, survivor, **{name: value})
        assert again.status_code == 422
        assert f'href="#{name}"' in again.text

    def test_each_recipient_is_asked_about_apart(self, host, survivor, advocate):
        """A yes to one is none to another."""
        study = "LEARNING_CASE_STUDY_ANONYMISED"
        host.register_wording("w-public", purpose=study, recipient_class="PUBLIC")
        shown = ask(advocate, survivor, study, recipient_class="PUBLIC")
        answer(advocate, survivor, shown, study, decision="GIVEN", explained="EASY_READ")
        assert ledger(host, survivor)[study]["recipient_class"] == "PUBLIC"
        assert 'value="GIVEN"' not in ask(advocate, survivor, study, recipient_class="PROJECT_BOARD").text

    def test_whose_yes_holds_says_it_again_or_takes_it_back(self, host, survivor, advocate):
        """Thinking about it changes nothing before its day, so it is nothing to record."""
        answer(advocate, survivor, ask(advocate, survivor), decision="GIVEN", explained="READ_ALOUD")
        shown = ask(advocate, survivor)
        assert 'value="DEFERRED"' not in shown.text
        assert "Their yes holds until" in words(shown.text)
        refused = answer(advocate, survivor, shown, decision="DEFERRED")
        assert refused.status_code == 422
        shown = ask(advocate, survivor)
        assert answer(advocate, survivor, shown, decision="GIVEN", explained="READ_ALOUD").status_code == 303
        assert [one["status"] for one in ledger(host, survivor)[STATISTICS]["history"]] == ["GIVEN", "RENEWED"]

    def test_whoever_said_no_is_not_pressed(self, host, survivor, advocate):
        """The day before which nobody asks stands where one would ask; what they decide themselves is taken all the same."""
        assert "Do not ask" not in words(advocate.get(f"{PEOPLE}/{survivor}").text)
        answer(advocate, survivor, ask(advocate, survivor), decision="REFUSED")
        page = words(advocate.get(f"{PEOPLE}/{survivor}").text)
        assert "Do not ask before" in page
        assert "If they raise it themselves, record what they decide" in page
        shown = ask(advocate, survivor)
        answer(advocate, survivor, shown, decision="GIVEN", explained="READ_ALOUD")
        assert ledger(host, survivor)[STATISTICS]["status"] == "GIVEN"
        assert "Do not ask" not in words(advocate.get(f"{PEOPLE}/{survivor}").text)


class TestGoingOnLater:
    def test_what_was_chosen_is_there_again_and_what_they_answer_is_not(self, host, survivor, advocate):
        """Also after the session ended; nothing is recorded, and the browser keeps nothing."""
        shown = ask(advocate, survivor, language="vi")
        target = f"{PEOPLE}/{survivor}/{STATISTICS}"
        later = advocate.post(
            target,
            **{**fields_of(shown.text, target), "explained": "READ_ALOUD", "decision": "REFUSED", "later": "yes"},
        )
        assert later.headers["Location"] == f"{PEOPLE}/{survivor}?done=kept"
        assert ledger(host, survivor) == {}
        again = host.browser("IMSA")
        assert "You began to ask" in words(again.get(PEOPLE).text)
        assert f'href="{target}"' in again.get(PEOPLE).text
        page = again.get(target).text
        assert "You began this before" in words(page)
        assert audited(host, "consent", action="consent:draft:read", object_id=survivor)
        assert '<option value="vi" selected>' in page
        shown = again.send(target, target, **{**HOW, "language": "vi"}).text
        assert '<option value="READ_ALOUD" selected>' in shown
        assert "checked" not in " ".join(re.findall(r'<input[^>]*type="radio"[^>]*>', shown))

    def test_it_goes_with_the_decision(self, host, survivor, advocate):
        """Nothing of the conversation is left."""
        answer(advocate, survivor, ask(advocate, survivor), decision="REFUSED")
        assert host.database("consent")["consent_drafts"].count_documents({"survivor_id": survivor}) == 0
        assert "You began this before" not in advocate.get(f"{PEOPLE}/{survivor}/{STATISTICS}").text

    def test_it_is_thrown_away_by_a_button(self, host, survivor, advocate):
        """And somebody else never sees it."""
        ask(advocate, survivor)
        target = f"{PEOPLE}/{survivor}/{STATISTICS}"
        assert "You began this before" not in host.browser("SUPERVISOR").get(target).text
        gone = advocate.send(target, f"{target}/drop")
        assert gone.headers["Location"] == f"{PEOPLE}/{survivor}?done=dropped"
        assert "You began this before" not in advocate.get(target).text

    def test_whoever_goes_back_and_chooses_otherwise_is_taken_at_their_word(self, survivor, advocate):
        """A browser that goes back sends the very same form, with other content."""
        target = f"{PEOPLE}/{survivor}/{STATISTICS}"
        fields = fields_of(advocate.get(target).text, target)
        for language in ("vi", "en"):
            assert advocate.post(target, **{**fields, **HOW, "language": language}).status_code == 200
        assert '<option value="en" selected>' in advocate.get(target).text


class TestTakingBack:
    def test_it_takes_two_taps_and_no_reason(self, host, survivor, advocate):
        """One link on the person's page, one button; then the proof stands there."""
        consent_id = host.give(survivor).json["id"]
        person = advocate.get(f"{PEOPLE}/{survivor}").text
        target = f"{PEOPLE}/{survivor}/withdraw/{consent_id}"
        assert f'href="{target}"' in person
        done = advocate.send(target, target)
        assert done.headers["Location"] == f"{PEOPLE}/{survivor}?done=withdrawn"
        assert ledger(host, survivor)[STATISTICS]["status"] == "WITHDRAWN"
        after = advocate.get(f"{PEOPLE}/{survivor}").text
        assert "waiting for answers" in words(after)
        assert f'href="{target}"' not in after
        assert audited(host, "consent", action=WithdrawConsent.action, actor_id=host.people["IMSA"])

    def test_it_can_be_said_to_somebody_else_than_the_advocate(self, host, survivor):
        """A supervisor, or the data protection officer, who needs not know who it is."""
        consent_id = host.give(survivor).json["id"]
        target = f"{PEOPLE}/{survivor}/withdraw/{consent_id}"
        host.browser("HOST_DPO").send(target, target)
        assert ledger(host, survivor)[STATISTICS]["status"] == "WITHDRAWN"

    def test_another_persons_consent_is_not_there(self, host, survivor, advocate):
        """Also where both addresses are right."""
        other = host.give(host.survivor()).json["id"]
        target = f"{PEOPLE}/{survivor}/withdraw/{other}"
        assert advocate.get(target).status_code == 404
        assert audited(host, "consent", action="consent:consent:read", object_id=other, outcome="REFUSED")


class TestWhoMay:
    def test_an_advocate_meets_their_own_people_by_name(self, host, survivor, advocate):
        """And nobody else; a supervisor meets everybody."""
        other = host.survivor()
        page = advocate.get(PEOPLE).text
        assert survivor in page
        assert other not in page
        assert {survivor, other} <= set(
            re.findall(r"/consents/people/([0-9a-f-]{36})", host.browser("SUPERVISOR").get(PEOPLE).text)
        )

    @pytest.mark.parametrize("suffix", ["", f"/{STATISTICS}", "/withdraw/0b7ed1a2-2f6e-4d0e-9b8e-0a9f1d2c3b4a"])
    def test_whoever_may_not_act_on_them_meets_what_is_not_there(self, host, survivor, advocate, suffix):
        """Nor does anybody meet a purpose or a person that is not there."""
        other = host.survivor()
        assert advocate.get(f"{PEOPLE}/{other}{suffix}").status_code == 404
        assert advocate.get(f"{PEOPLE}/{new_id()}{suffix}").status_code == 404
        assert advocate.get(f"{PEOPLE}/{survivor}/SPAM").status_code == 404
