"""The pages of wordings, of those to be asked again and of survivors without an advocate, in a real browser."""

import os
from pathlib import Path

import pytest

from tests.kit.driving import NARROW, assert_accessible, assert_no_sideways_scroll, tab_to
from tests.kit.host_place import PASSWORD
from tests.kit.import_files import export, line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PICTURES = os.environ.get("ALONGSIDE_PICTURES")
WIDTHS = (NARROW["width"], 660, 1180)
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


def sign_in(page, host, role, path):
    page.goto(host.url + "/sign-out")
    if page.locator("main form button").count() and "sign-out" in page.url:
        page.click("main form button")
    page.goto(host.url + path)
    page.fill("#username", host.login(role))
    page.fill("#password", PASSWORD)
    page.click("main form button")
    page.wait_for_url(host.url + path)


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
    seen = []
    for state in every_state(page, host):
        seen.append(state)
        page.wait_for_load_state()
        for width in WIDTHS if script else ():
            page.set_viewport_size({"width": width, "height": 900})
            assert_accessible(page)
            assert_no_sideways_scroll(page)
        if PICTURES and script:
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 900})
                page.screenshot(path=str(Path(PICTURES) / f"case-{state}-{width}.png"), full_page=True)
    assert len(seen) == 10


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
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert_accessible(page)
        assert_no_sideways_scroll(page)
    if PICTURES:
        page.set_viewport_size({"width": 390, "height": 900})
        page.screenshot(path=str(Path(PICTURES) / f"start-{role}-390.png"), full_page=True)
