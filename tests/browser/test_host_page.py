"""The host's pages in a real browser."""

from datetime import timedelta

import pytest

from tests.kit.driving import (
    NARROW,
    Witness,
    assert_accessible,
    assert_no_outside_request,
    assert_no_sideways_scroll,
    tab_to,
)
from tests.kit.host_place import PASSWORD, PERIOD, SEAL

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WIDTHS = (NARROW["width"], 480, 660, 900, 1024, 1600)
PAGE = f"/host/periods/{PERIOD}"


@pytest.fixture
def host(browsed_host):
    """A populated period, five days before its seal."""
    place = browsed_host
    place.clear()
    place.at(SEAL - timedelta(days=5))
    place.open_task()
    place.populate()
    place.prove(SEAL - timedelta(days=5, minutes=1))
    place.url = place.serve()
    return place


def sign_in(page, host, path=PAGE, role="HOST_DATA_LEAD"):
    page.goto(host.url + path)
    page.fill("#username", host.login(role))
    page.fill("#password", PASSWORD)
    page.click("main button")
    assert page.url == host.url + path


def sign(page):
    page.check("#looked")
    page.click("text=Sign these figures")
    page.wait_for_selector(".as-done")


def seal(host):
    """One person changes their mind after the signature; then the seal."""
    some = next(c for c in host.database["contributions"].find() if c["versions"][0]["state"] == "RELEASED")
    host.withhold("WITHDRAWN", contribution_id=some["_id"], recorded=-2)
    host.at(SEAL + timedelta(minutes=1))
    host.prove(SEAL + timedelta(minutes=1))
    host.run_clock()


def every_state(page, host):
    """Walk through all pages in all their states; a step each."""
    page.goto(host.url + PAGE)
    yield "sign-in"
    page.fill("#username", "nobody@host.example")
    page.fill("#password", "wrong password")
    page.click("main button")
    page.wait_for_selector(".govuk-error-summary")
    yield "sign-in refused"
    sign_in(page, host)
    yield "to be signed"
    page.click("text=Sign these figures")
    page.wait_for_selector(".govuk-error-summary")
    yield "not ticked"
    page.goto(host.url + "/host/periods")
    yield "periods"
    page.goto(host.url + PAGE)
    sign(page)
    yield "signed"
    page.goto(host.url + "/host/connection")
    yield "connection"
    seal(host)
    page.goto(host.url + PAGE)
    yield "sealed"
    page.goto(host.url + "/host/connection")
    yield "connection with a backlog"
    host.at(SEAL + timedelta(hours=1))
    page.goto(host.url + "/host/connection")
    yield "connection in trouble"
    page.goto(host.url + "/host/nowhere")
    yield "nothing here"
    page.goto(host.url + "/sign-out")
    yield "sign-out"
    host.clear()
    page.goto(host.url + "/host/periods")
    yield "no period"
    page.goto(host.url + "/host/connection")
    yield "connection of an empty host"


def test_every_page_is_accessible_in_every_state(browser_page, host):
    """No rule of axe is violated, and nobody else is asked for anything."""
    seen = []
    for state in every_state(browser_page, host):
        assert_accessible(browser_page)
        assert_no_outside_request(browser_page)
        seen.append(state)
    assert len(seen) == 14


def test_no_page_scrolls_sideways_at_any_width(open_page, host):
    """From 320 px, which is also a zoom of 400 %, over tablets to a wide screen."""
    page = open_page(viewport=NARROW)
    for _ in every_state(page, host):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 640})
            assert_no_sideways_scroll(page)


def test_everything_works_without_script(open_page, host):
    """From the sign-in to the signature and out again."""
    page = open_page(java_script_enabled=False)
    sign_in(page, host)
    sign(page)
    assert host.database["sign_offs"].count_documents({}) == 1
    page.click("text=Sign out")
    page.wait_for_url("**/sign-in?why=out")
    page.goto(host.url + PAGE)
    assert "/sign-in" in page.url


def test_everything_works_by_keyboard_alone(browser_page, host):
    """Each step shows where the focus is; the first one leads past the header."""
    page = browser_page
    page.goto(host.url + PAGE)
    tab_to(page, "#username")
    page.keyboard.type(host.login("HOST_DATA_LEAD"))
    tab_to(page, "#password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(host.url + PAGE)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "govuk-skip-link"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    tab_to(page, "#looked")
    page.keyboard.press("Space")
    tab_to(page, "main button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".as-done")
    tab_to(page, "a[href='/host/connection']")
    page.keyboard.press("Enter")
    page.wait_for_url(host.url + "/host/connection")
    tab_to(page, "header button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in?why=out")


def test_a_session_s_cookie_is_out_of_reach_of_scripts(browser_page, host):
    """As the browser itself keeps it."""
    sign_in(browser_page, host)
    (kept,) = browser_page.context.cookies()
    assert (kept["httpOnly"], kept["sameSite"], kept["path"]) == (True, "Strict", "/")
    assert browser_page.evaluate("document.cookie") == ""


def test_forced_colours_keep_states_and_bars_visible(open_page, host):
    """Whoever reads with colours of their own loses nothing."""
    page = open_page(forced_colors="active")
    sign_in(page, host)
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    border = "e => getComputedStyle(e).borderTopWidth"
    assert page.locator(".as-state").first.evaluate(border) == "1px"
    fill, ground = (
        page.locator(f".as-bar__{part}").first.evaluate("e => getComputedStyle(e).fill") for part in ("fill", "ground")
    )
    assert fill != ground
    assert_accessible(page)


def test_on_paper_the_figures_stand_without_what_only_a_screen_needs(browser_page, host):
    """And it prints."""
    page = browser_page
    sign_in(page, host)
    page.emulate_media(media="print")
    for hidden in (".as-nav", ".as-header__session", ".as-footer", ".as-sign"):
        page.locator(hidden).wait_for(state="hidden")
    assert page.locator(".as-figure").first.is_visible()
    assert page.pdf()[:5] == b"%PDF-"


@pytest.mark.parametrize(
    ("planted", "check"),
    [
        ("<img src='https://evil.example/x.png' alt=''>", assert_no_outside_request),
        ("<img src='data:,'>", assert_accessible),
        ("<p style='width: 3000px'>wide</p>", assert_no_sideways_scroll),
    ],
)
def test_the_checks_themselves_see_what_they_look_for(browser, planted, check):
    """A planted fault fails each of them."""
    context = browser.new_context()
    page = context.new_page()
    page.witness = Witness(context)
    page.set_content(f"<!doctype html><html lang=en><title>t</title><main><h1>t</h1>{planted}</main>")
    page.wait_for_load_state()
    with pytest.raises(AssertionError):
        check(page)
    context.close()
