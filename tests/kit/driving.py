"""What a browser test asks of a page: its accessibility, its requests, its width, its focus."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe

from tests.kit.host_place import PASSWORD

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW = {"width": 320, "height": 640}
"""Width of a page at 400 % zoom on a screen of 1,280 px (WCAG 2.2, 1.4.10)."""
WIDTHS = (NARROW["width"], 660, 1180)
PICTURES = os.environ.get("ALONGSIDE_PICTURES")
"""The folder into which pictures are taken, on demand."""


class Witness:
    """Lets a page reach this machine alone, and notes what it asked elsewhere or what its own policy forbade."""

    def __init__(self, context):
        self.outside = []
        self.forbidden = []
        context.route("**/*", self._decide)
        context.on("console", self._hear)

    def _decide(self, route):
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _hear(self, message):
        if "Content Security Policy" in message.text:
            self.forbidden.append(message.text)


def sign_in(page, host, role, path):
    """Come to a page of a host as somebody in a role, whoever was signed in before."""
    page.goto(host.url + "/sign-out")
    if page.locator("main form button").count() and "sign-out" in page.url:
        page.click("main form button")
    page.goto(host.url + path)
    page.fill("#username", host.login(role))
    page.fill("#password", PASSWORD)
    page.click("main form button")
    page.wait_for_url(host.url + path)


def assert_accessible(page):
    """No rule of axe for WCAG 2.0 to 2.2, A and AA, or of good practice, is violated."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def assert_no_outside_request(page):
    """The page asked nobody but its own server, and tried nothing that its policy forbids."""
    assert page.witness.outside == []
    assert page.witness.forbidden == []


def assert_no_sideways_scroll(page):
    """Nothing stands out of the page's width."""
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, page.evaluate(_STANDS_OUT, width))


def assert_every_state_is_accessible(page, states, *, pictures, widths=WIDTHS):
    """Look at a page in each of its states, whose walk gives their names; gives how many there were.

    Args:
        widths: At which axe looks; none where the page has no scripts, which axe needs: then each step has to work.
        pictures: What the names of pictures begin with.
    """
    seen = 0
    for state in states:
        seen += 1
        page.wait_for_load_state()
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            assert_accessible(page)
            assert_no_sideways_scroll(page)
        if PICTURES and widths:
            take_pictures(page, f"{pictures}-{state}")
    return seen


def take_pictures(page, name):
    """Take a page as a screen and as a telephone shows it."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)


def tab_to(page, selector, *, within=60):
    """Press Tab until an element has the focus; each on the way shows that it has it."""
    for _ in range(within):
        page.keyboard.press("Tab")
        assert page.evaluate(_FOCUS_SHOWS), f"no visible focus on {page.evaluate(_WHERE)}"
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector} on {page.url}")


# A check box shows its focus on the square that its label draws, beside the transparent input itself.
_FOCUS_SHOWS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return true;
  const shows = style => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
    || style.boxShadow !== 'none';
  const beside = at.nextElementSibling;
  return shows(getComputedStyle(at)) || (beside && shows(getComputedStyle(beside, '::before')));
}"""
_STANDS_OUT = """width => [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > width && !e.closest('.as-scroll'))
  .map(e => e.outerHTML.slice(0, 120)).slice(0, 5)"""
_WHERE = "() => document.activeElement.outerHTML.slice(0, 200)"
