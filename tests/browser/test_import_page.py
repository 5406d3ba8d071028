"""The data lead's whole way from a file to a decision and back, in a real browser and without a terminal."""

import threading
from pathlib import Path

import pytest

from tests.kit.driving import WIDTHS, assert_every_state_is_accessible, tab_to
from tests.kit.host_place import PASSWORD
from tests.kit.import_files import export, line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def host(browsed_pages):
    """Two people of an earlier file."""
    place = browsed_pages
    place.clear()
    place.login("HOST_DATA_LEAD")
    place.upload(export(line("R-1"), line("R-2")))
    place.pump()
    place.url = place.serve()
    return place


@pytest.fixture
def file(tmp_path):
    """One that does everything a file can do."""
    path = tmp_path / "export.csv"
    path.write_bytes(
        export(
            line("R-1", Statistics_Consent="Withdrawn"), line("R-3"), line("R-4", Age_At_Referral="16"),
            line("R-5", Nation="Mercia"), line("R-6", Consent_Date=""), line("R-7", Age_At_Referral=""),
        )
    )  # fmt: skip
    return path


@pytest.fixture
def job(host):
    """The import job, as its process runs it."""
    ended = threading.Event()

    def run():
        while not ended.wait(0.2):
            host.run_imports()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield
    ended.set()
    thread.join()


def sign_in(page, host):
    page.goto(host.url + "/imports")
    page.fill("#username", host.login("HOST_DATA_LEAD"))
    page.fill("#password", PASSWORD)
    page.click("main form button")
    page.wait_for_url("**/imports")


def every_state(page, host, file):
    """Walk through the pages in their states; a step each. The job runs where a step says so."""
    sign_in(page, host)
    yield "start"
    page.click("main form button")
    page.wait_for_selector(".govuk-error-summary")
    yield "no file"
    page.set_input_files("#file", str(file))
    page.click("main form button")
    page.wait_for_selector("text=Stop that")
    page.click("text=Stop that")
    page.wait_for_url("**?still=yes")
    yield "waiting"
    host.run_imports()
    page.click("text=Load this page again")
    page.wait_for_selector("#looked")
    yield "plan"
    address = page.url
    page.click("text=To mend >> nth=0")
    page.wait_for_url("**/rows?will=REFUSED")
    yield "rows"
    page.goto(address)
    page.click("text=Carry out exactly this")
    page.wait_for_selector(".govuk-error-summary")
    yield "not looked"
    page.check("#looked")
    page.click("text=Carry out exactly this")
    page.wait_for_selector("text=Stop that")
    page.click("text=Stop that")
    host.run_imports()
    page.click("text=Load this page again")
    page.wait_for_selector("text=Undo this import")
    yield "carried out"
    page.goto(host.url + "/to-find-out")
    yield "to find out"
    page.goto(address)
    page.click("text=Undo this import")
    page.wait_for_selector("text=Stop that")
    page.click("text=Stop that")
    host.run_imports()
    page.click("text=Load this page again")
    page.wait_for_selector("text=This import was undone")
    yield "undone"
    page.goto(host.url + "/imports")
    yield "history"


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without"])
def test_every_page_is_accessible_at_every_width(host, open_page, file, script):
    """No rule of axe is violated and nothing scrolls sideways; without scripts every step works."""
    page = open_page(java_script_enabled=script)
    states, widths = every_state(page, host, file), WIDTHS if script else ()
    assert assert_every_state_is_accessible(page, states, pictures="import", widths=widths) == 10


def test_from_file_to_plan_by_keyboard_alone_while_the_page_loads_itself(host, job, open_page, file):
    """Without a script: the page comes to the plan by itself, and Enter carries it out."""
    page = open_page(java_script_enabled=False)
    sign_in(page, host)
    # A file chooser is the system's own window; what leads there and on is the keyboard's.
    page.set_input_files("#file", str(file))
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/imports/*")
    page.wait_for_selector("#looked", timeout=60_000)
    tab_to(page, "#looked")
    page.keyboard.press("Space")
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Undo this import", timeout=60_000)


def test_the_keyboard_reaches_every_part_of_the_form(host, browser_page):
    """Each step shows where the focus is."""
    page = browser_page
    sign_in(page, host)
    for selector in ("#file", "summary", "main form button"):
        tab_to(page, selector)


def test_the_rows_to_mend_are_a_download(host, browser_page, file):
    """With the name of the import."""
    page = browser_page
    sign_in(page, host)
    page.set_input_files("#file", str(file))
    page.click("main form button")
    page.wait_for_selector("text=Stop that")
    page.click("text=Stop that")
    host.run_imports()
    page.click("text=Load this page again")
    with page.expect_download() as download:
        page.click("text=Download the rows to mend")
    assert download.value.suggested_filename.startswith("errors-")
    assert "Mercia" in Path(download.value.path()).read_text(encoding="utf-8-sig")
