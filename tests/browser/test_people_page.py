"""The administrators' pages in a real browser."""

import re

import pytest

from services.identity.people.provisioning import create_first_user
from tests.kit.driving import WIDTHS, assert_every_state_is_accessible, tab_to
from tests.kit.host_place import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def host(browsed_host):
    """A host with two administrators."""
    browsed_host.url = browsed_host.serve()
    identity = browsed_host.contexts["identity"]
    browsed_host.second = f"second@{browsed_host.tenant}.example"
    if browsed_host.contexts["identity"].client[identity.database_name]["users"].count_documents({}) == len(
        browsed_host.people
    ):
        create_first_user(
            identity, login=browsed_host.second, password=PASSWORD, roles=("HOST_ADMIN",), display_name="Ben Roe"
        )
    return browsed_host


def sign_in(page, host, login=None):
    page.goto(host.url + "/people")
    page.fill("#username", login or host.login("HOST_ADMIN"))
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/people")


def invite(page, host, name, *roles):
    page.goto(host.url + "/people/invite")
    page.fill("#login", f"{name.lower().replace(' ', '-')}@{host.tenant}.example")
    page.fill("#name", name)
    for role in roles:
        page.check(f"#role-{role}")
    page.click("main form button")
    page.wait_for_selector("#shown-once")


def every_state(page, host, name):
    """Walk through the pages in their states; a step each."""
    sign_in(page, host)
    yield "list"
    page.goto(host.url + "/people/invite")
    yield "invite"
    page.fill("#login", "no address")
    page.click("main form button")
    page.wait_for_selector(".govuk-error-summary")
    yield "refused"
    invite(page, host, name, "HOST_DATA_LEAD")
    yield "link"
    page.click("text=Go on to")
    page.wait_for_selector("text=You asked for")
    yield "asked"
    page.goto(host.url + "/people")
    yield "waiting"
    page.goto(host.url + "/sign-out")
    page.click("main button")
    sign_in(page, host, host.second)
    page.click(f"text={name}")
    page.wait_for_selector("text=Confirm it only")
    yield "to confirm"
    page.click("main form button:has-text('Confirm')")
    page.wait_for_selector("#shown-once")
    yield "code"
    page.click("text=Go on to")
    page.click("text=Suspend")
    page.wait_for_selector(".as-done")
    yield "suspended"


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without"])
def test_every_page_is_accessible_at_every_width(host, open_page, script):
    """No rule of axe is violated and nothing scrolls sideways; without scripts every step works."""
    page = open_page(java_script_enabled=script)
    states, widths = every_state(page, host, f"Cat Poe {script}"), WIDTHS if script else ()
    assert assert_every_state_is_accessible(page, states, pictures="people", widths=widths) == 9


def test_somebody_is_invited_by_keyboard_alone(host, browser_page):
    """From the list to the link; each step shows where the focus is."""
    page = browser_page
    sign_in(page, host)
    tab_to(page, "a[href='/people/invite']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/invite")
    tab_to(page, "#login")
    page.keyboard.type(f"dan@{host.tenant}.example")
    tab_to(page, "#role-IMSA")
    page.keyboard.press("Space")
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#shown-once")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/enrol/[\w-]+", page.inner_text("#shown-once"))
