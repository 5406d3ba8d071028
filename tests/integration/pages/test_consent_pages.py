"""The pages of wordings and of those who are to be asked again, over the real consent, case and identity."""

import re
from datetime import timedelta

import pytest

from services.consent.ledger.jobs import jobs
from services.consent.wordings.commands import RegisterWording
from tests.kit.host_place import PASSWORD
from tests.kit.import_files import export, line
from tests.kit.page_browser import Browser, audited, words
from tests.kit.tenant_place import WORDING

WORDINGS, REGISTER, AGAIN = "/consents/wordings", "/consents/wordings/register", "/consents/to-ask-again"
GOOD = {
    "code": "stats-2026-9", "purpose": "AGGREGATE_STATISTICS", "recipient_class": "PROJECT_BOARD",
    "valid_from_day": "1", "valid_from_month": "4", "valid_from_year": "2026", "text": "May we count you?\r\nYou decide.",
    "checked": "yes",
}  # fmt: skip


def imported(host, reference, **changes):
    """A file's yes to words that nobody registered."""
    named = {"Consent_Wording": "stats-2026-9", "Consent_Date": "01/06/2026", "Referral_Date": "05/06/2026"}
    report = host.upload(export(line(reference, **{**named, **changes})))
    host.pump()
    return report


class TestWordings:
    def test_words_are_registered_as_they_were_typed(self, host):
        """Days are London's, lines end as one writes them, and the page lists them."""
        dpo = host.browser("HOST_DPO")
        answer = dpo.send(REGISTER, REGISTER, **GOOD)
        assert answer.headers["Location"] == f"{WORDINGS}?done=stats-2026-9"
        kept = host.database("consent")["wordings"].find_one({"_id": "stats-2026-9"})
        assert kept["texts"][0]["text"] == "May we count you?\nYou decide."
        assert f"{kept['registrations'][0]['valid_from']:%Y-%m-%dT%H:%M}" == "2026-03-31T23:00"
        page = words(dpo.get(WORDINGS).text)
        assert "Be counted in statistics" in page
        assert "Every language" in page

    def test_the_form_is_the_api_s_command_and_audited_as_such(self, host):
        """Under the person who sent it."""
        dpo = host.browser("HOST_DPO")
        dpo.send(REGISTER, REGISTER, **GOOD)
        done = audited(host, "consent", action=RegisterWording.action, actor_id=host.people["HOST_DPO"])
        assert [one["object_id"] for one in done] == ["stats-2026-9"]

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"code": "two words"}, "Give the words a short code"),
            ({"valid_from_day": "31", "valid_from_month": "2"}, "Give the first day"),
            ({"valid_from_year": ""}, "Give the first day"),
            ({"valid_to_day": "1", "valid_to_month": "1", "valid_to_year": "2025"}, "last day lies before the first"),
            ({"valid_to_day": "x"}, "Give a last day that exists"),
            ({"text": " "}, "Write the words themselves"),
            ({"text": "x" * 20_001}, "at most 20,000"),
            ({"purpose": "ANYTHING"}, "Choose what the words ask about"),
            ({"languages": ["xx-unknown"]}, "languages of the list"),
            ({"checked": ""}, "Tick the box"),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
    )
    def test_what_is_to_be_mended_is_said_and_what_was_typed_stays(self, host, typed, sentence):
        """Nothing is registered."""
        dpo = host.browser("HOST_DPO")
        answer = dpo.send(REGISTER, REGISTER, **{**GOOD, **typed})
        assert answer.status_code == 422
        assert sentence in words(answer.text)
        assert "May we count you?" in answer.text or "text" in typed
        assert host.database("consent")["wordings"].count_documents({}) == 0

    def test_words_that_files_wait_for_are_shown_and_registering_them_lets_their_yeses_count(self, host):
        """With how many wait; afterwards nobody does."""
        imported(host, "R-1")
        dpo = host.browser("HOST_DPO")
        assert "stats-2026-9 : 1 yes waits." in words(dpo.get(WORDINGS).text)
        assert 'value="stats-2026-9"' in dpo.get(f"{REGISTER}?code=stats-2026-9").text
        dpo.send(REGISTER, REGISTER, **GOOD)
        assert "not registered" not in words(dpo.get(WORDINGS).text)
        assert host.database("consent")["consents"].find_one()["status"] == "GIVEN"

    @pytest.mark.parametrize("role", ["SUPERVISOR", "HOST_DATA_LEAD", "IMSA"])
    def test_who_may_look_may_not_register(self, host, role):
        """The page says whom to ask."""
        imported(host, "R-1")
        reader = host.browser(role)
        page = reader.get(WORDINGS).text
        assert REGISTER not in page
        assert "ask your data protection officer" in words(page)
        assert reader.get(REGISTER).status_code == 404

    def test_words_are_data(self, host):
        """Whatever stands in them."""
        dpo = host.browser("HOST_DPO")
        dpo.send(REGISTER, REGISTER, **{**GOOD, "text": "<script>alert(1)</script>"})
        page = dpo.get(WORDINGS).text
        assert "<script>" not in page
        assert "&lt;script&gt;" in page


