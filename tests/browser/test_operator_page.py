"""The operator's page in a real browser."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.kernel.ids import new_id
from tests.kit.driving import NARROW, assert_accessible, assert_no_sideways_scroll
from tests.kit.host_place import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PAGE = "/running"
PICTURES = os.environ.get("ALONGSIDE_PICTURES")


@pytest.fixture
def host(browsed_host):
    """A host where a fact has waited for ten minutes."""
    place = browsed_host
    place.clear()
    digits = f"{int((datetime.now(UTC) - timedelta(minutes=10)).timestamp() * 1000):012x}"
    row_id = f"{digits[:8]}-{digits[8:]}{new_id()[13:]}"
    place.database["outbox"].insert_one({"_id": row_id, "status": "NEW", "route": "local", "events": []})
    place.url = place.serve()
    yield place
    place.clear()


def sign_in(page, host):
    page.goto(host.url + PAGE)
    page.fill("#username", host.login("HOST_ADMIN"))
    page.fill("#password", PASSWORD)
    page.click("main button")
    assert page.url == host.url + PAGE


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without"])
def test_it_is_accessible_at_every_width(host, open_page, script):
    """No violation, nothing to scroll sideways, the cure in words; the same without scripts."""
    page = open_page(java_script_enabled=script)
    sign_in(page, host)
    assert "alongside doctor" in page.inner_text("main")
    assert "attention" in page.inner_text(".as-intro")
    for width in (NARROW["width"], 660, 1180):
        page.set_viewport_size({"width": width, "height": 900})
        if script:
            assert_accessible(page)
            assert_no_sideways_scroll(page)
    if PICTURES and script:
        page.screenshot(path=str(Path(PICTURES) / "running.png"), full_page=True)
        page.set_viewport_size(NARROW)
        page.screenshot(path=str(Path(PICTURES) / "running-narrow.png"), full_page=True)


def test_it_is_reached_from_the_other_pages(host, browser_page):
    """By the keyboard alone: the navigation has it for whoever runs the host."""
    sign_in(browser_page, host)
    browser_page.goto(host.url + "/host/periods")
    link = browser_page.get_by_role("link", name="Running")
    link.focus()
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url("**/running")
