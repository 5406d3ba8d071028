"""The pages of wordings, of those to be asked again and of survivors without an advocate, in a real browser."""

import pytest

from tests.kit.driving import WIDTHS, assert_every_state_is_accessible, sign_in, tab_to
from tests.kit.import_files import export, line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROLES = ("IMSA", "SUPERVISOR", "HOST_DPO", "HOST_DATA_LEAD", "HOST_ADMIN", "SAFEGUARDING_LEAD")


@pytest.fixture
def host(browsed_pages):
    """Three people of a file whose yes waits for words, and one without a reference."""
    place = browsed_pages
    place.clear()
    for role in ROLES:
        place.login(role)
    named = {"Consent_Wording": "stats-2026-9", "Consent_Date": "01/06/2026", "Referral_Date": "05/06/2026"}
    rows = [line(f"R-{number}", **named) for number in range(3)]
    place.upload(export(*rows, line("R-9", **{**named, "Consent_Language": ""})))
    place.pump()
    place.survivor()
    for one in place.database("case")["survivors"].find({"advocate_ids": None}):
        place.database("case")["survivors"].update_one({"_id": one["_id"]}, {"$set": {"advocate_ids": []}})
    place.url = place.serve()
    return place


def fill_in_words(page):
    page.fill("#valid_from-day", "1")
    page.fill("#valid_from-month", "4")
    page.fill("#valid_from-year", "2026")
    page.fill("#text", "May we count you? You decide.")
    page.check("#checked")


def every_state(page, host):
    """Walk through the pages in their states; a step each."""
    sign_in(page, host, "SUPERVISOR", "/unassigned")
    yield "unassigned"
    page.click("main form button")
    page.wait_for_selector(".govuk-error-summary")
    yield "unassigned refused"
    page.check("#survivor-1")
    page.select_option("#advocate", label="Pat Imsa")
    page.click("main form button")
    page.wait_for_selector(".as-done")
    yield "assigned"
    page.goto(host.url + "/consents/to-ask-again")
    yield "again by a supervisor"
    page.goto(host.url + "/consents/wordings")
    yield "wordings by a supervisor"
    sign_in(page, host, "HOST_DPO", "/consents/to-ask-again")
    yield "again by the officer"
    page.goto(host.url + "/consents/wordings")
    page.click("text=Register these words")
    page.wait_for_url("**/register?code=stats-2026-9")
    yield "register"
    page.click("main form button")
    page.wait_for_selector(".govuk-error-summary")
    yield "register refused"
    fill_in_words(page)
    page.click("main form button")
    page.wait_for_selector(".as-done")
    yield "registered"
    page.click("summary")
    yield "the words"


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without"])
def test_every_page_is_accessible_at_every_width(host, open_page, script):
    """No rule of axe is violated and nothing scrolls sideways; without scripts every step works."""
    page = open_page(java_script_enabled=script)
    states, widths = every_state(page, host), WIDTHS if script else ()
    assert assert_every_state_is_accessible(page, states, pictures="case", widths=widths) == 10


def test_people_are_assigned_by_keyboard_alone(host, browser_page):
    """From the list to what was done; each step shows where the focus is."""
    page = browser_page
    sign_in(page, host, "SUPERVISOR", "/unassigned")
    tab_to(page, "#survivor-1")
    page.keyboard.press("Space")
    tab_to(page, "#advocate")
    page.keyboard.type("Pat")
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".as-done")
    assert "1 person has an advocate now" in page.inner_text(".as-done")


@pytest.mark.parametrize("role", ROLES)
def test_where_each_role_begins_has_no_barrier(host, browser_page, role):
    """The start page of every role, with its links."""
    page = browser_page
    sign_in(page, host, role, "/start")
    assert assert_every_state_is_accessible(page, [role], pictures="start") == 1
