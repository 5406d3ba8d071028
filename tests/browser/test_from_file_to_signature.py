"""A data officer's whole path, from a file that nobody knows to a signed preview: in a browser, without a terminal.

Without scripts, by keyboard alone, 320 px wide; axe looks at every page on the way.
"""

import threading
from datetime import timedelta

import pytest

from services.case.mappings.rules.mapping import APPROVED
from shared.codelists.periods import Period
from tests.kit.driving import (
    NARROW,
    PICTURES,
    assert_accessible,
    assert_no_sideways_scroll,
    tab_to,
    take_pictures,
)
from tests.kit.host_place import PASSWORD
from tests.kit.import_files import WORDS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

QUARTER = Period.parse("2026-Q4")
HEADER = "Klient,Began,Age,Sex,Nat.,Kind of harm,Where,Stats OK?,Consent date,Consent wording,Language,How,In private"
CONSENT = f"Yes to statistics,05/10/2026,{WORDS},sq,Interpreter,Yes"
ROWS = [
    f"SYN-W-{n},02/10/2026,{age},{sex},Albanian,Field work,England,{said}"
    for n, (age, sex, said) in enumerate(
        [(34, "Frau", CONSENT), (29, "Mann", CONSENT), (41, "Frau", "No,,,,,"), (38, "Frau", CONSENT)] * 3
    )
]


@pytest.fixture
def host(browsed_pages):
    """Five days after a quarter whose task has come; the words were registered."""
    place = browsed_pages
    place.clear()
    place.database("case")["import_profiles"].delete_many({})
    place.at(QUARTER.ends_at() + timedelta(days=5))
    for role in ("HOST_DATA_LEAD", "HOST_ADMIN", "HOST_DPO"):
        place.login(role)
    place.register_wording(WORDS)
    place.open_task(str(QUARTER))
    place.url = place.serve()
    yield place
    place.at(None)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "our-export.csv"
    path.write_text("\n".join([HEADER, *ROWS, ""]))
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


class Walker:
    """Somebody at a keyboard without scripts, whose every page is looked at.

    Args:
        eyes: A browser with scripts, which axe needs; it is shown what stands on the page.
    """

    def __init__(self, page, eyes=None):
        self.page, self.eyes, self.seen = page, eyes, []
        for one in (page, eyes):
            if one is not None:
                one.set_default_timeout(60_000)  # A busy machine is no fault of a page.

    def look(self, step):
        self.page.wait_for_load_state()
        assert_no_sideways_scroll(self.page)
        self.seen.append(step)
        shown, url = self.page.content(), self.page.url
        self.eyes.route(lambda asked: asked == url, lambda route: route.fulfill(body=shown, content_type="text/html"))
        self.eyes.goto(url, wait_until="load")
        assert_accessible(self.eyes)
        self.eyes.unroute_all()
        if PICTURES:
            take_pictures(self.page, f"path-{step}")
            self.page.set_viewport_size(NARROW)

    def enter(self, selector):
        tab_to(self.page, selector, within=120)
        self.page.keyboard.press("Enter")

    def write(self, selector, text):
        tab_to(self.page, selector, within=120)
        self.page.keyboard.type(text)

    def choose(self, label, words):
        """Choose in a select by its label, typing as one does in a list."""
        field = self.page.get_by_label(label, exact=True).get_attribute("id")
        self.write(f"#{field}", words)
        chosen = self.page.locator(f"#{field} option:checked").inner_text()
        assert chosen.startswith(words), (label, chosen)
        self.page.keyboard.press("Tab")

    def sign_in(self, host, path, role):
        self.page.goto(host.url + path)
        self.write("#username", host.login(role))
        self.write("#password", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"**{path}")


def test_from_a_file_that_nobody_knows_to_a_signed_preview(host, job, open_page, file):
    """Map it, have it approved, look at its plan, carry it out, look at the figures, and sign them."""
    lead = Walker(open_page(java_script_enabled=False, viewport=NARROW), open_page(viewport=NARROW))
    page = lead.page
    lead.sign_in(host, "/mappings", "HOST_DATA_LEAD")
    lead.look("mappings")
    # A file chooser is the system's own window; what leads there and on is the keyboard's.
    tab_to(page, "#file")
    page.set_input_files("#file", str(file))
    lead.enter("main form button")
    page.wait_for_url("**/mappings/columns")
    lead.look("columns")
    said = {"Klient": "Own ref", "Began": "Day of ref", "Kind of harm": "Expl", "In private": "Asked in"}
    for column, field in said.items():
        lead.choose(column, field)
    lead.enter("main form button")
    page.wait_for_url("**/mappings/words")
    lead.look("words")
    meanings = {"“Frau”": "Female", "“Mann”": "Male", "“Field work”": "Labour", "“Yes to statistics”": "Yes, the"}
    for word, meaning in meanings.items():
        lead.choose(word, meaning)
    lead.choose("Nation", "England")
    lead.write("#source_new", "casefile")
    lead.write("#name", "our-export")
    lead.enter("main form .govuk-button-group button")
    page.wait_for_selector("text=No import uses it yet")
    lead.look("kept")
    mapping = page.url

    second = Walker(open_page(java_script_enabled=False, viewport=NARROW))
    second.sign_in(host, mapping.removeprefix(host.url), "HOST_ADMIN")
    second.enter("main form button")
    second.page.wait_for_selector("text=Imports use it")
    assert host.database("case")["import_profiles"].find_one()["state"] == APPROVED

    page.reload()
    lead.look("approved")
    lead.enter("main a[href^='/imports?profile']")
    page.wait_for_url("**/imports?profile=our-export")
    page.set_input_files("#file", str(file))
    lead.enter("main form button")
    page.wait_for_selector("#looked", timeout=60_000)
    lead.look("plan")
    tab_to(page, "#looked", within=120)
    page.keyboard.press("Space")
    lead.enter("main form button")
    page.wait_for_selector("text=Undo this import", timeout=60_000)
    lead.look("carried-out")

    host.prove(QUARTER.ends_at() + timedelta(days=5, minutes=-1))
    lead.enter("nav a[href='/host/periods']")
    page.wait_for_url("**/host/periods")
    lead.look("periods")
    lead.enter(f"main a[href='/host/periods/{QUARTER}']")
    page.wait_for_url(f"**/host/periods/{QUARTER}")
    lead.look("preview")
    tab_to(page, "#looked", within=120)
    page.keyboard.press("Space")
    lead.enter("main button")
    page.wait_for_selector(".as-done")
    lead.look("signed")
    assert host.database("reporting")["sign_offs"].count_documents({}) == 1
    assert host.database("reporting")["contributions"].count_documents({"versions.state": "RELEASED"}) == 9
    assert len(lead.seen) == 10
