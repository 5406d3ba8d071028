"""Where casework begins: each advocate sees their own people, and of one person what they need at one look."""

import pytest

from shared.keys.survivor_keys import SurvivorKeys
from tests.kit.page_browser import audited, fields_of, words
from tests.kit.tenant_place import WORDING


@pytest.fixture
def people(host):
    """Two people of the advocate, one of nobody; support of the second has not begun."""
    host.login("IMSA")
    advocate = host.people["IMSA"]
    ida = host.survivor(name="Ida Planted", reference="R-1", safe_contact="Knock twice")
    host.episode(survivor_id=ida, advocate_id=advocate)
    ola = host.survivor(name="Ola Planted", advocate_id=advocate)
    una = host.survivor(name="Una Planted")
    host.episode(survivor_id=una)
    host.pump()
    return {"ida": ida, "ola": ola, "una": una}


def test_an_advocate_begins_at_their_own_people(host, people):
    """With the day of the last contact; nobody else's people stand there, and the visit is in the audit log."""
    browser = host.browser("IMSA")
    assert browser.get("/").headers["Location"] == "/support"
    (episode,) = host.database("case")["episodes"].find({"survivor_id": people["ida"]})
    body = {"mode": "PHONE", "interpreter": "NONE_NEEDED", "on": "2026-08-20"}
    host.post(f"/v1/episodes/{episode['_id']}/contacts", body)
    page = browser.get("/support").text
    shown = words(page)
    supported, others = shown.split("Support has not begun")
    assert "Ida Planted Last contact 20 August 2026 ." in supported
    assert "Ola Planted" in others
    assert "Una" not in shown
    assert f'href="/support/{people["ida"]}/contact"' in page
    assert f'href="/support/{people["ola"]}/contact"' not in page
    assert audited(host, "case", action="case:survivor:list", actor_id=host.people["IMSA"])


def test_who_has_nobody_yet_is_told_who_decides_it(host):
    """Not: there is nothing here."""
    assert "Your supervisor says with whom you work." in words(host.browser("IMSA").get("/support").text)


def test_one_screen_shows_how_to_reach_them_what_was_and_what_they_decided(host, people):
    """The consents are those that consent's API tells the reader."""
    host.register_wording(WORDING)
    host.give(people["ida"])
    shown = words(host.browser("IMSA").get(f"/support/{people['ida']}").text)
    for said in ("Ida Planted", "R-1", "Knock twice", "No contact is written down yet.", "Said yes"):
        assert said in shown
    assert audited(host, "case", action="case:survivor:read", object_id=people["ida"], actor_id=host.people["IMSA"])


def test_where_nobody_said_what_is_safe_nothing_is_to_be_sent(host, people):
    """Unknown is no permission."""
    assert "Do not ring, write or send anything" in words(host.browser("IMSA").get(f"/support/{people['ola']}").text)


def test_where_consent_does_not_answer_each_decision_is_a_no(host, people, monkeypatch):
    """The page is shown without them."""
    monkeypatch.setattr("services.case.support.consents.ask", lambda *_, **__: None)
    assert "take each as a no" in words(host.browser("IMSA").get(f"/support/{people['ida']}").text)


@pytest.mark.parametrize("suffix", ["", "/contact", "/contacts"])
def test_somebody_elses_person_is_not_there(host, people, suffix):
    """Neither to look at nor to write to; and it is audited."""
    browser = host.browser("IMSA")
    assert browser.get(f"/support/{people['una']}{suffix}").status_code == 404
    form = fields_of(browser.get(f"/support/{people['ida']}/contact").text, f"/support/{people['ida']}/contact")
    assert browser.post(f"/support/{people['una']}/contact", **form).status_code == 404
    assert audited(host, "case", object_id=people["una"], outcome="REFUSED", actor_id=host.people["IMSA"])


def test_who_was_taken_off_a_person_meanwhile_writes_nothing(host, people, monkeypatch):
    """The right is asked once more in the form's own transaction."""
    browser = host.browser("IMSA")
    target = f"/support/{people['ida']}/contact"
    form = fields_of(browser.get(target).text, target)
    host.post(f"/v1/survivors/{people['ida']}/advocates", {"advocate_ids": []})
    monkeypatch.setattr("services.case.survivors.views.SurvivorViews.may_act", lambda *_: True)
    day = {"on_day": "4", "on_month": "8", "on_year": "2026"}
    sent = browser.post(target, **form, mode="PHONE", interpreter="NONE_NEEDED", **day)
    assert sent.status_code == 404
    assert host.database("case")["contacts"].count_documents({"survivor_id": people["ida"]}) == 0


def test_a_supervisor_sees_everybody(host, people):
    """Also those without an advocate."""
    shown = words(host.browser("SUPERVISOR").get("/support").text)
    assert all(f"{name} Planted" in shown for name in ("Ida", "Ola", "Una"))


@pytest.mark.parametrize("role", ["HOST_DPO", "HOST_DATA_LEAD", "HOST_ADMIN", "SAFEGUARDING_LEAD"])
def test_to_others_there_are_no_such_pages(host, people, role):
    """The role table: a case file is for casework."""
    browser = host.browser(role)
    for path in ("/support", f"/support/{people['ida']}", f"/support/{people['ida']}/contact"):
        assert browser.get(path).status_code == 404


def test_who_was_erased_stands_nowhere(host, people):
    """Neither in the list nor on a screen."""
    SurvivorKeys.forget(host.contexts["case"].survivor_keys, people["ida"])
    browser = host.browser("SUPERVISOR")
    assert "Ida" not in words(browser.get("/support").text)
    assert browser.get(f"/support/{people['ida']}").status_code in {404, 410}
