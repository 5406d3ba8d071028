"""The pages on which a host connects its systems, and those of a sandbox, in a real browser."""

import pytest

from shared.kernel.tenancy import SANDBOX
from tests.kit.driving import assert_every_state_is_accessible, sign_in, tab_to
from tests.kit.import_files import export, line
from tests.kit.pages_place import PagesPlace
from tests.kit.salesforce import CLIENT, HOST, salesforce
from tests.kit.sources import FIELDS, approve, person, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WIDTHS = (320, 390, 1280)
SOURCES = "/sources"


@pytest.fixture
def host(browsed_pages):
    """A host with a mapping for its Salesforce, and no source yet."""
    place = browsed_pages
    place.at(None)
    place.clear()
    for name in ("sources", "source_roll", "import_profiles"):
        place.database("case")[name].delete_many({})
    place.login("HOST_DATA_LEAD")
    approve(place, "crm")
    place.url = place.serve()
    return place


@pytest.fixture(scope="module")
def sandbox(engines, tmp_path_factory):
    """A host of invented people that is served over HTTP."""
    place = PagesPlace(engines, tmp_path_factory.mktemp("sandbox"), begins=SANDBOX)
    place.login("HOST_DATA_LEAD")
    place.url = place.serve()
    yield place
    place.close()


def fill(page):
    for name, value in (("name", "crm"), ("host", HOST), ("object", "Case__c"), *CLIENT.items()):
        page.fill(f"#{name}", value)
    page.select_option("#profile", "crm")


def press(page, words):
    page.click(f"main button:has-text('{words}')")
    page.wait_for_load_state()


def look(page, host, there):
    run(host, there.adapter())
    page.reload()


def every_state(page, host, there):
    """Walk through the pages of sources in their states; a step each."""
    sign_in(page, host, "HOST_DATA_LEAD", SOURCES)
    yield "none yet"
    page.goto(host.url + f"{SOURCES}/add/folder")
    yield "add a folder"
    page.goto(host.url + f"{SOURCES}/add/salesforce")
    press(page, "Add it")
    page.wait_for_selector(".govuk-error-summary")
    yield "not whole"
    fill(page)
    press(page, "Add it")
    page.wait_for_url(f"**{SOURCES}")
    yield "added"
    page.click("main a:has-text('crm')")
    page.wait_for_url(f"**{SOURCES}/*-*")
    press(page, "Try it out")
    look(page, host, there)
    page.wait_for_selector("text=it works.")
    yield "tried out"
    press(page, "Read it now")
    page.wait_for_selector("text=It is about to be read.")
    yield "asked"
    look(page, host, there)
    page.wait_for_selector("text=2 records")
    yield "read"
    there.fields = FIELDS[:-1]
    press(page, "Read it now")
    look(page, host, there)
    page.wait_for_selector("text=What to do:")
    yield "failing"
    address = page.url
    page.goto(host.url + SOURCES)
    yield "failing, in the list"
    page.goto(host.url + "/host/connection")
    page.wait_for_selector("text=What to do:")
    yield "failing, by the connection"
    page.goto(address)
    press(page, "Pause it")
    yield "paused"
    page.click("summary:has-text('Remove it')")
    page.click("button:has-text('Remove it')")
    page.wait_for_selector(".govuk-error-summary")
    yield "not sure"
    page.check("#sure")
    page.click("button:has-text('Remove it')")
    page.wait_for_url(f"**{SOURCES}")
    yield "removed"


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without"])
def test_every_page_of_sources_is_accessible_at_every_width(host, open_page, tmp_path, script):
    """No rule of axe is violated and nothing scrolls sideways; without scripts every step works."""
    page = open_page(java_script_enabled=script)
    with salesforce(tmp_path, [person("R-1"), person("R-2")], FIELDS) as there:
        states, widths = every_state(page, host, there), WIDTHS if script else ()
        assert assert_every_state_is_accessible(page, states, pictures="sources", widths=widths) == 13