class TestAskAgain:
    def test_a_supervisor_sees_whom_and_why_by_the_own_reference(self, host):
        """Each gap of the file in a sentence of its own."""
        imported(host, "R-1", Consent_Language="")
        page = words(host.browser("SUPERVISOR").get(AGAIN).text)
        assert "R-1" in page
        assert "does not say in which language" in page
        assert "words that the file names are not registered" in page
        assert "You can ask now." in page

    def test_the_data_protection_officer_sees_why_and_not_who(self, host):
        """Case shows a reference to casework alone, so this page has none for them either."""
        imported(host, "R-1")
        page = host.browser("HOST_DPO").get(AGAIN).text
        assert "R-1" not in page
        assert "Person 1 of this page" in words(page)
        survivor = host.database("consent")["consents"].find_one()["survivor_id"]
        assert survivor not in page

    def test_a_year_that_passed_is_asked_after_90_days(self, host):
        """The first day stands there; before it nobody is pressed."""
        host.register_wording()
        survivor = host.survivor(reference="R-7")
        host.give(survivor)
        given = host.database("consent")["consents"].find_one()["entries"][0]["said_at"]
        host.at(given + timedelta(days=366))
        for job in jobs(host.contexts["consent"]):
            job.run()
        page = words(host.browser("SUPERVISOR").get(AGAIN).text)
        assert "A year has passed" in page
        assert "Do not ask before" in page

    def test_a_no_is_left_in_peace(self, host):
        """Nobody who refused stands on the list."""
        survivor = host.survivor(reference="R-8")
        host.give(survivor, decision="REFUSED", wording_code=None)
        assert "Nobody has to be asked again" in words(host.browser("SUPERVISOR").get(AGAIN).text)

    @pytest.mark.parametrize("role", ["IMSA", "HOST_DATA_LEAD", "HOST_ADMIN"])
    def test_to_others_there_is_no_such_list(self, host, role):
        """Neither as a page nor over the API."""
        assert host.browser(role).get(AGAIN).status_code == 404
        assert host.get("/v1/consents/to-ask-again", role).status_code == 404

    def test_each_look_is_audited_in_each_service_that_was_asked(self, host):
        """Consent's own, and case's for the references."""
        imported(host, "R-1")
        supervisor = host.browser("SUPERVISOR")
        supervisor.get(AGAIN)
        actor = host.people["SUPERVISOR"]
        assert audited(host, "consent", action="consent:consent:to-ask-again", actor_id=actor)
        assert audited(host, "case", action="case:survivor:references", actor_id=actor)


def test_every_link_of_the_navigation_leads_its_reader_somewhere(host):
    """Whatever role they have."""
    for role in ("HOST_ADMIN", "IMSA", "SUPERVISOR", "HOST_DPO", "HOST_DATA_LEAD", "SAFEGUARDING_LEAD"):
        browser = host.browser(role)
        links = re.findall(r'class="as-nav__link" href="([^"]*)"', browser.get("/start").text)
        assert [browser.get(link).status_code for link in links] == [200] * len(links), (role, links)


def test_the_words_of_the_suite_are_known(host):
    """A yes to words that are registered is on no list."""
    host.register_wording()
    host.give(host.survivor(reference="R-9"))
    assert WORDING in host.browser("IMSA").get(WORDINGS).text
    assert "Nobody has to be asked again" in words(host.browser("HOST_DPO").get(AGAIN).text)


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("HOST_ADMIN", "/people"), ("SUPERVISOR", "/unassigned"), ("HOST_DPO", "/host/periods"),
        ("HOST_DATA_LEAD", "/host/periods"), ("IMSA", "/support"), ("SAFEGUARDING_LEAD", "/start"),
    ],
)  # fmt: skip
def test_each_role_begins_where_its_first_duty_is(host, role, page):
    """Whatever other pages it may see."""
    host.login(role)
    answer = Browser(host).send("/sign-in", "/sign-in", username=host.login(role), password=PASSWORD)
    assert answer.headers["Location"] == page
