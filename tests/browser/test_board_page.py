"""The board's pages in a real browser."""

import os
from pathlib import Path

import pytest

from tests.kit.board_place import PASSWORD, BoardPlace
from tests.kit.driving import NARROW, assert_accessible, assert_no_sideways_scroll, tab_to

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

OPEN = (
    "/",
    "/report",
    "/release?period=2026",
    "/release?period=2025-Q4",
    "/method",
    "/calendar",
    "/release?period=none",
)
PICTURES = os.environ.get("ALONGSIDE_PICTURES")


@pytest.fixture(scope="module")
def board_place(engines, tmp_path_factory):
    place = BoardPlace(engines, tmp_path_factory.mktemp("board"))
    place.url = place.serve()
    yield place
    place.close()


@pytest.fixture
def board(board_place):
    """Two releases, a period that runs, hosts of every punctuality, and words that were learned."""
    place = board_place
    place.clear()
    place.publish("2026")
    place.publish("2025-Q4", people=35, tables=[], plan="quarter-v1", days=-300)
    task = place.protected("2027")
    names = ["alder", "birch", "cedar", "damson", "elder", "fir"]
    place.database["tasks"].update_one({"_id": task["_id"]}, {"$set": {"roster": names}})
    outcomes = [
        ("RECEIVED", "NONE"),
        ("RECEIVED", "NONE"),
        ("REFUSED", "LATE"),
        ("NOT_RECEIVED", "NOT_RECEIVED"),
        ("LEFT_OUT", "NOT_IN_COHORT"),
    ]
    for host, (outcome, reason) in zip(names, outcomes, strict=False):
        place.database["judgements"].insert_one(
            {"_id": host, "task_id": task["_id"], "host": host, "outcome": outcome, "reason": reason}
        )
    place.database["learnings"].insert_one(
        {
            "_id": "l",
            "text": "People say that one advocate who stays matters more than the number of meetings.",
            "at": task["ended_at"],
            "by": "y",
            "approved_by": "x",
        }
    )
    return place


def sign_in(page, board, role):
    login = board.person(role)
    page.goto(board.url + "/releasing")
    page.fill("#username", login)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.get_by_role("heading", name="Releasing").wait_for()
    assert page.url == board.url + "/releasing"


def test_every_open_page_is_accessible_at_every_width(board, open_page):
    """No violation, and no sideways scroll from 320 px on, with and without JavaScript."""
    for width in (NARROW["width"], 660, 1180):
        page = open_page(viewport={"width": width, "height": 900})
        for path in OPEN:
            page.goto(board.url + path)
            assert_no_sideways_scroll(page)
            assert_accessible(page)
    quiet = open_page(java_script_enabled=False)
    for path in OPEN:
        quiet.goto(board.url + path)
        assert quiet.locator("h1").count() == 1


def test_tables_of_words_are_whole_on_a_phone(board, open_page):
    """States and days wrap; no word of these tables is cut off at 390 px."""
    page = open_page(viewport={"width": 390, "height": 844})
    for path, name, words in (
        ("/", "Reports of hosts", "data lead has been told"),
        ("/calendar", "Periods", "Waiting for signatures"),
        ("/method", "Assumptions, one a row", "31 March 2027"),
    ):
        page.goto(board.url + path)
        region = page.get_by_role("region", name=name)
        assert words in region.inner_text()
        assert region.evaluate("box => box.scrollWidth - box.clientWidth") <= 0, path


def test_a_table_is_found_by_role_name_and_description(board, browser_page):
    """Whoever hears the page finds a table by its name and hears what its counts are."""
    browser_page.goto(board.url + "/")
    table = browser_page.get_by_role("table", name="Gender, Year 2026")
    assert table.count() == 1
    described = browser_page.locator(f"#{table.get_attribute('aria-describedby')}").inner_text()
    assert "rounded to a multiple of 5" in described


def test_forced_colours_and_print(board, open_page):
    """The pages stand in forced colours and on paper; what only a screen needs is not printed."""
    page = open_page(forced_colors="active")
    page.goto(board.url + "/")
    assert_no_sideways_scroll(page)
    page.emulate_media(media="print")
    assert not page.locator(".as-nav").is_visible()
    assert page.get_by_role("heading", name="What we know at this size").is_visible()


def test_two_people_release_with_the_keyboard_alone(board, open_page):
    """A statistician signs, another person looks and approves; both with keys only, on pages without a violation."""
    page = open_page()
    sign_in(page, board, "STATISTICIAN")
    assert_accessible(page)
    tab_to(page, "form[action='/releasing/draft'] button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".as-done")
    assert_accessible(page)
    other = open_page()
    sign_in(other, board, "RELEASE_APPROVER")
    tab_to(other, "form[action='/releasing/approve'] button")
    other.keyboard.press("Enter")
    other.wait_for_selector(".govuk-error-summary")
    assert_accessible(other)
    tab_to(other, "[name=looked]")
    other.keyboard.press("Space")
    tab_to(other, "form[action='/releasing/approve'] button")
    other.keyboard.press("Enter")
    other.wait_for_selector(".as-done")
    other.goto(board.url + "/release?period=2027")
    assert other.get_by_role("heading", name="Signed").is_visible()


@pytest.mark.skipif(PICTURES is None, reason="pictures are taken on demand: ALONGSIDE_PICTURES=folder")
def test_take_pictures(board, open_page):
    """The pictures of the documents, from invented figures."""
    page = open_page(viewport={"width": 1180, "height": 1500})
    for name, path in (
        ("board", "/"),
        ("board-method", "/method"),
        ("board-calendar", "/calendar"),
        ("board-report", "/report"),
    ):
        page.goto(board.url + path)
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
    sign_in(page, board, "STATISTICIAN")
    page.screenshot(path=str(Path(PICTURES) / "board-work.png"), full_page=True)
