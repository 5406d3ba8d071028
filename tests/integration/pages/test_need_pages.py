"""Needs and risks on the pages: what stands, their own view beside it, everything older, and what is immediate."""

import re

import pytest

from tests.kit.page_browser import words


@pytest.fixture
def survivor(host):
    """Somebody with an episode of the advocate who signs in."""
    host.login("IMSA")
    survivor_id = host.survivor(name="Ida Planted")
    host.episode(survivor_id=survivor_id, advocate_id=host.people["IMSA"])
    return survivor_id


@pytest.fixture
def advocate(host, survivor):
    return host.browser("IMSA")


def weigh(browser, survivor, one, **typed):
    target = f"/support/{survivor}/{one}"
    return browser.send(target, target, **typed)


def test_the_newest_stands_and_the_older_are_in_sight(survivor, advocate):
    """Their own view beside it; nothing is chosen before."""
    assert " selected" not in advocate.get(f"/support/{survivor}/risk").text
    assert weigh(advocate, survivor, "risk", about="HEALTH_CRISIS", level="HIGH", view="NOT_ASKED").status_code == 303
    said = {"about": "HEALTH_CRISIS", "level": "LOW", "view": "MEDIUM", "words": "Sees a doctor"}
    weigh(advocate, survivor, "risk", **said)
    weigh(advocate, survivor, "need", about="HOUSING", level="URGENT")
    shown = words(advocate.get(f"/support/{survivor}/needs").text)
    now, before = shown.split("What they need")[0].split("Before", 1)
    assert "Health crisis: low Their own view: medium." in now
    assert "Sees a doctor" in now
    assert "Health crisis: high Their own view: not asked." in before
    assert "Housing: urgent Their own view: nobody wrote it down." in shown
    on_screen = words(advocate.get(f"/support/{survivor}").text)
    assert "Health crisis: low" in on_screen
    assert "Health crisis: high" not in on_screen
    assert "Housing: urgent" in on_screen
    weigh(advocate, survivor, "need", about="HOUSING", level="NO_NEED")
    assert "Housing:" not in words(advocate.get(f"/support/{survivor}").text)


def test_an_immediate_risk_says_what_to_do_and_does_nothing(host, survivor, advocate):
    """Until it is weighed anew; no task is opened and nothing is sent."""
    weigh(advocate, survivor, "risk", about="RE_TRAFFICKING", level="IMMEDIATE")
    for path in (f"/support/{survivor}/needs", f"/support/{survivor}"):
        assert "safeguarding procedure now" in words(advocate.get(path).text)
    assert host.database("case")["tasks"].count_documents({}) == 0
    weigh(advocate, survivor, "risk", about="RE_TRAFFICKING", level="LOW")
    for path in (f"/support/{survivor}/needs", f"/support/{survivor}"):
        assert "safeguarding procedure now" not in words(advocate.get(path).text)


@pytest.mark.parametrize(
    ("typed", "target"),
    [({"about": ""}, "about"), ({"level": "URGENT"}, "level"), ({"view": "NOT_ASSESSED"}, "view"), ({"words": "x" * 2001}, "words"),
     ({"on_day": "1"}, "on")],
)  # fmt: skip
def test_what_is_to_be_mended_is_said(host, survivor, advocate, typed, target):
    """Nothing is kept."""
    again = weigh(advocate, survivor, "risk", **{"about": "HEALTH_CRISIS", "level": "LOW", **typed})
    assert again.status_code == 422
    assert f'href="#{target}"' in again.text
    assert host.database("case")["risks"].count_documents({}) == 0


def test_it_is_corrected_with_its_words_and_taken_back(survivor, advocate):
    """What is emptied on the form goes; the words stand nowhere after they were taken back."""
    weigh(advocate, survivor, "need", about="HOUSING", level="SOME_NEED", words="Sleeps badly")
    listed = f"/support/{survivor}/needs"
    page = re.findall(rf'href="({listed}/[0-9a-f-]+)"', advocate.get(listed).text)[-1]
    assert "Sleeps badly" in advocate.get(page).text
    said = {"about": "HOUSING", "level": "HIGH_NEED", "words": "", "why": "SURVIVOR_ASKED"}
    assert advocate.send(page, f"{page}/correct", **said).status_code == 303
    assert "Sleeps badly" not in advocate.get(listed).text.split("Everything that was written")[0]
    now = re.findall(rf'href="({listed}/[0-9a-f-]+)"', advocate.get(listed).text)[-1]
    assert advocate.send(now, f"{now}/take-back", why="SURVIVOR_ASKED").status_code == 303
    shown = words(advocate.get(listed).text)
    assert "Nothing is written down yet." in shown.split("What they need")[1]
    assert "Taken back" in shown
