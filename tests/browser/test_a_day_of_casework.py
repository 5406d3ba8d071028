"""The pages of casework in a real browser: no barrier at any width, and a contact written on a telephone by keyboard."""

import os

import pytest

from shared.codelists.periods import london_day
from tests.kit.driving import assert_every_state_is_accessible, sign_in, tab_to
from tests.kit.tenant_place import EPISODE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

TELEPHONE = {"width": 390, "height": 844}
PICTURES = os.environ.get("ALONGSIDE_PICTURES")


@pytest.fixture
def host(browsed_pages):
    """Somebody with a contact that was corrected, a goal with a score, a step past its day; and somebody who waits."""
    place = browsed_pages
    place.clear()
    for role in ("IMSA", "SUPERVISOR"):
        place.login(role)
    advocate = place.people["IMSA"]
    survivor = place.survivor(name="Ida", reference="R-1", safe_contact="Knock twice", advocate_id=advocate)
    episode = place.episode(survivor_id=survivor, advocate_id=advocate)["id"]
    path = f"/v1/episodes/{episode}"
    said = {"mode": "PHONE", "interpreter": "PROFESSIONAL", "minutes": 20, "areas": ["HOUSING"], "on": "2026-08-20",
            "next_step": "Ring the council", "note": "Prefers mornings"}  # fmt: skip
    contact = place.post(f"{path}/contacts", said).json["id"]
    now = place.post(f"{path}/contacts/{contact}/corrections", {"why": "WRITTEN_WRONGLY", "minutes": 25}).json["id"]
    goal = place.post(f"{path}/goals", {"area": "HOUSING", "words": "A quiet home", "set_by": "SURVIVOR"}).json["id"]
    place.post(f"{path}/goals/{goal}/scores", {"score": 3, "said_by": "SURVIVOR"})
    body = {"what": "Find a solicitor", "due_on": "2199-01-01", "goal_id": goal}
    step = place.post(f"/v1/survivors/{survivor}/steps", body).json["id"]
    waiting = place.survivor(name="Ola", advocate_id=advocate)
    referral = {**EPISODE, "survivor_id": waiting, "status": "REFERRED", "advocate_id": advocate}
    waits = place.post("/v1/episodes", referral).json["id"]
    place.pump()
    place.url = place.serve()
    place.person, place.base = survivor, f"/support/{survivor}"
    place.walk = {
        "my people": "/support", "due": "/due", "one person": place.base, "a contact": f"{place.base}/contact",
        "all contacts": f"{place.base}/contacts", "correct": f"{place.base}/contacts/{now}", "a goal": f"{place.base}/goal",
        "one goal": f"{place.base}/goals/{goal}", "a step": f"{place.base}/step", "one step": f"{place.base}/steps/{step}",
        "the NRM": f"{place.base}/nrm", "of the NRM": f"{place.base}/nrm/new", "somebody new": "/somebody-new",
        "who saw": f"/who-saw?survivor={survivor}",
        "support": f"{place.base}/episodes/{episode}", "a referral": f"/support/{waiting}/episodes/{waits}",
    }  # fmt: skip
    return place


def walk(page, host):
    """Visit each page; a step each."""
    sign_in(page, host, "IMSA", "/support")
    for name, path in host.walk.items():
        page.goto(host.url + path)
        yield name
    page.goto(f"{host.url}{host.base}/contact")
    page.click("main form button")
    page.wait_for_selector(".govuk-error-summary")
    yield "a contact refused"
    sign_in(page, host, "SUPERVISOR", "/waiting")
    yield "waiting"
    for name, path in {
        "team": "/team",
        "one advocate": f"/team/{host.people['IMSA']}",
        "alike": "/perhaps-the-same",
    }.items():
        page.goto(host.url + path)
        yield name


def test_no_page_of_casework_has_a_barrier_at_any_width(host, browser_page):
    """No rule of axe is violated, and nothing scrolls sideways."""
    assert assert_every_state_is_accessible(browser_page, walk(browser_page, host), pictures="support") == 21


def test_a_contact_is_written_on_a_telephone_by_keyboard_alone(host, open_page):
    """From one's own people to what was saved, in four choices; without scripts, and today stands there already."""
    page = open_page(java_script_enabled=False, viewport=TELEPHONE)
    sign_in(page, host, "IMSA", "/support")
    tab_to(page, f'a[href="{host.base}/contact"]')
    page.keyboard.press("Enter")
    page.wait_for_url(f"{host.url}{host.base}/contact")
    tab_to(page, "#mode")
    page.keyboard.type("Tele")
    tab_to(page, "#minutes")
    page.keyboard.type("15")
    tab_to(page, "#interpreter")
    page.keyboard.type("None")
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".as-done")
    rows = host.get(f"/v1/episodes/{host.walk['support'].rsplit('/', 1)[1]}/contacts").json["items"]
    today = london_day(host.contexts["case"].clock.now()).isoformat()
    assert (rows[-1]["mode"], rows[-1]["minutes"], rows[-1]["on"]) == ("PHONE", 15, today)
