"""The documentation in a real browser, opened from a file: it can be read and searched without any server."""

import subprocess
import sys

import pytest

from deploy.engines.layout import PROJECT_ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    subprocess.run(command, cwd=PROJECT_ROOT, check=True, capture_output=True, timeout=240)
    return folder


def test_the_search_works_from_a_file_and_asks_nobody(browser, site):
    """Typing a word finds a page, and no request leaves the folder."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    outside, faults = [], []
    inside = ("file:", "data:", "about:", "blob:")
    context.on("request", lambda r: None if r.url.startswith(inside) else outside.append(r.url))
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto((site / "index.html").as_uri())
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").press_sequentially("parked")
    page.locator(".md-search-result__item").first.wait_for(timeout=20_000)
    assert "parked" in page.locator(".md-search-result__list").inner_text().lower()
    page.goto((site / "explanation" / "disclosure-control.html").as_uri())
    assert page.locator("h1").inner_text().startswith("What the board can and cannot see")
    assert outside == []
    assert faults == []
    context.close()