def test_a_source_is_added_by_keyboard_alone(host, open_page):
    """Each step shows where the focus is; no secret stands on the page that follows."""
    page = open_page(java_script_enabled=False)
    sign_in(page, host, "HOST_DATA_LEAD", SOURCES)
    tab_to(page, "a[href='/sources/add/salesforce']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/add/salesforce")
    for name, value in (("name", "crm"), ("host", HOST), ("object", "Case__c"), *CLIENT.items()):
        tab_to(page, f"#{name}")
        page.keyboard.type(value)
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{SOURCES}")
    assert page.locator("main a:has-text('crm')").count() == 1
    assert not any(secret in page.content() for secret in CLIENT.values())


def every_state_of_a_sandbox(page, place, file):
    """Walk through what a sandbox shows otherwise than a host; a step each."""
    page.goto(place.url + "/sign-in")
    yield "sign in"
    sign_in(page, place, "HOST_DATA_LEAD", "/imports")
    yield "imports"
    page.set_input_files("#file", str(file))
    page.click("main form button")
    page.wait_for_selector(".govuk-error-summary")
    yield "not said to be invented"
    page.set_input_files("#file", str(file))
    page.check("#invented")
    page.click("main form button")
    page.wait_for_selector("text=Stop that")
    page.click("text=Stop that")
    place.run_imports()
    page.click("text=Load this page again")
    page.wait_for_selector("#looked")
    yield "plan"
    page.goto(place.url + "/nowhere")
    yield "no such page"


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without"])
def test_every_page_of_a_sandbox_says_so_and_is_accessible(sandbox, open_page, tmp_path, script):
    """At every width; and a file is taken only with the word that it is invented."""
    file = tmp_path / "export.csv"
    file.write_bytes(export(line("R-1"), line("R-2")))
    page = open_page(java_script_enabled=script)

    def states():
        for state in every_state_of_a_sandbox(page, sandbox, file):
            assert page.locator(".as-sandbox").is_visible(), state
            yield state

    widths = WIDTHS if script else ()
    assert assert_every_state_is_accessible(page, states(), pictures="sandbox", widths=widths) == 5


def test_the_task_of_a_refused_file_is_found_and_closed_by_keyboard(host, open_page):
    """By whoever looks after imports."""
    host.upload(export(line("R-1"), line("R-2")))
    host.upload(export(line("R-1", Statistics_Consent="Refused")).replace(b"Client Ref", b"Their number"))
    page = open_page()
    sign_in(page, host, "HOST_DATA_LEAD", "/to-find-out")
    assert assert_every_state_is_accessible(page, iter(["refused file"]), pictures="to-find-out", widths=WIDTHS) == 1
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=There is nothing to find out")


def test_what_is_wrong_with_webhooks_and_queues_is_accessible_at_every_width(host, open_page):
    """On the page of the connection, to an administrator; long names of receivers and queues break."""
    database = host.database("integrations")
    for name in ("webhooks", "webhook_roll", "event_queues", "event_queue_roll"):
        database[name].delete_many({})
    host.login("HOST_ADMIN")
    url = f"https://{'a-very-long-name-of-a-receiver.' * 3}example.org/in"
    assert host.post("/v1/webhooks", {"url": url}, "HOST_ADMIN").status_code == 201
    host.post("/v1/event-queues", {}, "HOST_ADMIN")
    database["webhooks"].update_one({}, {"$set": {"status": "DISABLED", "disabled_for": "GONE"}})
    database["event_queues"].update_one({}, {"$set": {"waits_for": "FULL"}})
    page = open_page()
    sign_in(page, host, "HOST_ADMIN", "/host/connection")
    page.wait_for_selector("text=gone for good")
    states = iter(["connection"])
    assert assert_every_state_is_accessible(page, states, pictures="connection", widths=WIDTHS) == 1
