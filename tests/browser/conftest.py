"""A real browser (Debian's chromium, driven by Playwright) and a host to look at."""

import os
import shutil
import subprocess

import pytest
from playwright.sync_api import Error, sync_playwright

from tests.kit.driving import Witness, assert_no_outside_request
from tests.kit.host_place import HostPlace
from tests.kit.pages_place import PagesPlace


@pytest.fixture(scope="session")
def chromium_path():
    """Where chromium is; installed from the system's packages where it is missing and we may."""
    found = shutil.which("chromium")
    if found is None and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "install", "-y", "chromium"]):
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=280)
            if done.returncode:
                pytest.fail(f"chromium cannot be installed: {' '.join(command)} says: {done.stderr[-500:]}")
        found = shutil.which("chromium")
    if found is None:
        pytest.fail("The browser tests need chromium. Install it: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def browser(chromium_path):
    """One browser for the whole run."""
    with sync_playwright() as playwright:
        # Root has no sandbox of its own, and a container has little shared memory.
        arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        try:
            started = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        except Error as error:
            pytest.fail(f"{chromium_path} does not start (on Ubuntu it is a snap, which cannot be driven): {error}")
        yield started
        started.close()


@pytest.fixture
def open_page(browser):
    """Opens pages of fresh browsers: ``open_page(java_script_enabled=False)``, Playwright's context options.

    At the end of the test each must have asked nobody but its own server.
    """
    opened = []

    def open_(**options):
        context = browser.new_context(**{"viewport": {"width": 1180, "height": 900}, "locale": "en-GB", **options})
        witness = Witness(context)
        page = context.new_page()
        page.witness = witness
        page.set_default_timeout(15_000)
        opened.append((context, page))
        return page

    yield open_
    try:
        for _, page in opened:
            assert_no_outside_request(page)
    finally:
        for context, _ in opened:
            context.close()


@pytest.fixture
def browser_page(open_page):
    """One page of a fresh browser."""
    return open_page()


@pytest.fixture(scope="session")
def browsed_host(engines, tmp_path_factory):
    """A host that is served over HTTP."""
    place = HostPlace(engines, tmp_path_factory.mktemp("host"), name="Host Rowan")
    yield place
    place.close()


@pytest.fixture(scope="session")
def browsed_pages(engines, tmp_path_factory):
    """A whole host that is served over HTTP, with people of every role."""
    place = PagesPlace(engines, tmp_path_factory.mktemp("pages"))
    yield place
    place.close()
