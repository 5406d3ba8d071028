"""The consent conversation in a real browser: asked step by step, recorded, taken back, and what the officer sees."""

from datetime import timedelta

import pytest

from shared.kernel.clock import real_now
from tests.kit.driving import WIDTHS, assert_every_state_is_accessible, sign_in, tab_to

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PEOPLE = "/consents/people"
HOW = {
    "language": "en", "method": "VERBAL_IN_PERSON", "interpreter": "NONE_NEEDED", "setting": "PRIVATE",
    "capacity": "PRESUMED",
}  # fmt: skip


@pytest.fixture
def host(browsed_pages):
    """Somebody whose advocate is the one who signs in; the words are registered."""
    place = browsed_pages
    place.clear()
    place.database("consent")["notices"].delete_many({})
    for role in ("IMSA", "HOST_DPO"):
        place.login(role)
    place.register_wording()
    place.survivor_id = place.episode(advocate_id=place.people["IMSA"])["survivor_id"]
    place.pump()
    place.url = place.serve()
    return place


def asked(page, host):
    """Go to the words as an advocate does."""
    page.goto(f"{host.url}{PEOPLE}/{host.survivor_id}/AGGREGATE_STATISTICS")
    for name, value in HOW.items():
        page.select_option(f"#{name}", value=value)
    page.click("main form button")
    page.wait_for_selector("#decision")


def every_state(page, host):
    """Walk through the pages in their states; a step each."""
    sign_in(page, host, "IMSA", PEOPLE)
    yield "people"
    page.goto(f"{host.url}{PEOPLE}/{host.survivor_id}")
    yield "person"
    page.goto(f"{host.url}{PEOPLE}/{host.survivor_id}/AGGREGATE_STATISTICS")
    yield "before asking"
    page.click("main form button")
    page.wait_for_selector(".govuk-error-summary")
    yield "how is missing"
    asked(page, host)
    yield "the words"
    page.click("text=Go on later")
    page.wait_for_selector(".as-done")
    yield "kept for later"
    page.goto(f"{host.url}{PEOPLE}")
    yield "people with something begun"
    asked(page, host)
    page.click("main form button")
    page.wait_for_selector(".govuk-error-summary")
    yield "no answer"
    page.select_option("#explained", value="READ_ALOUD")
    page.check("#decision-GIVEN")
    page.click("main form button")
    page.wait_for_selector(".as-done")
    yield "recorded"
    page.click("text=What was decided")
    page.wait_for_url("**/consents/receipts/**")
    yield "receipt"
    page.goto(f"{host.url}{PEOPLE}/{host.survivor_id}")
    page.click("text=Take it back")
    page.wait_for_url("**/withdraw/**")
    yield "taking back"
    page.click("main form button")
    page.wait_for_selector(".as-done")
    yield "taken back"
    host.give(host.survivor_id, valid_until=(real_now() + timedelta(days=3)).isoformat())
    page.goto(f"{host.url}/consents/talk-again")
    yield "whom to talk with again"
    host.pump()
    sign_in(page, host, "HOST_DPO", "/consents/withdrawals")
    yield "withdrawals"
    page.goto(f"{host.url}/consents/purposes")
    yield "purposes"
    page.goto(f"{host.url}/consents/notices/publish")
    yield "publishing a notice"
    page.fill("#text", "May we count you?")
    page.fill("#easy", "Yes or no?")
    page.click("main form button")
    page.wait_for_selector(".as-done")
    yield "notices"
    page.click("main h2 a")
    page.select_option("#language", value="ar")
    page.fill("#text", "نعم أم لا؟")
    page.click("text=Add >> nth=-1")
    page.wait_for_selector("text=It says the same")
    yield "a translation that waits"
    page.click("text=It says the same")
    page.wait_for_selector("text=reviewed")
    yield "a reviewed translation"


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without"])
def test_every_page_of_the_conversation_is_accessible(host, open_page, script):
    """No rule of axe is violated and nothing scrolls sideways; without scripts every step works."""
    page = open_page(java_script_enabled=script)
    states, widths = every_state(page, host), WIDTHS if script else ()
    assert assert_every_state_is_accessible(page, states, pictures="conversation", widths=widths) == 19


def test_a_yes_is_taken_back_by_keyboard_in_two_steps(host, browser_page):
    """One link, one button; each step shows where the focus is."""
    page = browser_page
    consent = host.give(host.survivor_id).json["id"]
    sign_in(page, host, "IMSA", PEOPLE)
    page.goto(f"{host.url}{PEOPLE}/{host.survivor_id}")
    tab_to(page, f"a[href$='/withdraw/{consent}']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/withdraw/**")
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".as-done")
    assert "Taken back" in page.inner_text(".as-done")
